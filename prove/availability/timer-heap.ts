/** A timer that waits for its turn. */
export class SimulatedTimer {
  at: number;
  /** Among timers for one moment, those set first fire first. */
  order: number;
  /** `undefined` once it has fired or was cleared. */
  callback: (() => void) | undefined;
  readonly everyMs: number | undefined;

  constructor(at: number, order: number, callback: () => void, everyMs?: number) {
    this.at = at;
    this.order = order;
    this.callback = callback;
    this.everyMs = everyMs;
  }

  // What programs ask of Node's timers.
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** Timers, the next one on top. Cleared ones stay until they come up or are too many. */
export class TimerHeap {
  #timers: SimulatedTimer[] = [];
  #cleared = 0;

  push(timer: SimulatedTimer): void {
    this.#timers.push(timer);
    this.#rise(this.#timers.length - 1);
  }

  clear(timer: SimulatedTimer): void {
    if (timer.callback === undefined) return;
    timer.callback = undefined;
    this.#cleared++;
    if (this.#cleared > 1000 && this.#cleared * 2 > this.#timers.length) this.#compact();
  }

  /** The next timer that was not cleared, taken out. */
  pop(): SimulatedTimer | undefined {
    for (;;) {
      const top = this.#timers[0];
      if (top === undefined) return undefined;
      const last = this.#timers.pop();
      if (last !== undefined && last !== top) {
        this.#timers[0] = last;
        this.#sink(0);
      }
      if (top.callback !== undefined) return top;
      this.#cleared--;
    }
  }

  #compact(): void {
    this.#timers = this.#timers.filter(({ callback }) => callback !== undefined).sort(compare);
    this.#cleared = 0;
  }

  #rise(from: number): void {
    const timers = this.#timers;
    const timer = timers[from]!;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (compare(timers[parent]!, timer) <= 0) break;
      timers[index] = timers[parent]!;
      index = parent;
    }
    timers[index] = timer;
  }

  #sink(from: number): void {
    const timers = this.#timers;
    const timer = timers[from]!;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && compare(timers[child + 1]!, timers[child]!) < 0) child++;
      if (compare(timer, timers[child]!) <= 0) break;
      timers[index] = timers[child]!;
      index = child;
    }
    timers[index] = timer;
  }
}

function compare(a: SimulatedTimer, b: SimulatedTimer): number {
  return a.at - b.at || a.order - b.order;
}
