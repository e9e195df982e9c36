import type { ArmResult } from '../experiments/results.ts';
import type { KnownCost } from './cost.ts';

/** The mean cost of an arm's calls that were answered or failed, and of how many of these it is not known. */
export function knownCost({ metrics: { error, costUsd } }: ArmResult): KnownCost {
  return {
    costNanoUsd: costUsd === undefined ? undefined : costUsd.mean * 1e9,
    unpriced: Math.max(0, (error?.n ?? 0) - (costUsd?.n ?? 0)),
  };
}
