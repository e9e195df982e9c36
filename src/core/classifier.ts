import * as z from 'zod/mini';
import { failureKinds, type CallError, type FailureKind, type FailureTraits } from './call-error.ts';
import type { DialectId } from './dialect.ts';
import { isPromise } from './is-promise.ts';
import { invalidOption, parseOptions } from './parse-options.ts';
import type { Target } from './target.ts';

/** What a failed attempt may be classified as: a caller's abort and what an interceptor did are this package's own to tell. */
export type ClassifiableKind = Exclude<FailureKind, 'aborted' | 'refused' | 'bug'>;

/** An attempt that a provider, or the way to it, failed. */
export interface ClassifiableFailure {
  readonly target: Target;
  /** What the target was asked in. */
  readonly dialect: DialectId;
  /**
   * HTTP status; for a failure told inside a stream or under a good status, the one that the provider would have answered
   * with. `undefined` when no answer came.
   */
  readonly status: number | undefined;
  /** The provider's own code or type, or the system's (`ECONNRESET`). */
  readonly code: string | undefined;
  /** Of the response. `undefined` when none came. Not to be written. */
  readonly headers: Headers | undefined;
  /** The provider's error body, parsed where it is JSON, else its text; or what the transport threw. Not to be written. */
  readonly cause: unknown;
}

/** What a failure is, and what that means for whoever acts on it. */
export interface Classification extends FailureTraits {
  readonly kind: ClassifiableKind;
  /** How long to wait before asking the same target again: milliseconds, 0 to 2^31 - 1. */
  readonly retryAfterMs: number | undefined;
}

/**
 * Has the last word on what a failed attempt is. Asked once for each failed attempt, before anybody acts on it.
 * Synchronous.
 *
 * @returns what shall differ: with another `kind`, traits that are not given follow that kind; `undefined` leaves all as
 *   it is by default
 */
export type Classify = (
  failure: ClassifiableFailure,
  byDefault: Classification,
) => Partial<Classification> | undefined;

const kinds = (Object.keys(failureKinds) as FailureKind[]).filter(isClassifiable);

const classificationSchema = z.strictObject({
  kind: z.optional(z.enum(kinds)),
  retryable: z.optional(z.boolean()),
  fallbackable: z.optional(z.boolean()),
  countsForBreaker: z.optional(z.boolean()),
  retryAfterMs: z.optional(z.number().check(z.minimum(0), z.maximum(2_147_483_647))),
});

/**
 * Lets the application's rule change a failure. What that throws, and what it answers wrongly, is reported, and the
 * failure stays as it was.
 *
 * @param report where faults go
 */
export function reclassified(
  classify: Classify,
  error: CallError,
  about: Pick<ClassifiableFailure, 'target' | 'dialect' | 'headers'>,
  report: (thrown: unknown, context: string) => void,
): CallError {
  const { kind, status, code, cause } = error;
  if (!isClassifiable(kind)) return error;
  const { retryable, fallbackable, countsForBreaker, retryAfterMs } = error;
  const byDefault = { kind, retryable, fallbackable, countsForBreaker, retryAfterMs };
  try {
    const answer: unknown = classify({ ...about, status, code, cause }, byDefault);
    if (answer === undefined) return error;
    if (isPromise(answer)) {
      // It is a fault already; how it ends is of no interest.
      Promise.resolve(answer).catch(() => {});
      throw invalidOption('classify', 'must answer at once, not with a promise');
    }
    const given = parseOptions(classificationSchema, answer as Partial<Classification>, 'classify');
    const base =
      given.kind === undefined || given.kind === kind
        ? error
        : { ...error, kind: given.kind, ...failureKinds[given.kind] };
    return {
      ...base,
      retryable: given.retryable ?? base.retryable,
      fallbackable: given.fallbackable ?? base.fallbackable,
      countsForBreaker: given.countsForBreaker ?? base.countsForBreaker,
      // A wait is taken back by saying that there is none.
      retryAfterMs: 'retryAfterMs' in given ? given.retryAfterMs : error.retryAfterMs,
    };
  } catch (thrown) {
    report(thrown, '`classify`');
    return error;
  }
}

function isClassifiable(kind: FailureKind): kind is ClassifiableKind {
  return kind !== 'aborted' && kind !== 'refused' && kind !== 'bug';
}
