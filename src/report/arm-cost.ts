import type { ArmResult } from '../experiments/results.ts';
import type { KnownCost } from './cost.ts';

/** The mean cost of an arm's calls that were answered, and of how many of these it is not known. */
export function knownCost({ metrics: { latencyMs, costUsd } }: ArmResult): KnownCost {
  return {
    costNanoUsd: costUsd === undefined ? undefined : costUsd.mean * 1e9,
    unpriced: Math.max(0, (latencyMs?.n ?? 0) - (costUsd?.n ?? 0)),
  };
}
