import type { NeutralEvent } from '../neutral/event.ts';
import { asRecord, asText, items, type JsonRecord, parsed } from '../record.ts';
import { decodedArguments, fallbackCallId } from './decode-tool-call.ts';
import { foreign } from './decode-content.ts';
import { below, extrasOf } from './extras.ts';
import { asId, asNumber, Members } from './members.ts';

/** A call as far as it has come. */
interface StreamedCall {
  readonly index: number | undefined;
  /** As the server gave it, which compares deltas; a call without one goes by another. */
  id: string | undefined;
  name: string | undefined;
  text: string;
  /** Number among the parts, once it has begun. */
  part: number | undefined;
  ended: boolean;
  /** Input of a `custom` tool, which is told whole: it is free text, not JSON. */
  custom: boolean;
  extras: JsonRecord;
}

/**
 * Tool calls of a stream. Servers differ: most send `index`, id and name once and then fragments; some repeat id and name
 * with every fragment, some leave the index out, and some give several calls, each whole, the same index.
 */
export class StreamedToolCalls {
  readonly #calls: StreamedCall[] = [];
  readonly #nextPart: () => number;
  /** Of the answer, for ids of our own. */
  replyId: string | undefined;

  constructor(nextPart: () => number) {
    this.#nextPart = nextPart;
  }

  get any(): boolean {
    return this.#calls.length > 0;
  }

  *push(deltas: unknown): Generator<NeutralEvent> {
    for (const delta of items(deltas)) yield* this.#push(delta);
  }

  /** The older `function_call`. */
  *pushFunction(delta: unknown): Generator<NeutralEvent> {
    yield* this.#push({ index: 0, function: delta });
  }

  /** Ends the calls whose JSON is whole, so that nothing can follow. */
  *endWhole(): Generator<NeutralEvent> {
    for (const call of this.#calls) {
      if (!call.ended && call.part !== undefined && asRecord(parsed(call.text)) !== undefined)
        yield this.#end(call);
    }
  }

  *endAll(): Generator<NeutralEvent> {
    for (const call of this.#calls) {
      if (call.ended) continue;
      if (call.custom) {
        call.ended = true;
        const custom = { name: call.name ?? '', input: call.text };
        const value = { id: this.#idOf(call), type: 'custom', custom, ...call.extras };
        yield { type: 'foreign', part: this.#nextPart(), value: foreign(value) };
        continue;
      }
      // A call that never got a name.
      if (call.part === undefined) yield* this.#begin(call);
      yield this.#end(call);
    }
  }

  *#push(delta: unknown): Generator<NeutralEvent> {
    const members = new Members(delta);
    members.take('type', (type) => (type === 'function' || type === 'custom' ? type : undefined));
    const index = members.take('index', asNumber);
    const id = members.take('id', asId);
    const custom = members.take('custom', asRecord);
    const called = new Members(custom ?? members.take('function', asRecord));
    const name = called.take('name', asText) || undefined;
    const input = called.take(custom === undefined ? 'arguments' : 'input', (value) => value);
    const text = asText(input) ?? (input == null ? '' : JSON.stringify(input));
    let call = this.#known(index, id, name);
    if (call === undefined) {
      yield* this.endWhole();
      call = {
        index,
        id,
        name,
        text: '',
        part: undefined,
        ended: false,
        custom: custom !== undefined,
        extras: {},
      };
      this.#calls.push(call);
    }
    if (call.ended) return;
    call.id ??= id;
    call.name ??= name;
    const inner = custom === undefined ? below('function', called.rest) : {};
    call.extras = { ...call.extras, ...members.rest, ...inner };
    call.text += text;
    if (call.custom) return;
    if (call.part === undefined) {
      if (call.name !== undefined) yield* this.#begin(call);
    } else if (text !== '') yield { type: 'tool-call-delta', part: call.part, text };
  }

  /** The call that a delta goes on with; `undefined` where it begins one. */
  #known(
    index: number | undefined,
    id: string | undefined,
    name: string | undefined,
  ): StreamedCall | undefined {
    const last = this.#calls.at(-1);
    if (index === undefined) {
      if (id !== undefined) return this.#calls.find((call) => call.id === id);
      return name === undefined || last?.name === undefined ? last : undefined;
    }
    const call = this.#calls.findLast((known) => known.index === index);
    // Another id and a name again: another call under the same index. Without a name it is an id made up anew.
    const another = id !== undefined && call?.id !== undefined && call.id !== id && name !== undefined;
    return another ? this.#calls.find((known) => known.id === id) : call;
  }

  *#begin(call: StreamedCall): Generator<NeutralEvent> {
    const part = (call.part = this.#nextPart());
    const id = (call.id = this.#idOf(call));
    yield { type: 'tool-call-start', part, id, name: call.name ?? '' };
    if (call.text !== '') yield { type: 'tool-call-delta', part, text: call.text };
  }

  #end(call: StreamedCall): NeutralEvent {
    call.ended = true;
    return {
      type: 'tool-call',
      part: call.part ?? 0,
      id: this.#idOf(call),
      name: call.name ?? '',
      arguments: decodedArguments(call.text),
      ...extrasOf(call.extras),
    };
  }

  #idOf(call: StreamedCall): string {
    return call.id ?? fallbackCallId(this.replyId, this.#calls.indexOf(call));
  }
}
