import type { CallError } from '../core/call-error.ts';
import { isPassedLimit } from '../core/endings.ts';
import { rememberError } from '../errors/managed-llm-error.ts';
import type { Submitted } from '../core/gate.ts';
import { toResponse } from '../core/governed-response.ts';
import type { CoreReply } from '../core/reply.ts';

/**
 * A reply as what a `fetch` or a middleware gives back: a response, or a rejection where the bare client would have had
 * one. A failure of ours is a response in the provider's shape, so that the SDK raises its own class for it.
 *
 * @param bodyLooks how often the SDK touches `response.body` of a plain reply without reading it
 */
export function answer({ reply, ticket }: Submitted, bodyLooks: number): Response {
  const { error } = reply;
  if (error !== undefined && reply.status === 0) throw thrownFor(error, ticket.asked.callerSignal);
  if (error !== undefined && isPassedLimit(error)) throw abortError(error.managed);
  const response = toResponse(reply, ticket, bodyLooks);
  if (error?.managed !== undefined) rememberError(response.headers, error.managed);
  else if (reply.events !== undefined) rememberErrorAtEnd(reply, response.headers);
  return response;
}

/** What ends a stream badly later is found by the same thread. Refers to the headers only, never to the response. */
function rememberErrorAtEnd(reply: CoreReply, headers: Headers): void {
  reply.onSettled(({ error }) => {
    if (error?.managed === undefined) return;
    rememberError(headers, error.managed);
    // A line that breaks rejects its reader with what broke it, which has no headers.
    if (typeof error.cause === 'object' && error.cause !== null) rememberError(error.cause, error.managed);
  });
}

function thrownFor(error: CallError, callerSignal: AbortSignal | undefined): unknown {
  if (callerSignal?.aborted === true) return callerSignal.reason;
  if (error.kind === 'aborted') return abortError(error.managed);
  const { cause, managed } = error;
  if (isPassedLimit(error)) return abortError(managed);
  if (managed !== undefined && typeof cause === 'object' && cause !== null) rememberError(cause, managed);
  return cause ?? managed;
}

/** An AbortError, as a native fetch rejects with. The SDKs know it by its name. */
export function abortError(cause: unknown): unknown {
  const error = new Error('This operation was aborted', { cause });
  error.name = 'AbortError';
  return error;
}
