import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { refusal, type CallError } from './call-error.ts';
import type { Call } from './call.ts';
import type { DialectId } from './dialect.ts';
import { targetName, type Target } from './target.ts';

/** Turns or instructions that a request names instead of containing them, because its provider keeps them. */
export interface HeldTurns {
  /** The member that names them, e.g. `previous_response_id`. */
  readonly path: string;
  /**
   * How their provider says that it has not got them, where its SDK answers that by asking again with the whole
   * conversation.
   */
  readonly lost?: { readonly status: number; readonly code: string };
}

/**
 * Why a target that speaks another dialect cannot be asked: it would answer without what came before. `undefined` when
 * the request contains its whole conversation.
 */
export function heldElsewhere(call: Call, target: Target, speaks: DialectId): CallError | undefined {
  const held = call.dialect.request.held?.(call.body, speaks);
  if (held === undefined) return undefined;
  const error = refusal(
    new ManagedLLMError({
      code: 'unsupported',
      callId: call.id,
      status: held.lost?.status,
      message:
        `\`${targetName(target)}\` does not have what this request leaves to the provider that holds it ` +
        `(\`${held.path}\`). Send the whole conversation, or send this to that provider.`,
      details: { target: targetName(target), dialect: speaks, held: held.path },
    }),
    'refused',
    // Another target may be the one that holds them, unless the whole conversation is coming anyway.
    { fallbackable: held.lost === undefined },
  );
  return held.lost === undefined ? error : { ...error, code: held.lost.code, asksForAll: true };
}

/**
 * A refusal that the caller's SDK answers by asking again with the whole conversation; `undefined` where the request
 * contains all of it, or the SDK has not got it.
 */
export function askingForAll(call: Call, error: CallError): CallError | undefined {
  const { request, id } = call.dialect;
  const lost = request.held?.(call.body, id)?.lost;
  return lost && { ...error, ...lost, asksForAll: true };
}
