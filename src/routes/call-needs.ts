import type { Call } from '../core/call.ts';
import type { Capability } from '../core/capabilities.ts';

/** What a call asks of whichever model serves it, as far as its request shows. */
export interface CallNeeds {
  readonly capabilities: readonly Capability[];
  /** Tokens of the prompt, estimated: what lies elsewhere is not in it. */
  readonly inputTokens: number;
  /** As the request limits them; `undefined` where it does not. */
  readonly outputTokens: number | undefined;
}

/** Of a size that is common. */
const tokensPerImage = 1_000;

/** By body: a call is looked at by every rule and for every target on its way. */
const known = new WeakMap<object, CallNeeds>();

/** Pictures, sound and documents in a prompt, tools of the application, and a stream each need a model that can do them. */
export function needsOf({ dialect, body, stream }: Call): CallNeeds {
  const kept = typeof body === 'object' && body !== null ? known.get(body) : undefined;
  if (kept !== undefined) return kept;
  const { images, files, tools, guessedTokens, tokens, maxOutputTokens } = dialect.request.measure(body);
  const capabilities: Capability[] = [];
  if (images.length > 0) capabilities.push('vision');
  if (files.some(({ kind }) => kind === 'audio')) capabilities.push('audio');
  if (files.some(({ kind }) => kind === 'document')) capabilities.push('files');
  if (tools > 0) capabilities.push('tools');
  if (stream) capabilities.push('streaming');
  const needs: CallNeeds = {
    capabilities,
    inputTokens: Math.ceil(guessedTokens + tokens + images.length * tokensPerImage),
    outputTokens: maxOutputTokens,
  };
  if (typeof body === 'object' && body !== null) known.set(body, needs);
  return needs;
}
