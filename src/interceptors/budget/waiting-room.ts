import type { Clock, Timer } from '../../core/clock.ts';
import { isPromise } from '../../core/is-promise.ts';

/** One that waits until others give back what they have set aside. */
export interface Waiter {
  /** What it wants something of; compared as keys of a Map are. */
  readonly keys: readonly unknown[];
  /** Tries again. Returns whether it is done with waiting. Must not throw or reject. */
  turn(): boolean | Promise<boolean>;
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
  readonly #clock: Clock;
  readonly #random: () => number;
  #timer: Timer | undefined;
  #isPassing = false;
  #isWoken = false;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Whether somebody waits for one of these already. */
  isWanted(keys: readonly unknown[]): boolean {
    if (this.#waiters.size === 0) return false;
    for (const waiter of this.#waiters) if (waiter.keys.some((key) => keys.includes(key))) return true;
    return false;
  }

  enter(waiter: Waiter): void {
    this.#waiters.add(waiter);
    this.#poll();
  }

  leave(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter)) return;
    if (this.#waiters.size === 0 && this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    // Whoever waited behind it may be next.
    this.wake();
  }

  /** Something may have become free: turns begin soon, never within this call. */
  wake(): void {
    if (this.#waiters.size === 0) return;
    this.#isWoken = true;
    if (this.#isPassing) return;
    this.#isPassing = true;
    void this.#pass();
  }

  async #pass(): Promise<void> {
    await Promise.resolve();
    while (this.#isWoken) {
      this.#isWoken = false;
      const wanted = new Set<unknown>();
      for (const waiter of this.#waiters) {
        if (!waiter.keys.some((key) => wanted.has(key))) {
          const done = waiter.turn();
          if (isPromise(done) ? await done : done) {
            this.#waiters.delete(waiter);
            continue;
          }
        }
        for (const key of waiter.keys) wanted.add(key);
      }
    }
    this.#isPassing = false;
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
