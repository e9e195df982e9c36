import type { Loss } from '../neutral/loss.ts';
import type { AssistantPart } from '../neutral/message.ts';
import type { Stop, StopReason } from '../neutral/reply.ts';
import { asText } from '../record.ts';

/** SDK type `StopReason`, November 2026. */
const reasons: Readonly<Record<string, StopReason>> = {
  end_turn: 'stop',
  max_tokens: 'length',
  stop_sequence: 'stop-sequence',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context',
};

const words: Readonly<Record<StopReason, string | undefined>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'stop-sequence': 'stop_sequence',
  'tool-calls': 'tool_use',
  pause: 'pause_turn',
  refusal: 'refusal',
  context: 'model_context_window_exceeded',
  // What classifiers stop is a refusal here.
  'content-filter': 'refusal',
  other: undefined,
};

export function decodeStop(stopReason: unknown, stopSequence: unknown): Stop {
  const reason = asText(stopReason) ?? '';
  const sequence = asText(stopSequence);
  return {
    reason: Object.hasOwn(reasons, reason) ? (reasons[reason] ?? 'other') : 'other',
    ...(sequence === undefined ? {} : { sequence }),
  };
}

/** A stop reason that {@link decodeStop} does not know, for the extras. */
export function unknownStopReason(stopReason: unknown): { readonly stop_reason?: string } {
  const reason = asText(stopReason);
  return reason === undefined || Object.hasOwn(reasons, reason) ? {} : { stop_reason: reason };
}

/**
 * `own`: the word itself, where it came from this API. Some providers end with `stop` after tool calls and refusals,
 * where this one names them.
 */
export function encodeStopReason(
  { reason }: Stop,
  own: unknown,
  kinds: ReadonlySet<AssistantPart['type']>,
  losses: Loss[],
): string {
  const ownWord = asText(own);
  if (reason === 'other' && ownWord !== undefined) return ownWord;
  if (reason === 'stop' && kinds.has('refusal')) return 'refusal';
  if (reason === 'stop' && kinds.has('tool-call')) return 'tool_use';
  const word = words[reason];
  if (word !== undefined) return word;
  losses.push({
    path: 'stop.reason',
    reason: 'Why it ended is not known here; it is told as a regular end.',
  });
  return 'end_turn';
}
