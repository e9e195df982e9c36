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
  readonly mapper: SlotMapper | undefined;
  /** All that went out, for events that repeat the whole text. */
  sent: string;
  closed: boolean;
}

/** A {@link TextMapper} as a stream stage: deltas are replaced, held text is flushed before its slot closes, repetitions restated. */
export class MappedText implements StreamTransform {
  readonly #lens: StreamLens;
  readonly #make: TextMapper;
  readonly #slots = new Map<string, OpenSlot>();

  constructor(lens: StreamLens, make: TextMapper) {
    this.#lens = lens;
    this.#make = make;
  }

  event(event: StreamEvent, emit: Emit): void {
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
    for (const id of this.#lens.closes(event)) {
      const open = this.#slots.get(id);
      if (open === undefined || open.closed || open.mapper === undefined) continue;
      open.closed = true;
      const rest = open.mapper.end();
      if (rest === '') continue;
      open.sent += rest;
      const last = carried.get(id);
      if (last === undefined) emit(this.#lens.delta(event, id, rest));
      else current = this.#lens.withText(current, id, last + rest);
    }
    emit(this.#lens.restate(current, (id) => this.#restated(id)));
  }

  #open(slot: TextSlot): OpenSlot {
    let open = this.#slots.get(slot.id);
    if (open === undefined) {
      open = { mapper: this.#make(slot), sent: '', closed: false };
      this.#slots.set(slot.id, open);
    }
    return open;
  }

  #restated(id: string): string | undefined {
    const open = this.#slots.get(id);
    return open?.mapper === undefined ? undefined : open.sent;
  }
}
