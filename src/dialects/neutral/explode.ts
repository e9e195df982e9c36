import { StreamEvent } from '../../core/stream-event.ts';
import { asRecord, asText, items, type JsonRecord } from '../record.ts';
import { argumentsText } from './arguments.ts';
import { extrasOf } from './extras.ts';

type Untold = JsonRecord & { readonly type: string };

/** Events that add up to the reply, in legal order. None for what is no reply. */
export function explode(json: unknown): readonly StreamEvent[] {
  const reply = asRecord(json);
  if (reply === undefined || !Array.isArray(reply['content'])) return [];
  const { id, model, stop, usage } = reply;
  const events: Untold[] = [
    { type: 'start', id, model, usage: undefined },
    ...items(reply['content']).flatMap((content, part) => eventsOf(asRecord(content) ?? {}, part)),
    { type: 'finish', stop: stop ?? { reason: 'other' }, usage, ...extrasOf(reply) },
  ];
  return events.map((event) => StreamEvent.of(event, event.type));
}

function eventsOf(content: JsonRecord, part: number): readonly Untold[] {
  const type = asText(content['type']) ?? '';
  switch (type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return [
        { type: `${type}-delta`, part, text: asText(content['text']) ?? '' },
        ...items(content['citations']).map((citation) => ({ type: 'citation', part, citation })),
        { type: 'part-end', part, ...extrasOf(content) },
      ];
    case 'tool-call': {
      const { id, name } = content;
      const text = argumentsText(content['arguments']);
      return [
        { type: 'tool-call-start', part, id, name },
        ...(text === '' ? [] : [{ type: 'tool-call-delta', part, text }]),
        { type, part, id, name, arguments: content['arguments'], ...extrasOf(content) },
      ];
    }
    case 'foreign':
      return [{ type, part, value: content }];
    default:
      return [];
  }
}
