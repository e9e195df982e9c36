import type { Clock, Timer } from './clock.ts';

/** Something that ends when its time is up. */
export interface Limited {
  /** Epoch milliseconds; `Infinity`: never. By the time it is reached it may have moved later, never earlier. */
  readonly limitAt: number;
  /** Where it stands among the others; kept by {@link TimeLimits}. -1, as at first: nowhere. */
  place: number;
  expire(now: number): void;
}

/**
 * Time limits of calls and attempts. Nearly none is reached, so all share one timer, set for the one that is due first,
 * instead of making and clearing a timer each. A limit that has moved by then is put back: whoever moves it has only to
 * note a time. They stand in a binary heap: one that begins is mostly due last and stays where it is put.
 */
export class TimeLimits {
  readonly #waiting: Limited[] = [];
  /** When each was due as it was put there. */
  readonly #dueAt: number[] = [];
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #armedFor = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins to count, or counts anew. */
  start(limited: Limited): void {
    this.stop(limited);
    const dueAt = limited.limitAt;
    if (dueAt === Infinity) return;
    this.#put(limited, dueAt);
    this.#arm();
  }

  stop(limited: Limited): void {
    const { place } = limited;
    if (place < 0) return;
    limited.place = -1;
    const last = this.#waiting.pop();
    const dueAt = this.#dueAt.pop();
    if (last === undefined || dueAt === undefined || last === limited) return;
    // Whoever stood last fills the gap.
    this.#rise(last, dueAt, this.#sink(dueAt, place));
  }

  #put(limited: Limited, dueAt: number): void {
    this.#rise(limited, dueAt, this.#waiting.length);
  }

  /** Puts it where nobody above is due later. */
  #rise(limited: Limited, dueAt: number, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (this.#dueOf(above) <= dueAt) break;
      this.#move(above, place);
      place = above;
    }
    this.#waiting[place] = limited;
    this.#dueAt[place] = dueAt;
    limited.place = place;
  }

  /** Makes room for one that is due then, where nobody below is due earlier. Returns the place. */
  #sink(dueAt: number, from: number): number {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= this.#waiting.length) return place;
      const below = this.#dueOf(left + 1) < this.#dueOf(left) ? left + 1 : left;
      if (this.#dueOf(below) >= dueAt) return place;
      this.#move(below, place);
      place = below;
    }
  }

  #move(from: number, to: number): void {
    const limited = this.#waiting[from];
    if (limited === undefined) return;
    this.#waiting[to] = limited;
    this.#dueAt[to] = this.#dueOf(from);
    limited.place = to;
  }

  #dueOf(place: number): number {
    return this.#dueAt[place] ?? Infinity;
  }

  #arm(): void {
    const dueAt = this.#dueOf(0);
    if (dueAt >= this.#armedFor) return;
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#armedFor = dueAt;
    this.#timer = this.#clock.setTimeout(() => this.#look(), Math.max(0, dueAt - this.#clock.now()));
  }

  #look(): void {
    this.#timer = undefined;
    this.#armedFor = Infinity;
    const now = this.#clock.now();
    for (
      let first = this.#waiting[0];
      first !== undefined && this.#dueOf(0) <= now;
      first = this.#waiting[0]
    ) {
      const { limitAt } = first;
      this.stop(first);
      if (limitAt > now) this.#put(first, limitAt);
      else first.expire(now);
    }
    this.#arm();
  }
}
