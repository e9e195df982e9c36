import type { Sums } from '../core/tallies.ts';
import type { CanaryGuardStatus } from '../core/canary-status.ts';
import type { CanaryDocument, Decision } from './document.ts';
import { judge } from './judge.ts';
import { StepSums } from './step-sums.ts';

/**
 * The step that a canary takes by itself now. `undefined`: none. A breach rolls it back whenever it is seen; it goes on once
 * the step has its samples, which have to be answers, and is promoted once every guard is held at the last one as well.
 */
export function decide({ definition, phase, step }: CanaryDocument, sums: Sums): Decision | undefined {
  if (phase !== 'ramping') return undefined;
  const seen = new StepSums(sums, step, definition.steps[step] ?? 0);
  const guards = judge(definition, seen);
  const breached = guards.filter(({ verdict }) => verdict === 'breached');
  if (breached.length > 0) return { by: undefined, to: 'rolled-back', step, reason: told(breached), guards };
  const subjects = seen.answered('canary');
  if (subjects < definition.minSamples || doubts(guards, seen).length > 0) return undefined;
  const isLast = step === definition.steps.length - 1;
  if (!isLast)
    return {
      by: undefined,
      to: 'ramping',
      step: step + 1,
      reason: `${subjects} subjects answered at ${definition.steps[step]} % without a breach`,
      guards,
    };
  if (guards.some(({ verdict }) => verdict !== 'held')) return undefined;
  return { by: undefined, to: 'promoted', step, reason: told(guards), guards };
}

/**
 * Why it had better wait though its step has its samples, in words: half of what is needed speaks against it, or so many of its
 * calls are out that they could be the harm.
 */
export function doubts(guards: readonly CanaryGuardStatus[], seen: StepSums): readonly string[] {
  const against = guards
    .filter(({ towardsBreach }) => towardsBreach >= 0.5)
    .map(({ guard }) => `${guard}: half of what is needed speaks against it`);
  const out = Math.round(seen.overdue('canary', 2));
  return out > mostOut * seen.ended('canary')
    ? [...against, `${out} more calls of the canary are out than stable's let expect`]
    : against;
}

/** Of the calls that have ended. */
const mostOut = 0.1;

function told(guards: readonly CanaryGuardStatus[]): string {
  return guards.map(({ guard, shown }) => `${guard}: ${shown}`).join('. ');
}
