import { refusal, type FailureKind } from '../core/call-error.ts';
import { errors } from '../dialects/neutral/errors.ts';
import type { ErrorCode } from '../errors/codes.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';

/** What else than a refusal a code stands for. */
const kinds: Partial<Record<ErrorCode, FailureKind>> = {
  'connection-failed': 'connection',
  'interceptor-fault': 'bug',
  'provider-failure': 'server',
  'stream-cut': 'cut',
  'time-limit': 'timeout',
  closed: 'aborted',
};

/**
 * A failure as the last event of a response: what is ours to tell, in our words. Whatever else was thrown, the caller's own
 * abort above all, is thrown again.
 */
export function errorFrame(thrown: unknown): Uint8Array {
  if (!ManagedLLMError.isInstance(thrown)) throw thrown;
  return errors.event(refusal(thrown, kinds[thrown.code])).bytes;
}
