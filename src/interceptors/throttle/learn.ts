import type { Reply } from '../../core/reply.ts';
import type { Bucket } from '../../core/state.ts';
import type { Admission } from './admission.ts';
import { readRateLimits } from './rate-limit-headers.ts';
import { windowsMs } from './limits.ts';
import type { Limiter } from './limiter.ts';

/** The longest pause that a provider is granted; then one attempt finds out whether it still holds. */
const longestPauseMs = 600_000;
/**
 * What is sent may reach the provider so much later, and some of it sooner: what refills in that time is not counted on.
 */
const inTransitMs = 1_000;

/** What a reply tells of levels. */
export interface Lesson {
  readonly bucket: Bucket;
  readonly atMost: number;
}

/**
 * Takes limits, what is left of them and pauses over from a reply. What is left is what was left when the provider let the
 * request in: less what this process has taken since, more what it has given back and, where nobody else does, what has
 * refilled.
 *
 * @param alone whether the bucket here is this process's own
 * @returns how far levels have to come down
 */
export function learnFrom(
  admission: Admission,
  reply: Reply,
  now: number,
  alone: boolean,
): readonly Lesson[] {
  const { lane, marks, ask, sentAt } = admission;
  const { own } = lane;
  if (own === undefined) return none;
  const { error, headers } = reply;
  if (error?.kind === 'rate-limit' || error?.kind === 'overloaded')
    pause(own, admission, error.retryAfterMs ?? 0, now);
  let lessons: Lesson[] | undefined;
  for (const { name, limit, remaining, fullAfterMs } of readRateLimits(headers, sentAt)) {
    const index = own.meters.findIndex((meter) => meter.limit === name);
    const meter = own.meters[index];
    if (meter === undefined) continue;
    if (limit !== undefined) {
      const perMs = limit / windowsMs[name];
      const holds =
        remaining === undefined || fullAfterMs === undefined ? limit : remaining + 1 + perMs * fullAfterMs;
      meter.learn(limit, holds);
    }
    const { bucket } = meter;
    if (remaining === undefined) continue;
    if (bucket === undefined) {
      if (remaining < 1) pause(own, admission, fullAfterMs ?? 0, now);
      continue;
    }
    // A refused request is not in what the provider says is left.
    const mark = (marks[index] ?? 0) - (error === undefined ? 0 : meter.amount(ask));
    const refilled = alone ? Math.max(0, now - sentAt - inTransitMs) * bucket.refillPerMs : 0;
    (lessons ??= []).push({ bucket, atMost: remaining - (meter.net - mark) + refilled });
  }
  if (lessons !== undefined) own.changes++;
  return lessons ?? none;
}

/** Answers to what was sent before the pause was known say nothing new: they must not prolong it. */
function pause(limiter: Limiter, { sentAt }: Admission, ms: number, now: number): void {
  if (ms <= 0 || sentAt <= limiter.pausedAt) return;
  limiter.changes++;
  limiter.pausedAt = now;
  limiter.pausedUntil = Math.max(limiter.pausedUntil, now + Math.min(ms, longestPauseMs));
}

const none: readonly Lesson[] = [];
