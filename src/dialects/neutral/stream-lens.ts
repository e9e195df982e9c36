import type { StreamLens } from '../../core/dialect.ts';
import { StreamEvent } from '../../core/stream-event.ts';
import { asText, member } from '../record.ts';
import { dataFromEnd } from '../tail-events.ts';
import { piecesAt, withTextAt } from '../text-place.ts';
import { failureIn } from './errors.ts';
import { stopReason } from './reply-lens.ts';
import { closedBy, deltaFor, placesOf, restated } from './slots.ts';
import { streamedUsage } from './usage.ts';

/** Events that are part of the answer by themselves. */
const content = new Set(['citation', 'tool-call-start', 'tool-call-delta', 'tool-call', 'foreign', 'finish']);

/** Over a stream whose events are `NeutralEvent`s as JSON, named by their type. */
export const streamLens: StreamLens = {
  error: (event) =>
    event.name === 'error' || member(event.json, 'type') === 'error' ? failureIn(event.json) : undefined,
  /** A text that only begins a part is no content yet. */
  isContent: ({ json }) =>
    content.has(asText(member(json, 'type')) ?? '') || placesOf(json).some(({ text }) => text !== ''),
  text: (event) => piecesAt(placesOf(event.json)),
  withText: (event, slotId, text) => withTextAt(event, placesOf(event.json), slotId, text, (json) => json),
  closes: (event) => closedBy(event.json),
  delta(closing, slotId, text) {
    const json = deltaFor(slotId, text);
    return json === undefined ? closing : StreamEvent.of(json, json.type);
  },
  restate(event, textOf) {
    const json = restated(event.json, textOf);
    return json === event.json ? event : event.withJson(json);
  },
  /** A finish of which the beginning is cut off does not count: the tail always holds the whole last event. */
  isTerminal: (tail) => eventIn(tail, 'finish') !== undefined,
  usage: (head, tail) => streamedUsage(eventIn(head, 'start'), eventIn(tail, 'finish')),
  stopReason: (tail) => stopReason(eventIn(tail, 'finish')),
  isOnlyUsage: () => false,
};

/** The last event of a type. */
function eventIn(text: string, type: string): unknown {
  for (const json of dataFromEnd(text, `"${type}"`)) if (json['type'] === type) return json;
  return undefined;
}
