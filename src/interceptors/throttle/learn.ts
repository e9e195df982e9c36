import type { Reply } from '../../core/reply.ts';
import type { Bucket } from '../../core/state.ts';
import type { Admission } from './admission.ts';
import { windowsMs, type BucketLimit } from './limits.ts';
import type { Limiter } from './limiter.ts';
import { inTransitMs, type Meter } from './meter.ts';

/** The longest pause that a provider is granted; then one attempt finds out whether it still holds. */
const longestPauseMs = 600_000;

/** What a reply tells of one bucket. */
export interface Lesson {
  readonly meter: Meter;
  readonly bucket: Bucket;
  /** When the provider let the request in, or refused it. */
  readonly remaining: number;
  readonly isRefused: boolean;
  /** The provider lets through less than was known, so that the level was not kept by the right limit so far. */
  readonly isNews: boolean;
}

/** Takes limits, what is left of them and pauses over from a reply. */
export function learnFrom(admission: Admission, reply: Reply, now: number): readonly Lesson[] {
  const { lane, sentAt } = admission;
  const { own } = lane;
  if (own === undefined) return none;
  const { error, headers } = reply;
  if (error?.kind === 'rate-limit' || error?.kind === 'overloaded')
    pause(own, sentAt, error.retryAfterMs ?? 0, now);
  let lessons: Lesson[] | undefined;
  for (const { name, limit, remaining, fullAfterMs } of own.told.read(headers, sentAt, error !== undefined)) {
    const meter = meterOf(own, name);
    if (meter === undefined) continue;
    let isNews = false;
    if (limit !== undefined) {
      const perMs = limit / windowsMs[name];
      const holds =
        remaining === undefined || fullAfterMs === undefined ? limit : remaining + 1 + perMs * fullAfterMs;
      isNews = meter.learn(limit, holds);
    }
    if (remaining === undefined) continue;
    const { bucket } = meter;
    if (bucket === undefined) {
      if (remaining < 1) pause(own, sentAt, fullAfterMs ?? 0, now);
      continue;
    }
    (lessons ??= []).push({ meter, bucket, remaining, isRefused: error !== undefined, isNews });
  }
  if (lessons !== undefined) own.changes++;
  return lessons ?? none;
}

/** Between what a level lies. */
export type Bounds = readonly [atLeast: number, atMost: number];

/**
 * Between what the level lies now, if nobody but this process takes from the bucket. What a provider says is left was left
 * at some time within {@link inTransitMs} after the request was sent. Since then others were let in, others have given
 * back, and some refilled; of what was sent or came about that time it cannot be told whether it is in what the provider
 * says. What may still be on its way, or was estimated too low, stays off the lower of the two: a second's refill.
 */
export function boundsOf(
  { meter, bucket, remaining, isRefused }: Lesson,
  { sentAt, ask }: Admission,
  now: number,
): Bounds {
  const { draw } = meter;
  if (draw === undefined) return [-Infinity, Infinity];
  const own = meter.amount(ask);
  // What it asked for and did not get is given back soon.
  const left = isRefused ? remaining - own : remaining;
  const elapsed = now - sentAt;
  const atMost =
    left -
    draw.takenAtLeast.since(sentAt + inTransitMs) +
    draw.returnedAtMost.since(sentAt) +
    elapsed * bucket.refillPerMs;
  const spare = inTransitMs * bucket.refillPerMs + (isOfTokens(meter) ? meter.limiter.expectedOutput : 0);
  // No provider lets in more than it has: at worst all that it has not answered yet draws what is left.
  const atWorst = remaining > 0 ? -draw.unanswered - (isRefused ? own : 0) : -Infinity;
  if (!draw.takenAtMost.reaches(sentAt - inTransitMs)) return [atWorst - spare, atMost];
  // Its own amount is in what the provider says.
  const others = draw.takenAtMost.since(sentAt - inTransitMs) - own;
  const withoutOthers =
    left +
    draw.returnedAtLeast.since(sentAt + 2 * inTransitMs) +
    Math.max(0, elapsed - inTransitMs) * bucket.refillPerMs;
  // What comes back to a bucket that is full is lost.
  return [Math.max(atWorst, Math.min(withoutOthers, bucket.capacity) - others) - spare, atMost];
}

/**
 * At most what was left when the request was sent; a shared state knows by itself what was taken since. What overtook the
 * request comes off twice: some of the bucket then stays unused, but what refills is used to the full.
 */
export function leftWhenSent(
  { meter, bucket, remaining, isRefused }: Lesson,
  { sentAt, ask }: Admission,
  now: number,
): number {
  const left = isRefused ? remaining - meter.amount(ask) : remaining;
  return left + Math.max(0, now - sentAt - inTransitMs) * bucket.refillPerMs;
}

function isOfTokens({ limit }: Meter): boolean {
  return limit !== 'requestsPerMinute';
}

function meterOf(limiter: Limiter, limit: BucketLimit): Meter | undefined {
  return limiter.meters.find((meter) => meter.limit === limit);
}

/** Answers to what was sent before the pause was known say nothing new: they must not prolong it. */
function pause(limiter: Limiter, sentAt: number, ms: number, now: number): void {
  if (ms <= 0 || sentAt <= limiter.pausedAt) return;
  limiter.changes++;
  limiter.pausedAt = now;
  limiter.pausedUntil = Math.max(limiter.pausedUntil, now + Math.min(ms, longestPauseMs));
}

const none: readonly Lesson[] = [];
