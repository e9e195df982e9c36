import type { CallError } from '../core/call-error.ts';
import { rememberError } from '../errors/managed-llm-error.ts';
import type { Submitted } from '../core/gate.ts';
import { toResponse } from '../core/governed-response.ts';

/** Makes the error that a caller's own API raises for a failure without an answer. */
export interface ThrowStyle {
  /** A time limit of ours. */
  timeout(error: CallError): unknown;
}

/**
 * A reply as what a `fetch` or a middleware gives back: a response, or a rejection where the bare client would have had
 * one. A failure of ours is a response in the provider's shape, so that the SDK raises its own class for it.
 */
export function answer({ reply, ticket }: Submitted, style: ThrowStyle): Response {
  const { error } = reply;
  if (error !== undefined && reply.status === 0) throw thrownFor(error, ticket.asked.callerSignal, style);
  if (error?.kind === 'timeout' && error.managed?.code === 'time-limit') throw style.timeout(error);
  const response = toResponse(reply, ticket);
  if (error?.managed !== undefined) rememberError(response.headers, error.managed);
  return response;
}

function thrownFor(error: CallError, callerSignal: AbortSignal | undefined, style: ThrowStyle): unknown {
  if (error.kind === 'aborted') return abortError(callerSignal?.reason ?? error.managed);
  if (error.managed?.code === 'time-limit') return style.timeout(error);
  return error.cause ?? error.managed;
}

/** An AbortError, as a native fetch rejects with. The SDKs know it by its name. */
export function abortError(cause: unknown): unknown {
  if (cause instanceof Error && cause.name === 'AbortError') return cause;
  const error = new Error('This operation was aborted', { cause });
  error.name = 'AbortError';
  return error;
}
