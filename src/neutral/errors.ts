import type { CallError } from '../core/call-error.ts';
import { stopped } from '../core/cancellation.ts';
import { targetName, type Target } from '../core/target.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';

/** The call that failed. */
export interface FailedCall {
  readonly callId: string;
  /** Where the last attempt went. */
  readonly target: Target | undefined;
  /** The caller's own. */
  readonly signal: AbortSignal | undefined;
}

/**
 * What the neutral API rejects with: a failure of ours as it is, the caller's abort as the signal's own reason, and what
 * a provider said as one of ours too, never as a class of an SDK.
 */
export function thrownFor(error: CallError, { callId, target, signal }: FailedCall): unknown {
  const { kind, status, code, cause, managed, retryable, retryAfterMs } = error;
  if (kind === 'aborted' && signal?.aborted === true) return signal.reason;
  if (managed !== undefined) return managed;
  if (kind === 'aborted') return stopped;
  const who = target === undefined ? undefined : targetName(target);
  const asked = who === undefined ? 'The provider' : `\`${who}\``;
  const init = { callId, cause, retryable, retryAfterMs, details: { target: who, status, kind, code } };
  if (status !== undefined) {
    const reason = code === undefined ? '' : ` (${code})`;
    return new ManagedLLMError({
      ...init,
      code: 'provider-failure',
      message: `${asked} answered with status ${status}${reason}.`,
    });
  }
  if (kind === 'timeout') {
    return new ManagedLLMError({ ...init, code: 'time-limit', message: `${asked} did not answer in time.` });
  }
  return new ManagedLLMError({
    ...init,
    code: 'connection-failed',
    message: `The connection to ${who === undefined ? 'the provider' : asked} failed.`,
  });
}
