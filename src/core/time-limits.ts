import type { Clock, Timer } from './clock.ts';

/** Something that ends when its time is up. */
export interface Limited {
  readonly limitAt: number;
  expire(): void;
}

/**
 * Time limits of attempts. Nearly all are of the same few lengths and nearly none is reached, so those of one length
 * stand in the order in which they began and share one timer, instead of making and clearing a timer each.
 */
export class TimeLimits {
  readonly #queues = new Map<number, Queue>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins to count. `Infinity` never ends. */
  start(limited: Limited, limitMs: number): void {
    if (limitMs === Infinity) return;
    let queue = this.#queues.get(limitMs);
    if (queue === undefined) {
      queue = { waiting: new Set(), timer: undefined };
      this.#queues.set(limitMs, queue);
    }
    queue.waiting.add(limited);
    queue.timer ??= this.#arm(queue, limitMs, limitMs);
  }

  stop(limited: Limited, limitMs: number): void {
    this.#queues.get(limitMs)?.waiting.delete(limited);
  }

  #arm(queue: Queue, limitMs: number, inMs: number): Timer {
    return this.#clock.setTimeout(() => this.#expire(queue, limitMs), inMs);
  }

  #expire(queue: Queue, limitMs: number): void {
    queue.timer = undefined;
    const now = this.#clock.now();
    for (const limited of queue.waiting) {
      if (limited.limitAt > now) {
        queue.timer = this.#arm(queue, limitMs, limited.limitAt - now);
        return;
      }
      queue.waiting.delete(limited);
      limited.expire();
    }
    // Lengths come from callers too: a queue that nobody waits in is not kept.
    if (queue.waiting.size === 0) this.#queues.delete(limitMs);
  }
}

interface Queue {
  readonly waiting: Set<Limited>;
  timer: Timer | undefined;
}
