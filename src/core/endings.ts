import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { failureKinds, refusal, type CallError } from './call-error.ts';
import type { CancelCause } from './cancellation.ts';
import type { Outcome } from './settlement.ts';

/** How an attempt or call ends that failed with this. */
export function outcomeOf(error: CallError): Outcome {
  if (error.kind === 'aborted') return 'aborted';
  if (error.kind === 'timeout' && error.status === undefined) return 'timed-out';
  if (error.managed?.code === 'time-limit') return 'timed-out';
  return error.kind === 'refused' ? 'refused' : 'failed';
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

/** The failure that stopping a call for this cause amounts to. */
export function stopFailure(callId: string, cause: CancelCause, limitMs: number): CallError {
  switch (cause) {
    case 'deadline':
    case 'timeout': {
      const what =
        cause === 'deadline'
          ? 'The call passed its deadline'
          : `The attempt passed its limit of ${limitMs} ms`;
      const error = new ManagedLLMError({
        code: 'time-limit',
        callId,
        message: `${what}. Raise \`${cause === 'deadline' ? 'deadlineMs' : 'timeout'}\` if it needs longer.`,
      });
      return refusal(error, 'timeout');
    }
    case 'close':
      return refusal(
        new ManagedLLMError({
          code: 'closed',
          callId,
          message: 'The call was ended because `llm.close()` waited no longer.',
        }),
        'aborted',
      );
    case 'caller':
    case 'reader':
    case 'discard':
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
