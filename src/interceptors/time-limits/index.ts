import type { Interceptor } from '../../core/interceptor.ts';
import { LimitsByTarget } from './limits-by-target.ts';
import {
  checkProviders,
  parseTimeLimits,
  type TimeLimitsByTarget,
  type TimeLimitsOptions,
} from './options.ts';

/**
 * How long connecting, a stream's first event, its silences, an attempt and a whole call may take. Nothing is limited that
 * is not named, and the limits that an SDK's client and `deadlineMs` set hold beside these: the first that is passed
 * counts.
 *
 * - What passes a limit is cancelled at once, at the provider too, and fails as `time-limit` (kind `timeout`), with
 *   `{ limit, limitMs, elapsedMs }` in its details. Retries and routes may act on it, except where the call's own limit
 *   is passed.
 * - Through an SDK's client it is that SDK's own error for requests that took too long; once a stream has been handed
 *   over, an error inside that stream, with the text and usage so far in the details of `ManagedLLMError.from(error)`.
 * - Limits for a target (`provider/model`) go before those for its provider, and these before those for all, one by one.
 * - Costs no timer an attempt, and nothing a chunk but a look at the clock.
 *
 * @example
 * ```ts
 * timeLimits(
 *   { connectMs: 2_000, firstEventMs: 15_000, betweenEventsMs: 20_000, callMs: 120_000 },
 *   { 'local/llama3.2': { firstEventMs: 60_000 } },
 * )
 * ```
 * @returns One interceptor for attempts and one for calls, as far as there is something to limit.
 * @throws `invalid-options` for wrong or unknown options; at construction of the `ManagedLLM` for unknown providers.
 */
export function timeLimits(
  options: TimeLimitsOptions,
  byTarget: TimeLimitsByTarget = {},
): readonly Interceptor[] {
  parseTimeLimits(options, byTarget);
  const { callMs, ...ofAttempts } = options;
  const interceptors = [ofEachAttempt(new LimitsByTarget(ofAttempts, byTarget), byTarget)];
  return callMs === undefined ? interceptors : [ofTheCall(callMs), ...interceptors];
}

function ofEachAttempt(limitsByTarget: LimitsByTarget, byTarget: TimeLimitsByTarget): Interceptor {
  return {
    name: 'time-limits',
    stage: 'send',
    attach({ providers }) {
      checkProviders(byTarget, providers);
    },
    intercept(call, next) {
      const limits = call.target && limitsByTarget.of(call.target);
      return next(limits === undefined ? call : call.with({ limits }));
    },
  };
}

function ofTheCall(callMs: number): Interceptor {
  return {
    name: 'call-time-limit',
    stage: 'observe',
    intercept(call, next) {
      call.run.limit(callMs);
      return next(call);
    },
  };
}
