import { inBandFailure } from '../../core/classify.ts';
import type { StreamLens } from '../../core/dialect.ts';
import { StreamEvent } from '../../core/stream-event.ts';
import { asText, member, replaceAt } from '../record.ts';
import { cutLine, dataFromEnd } from '../tail-events.ts';
import { piecesAt, withTextAt } from '../text-place.ts';
import { stopReason } from './reply.ts';
import { closedBy, deltaFor, growthOf, repetitionsIn, withoutLogprobsBeside } from './slots.ts';
import { responseUsage } from './usage.ts';

const answered = new Set(['response.completed', 'response.incomplete']);
const terminal = new Set([...answered, 'response.failed']);

/** Events of a response that are no part of its answer. */
const empty = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.content_part.added',
  'response.reasoning_summary_part.added',
]);

/** OpenAI API reference, "Streaming events" of Responses, November 2026. */
export const stream: StreamLens = {
  /** A failed response too, although the SDK hands it on as any other: the provider gave no answer. */
  error(event) {
    const json = event.json;
    const type = member(json, 'type');
    if (type === 'response.failed') return inBandFailure(member(json, 'response'));
    const failed = event.name === 'error' || type === 'error' || Boolean(member(json, 'error'));
    return failed ? inBandFailure(json) : undefined;
  },
  isContent(event) {
    const type = asText(member(event.json, 'type')) ?? '';
    if (type === 'response.output_item.added') {
      const item = member(member(event.json, 'item'), 'type');
      return item !== 'message' && item !== 'reasoning';
    }
    return type.startsWith('response.') && !empty.has(type);
  },
  text: (event) => piecesAt(growthOf(event.json)),
  withText: (event, slotId, text) =>
    withTextAt(event, growthOf(event.json), slotId, text, (json) => withoutLogprobsBeside(json, ['delta'])),
  closes: (event) => closedBy(event.json),
  delta(closing, slotId, text) {
    const json = deltaFor(closing.json, slotId, text);
    // Some servers send no `event:` lines; whoever reads them does not need one here either.
    return json === undefined ? closing : StreamEvent.of(json, closing.name && asText(json['type']));
  },
  restate(event, textOf) {
    let json = event.json;
    for (const { slot, path, text } of repetitionsIn(json)) {
      const whole = textOf(slot, text);
      if (whole === undefined || whole === text) continue;
      json = withoutLogprobsBeside(replaceAt(json, path, whole), path);
    }
    return json === event.json ? event : event.withJson(json);
  },
  isTerminal(tail) {
    for (const json of dataFromEnd(tail, '"response.'))
      if (terminal.has(asText(json['type']) ?? '')) return answered.has(asText(json['type']) ?? '');
    // Only the last event tells usage, at its end.
    return /"usage"\s*:\s*\{\s*"input_tokens"/.test(cutLine(tail));
  },
  usage(_head, tail) {
    for (const json of dataFromEnd(tail, '"usage"')) {
      const usage = responseUsage(json['response']);
      if (usage !== undefined) return usage;
    }
    return undefined;
  },
  stopReason(tail) {
    for (const json of dataFromEnd(tail, '"response.')) {
      if (terminal.has(asText(json['type']) ?? '')) return stopReason(json['response']);
    }
    return undefined;
  },
  isOnlyUsage: () => false,
};
