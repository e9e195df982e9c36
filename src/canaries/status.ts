import type { CanaryArmStatus, CanaryGuardStatus, CanaryStatus } from '../core/canary-status.ts';
import type { AssignedBy } from '../core/experiment-fact.ts';
import type { Sums } from '../core/tallies.ts';
import { definitionIn } from '../experiments/definition-key.ts';
import type { CanaryArm } from './definition.ts';
import { percentOf, type CanaryDocument } from './document.ts';
import { doubts } from './decide.ts';
import { judge } from './judge.ts';
import { callsOf, StepSums } from './step-sums.ts';
import { figureOf } from './words.ts';

/** What is known of a canary: a function of what the state has of it, by its key. */
export function statusOf(key: string, document: CanaryDocument, sums: Sums): CanaryStatus {
  const { definition, changes, phase, step, since, startedAt, history } = document;
  const { name, steps, minSamples } = definition;
  const seen = new StepSums(sums, step, steps[step] ?? 0);
  const guards = judge(definition, seen).map((guard) => (phase === 'ramping' ? guard : ended(guard)));
  const withoutSubject = withoutSubjectOf(sums, steps.length);
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
    withoutSubject,
    guards,
    waitsFor: waitsFor(document, seen, guards, withoutSubject),
    history,
  };
}

function armOf(arm: CanaryArm, sums: Sums, { definition, step }: CanaryDocument): CanaryArmStatus {
  const seen = new StepSums(sums, step, definition.steps[step] ?? 0);
  return {
    calls: callsOf(sums, arm, definition.steps.length),
    subjects: seen.subjects(arm),
    errorRate: figureOf('errorRate', seen, arm).value,
    p95LatencyMs: figureOf('p95LatencyMs', seen, arm).value,
    costUsd: figureOf('costUsd', seen, arm).value,
    score: figureOf('score', seen, arm).value,
  };
}

/** Where calls are counted that had no subject at a step. */
export function withoutSubjectAt(step: number): string {
  return `${step}/nobody`;
}

function withoutSubjectOf(sums: Sums, steps: number): number {
  let calls = 0;
  for (let step = 0; step < steps; step++) calls += sums[withoutSubjectAt(step)] ?? 0;
  return calls;
}

/** Nothing is wanted any more of what was open then. */
function ended(guard: CanaryGuardStatus): CanaryGuardStatus {
  const { verdict, shown } = guard;
  return verdict === 'open' ? { ...guard, shown: shown.split('; ').slice(0, -1).join('; ') } : guard;
}

function waitsFor(
  { phase, step, by, definition: { minSamples, steps } }: CanaryDocument,
  seen: StepSums,
  guards: readonly CanaryGuardStatus[],
  withoutSubject: number,
): string {
  if (phase !== 'ramping') return '';
  const missing = Math.max(0, minSamples - seen.answered('canary'));
  const samples = missing === 0 ? [] : [`${missing} more subjects of the canary`];
  const isLast = step === steps.length - 1;
  const open = isLast ? guards.filter(({ verdict }) => verdict === 'open') : [];
  const wanted = [
    ...samples,
    ...doubts(guards, seen),
    ...open.map(({ guard, shown }) => `${guard}: ${shown}`),
  ];
  const hint = wanted.length > 0 && withoutSubject > 0 ? [`${withoutSubject} calls had ${nobody[by]}`] : [];
  return [...wanted, ...hint].join('. ');
}

const nobody: Readonly<Record<AssignedBy, string>> = {
  user: 'no `user`',
  tenant: 'no `tenant`',
  conversation: 'no conversation',
  call: 'no id',
  own: 'nobody, as the function `by` tells',
};
