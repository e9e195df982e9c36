import type { StreamLens, TextSlot } from './dialect.ts';
import type { Emit, StreamTransform } from './event-stream.ts';
import type { StreamEvent } from './stream-event.ts';

/** Maps the text of one slot as it grows. */
export interface SlotMapper {
  /** Takes the next piece, returns what may go out now; the rest may be held back. */
  push(text: string): string;
  /** The slot closes: returns what was held back. */
  end(): string;
}

/** Makes a mapper for a slot, or `undefined` to leave the slot alone. */
export type TextMapper = (slot: TextSlot) => SlotMapper | undefined;

interface OpenSlot {
  /** Set while text may come. */
  mapper: SlotMapper | undefined;
  /** All that went out, for events that repeat the whole text; `undefined` for a slot that is left alone. */
  sent: string | undefined;
}

/** A {@link TextMapper} as a stream stage: deltas are replaced, held text is flushed before its slot closes, repetitions restated. */
export class MappedText implements StreamTransform {
  readonly #lens: StreamLens;
  readonly #make: TextMapper;
  readonly #slots = new Map<string, OpenSlot>();
  #last: StreamEvent | undefined;

  constructor(lens: StreamLens, make: TextMapper) {
    this.#lens = lens;
    this.#make = make;
  }

  event(event: StreamEvent, emit: Emit): void {
    this.#last = event;
    let current = event;
    const carried = new Map<string, string>();
    for (const { slot, text } of this.#lens.text(event)) {
      const open = this.#open(slot);
      if (open.mapper === undefined) continue;
      const mapped = open.mapper.push(text);
      open.sent += mapped;
      carried.set(slot.id, mapped);
      if (mapped !== text) current = this.#lens.withText(current, slot.id, mapped);
    }
    for (const closed of this.#lens.closes(event)) {
      for (const [id, rest] of this.#flushed(closed)) {
        const last = carried.get(id);
        if (last === undefined) emit(this.#lens.delta(event, id, rest));
        else current = this.#lens.withText(current, id, last + rest);
      }
    }
    emit(this.#lens.restate(current, (slot, text) => this.#restated(slot, text)));
  }

  /** Not every stream closes its slots before it ends. */
  end(emit: Emit): void {
    const last = this.#last;
    if (last === undefined) return;
    for (const [id, rest] of this.#flushed('')) emit(this.#lens.delta(last, id, rest));
  }

  /** What was held back in the slots that now close: one, or all whose ids begin with these words. */
  #flushed(closed: string): [id: string, rest: string][] {
    const flushed: [string, string][] = [];
    for (const [id, open] of this.#slots) {
      if (open.mapper === undefined) continue;
      if (closed !== '' && id !== closed && !id.startsWith(`${closed} `)) continue;
      const rest = open.mapper.end();
      open.mapper = undefined;
      if (rest === '') continue;
      open.sent += rest;
      flushed.push([id, rest]);
    }
    return flushed;
  }

  /** What a repetition of a whole text has to say now; a text that never came in pieces is mapped here. */
  #restated(slot: TextSlot, text: string): string | undefined {
    const open = this.#slots.get(slot.id);
    if (open !== undefined) return open.sent;
    if (text === '') return undefined;
    const mapper = this.#make(slot);
    const sent = mapper === undefined ? undefined : mapper.push(text) + mapper.end();
    this.#slots.set(slot.id, { mapper: undefined, sent });
    return sent;
  }

  /** A slot that had closed and goes on gets a mapper of its own. */
  #open(slot: TextSlot): OpenSlot {
    let open = this.#slots.get(slot.id);
    if (open === undefined) {
      const mapper = this.#make(slot);
      open = { mapper, sent: mapper === undefined ? undefined : '' };
      this.#slots.set(slot.id, open);
    } else if (open.mapper === undefined && open.sent !== undefined) {
      open.mapper = this.#make(slot);
    }
    return open;
  }
}
