import type { ManagedLLMError } from '../errors/managed-llm-error.ts';

/** What a kind of failure means for whoever acts on it. */
export interface FailureTraits {
  /** The same request may succeed at the same target later. */
  readonly retryable: boolean;
  /** Another target may succeed where this one failed, and may be asked without being told to. */
  readonly fallbackable: boolean;
  /** It says something about the health of the target, rather than about the request or the caller. */
  readonly countsForBreaker: boolean;
}

/**
 * What went wrong with an attempt, decided once and read by everything that acts on failures.
 *
 * `aborted`: the application gave up · `timeout`: a limit of ours, the transport's or the provider's · `connection`: no
 * answer, or the line broke · `cut`: a stream without its end · `refused`: an interceptor said no · `bug`: an
 * interceptor broke · the others: what the provider answered. `docs/failures.md` says what each is told by.
 */
export type FailureKind = keyof typeof failureKinds;

/** What each kind means unless the failure says otherwise itself. */
export const failureKinds = {
  aborted: { retryable: false, fallbackable: false, countsForBreaker: false },
  timeout: { retryable: true, fallbackable: true, countsForBreaker: true },
  connection: { retryable: true, fallbackable: true, countsForBreaker: true },
  cut: { retryable: true, fallbackable: true, countsForBreaker: true },
  'rate-limit': { retryable: true, fallbackable: true, countsForBreaker: false },
  quota: { retryable: false, fallbackable: true, countsForBreaker: true },
  overloaded: { retryable: true, fallbackable: true, countsForBreaker: true },
  server: { retryable: true, fallbackable: true, countsForBreaker: true },
  auth: { retryable: false, fallbackable: true, countsForBreaker: false },
  'not-found': { retryable: false, fallbackable: true, countsForBreaker: false },
  conflict: { retryable: true, fallbackable: true, countsForBreaker: false },
  'invalid-request': { retryable: false, fallbackable: false, countsForBreaker: false },
  'context-overflow': { retryable: false, fallbackable: true, countsForBreaker: false },
  'content-policy': { retryable: false, fallbackable: false, countsForBreaker: false },
  refused: { retryable: false, fallbackable: false, countsForBreaker: false },
  bug: { retryable: false, fallbackable: false, countsForBreaker: false },
} as const satisfies Readonly<Record<string, FailureTraits>>;

/** A failure as a value: interceptors read it from `reply.error`, nothing is thrown inside the chain. */
export interface CallError extends FailureTraits {
  readonly kind: FailureKind;
  /** HTTP status, the provider's or ours. `undefined` when there was no answer. */
  readonly status: number | undefined;
  /** The provider's own error code or type, or the system's for a broken connection, where there is one. */
  readonly code: string | undefined;
  /** Safe to log: never a prompt, completion or key. */
  readonly message: string;
  /** The wait the provider asked for: milliseconds from then, 0 to 2^31 - 1. */
  readonly retryAfterMs: number | undefined;
  /** What was thrown, or the provider's error body. */
  readonly cause: unknown;
  /**
   * The caller's SDK answers this failure by asking again with the whole conversation, which any target can serve: a
   * route tries none of the others before that. Default `false`.
   */
  readonly asksForAll?: boolean;
  /**
   * A target or route to ask instead, after a refusal: the call goes there next, once, whatever its own route has left.
   * Like any attempt it passes all that attempts pass.
   */
  readonly moveTo?: string | undefined;
  /** Ours, when the failure is ours or we have something to add to the provider's. */
  readonly managed: ManagedLLMError | undefined;
}

/**
 * A failure of ours as a {@link CallError}.
 *
 * @param traits where it differs from what its kind means: a target that was refused for its own sake (a full queue, an
 *   open breaker) is `fallbackable`
 */
export function refusal(
  error: ManagedLLMError,
  kind: FailureKind = 'refused',
  traits: Partial<FailureTraits> = {},
): CallError {
  return {
    kind,
    status: error.status,
    code: error.code,
    message: error.message,
    ...failureKinds[kind],
    retryable: error.retryable,
    ...traits,
    retryAfterMs: error.retryAfterMs,
    cause: error.cause,
    managed: error,
  };
}
