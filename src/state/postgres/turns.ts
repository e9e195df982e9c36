import type { Clock } from '../../core/clock.ts';

/** Lets so many go at once, the others in the order they came. */
export class Turns {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #left: number;

  constructor(clock: Clock, atOnce: number) {
    this.#clock = clock;
    this.#left = atOnce;
  }

  /** Resolves to whether the turn has come, which {@link end} then gives to the next; `false` after `limitMs`. */
  take(limitMs: number): boolean | Promise<boolean> {
    if (this.#left > 0) {
      this.#left -= 1;
      return true;
    }
    return new Promise((resolve) => {
      const go = (): void => {
        this.#clock.clearTimeout(timer);
        this.#waiting.delete(go);
        resolve(true);
      };
      const timer = this.#clock.setTimeout(() => {
        this.#waiting.delete(go);
        resolve(false);
      }, limitMs);
      this.#waiting.add(go);
    });
  }

  end(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#left += 1;
    else next();
  }
}
