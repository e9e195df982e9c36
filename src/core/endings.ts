import { ManagedLLMError, type ManagedLLMErrorInit } from '../errors/managed-llm-error.ts';
import { failureKinds, refusal, type CallError } from './call-error.ts';
import type { CancelCause } from './cancellation.ts';
import { describePassedLimit, isOfCall, type PassedLimit } from './passed-limit.ts';
import type { Outcome } from './settlement.ts';
import type { Usage } from './usage.ts';

/** How an attempt or call ends that failed with this. */
export function outcomeOf(error: CallError): Outcome {
  if (error.kind === 'aborted') return 'aborted';
  if (error.kind === 'timeout' && error.status === undefined) return 'timed-out';
  if (isPassedLimit(error)) return 'timed-out';
  return error.kind === 'refused' ? 'refused' : 'failed';
}

/** Whether a limit of ours ended it, whatever has been put behind it since. */
export function isPassedLimit({ code, managed }: CallError): boolean {
  return code === 'time-limit' && managed !== undefined;
}

/** How a stream ends that was stopped for this cause. */
export function outcomeOfCause(cause: CancelCause): Outcome {
  switch (cause) {
    case 'caller':
    case 'close':
      return 'aborted';
    case 'reader':
      return 'abandoned';
    case 'deadline':
    case 'timeout':
      return 'timed-out';
    case 'discard':
      return 'discarded';
    default:
      return cause satisfies never;
  }
}

/** Why something was stopped; nothing of it is known where an interceptor's own signal did it. */
export interface Stop {
  readonly cause?: CancelCause | undefined;
  /** For the causes `deadline` and `timeout`. */
  readonly passed?: PassedLimit | undefined;
}

/** The failure that stopping a call or an attempt amounts to. */
export function stopFailure(callId: string, { cause, passed }: Stop): CallError {
  if (passed !== undefined) return limitFailure(callId, passed);
  switch (cause) {
    case 'close':
      return refusal(
        new ManagedLLMError({
          code: 'closed',
          callId,
          message: 'The call was ended because `llm.close()` waited no longer.',
        }),
        'aborted',
      );
    case 'deadline':
    case 'timeout':
    case 'caller':
    case 'reader':
    case 'discard':
    case undefined:
      return {
        kind: 'aborted',
        status: undefined,
        code: undefined,
        message: 'The call was aborted.',
        ...failureKinds.aborted,
        retryAfterMs: undefined,
        cause: undefined,
        managed: undefined,
      };
    default:
      return cause satisfies never;
  }
}

/** The end of the whole call says nothing about the target that was being asked, and leaves no time for another. */
function limitFailure(callId: string, passed: PassedLimit): CallError {
  const error = new ManagedLLMError({
    code: 'time-limit',
    callId,
    message: describePassedLimit(passed),
    details: { ...passed },
  });
  const ofCall = { retryable: false, fallbackable: false, countsForBreaker: false };
  return refusal(error, 'timeout', isOfCall(passed) ? ofCall : {});
}

/** What had reached the reader of a stream before it failed. */
export interface PartialAnswer {
  /** Generated text, as it was handed on; `undefined` where the stream was too long to be kept. */
  readonly text: string | undefined;
  /** What the provider had told of it by then. */
  readonly usage: Usage | undefined;
}

/** The same failure, with what had reached the reader in the details of the error of ours behind it. */
export function withPartial(
  callId: string,
  target: string,
  error: CallError,
  partial: PartialAnswer,
): CallError {
  const { managed, kind, status, code, message, cause, retryable, retryAfterMs } = error;
  if (managed !== undefined) {
    const details = { ...managed.details, ...partial };
    return { ...error, managed: new ManagedLLMError({ ...initOf(managed), details }) };
  }
  return {
    ...error,
    managed: new ManagedLLMError({
      code: kind === 'connection' ? 'connection-failed' : 'provider-failure',
      callId,
      message,
      retryable,
      retryAfterMs,
      details: { target, status, kind, code, ...partial },
      cause,
    }),
  };
}

function initOf(error: ManagedLLMError): ManagedLLMErrorInit {
  const { code, message, callId, retryable, status, retryAfterMs, cause } = error;
  return { code, message, callId, retryable, status, retryAfterMs, cause };
}

/** What a reader gets who comes back to a stream that was given up for unread: never a clean end. */
export function unreadError(callId: string): ManagedLLMError {
  return new ManagedLLMError({
    code: 'time-limit',
    callId,
    message:
      'Nobody read the stream for the time that `unreadStreamMs` allows, so it was cancelled. Raise it if readers pause longer.',
  });
}

/** What goes wrong inside a stream that had begun. */
export function streamFailure(
  callId: string,
  what: string,
  kind: 'cut' | 'bug' | 'connection',
  cause: unknown,
): CallError {
  switch (kind) {
    case 'cut':
      return refusal(
        new ManagedLLMError({
          code: 'stream-cut',
          callId,
          message: `The stream from ${what} ended without its terminal event: the answer is incomplete.`,
        }),
        'cut',
      );
    case 'bug':
      return refusal(
        new ManagedLLMError({
          code: 'interceptor-fault',
          callId,
          message: `An interceptor threw while it changed the stream from ${what}.`,
          cause,
        }),
        'bug',
      );
    case 'connection':
      return {
        kind: 'connection',
        status: undefined,
        code: undefined,
        message: `The connection to ${what} broke inside the stream.`,
        ...failureKinds.connection,
        retryAfterMs: undefined,
        cause,
        managed: undefined,
      };
    default:
      return kind satisfies never;
  }
}
