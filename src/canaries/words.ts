import type { CanaryGuardStatus } from '../core/canary-status.ts';
import type { CanaryArm, Guard, RelativeGuard } from './definition.ts';
import { endOf, lastBucket } from './latency-buckets.ts';
import type { StepSums } from './step-sums.ts';

/** A figure of an arm, of the first call of each subject at a step. */
export interface Figure {
  readonly n: number;
  /** `undefined`: of no calls. */
  readonly value: number | undefined;
}

export function figureOf(guard: Guard['guard'], sums: StepSums, arm: CanaryArm): Figure {
  if (guard === 'p95LatencyMs') return p95Of(sums, arm);
  const { n, sum } = sums.moments(arm, guard === 'errorRate' ? 'error' : guard);
  return { n, value: n === 0 ? undefined : sum / n };
}

/** As the end of its bucket. */
function p95Of(sums: StepSums, arm: CanaryArm): Figure {
  const { n, beyond } = sums.longerThan(arm);
  const bucket = beyond.findIndex((longer) => longer <= 0.05 * n);
  return { n, value: n === 0 ? undefined : endOf(bucket === -1 ? lastBucket : bucket) };
}

type Towards = Pick<CanaryGuardStatus, 'towardsBreach' | 'towardsHeld'>;

/** What is known of a guard, and what is wanted yet: safe to log. */
export function inWords(guard: Guard, sums: StepSums, { towardsBreach, towardsHeld }: Towards): string {
  const own = figureOf(guard.guard, sums, 'canary');
  const stable = figureOf(guard.guard, sums, 'stable');
  const seen = [seenOf(guard, own, 'canary'), ...('limit' in guard ? [] : [seenOf(guard, stable, 'stable')])];
  return `${seen.join(', ')}; ${leftOf(guard, own.n, towardsBreach, towardsHeld)}`;
}

/** Of the figure, in words: `error rate 4.0 % of 512 calls (canary)`. */
function seenOf({ guard }: Guard, { n, value }: Figure, arm: CanaryArm): string {
  return `${nouns[guard]} ${value === undefined ? 'not known' : told[guard](value)} of ${n} calls (${arm})`;
}

function leftOf(guard: Guard, n: number, towardsBreach: number, towardsHeld: number): string {
  if (towardsBreach >= 1) return `shown to be ${worseThan(guard)}`;
  if (towardsHeld >= 1) return `shown not to be ${harmfulOf(guard)}`;
  const evidence = `evidence against it ${percent(towardsBreach)}, for it ${percent(towardsHeld)} of what is needed`;
  // Evidence grows about evenly; of very little it cannot be told how fast.
  const more = towardsHeld < 0.1 ? undefined : Math.ceil(n * (1 / towardsHeld - 1));
  return more === undefined ? evidence : `${evidence}: about ${more} more calls of the canary at this rate`;
}

function worseThan(guard: Guard): string {
  return 'limit' in guard
    ? `above ${told[guard.guard](guard.limit)}`
    : `worse than tolerated (${apart(guard, guard.tolerated)})`;
}

function harmfulOf(guard: Guard): string {
  return 'limit' in guard
    ? `above ${told[guard.guard](guard.limit)}`
    : `harmful (${apart(guard, guard.harmful)})`;
}

function apart({ guard }: RelativeGuard, by: number): string {
  return guard === 'score' ? `${by} below stable's` : `${by} times stable's`;
}

const nouns: Readonly<Record<Guard['guard'], string>> = {
  errorRate: 'error rate',
  p95LatencyMs: '95th percentile of latency',
  costUsd: 'mean cost',
  score: 'mean score',
};

const told: Readonly<Record<Guard['guard'], (value: number) => string>> = {
  errorRate: (value) => `${(100 * value).toFixed(1)} %`,
  p95LatencyMs: (value) => `${Math.round(value)} ms`,
  costUsd: (value) => `${value.toPrecision(3)} USD`,
  score: (value) => value.toPrecision(3),
};

function percent(part: number): string {
  return `${Math.floor(100 * part)} %`;
}
