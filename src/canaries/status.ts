import type { CanaryArmStatus, CanaryGuardStatus, CanaryStatus } from '../core/canary-status.ts';
import type { Sums } from '../core/tallies.ts';
import { definitionIn } from '../experiments/definition-key.ts';
import type { CanaryArm } from './definition.ts';
import { percentOf, type CanaryDocument } from './document.ts';
import { judge } from './judge.ts';
import { callsOf, StepSums } from './step-sums.ts';
import { figureOf } from './words.ts';

/** What is known of a canary: a function of what the state has of it, by its key. */
export function statusOf(key: string, document: CanaryDocument, sums: Sums): CanaryStatus {
  const { definition, changes, phase, step, since, startedAt, history } = document;
  const { name, steps, minSamples } = definition;
  const seen = new StepSums(sums, step);
  const guards = judge(definition, seen);
  return {
    canary: name,
    definition: definitionIn(key),
    changes,
    phase,
    percent: percentOf(document),
    step,
    steps,
    minSamples,
    since,
    startedAt,
    arms: { stable: armOf('stable', sums, document), canary: armOf('canary', sums, document) },
    guards,
    waitsFor: waitsFor(document, seen.subjects('canary'), guards),
    history,
  };
}

function armOf(arm: CanaryArm, sums: Sums, { definition, step }: CanaryDocument): CanaryArmStatus {
  const seen = new StepSums(sums, step);
  return {
    calls: callsOf(sums, arm, definition.steps.length),
    subjects: seen.subjects(arm),
    errorRate: figureOf('errorRate', seen, arm).value,
    p95LatencyMs: figureOf('p95LatencyMs', seen, arm).value,
    costUsd: figureOf('costUsd', seen, arm).value,
    score: figureOf('score', seen, arm).value,
  };
}

function waitsFor(
  { phase, step, definition: { minSamples, steps } }: CanaryDocument,
  subjects: number,
  guards: readonly CanaryGuardStatus[],
): string {
  if (phase !== 'ramping') return '';
  const missing = Math.max(0, minSamples - subjects);
  const samples = missing === 0 ? [] : [`${missing} more subjects of the canary`];
  if (step < steps.length - 1) return samples.join();
  const open = guards.filter(({ verdict }) => verdict === 'open');
  return [...samples, ...open.map(({ guard, shown }) => `${guard}: ${shown}`)].join('. ');
}
