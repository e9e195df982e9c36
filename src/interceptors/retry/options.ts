import * as z from 'zod/mini';
import type { Call } from '../../core/call.ts';
import type { CallError } from '../../core/call-error.ts';

/** Options of `retry`. */
export interface RetryOptions {
  /** Attempts at one target, the first included. An integer ≥ 1. Default 3. */
  readonly maxAttempts?: number;
  /** Longest wait before the first repeat; it doubles with each, and the wait is anything from 0 to it. Milliseconds, ≥ 0. Default 500. */
  readonly baseDelayMs?: number;
  /** What the doubling ends at. A `retry-after` may be longer. Milliseconds, ≥ 0. Default 8,000. */
  readonly maxDelayMs?: number;
  /**
   * Share of the traffic at a target that may be repeats, so that an outage is not answered with a multiple of the
   * calls. Each target has a bucket of repeats: it holds 10 at first and gains one a second up to 10; each first attempt
   * adds this share, up to 100; each repeat takes one, and where less than one is left, the failure is returned. 0 to 1,
   * or `false`: no such limit. Counted in this process. Default 0.1.
   */
  readonly retryBudget?: number | false;
  /**
   * Attempts of one call, over all its targets, repeats and hedges. An attempt that waits in a queue is counted when it
   * is sent. An integer ≥ 1. Default 6.
   */
  readonly maxAttemptsPerCall?: number;
  /**
   * Asked about each failure that would be repeated; `false` returns it instead. It cannot have others repeated. A throw
   * is reported, and the failure returned. Default: repeat.
   */
  readonly shouldRetry?: (error: CallError, call: Call) => boolean;
}

const wholeNumber = z.int().check(z.minimum(1));
const milliseconds = z.number().check(z.nonnegative());

/** Schema of {@link RetryOptions}. */
export const retryOptionsSchema = z.strictObject({
  maxAttempts: z.optional(wholeNumber),
  baseDelayMs: z.optional(milliseconds),
  maxDelayMs: z.optional(milliseconds),
  retryBudget: z.optional(z.union([z.literal(false), z.number().check(z.minimum(0), z.maximum(1))])),
  maxAttemptsPerCall: z.optional(wholeNumber),
  shouldRetry: z.optional(z.custom((value) => typeof value === 'function', 'must be a function')),
});
