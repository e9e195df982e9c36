import type { CanaryArmStatus, CanaryStatus, ExperimentMetric, ExperimentResults } from 'managed-llm';
import type { ExperimentDefinition } from '../../../src/experiments/definition.ts';
import { kindOfSet } from '../../../src/experiments/odds-evidence.ts';
import { resultsOf } from '../../../src/experiments/results.ts';

export const definition = (said: Partial<ExperimentDefinition> = {}): ExperimentDefinition => ({
  key: 'experiment:tone:1',
  name: 'tone',
  arms: ['control', 'warm'],
  control: 'control',
  alpha: 0.05,
  decideBy: 'error',
  ...said,
});

/** What a tally has of calls that were so often so: each of another subject, matched as they came. */
export function sumsOf(
  arm: string,
  metric: ExperimentMetric,
  values: readonly number[],
): Readonly<Record<string, number>> {
  const sum = values.reduce((all, value) => all + value, 0);
  const squares = values.reduce((all, value) => all + value ** 2, 0);
  const isEither = values.every((value) => value === 0 || value === 1);
  return Object.fromEntries(
    [`${arm}/${metric}`, `${arm}/${metric}/first`]
      .flatMap((path): readonly [string, number][] => [
        [`${path}/n`, values.length],
        [`${path}/sum`, sum],
        [`${path}/squares`, squares],
      ])
      .concat([
        [`${arm}/calls`, values.length],
        ...(isEither ? [[`${arm}/${metric}/either`, values.length] as [string, number]] : []),
      ]),
  );
}

/** So many matched sets of two, in each of which the control failed and the arm did not. */
export function setsWon(
  arm: string,
  metric: ExperimentMetric,
  times: number,
): Readonly<Record<string, number>> {
  return { [`${arm}/${metric}/sets/${kindOfSet({ size: 1, positives: 1, single: false })}`]: times };
}

export const zeros = (n: number): readonly number[] => Array.from({ length: n }, () => 0);
export const ones = (n: number): readonly number[] => Array.from({ length: n }, () => 1);

/** An experiment of two arms, named likewise, the second of which fails less often. */
export function decided(name: string): ExperimentResults {
  const arm = `${name}-2`;
  return resultsOf(definition({ name, arms: [name, arm], control: name }), {
    ...sumsOf(name, 'error', [...ones(20), ...zeros(80)]),
    ...sumsOf(arm, 'error', zeros(100)),
    ...setsWon(arm, 'error', 20),
    ...sumsOf(name, 'score', [3, 4]),
  });
}

const arm: CanaryArmStatus = {
  calls: 4_000,
  subjects: 800,
  errorRate: 0.02,
  p95LatencyMs: 3_100,
  costUsd: 0.0042,
  score: undefined,
};
const at = Date.UTC(2026, 10, 20, 10);

/** A canary at its second step, of which somebody was told this and that. */
export function ramping(name: string, said: Partial<CanaryStatus> = {}): CanaryStatus {
  return {
    canary: name,
    definition: '1',
    changes: { stable: {}, canary: { model: 'openai/gpt-5-mini' } },
    phase: 'ramping',
    percent: 25,
    step: 1,
    steps: [5, 25, 50],
    minSamples: 100,
    since: at,
    startedAt: at - 86_400_000,
    arms: { stable: arm, canary: { ...arm, calls: 210, subjects: 91, errorRate: 0.033, score: 0.5 } },
    guards: [
      { guard: 'errorRate', verdict: 'open', towardsBreach: 0.12, towardsHeld: 0.31, shown: `shown ${name}` },
      { guard: 'p95LatencyMs', verdict: 'held', towardsBreach: 0, towardsHeld: 1, shown: 'below 4 s' },
    ],
    withoutSubject: 0,
    waitsFor: `waits ${name}`,
    history: [
      { at: at - 3_600_000, by: undefined, from: 'ramping', to: 'ramping', percent: 5, reason: 'it began' },
      { at, by: name, from: 'ramping', to: 'ramping', percent: 25, reason: `reason ${name}` },
    ],
    ...said,
  };
}
