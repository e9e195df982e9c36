import type { NeutralEvent } from '../neutral/event.ts';

/** An event of one part. */
export type PartEvent = Extract<NeutralEvent, { readonly part: number }>;

/**
 * Parts may overlap, blocks of this format may not: events of one part go through, those of others wait until it has
 * ended, and then follow in the order in which their parts began.
 */
export class BlockQueue {
  readonly #waiting = new Map<number, PartEvent[]>();
  #open: number | undefined;

  /** The events that may be sent now. */
  push(event: PartEvent): readonly PartEvent[] {
    if (this.#open !== undefined && event.part !== this.#open) {
      const waiting = this.#waiting.get(event.part);
      if (waiting === undefined) this.#waiting.set(event.part, [event]);
      else waiting.push(event);
      return [];
    }
    if (!isEnd(event)) {
      this.#open = event.part;
      return [event];
    }
    this.#open = undefined;
    return [event, ...this.#next()];
  }

  /** What still waits when nothing more comes. */
  end(): readonly PartEvent[] {
    this.#open = undefined;
    const rest = this.#next();
    return this.#waiting.size === 0 ? rest : [...rest, ...this.end()];
  }

  #next(): PartEvent[] {
    const sent: PartEvent[] = [];
    for (const [part, events] of this.#waiting) {
      this.#waiting.delete(part);
      sent.push(...events);
      const last = events.at(-1);
      if (last !== undefined && !isEnd(last)) {
        this.#open = part;
        break;
      }
    }
    return sent;
  }
}

function isEnd({ type }: PartEvent): boolean {
  return type === 'part-end' || type === 'tool-call' || type === 'foreign';
}
