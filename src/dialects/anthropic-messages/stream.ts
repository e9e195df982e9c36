import { inBandFailure } from '../../core/classify.ts';
import type { StreamLens } from '../../core/dialect.ts';
import { StreamEvent } from '../../core/stream-event.ts';
import { asCount, asText, member } from '../record.ts';
import { cutLine, dataFromEnd } from '../tail-events.ts';
import { piecesAt, withTextAt } from '../text-place.ts';
import { deltaFor, placesOf, slotsOfBlock } from './slots.ts';
import { streamedUsage } from './usage.ts';

/** Anthropic, "Streaming messages", November 2026. */
export const stream: StreamLens = {
  /** The SDK raises an error for an event named `error`, and skips events without a name. */
  error: (event) =>
    event.name === 'error' || member(event.json, 'type') === 'error' ? inBandFailure(event.json) : undefined,
  isContent(event) {
    const json = event.json;
    switch (member(json, 'type')) {
      case 'content_block_delta':
      case 'message_delta':
      case 'message_stop':
        return true;
      case 'content_block_start': {
        const block = member(json, 'content_block');
        const type = asText(member(block, 'type')) ?? '';
        return type === 'text' || type === 'thinking' ? Boolean(member(block, type)) : type !== '';
      }
      default:
        return false;
    }
  },
  text: (event) => piecesAt(placesOf(event.json)),
  withText: (event, slotId, text) => withTextAt(event, placesOf(event.json), slotId, text, (json) => json),
  closes(event) {
    switch (member(event.json, 'type')) {
      case 'content_block_stop':
        return slotsOfBlock(asCount(member(event.json, 'index')) ?? 0);
      case 'message_delta':
      case 'message_stop':
        return ['block'];
      default:
        return [];
    }
  },
  delta(closing, slotId, text) {
    const json = deltaFor(slotId, text);
    return json === undefined ? closing : StreamEvent.of(json, 'content_block_delta');
  },
  restate: (event) => event,
  isTerminal(tail) {
    for (const json of dataFromEnd(tail, 'message_stop')) if (json['type'] === 'message_stop') return true;
    return /"type"\s*:\s*"message_stop"/.test(cutLine(tail));
  },
  usage(head, tail) {
    const [start] = [...dataFromEnd(head, 'message_start')].filter(
      (json) => json['type'] === 'message_start',
    );
    return streamedUsage(member(start, 'message'), lastDelta(tail));
  },
  stopReason: (tail) => asText(member(member(lastDelta(tail), 'delta'), 'stop_reason')),
  isOnlyUsage: () => false,
};

function lastDelta(tail: string): unknown {
  for (const json of dataFromEnd(tail, 'message_delta')) if (json['type'] === 'message_delta') return json;
  return undefined;
}
