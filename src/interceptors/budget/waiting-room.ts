import type { Clock, Timer } from '../../core/clock.ts';

/** One that waits until others give back what they have set aside. */
export interface Waiter {
  /** What it wants something of; compared as keys of a Map are. */
  readonly keys: readonly unknown[];
  /** Tries again, and leaves when it is done with waiting. Must not throw. */
  turn(): void;
}

/** How often those who wait look for what other processes gave back. Milliseconds, a quarter more or less. */
const pollMs = 250;

/**
 * Who waits has turns in the order of coming: nobody passes another one that wants something of the same, so that a large
 * one is not starved by small ones. Woken by whatever is given back in this process, and now and then for what others give
 * back.
 */
export class WaitingRoom {
  readonly #waiters = new Set<Waiter>();
  /** How many wait for each key. */
  readonly #wanted = new Map<unknown, number>();
  readonly #clock: Clock;
  readonly #random: () => number;
  #timer: Timer | undefined;
  /** Of what something may have become free since the last turns. */
  #freed: Set<unknown> | 'all' | undefined;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Whether somebody waits for one of these already. */
  isWanted(keys: readonly unknown[]): boolean {
    return keys.some((key) => this.#wanted.has(key));
  }

  enter(waiter: Waiter): void {
    this.#waiters.add(waiter);
    for (const key of waiter.keys) this.#wanted.set(key, (this.#wanted.get(key) ?? 0) + 1);
    this.#poll();
  }

  leave(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter)) return;
    for (const key of waiter.keys) {
      const others = (this.#wanted.get(key) ?? 1) - 1;
      if (others === 0) this.#wanted.delete(key);
      else this.#wanted.set(key, others);
    }
    if (this.#waiters.size === 0 && this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    // Whoever waited behind it may be next.
    this.wake(waiter.keys);
  }

  /**
   * Something may have become free: turns begin soon, never within this call.
   *
   * @param keys of what; left out: of anything
   */
  wake(keys?: readonly unknown[]): void {
    if (this.#waiters.size === 0) return;
    const isBegun = this.#freed !== undefined;
    if (keys === undefined || this.#freed === 'all') this.#freed = 'all';
    else {
      this.#freed ??= new Set();
      for (const key of keys) this.#freed.add(key);
    }
    if (!isBegun) queueMicrotask(() => this.#pass());
  }

  /** A turn for the first of those who want the same, if some of that has become free. */
  #pass(): void {
    const freed = this.#freed;
    this.#freed = undefined;
    const wantedBefore = new Set<unknown>();
    for (const waiter of this.#waiters) {
      const { keys } = waiter;
      const isFirst = !keys.some((key) => wantedBefore.has(key));
      if (isFirst && (freed === 'all' || keys.some((key) => freed?.has(key)))) waiter.turn();
      if (this.#waiters.has(waiter)) for (const key of keys) wantedBefore.add(key);
    }
  }

  #poll(): void {
    this.#timer ??= this.#clock.setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#waiters.size === 0) return;
        this.wake();
        this.#poll();
      },
      pollMs * (0.75 + 0.5 * this.#random()),
    );
  }
}
