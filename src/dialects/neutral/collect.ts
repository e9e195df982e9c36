import type { StreamEvent } from '../../core/stream-event.ts';
import { asCount, asRecord, asText, items, type JsonRecord } from '../record.ts';
import { argumentsOf } from './arguments.ts';
import { extrasOf } from './extras.ts';
import { streamedUsage } from './usage.ts';

/** A part with the text of its arguments, for as long as its end has not told them. */
interface Growing {
  readonly part: JsonRecord;
  readonly input?: string;
}

/** The reply that events add up to. `undefined` for a stream without its end: nobody knows why it ended. */
export function collect(events: readonly StreamEvent[]): unknown {
  const collection = new Collection();
  for (const { json } of events) collection.push(json);
  return collection.reply();
}

/** The same, event by event: keeps the parts, not the events. */
export class Collection {
  #start: JsonRecord | undefined;
  #finish: JsonRecord | undefined;
  readonly #parts = new Map<number, Growing>();

  push(event: unknown): void {
    const json = asRecord(event);
    if (json === undefined) return;
    if (json['type'] === 'start') this.#start ??= json;
    else if (json['type'] === 'finish') this.#finish = json;
    else {
      const number = asCount(json['part']);
      const grown = number === undefined ? undefined : grow(this.#parts.get(number), json);
      if (number !== undefined && grown !== undefined) this.#parts.set(number, grown);
    }
  }

  reply(): unknown {
    const start = this.#start;
    const finish = this.#finish;
    if (finish === undefined) return undefined;
    return {
      id: start?.['id'],
      model: start?.['model'],
      content: [...this.#parts].sort(([a], [b]) => a - b).map(([, grown]) => finished(grown)),
      stop: finish['stop'],
      usage: streamedUsage(start, finish),
      ...extrasOf(finish),
    };
  }
}

/** With what the event adds; `undefined` where that is nothing. */
function grow(known: Growing | undefined, event: JsonRecord): Growing | undefined {
  switch (event['type']) {
    case 'text-delta':
      return withText(known, event, 'text');
    case 'reasoning-delta':
      return withText(known, event, 'reasoning');
    case 'refusal-delta':
      return withText(known, event, 'refusal');
    case 'citation': {
      const citations = [...items(known?.part['citations']), event['citation']];
      return { part: { type: 'text', text: '', ...known?.part, citations } };
    }
    case 'part-end':
      return known && { ...known, part: { ...known.part, ...extrasOf(event) } };
    case 'tool-call-start':
      return { part: { type: 'tool-call', id: event['id'], name: event['name'] }, input: '' };
    case 'tool-call-delta':
      return known && { ...known, input: (known.input ?? '') + textOf(event) };
    case 'tool-call': {
      const { part: _part, ...part } = event;
      return { part };
    }
    case 'foreign': {
      const part = asRecord(event['value']);
      return part && { part };
    }
    default:
      return undefined;
  }
}

function withText(known: Growing | undefined, event: JsonRecord, type: string): Growing {
  return { part: { ...known?.part, type, text: (asText(known?.part['text']) ?? '') + textOf(event) } };
}

function finished({ part, input }: Growing): JsonRecord {
  return input === undefined ? part : { ...part, arguments: argumentsOf(input) };
}

function textOf(event: JsonRecord): string {
  return asText(event['text']) ?? '';
}
