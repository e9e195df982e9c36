import type { Sums } from '../core/tallies.ts';
import type { CanaryGuardStatus } from '../core/canary-status.ts';
import type { CanaryDocument, Decision } from './document.ts';
import { judge } from './judge.ts';
import { StepSums } from './step-sums.ts';

/**
 * The step that a canary takes by itself now. `undefined`: none. A breach rolls it back whenever it is seen; it goes on once
 * the step has its samples, and is promoted once every guard is held at the last one as well.
 */
export function decide({ definition, phase, step }: CanaryDocument, sums: Sums): Decision | undefined {
  if (phase !== 'ramping') return undefined;
  const seen = new StepSums(sums, step);
  const guards = judge(definition, seen);
  const breached = guards.filter(({ verdict }) => verdict === 'breached');
  if (breached.length > 0) return { by: undefined, to: 'rolled-back', step, reason: told(breached), guards };
  const subjects = seen.subjects('canary');
  if (subjects < definition.minSamples) return undefined;
  const isLast = step === definition.steps.length - 1;
  if (!isLast)
    return {
      by: undefined,
      to: 'ramping',
      step: step + 1,
      reason: `${subjects} subjects at ${definition.steps[step]} % without a breach`,
      guards,
    };
  if (guards.some(({ verdict }) => verdict !== 'held')) return undefined;
  return { by: undefined, to: 'promoted', step, reason: told(guards), guards };
}

function told(guards: readonly CanaryGuardStatus[]): string {
  return guards.map(({ guard, shown }) => `${guard}: ${shown}`).join('. ');
}
