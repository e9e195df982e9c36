import type { Loss } from '../neutral/loss.ts';
import type { Stop, StopReason } from '../neutral/reply.ts';
import { type JsonRecord } from '../record.ts';

/** OpenAI API reference, "The chat completion object", `finish_reason`, November 2026; `model_length` is Mistral's. */
const reasons = new Map<string, StopReason>([
  ['stop', 'stop'],
  ['length', 'length'],
  ['model_length', 'context'],
  ['tool_calls', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
]);

/** The extra in which an unknown word goes on. */
export const unknownWord = 'choices.0.finish_reason';

/** What an answer holds that tells more of its end than the word does. */
export interface Ending {
  readonly calls: boolean;
  readonly refused: boolean;
  /** The stop sequence that was hit, which vLLM tells as `stop_reason`. */
  readonly sequence: string | undefined;
}

/**
 * Why the answer ended. Forced tool calls end with `stop` at OpenAI and all of them do at some servers, and so do
 * refusals: what the answer holds decides. A word we do not know becomes an extra.
 */
export function decodeStop(
  word: string | undefined,
  { calls, refused, sequence }: Ending,
): { readonly stop: Stop; readonly extras: JsonRecord } {
  const known = word === undefined ? undefined : reasons.get(word);
  if (known === 'stop' || word === undefined) {
    if (calls) return { stop: { reason: 'tool-calls' }, extras: {} };
    if (refused) return { stop: { reason: 'refusal' }, extras: {} };
  }
  if (known === 'stop' && sequence !== undefined)
    return { stop: { reason: 'stop-sequence', sequence }, extras: {} };
  const unknown = known === undefined && word !== undefined;
  return {
    stop: { reason: known ?? 'other' },
    extras: unknown ? { [unknownWord]: word } : {},
  };
}

/** How an answer is put: the older `functions` are answered by `function_call`. */
export interface Manner {
  readonly legacy: boolean;
  /** Whether it says its refusal in words. */
  readonly refused: boolean;
  /** Of this format itself, where the answer comes from it and we have no word for it. */
  readonly word: unknown;
}

/** The word for why the answer ended. Losses are told where it says less than was known. */
export function encodeStop(
  { reason, sequence }: Stop,
  { legacy, refused, word }: Manner,
  losses: Loss[],
): string {
  if (sequence !== undefined) {
    losses.push({ path: 'stop.sequence', reason: 'Which stop sequence was hit is not told here.' });
  }
  if (reason === 'other' && typeof word === 'string') return word;
  switch (reason) {
    case 'stop':
    case 'stop-sequence':
      return 'stop';
    case 'length':
    case 'context':
      return 'length';
    case 'tool-calls':
      return legacy ? 'function_call' : 'tool_calls';
    case 'content-filter':
      return 'content_filter';
    case 'refusal':
      // OpenAI's refusals are texts that end with `stop`; without words the answer was withheld.
      return refused ? 'stop' : 'content_filter';
    case 'pause':
    case 'other':
      losses.push({ path: 'stop.reason', reason: `There is no word for "${reason}" here; "stop" was told.` });
      return 'stop';
    default:
      return reason satisfies never;
  }
}
