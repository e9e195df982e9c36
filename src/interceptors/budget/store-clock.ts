import type { Clock } from '../../core/clock.ts';

/** The clock of the store that budgets count in, as far as this process knows it. */
export class StoreClock {
  readonly #clock: Clock;
  #aheadMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.#clock.now() + this.#aheadMs;
  }

  /** @param nowMs what the store's clock reads now */
  learn(nowMs: number): void {
    this.#aheadMs = nowMs - this.#clock.now();
  }
}
