import type { Reply } from '../../core/reply.ts';
import type { Admission } from './admission.ts';
import { windowsMs, type BucketLimit } from './limits.ts';
import type { Limiter } from './limiter.ts';
import { inTransitMs, type Meter } from './meter.ts';
import { readRateLimits } from './rate-limit-headers.ts';

/** The longest pause that a provider is granted; then one attempt finds out whether it still holds. */
const longestPauseMs = 600_000;

/** What a reply tells of one level: it lies between these two, unless somebody else takes from the bucket too. */
export interface Lesson {
  readonly meter: Meter;
  readonly atLeast: number;
  readonly atMost: number;
  /** The provider lets through less than was known, so that the level was not kept by the right limit so far. */
  readonly isNews: boolean;
}

/**
 * Takes limits, what is left of them and pauses over from a reply.
 *
 * What a provider says is left was left when it let the request in, at some time within {@link inTransitMs} after that was
 * sent. Since then attempts of this process were let in, and others have given back. What was sent or given back about
 * that time may be in what the provider says or not, so that the level now is known between two bounds only.
 */
export function learnFrom(admission: Admission, reply: Reply, now: number): readonly Lesson[] {
  const { lane, sentAt } = admission;
  const { own } = lane;
  if (own === undefined) return none;
  const { error, headers } = reply;
  if (error?.kind === 'rate-limit' || error?.kind === 'overloaded')
    pause(own, sentAt, error.retryAfterMs ?? 0, now);
  let lessons: Lesson[] | undefined;
  for (const { name, limit, remaining, fullAfterMs } of readRateLimits(headers, sentAt)) {
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
    if (meter.bucket === undefined) {
      if (remaining < 1) pause(own, sentAt, fullAfterMs ?? 0, now);
    } else {
      (lessons ??= []).push({ meter, ...bounds(meter, admission, remaining, reply, now), isNews });
    }
  }
  if (lessons !== undefined) own.changes++;
  return lessons ?? none;
}

function bounds(
  meter: Meter,
  { sentAt, ask }: Admission,
  remaining: number,
  { error }: Reply,
  now: number,
): Pick<Lesson, 'atLeast' | 'atMost'> {
  const { taken, returned, bucket } = meter;
  if (taken === undefined || returned === undefined || bucket === undefined)
    return { atLeast: -Infinity, atMost: Infinity };
  const own = meter.amount(ask);
  // What a refused one took is about to be given back here, and was never taken there.
  const refused = error === undefined ? 0 : own;
  const elapsed = now - sentAt;
  const refilled = elapsed * bucket.refillPerMs;
  const refilledAtLeast = Math.max(0, elapsed - inTransitMs) * bucket.refillPerMs;
  return {
    atLeast: taken.reaches(sentAt - inTransitMs)
      ? remaining -
        (taken.since(sentAt - inTransitMs) - own) +
        returned.since(sentAt + 2 * inTransitMs) +
        refilledAtLeast -
        refused
      : -Infinity,
    atMost: remaining - taken.since(sentAt + inTransitMs) + returned.since(sentAt) + refilled - refused,
  };
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
