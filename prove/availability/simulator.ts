import type { Clock } from 'managed-llm';
import { seeded, type Random } from './random.ts';
import { SimulatedTimer, TimerHeap } from './timer-heap.ts';

const { setImmediate, setTimeout: setRealTimeout } = globalThis;

/** What lets code that a timer has set going run as far as it gets without another timer. */
export type Drain = () => Promise<void>;

/**
 * One turn of the event loop: before a callback of `setImmediate` runs, every promise reaction and `nextTick` that was
 * due has run, and those that they caused. Code that waits for a turn itself would need more: {@link severalTurns}.
 */
export const oneTurn: Drain = () => new Promise((resolve) => void setImmediate(resolve));

/** For comparison: would anything come later than in one turn, it would come here. */
export const severalTurns: Drain = async () => {
  for (let turn = 0; turn < 4; turn++) await oneTurn();
};

/** Time for what is loaded from disk on first use. */
export const realTime: Drain = () => new Promise((resolve) => void setRealTimeout(resolve, 3));

/**
 * Discrete-event time: it stands still while code runs, and jumps to the next timer when nothing can go on without one.
 * After every single timer all code that it set going runs first, as in a real event loop, so no timer fires before the
 * code that would have set an earlier one, or cleared it.
 */
export class Simulator implements Clock {
  readonly #timers = new TimerHeap();
  readonly #drain: Drain;
  #now: number;
  #order = 0;
  /** Timers that have fired. */
  fired = 0;

  constructor(startMs: number, drain: Drain = oneTurn) {
    this.#now = startMs;
    this.#drain = drain;
  }

  readonly now = (): number => this.#now;

  readonly setTimeout = (callback: () => void, ms: number): SimulatedTimer => this.#set(callback, ms);

  readonly clearTimeout = (timer: object): void => {
    if (timer instanceof SimulatedTimer) this.#timers.clear(timer);
  };

  readonly wait = (ms: number): Promise<void> => new Promise((resolve) => void this.#set(resolve, ms));

  /** Lets time pass until `done`; `'stuck'` when that can never be, since no timer is left. */
  async run(done: () => boolean): Promise<'done' | 'stuck'> {
    for (;;) {
      await this.#drain();
      if (done()) return 'done';
      const timer = this.#timers.pop();
      if (timer?.callback === undefined) return 'stuck';
      this.#now = Math.max(this.#now, timer.at);
      this.fired++;
      const { callback, everyMs } = timer;
      if (everyMs === undefined) timer.callback = undefined;
      else {
        timer.at = this.#now + everyMs;
        timer.order = this.#order++;
        this.#timers.push(timer);
      }
      callback();
    }
  }

  /** Puts this time, and chance from a seed, in place of the process's own. Returns how to put those back. */
  install(seed: number): () => void {
    const restorers = [
      replace(globalThis, 'setTimeout', this.#globalTimer(false)),
      replace(globalThis, 'setInterval', this.#globalTimer(true)),
      replace(globalThis, 'clearTimeout', this.#globalClear),
      replace(globalThis, 'clearInterval', this.#globalClear),
      replace(Date, 'now', this.now),
      replace(performance, 'now', this.now),
      replace(AbortSignal, 'timeout', this.#timeoutSignal),
      replace(Math, 'random', seeded(seed) satisfies Random),
    ];
    return () => {
      for (const restore of restorers) restore();
    };
  }

  #set(callback: () => void, ms: number, everyMs?: number): SimulatedTimer {
    const timer = new SimulatedTimer(this.#now + Math.max(0, ms), this.#order++, callback, everyMs);
    this.#timers.push(timer);
    return timer;
  }

  /** Node takes less than 1 ms for 1. */
  #globalTimer(repeats: boolean) {
    return (callback: (...given: unknown[]) => void, ms = 1, ...given: unknown[]): SimulatedTimer => {
      const delay = Math.max(1, Number(ms) || 1);
      return this.#set(
        given.length === 0 ? callback : () => callback(...given),
        delay,
        repeats ? delay : undefined,
      );
    };
  }

  readonly #globalClear = (timer: unknown): void => {
    if (timer instanceof SimulatedTimer) this.#timers.clear(timer);
  };

  readonly #timeoutSignal = (ms: number): AbortSignal => {
    const controller = new AbortController();
    this.#set(
      () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
      ms,
    );
    return controller.signal;
  };
}

/** As a property of its own, whatever it was, which comes back at the end. */
function replace(owner: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, writable: true, configurable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, before);
  };
}
