import { rateEvidence } from '../experiments/rate.ts';
import type { RelativeGuard } from './definition.ts';
import { bucketsApart, lastBucket } from './latency-buckets.ts';
import type { StepSums, Times } from './step-sums.ts';
import { partOf, towards, type Weighed } from './weighed.ts';

/** Of all calls, those that take longer than the 95th percentile. */
const rest = 0.05;

/** A percentile is within a limit if no more than the rest take longer: a question of a rate. */
export function p95Over(sums: StepSums, alpha: number, beta: number): Weighed {
  const [over, { n }, overdue] = [sums.over('canary'), sums.longerThan('canary'), sums.overdue('canary', -2)];
  return {
    towardsBreach: towards('up', rateEvidence(over, n, rest), alpha),
    towardsHeld: towards('down', rateEvidence(over + overdue, n + overdue, rest), beta),
  };
}

/**
 * The canary's percentile is more than `times` stable's if there is a time that more than the rest of the canary's calls take
 * longer than, and less than the rest of stable's take longer than that time divided by `times`. Both are questions of rates,
 * with half of the level each.
 *
 * It is looked for at the ends of all buckets, and looking at many costs nothing: a share that takes longer than some time is
 * at most the one that takes longer than a shorter time, so whoever is wrong about any time beyond the true percentile is wrong
 * about that percentile itself, which is one fixed time. Where a divided time falls within a bucket, the end is taken that
 * shows less.
 */
export function p95Against(
  { tolerated, harmful }: RelativeGuard,
  sums: StepSums,
  alpha: number,
  beta: number,
): Weighed {
  const own = sums.longerThan('canary');
  const stable = sums.longerThan('stable');
  const slowest = withOverdue(own, sums.overdue('canary', -2));
  const [breach, held] = [bucketsApart(tolerated), bucketsApart(harmful)];
  let [towardsBreach, towardsHeld] = [0, 0];
  for (let bucket = 0; bucket < lastBucket; bucket++) {
    const [shorter, longer] = [Math.floor(bucket - breach), Math.ceil(bucket - held)];
    if (isMore(own, bucket) && isLess(stable, shorter))
      towardsBreach = Math.max(
        towardsBreach,
        Math.min(shown(own, bucket, alpha / 2), shown(stable, shorter, alpha / 2)),
      );
    if (isLess(slowest, bucket) && isMore(stable, longer))
      towardsHeld = Math.max(
        towardsHeld,
        Math.min(shown(slowest, bucket, beta / 2), shown(stable, longer, beta / 2)),
      );
  }
  return { towardsBreach, towardsHeld };
}

/** What is overdue may come to take longer than anything. */
function withOverdue({ n, beyond }: Times, overdue: number): Times {
  return { n: n + overdue, beyond: beyond.map((longer) => longer + overdue) };
}

// What is shorter than the first bucket cannot be told apart: of it, neither is known.

function isMore({ n, beyond }: Times, bucket: number): boolean {
  return bucket >= 0 && (beyond[bucket] ?? 0) > rest * n;
}

function isLess({ n, beyond }: Times, bucket: number): boolean {
  return bucket >= 0 && (beyond[bucket] ?? 0) < rest * n;
}

/** How far it is shown that another share than the rest takes longer than the end of a bucket. */
function shown({ n, beyond }: Times, bucket: number, level: number): number {
  return partOf(rateEvidence(beyond[bucket] ?? 0, n, rest).eValue, level);
}
