import type { Clock } from '../core/clock.ts';

const firstMs = 5_000;
const everyMs = 60_000;
const againMs = 1_000;

/** When what is over is deleted where all groups are kept together: now and then, by whoever puts something. */
export class SweepTimes {
  readonly #clock: Clock;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now() + firstMs;
  }

  /** In the background, where it is time: nobody waits for it, and what fails is tried again the next time. */
  sweepWhenDue(sweep: () => Promise<boolean>): void {
    const now = this.#clock.now();
    if (now < this.#at) return;
    this.#at = now + everyMs;
    sweep().then(
      (more) => {
        if (more) this.#at = this.#clock.now() + againMs;
      },
      () => {},
    );
  }
}
