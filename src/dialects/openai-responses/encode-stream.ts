import { StreamEvent } from '../../core/stream-event.ts';
import type { Asked, EventEncoder } from '../neutral/codec.ts';
import type { FinishEvent, NeutralEvent, StartEvent } from '../neutral/event.ts';
import type { Loss } from '../neutral/loss.ts';
import type { AssistantPart, ForeignPart } from '../neutral/message.ts';
import { streamedUsage } from '../neutral/usage.ts';
import { items, type JsonRecord, withMember } from '../record.ts';
import { encodeOutput } from './encode-output.ts';
import { encodeReply, itemId, responseBasis, withState } from './encode-reply.ts';
import { errors } from './errors.ts';
import { GrowingPart, type Unnumbered, WholePart } from './growing-part.ts';
import { isItem, isOwn } from './input-content.ts';

/** An item of the output on its way. */
interface Item {
  readonly index: number;
  readonly id: string;
  readonly isMessage: boolean;
  readonly parts: (GrowingPart | WholePart)[];
  done: boolean;
}

/**
 * The events of a response as OpenAI sends them (API reference, "Streaming events" of Responses, November 2026). Items
 * stand in the order their first parts appear, and overlap as the parts do. Their ids are this answer's own, also where
 * the parts bring ids: those come too late.
 */
export class ResponseEncoder implements EventEncoder {
  readonly #asked: Asked;
  #sequence = 0;
  #start: StartEvent | undefined;
  #over = false;
  readonly #items: Item[] = [];
  /** By their numbers, in the order of their appearance. */
  readonly #parts = new Map<number, GrowingPart | WholePart>();
  #losses: readonly Loss[] | undefined;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  get losses(): readonly Loss[] {
    if (this.#losses !== undefined) return this.#losses;
    const losses: Loss[] = [];
    encodeOutput(this.#content(), 'content', losses);
    return losses;
  }

  push(event: NeutralEvent): readonly StreamEvent[] {
    if (this.#over) return [];
    if (event.type === 'error') {
      this.#over = true;
      const told = errors.event(event.error);
      return [told.withJson(withMember(told.json, 'sequence_number', this.#sequence++))];
    }
    const beginning = this.#start === undefined ? this.#begin(event) : [];
    return [...beginning, ...this.#read(event)].map((unnumbered) =>
      StreamEvent.of({ ...unnumbered, sequence_number: this.#sequence++ }, unnumbered.type),
    );
  }

  /** A stream that was cut gets no end here. */
  end(): readonly StreamEvent[] {
    return [];
  }

  #begin(event: NeutralEvent): readonly Unnumbered[] {
    const start =
      event.type === 'start'
        ? event
        : { type: 'start' as const, id: undefined, model: undefined, usage: undefined };
    this.#start = start;
    const response = {
      ...responseBasis(start.id, start.model, this.#asked),
      status: 'in_progress',
      incomplete_details: null,
      output: [],
      usage: null,
    };
    return [
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ];
  }

  #read(event: Exclude<NeutralEvent, { type: 'error' }>): readonly Unnumbered[] {
    switch (event.type) {
      case 'start':
        return [];
      case 'text-delta':
        return this.#within(event.part, 'text', (part) => part.grow(event.text));
      case 'reasoning-delta':
        return this.#within(event.part, 'reasoning', (part) => part.grow(event.text));
      case 'refusal-delta':
        return this.#within(event.part, 'refusal', (part) => part.grow(event.text));
      case 'citation':
        return this.#within(event.part, 'text', (part) => part.cite(event.citation));
      case 'tool-call-start':
        return this.#parts.has(event.part) ? [] : this.#open(event.part, 'tool-call', event);
      case 'tool-call-delta':
        return this.#within(event.part, 'tool-call', (part) => part.grow(event.text));
      case 'tool-call':
        return [
          ...(this.#parts.has(event.part) ? [] : this.#open(event.part, 'tool-call', event)),
          ...this.#within(event.part, 'tool-call', (part) => part.finishCall(event)),
          ...this.#close(),
        ];
      case 'foreign':
        return [...this.#whole(event.part, event.value), ...this.#close()];
      case 'part-end':
        return [...(this.#parts.get(event.part)?.end(event.extras) ?? []), ...this.#close()];
      case 'finish':
        return this.#finish(event);
      default:
        return event satisfies never;
    }
  }

  #within(
    number: number,
    kind: GrowingPart['kind'],
    act: (part: GrowingPart) => readonly Unnumbered[],
  ): readonly Unnumbered[] {
    const beginning = this.#parts.has(number) ? [] : this.#open(number, kind);
    const part = this.#parts.get(number);
    return part instanceof GrowingPart && part.kind === kind ? [...beginning, ...act(part)] : beginning;
  }

  #open(
    number: number,
    kind: GrowingPart['kind'],
    called: { readonly id: string; readonly name: string } = { id: '', name: '' },
  ): readonly Unnumbered[] {
    const isMessage = kind === 'text' || kind === 'refusal';
    const [item, isNew] = this.#itemFor(isMessage, kind === 'reasoning' ? 'rs' : isMessage ? 'msg' : 'fc');
    const place = { item_id: item.id, output_index: item.index };
    const part = new GrowingPart(kind, isMessage ? { ...place, content_index: item.parts.length } : place);
    part.call(called.id, called.name);
    const added = isNew ? this.#added(item, isMessage ? undefined : part.part) : [];
    this.#parts.set(number, part);
    item.parts.push(part);
    return [...added, ...part.begin()];
  }

  /** Items and content that only this format has; what only another has gets no event. */
  #whole(number: number, value: ForeignPart): readonly Unnumbered[] {
    if (this.#parts.has(number)) return [];
    if (!isOwn(value)) {
      this.#parts.set(number, new WholePart(value, undefined));
      return [];
    }
    const isContent = !isItem(value);
    const [item, isNew] = this.#itemFor(isContent, 'msg');
    const place = { item_id: item.id, output_index: item.index, content_index: item.parts.length };
    const part = new WholePart(value, isContent ? place : undefined);
    const added = isNew ? this.#added(item, isContent ? undefined : value) : [];
    this.#parts.set(number, part);
    item.parts.push(part);
    return [...added, ...part.begin()];
  }

  /** Neighbouring texts share a message, as in a whole reply. */
  #itemFor(isMessage: boolean, kind: 'msg' | 'fc' | 'rs'): [item: Item, isNew: boolean] {
    const last = this.#items.at(-1);
    if (isMessage && last?.isMessage === true) return [last, false];
    const index = this.#items.length;
    const item = { index, id: itemId(kind, index, this.#asked), isMessage, parts: [], done: false };
    this.#items.push(item);
    return [item, true];
  }

  /** `sole`: what an item that is no message consists of. */
  #added(item: Item, sole: AssistantPart | undefined): readonly Unnumbered[] {
    const whole = sole === undefined ? { type: 'message', role: 'assistant', content: [] } : only(sole);
    const begun = withState(whole, item.index, this.#asked);
    const isBegun = sole?.type !== 'foreign' && begun['status'] !== undefined;
    return [
      ...this.#close(),
      {
        type: 'response.output_item.added',
        output_index: item.index,
        item: isBegun ? { ...begun, status: 'in_progress' } : begun,
      },
    ];
  }

  /** Ends items whose parts have ended; the last one, if a message, may get more. `output`: the finished answer's. */
  #close(output?: readonly unknown[]): readonly Unnumbered[] {
    const last = this.#items.at(-1);
    return this.#items.flatMap((item) => {
      const mayGrow = output === undefined && item === last && item.isMessage;
      if (item.done || mayGrow || item.parts.length === 0 || !item.parts.every(({ ended }) => ended))
        return [];
      item.done = true;
      const [whole = {}] = encodeOutput(
        item.parts.map(({ part }) => part),
        '',
        [],
      );
      return [
        {
          type: 'response.output_item.done',
          output_index: item.index,
          item: output?.[item.index] ?? withState(whole, item.index, this.#asked),
        },
      ];
    });
  }

  #finish(event: FinishEvent): readonly Unnumbered[] {
    this.#over = true;
    const cut = [...this.#parts.values()].flatMap((part) => part.end(undefined));
    const { id, model } = this.#start ?? { id: undefined, model: undefined };
    const usage = streamedUsage(this.#start, event);
    const { stop, extras } = event;
    const reply = { id, model, content: this.#content(), stop, usage, ...(extras && { extras }) };
    const { value: response, losses } = encodeReply(reply, this.#asked);
    this.#losses = losses;
    const status = response['status'];
    return [
      ...cut,
      ...this.#close(items(response['output'])),
      {
        type: status === 'incomplete' || status === 'failed' ? `response.${status}` : 'response.completed',
        response,
      },
    ];
  }

  #content(): readonly AssistantPart[] {
    return [...this.#parts.values()].map(({ part }) => part);
  }
}

function only(part: AssistantPart): JsonRecord {
  return encodeOutput([part], '', [])[0] ?? {};
}
