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
 * `aborted`: the application gave up · `timeout`: a limit of ours or the transport's · `connection`: no answer, or the
 * line broke · `cut`: a stream without its end · `refused`: an interceptor said no · `bug`: an interceptor broke ·
 * the others: what the provider answered.
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
  /** The provider's own error code or type, where it gave one. */
  readonly code: string | undefined;
  /** Safe to log: never a prompt, completion or key. */
  readonly message: string;
  /** The wait the provider asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What was thrown, or the provider's error body. */
  readonly cause: unknown;
  /**
   * The caller's SDK answers this failure by asking again with the whole conversation, which any target can serve: a
   * route tries none of the others before that. Default `false`.
   */
  readonly asksForAll?: boolean;
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

/** Classifies an answer with an error status. */
export function providerFailure(
  status: number,
  headers: Pick<Headers, 'get'>,
  body: unknown,
  now?: () => number,
): CallError {
  const { code } = describeErrorBody(body);
  const kind = kindOfStatus(status);
  return {
    kind,
    status,
    code,
    // Not the provider's own words: they may repeat the prompt. Those are in `cause`.
    message: `The provider answered with status ${status}${code === undefined ? '' : ` (${code})`}.`,
    ...failureKinds[kind],
    retryable: status === 408 || status === 409 || status === 429 || status >= 500,
    retryAfterMs: retryAfterMs(headers, now),
    cause: body,
    managed: undefined,
  };
}

/** Classifies what a transport threw before or while it answered. */
export function connectionFailure(thrown: unknown): CallError {
  const timedOut = /timed? ?out/i.test(
    `${String(thrown)}${String((thrown as { cause?: unknown } | null)?.cause ?? '')}`,
  );
  const kind = timedOut ? 'timeout' : 'connection';
  return {
    kind,
    status: undefined,
    code: undefined,
    message: timedOut ? 'The provider did not answer in time.' : 'The connection to the provider failed.',
    ...failureKinds[kind],
    retryAfterMs: undefined,
    cause: thrown,
    managed: undefined,
  };
}

/** The error code and message in a provider's error body: OpenAI's `{ error }`, Anthropic's `{ type, error }`, or bare. */
export function describeErrorBody(body: unknown): { code: string | undefined; message: string | undefined } {
  const outer = asRecord(body);
  const inner = asRecord(outer?.['error']) ?? outer;
  const code = inner?.['code'] ?? inner?.['type'];
  const message = inner?.['message'] ?? (typeof outer?.['error'] === 'string' ? outer['error'] : undefined);
  return {
    code: typeof code === 'string' ? code : typeof code === 'number' ? String(code) : undefined,
    message: typeof message === 'string' ? message : undefined,
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function kindOfStatus(status: number): FailureKind {
  if (status === 429) return 'rate-limit';
  if (status === 529 || status === 503) return 'overloaded';
  if (status === 408 || status === 504) return 'timeout';
  if (status >= 500) return 'server';
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'not-found';
  return 'invalid-request';
}

/** `retry-after-ms`, else `retry-after` in seconds or as a date: what both SDKs read. */
export function retryAfterMs(
  headers: Pick<Headers, 'get'>,
  now: () => number = Date.now,
): number | undefined {
  const inMs = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (!Number.isNaN(inMs)) return inMs;
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  const inSeconds = Number.parseFloat(after);
  if (!Number.isNaN(inSeconds)) return inSeconds * 1000;
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : at - now();
}
