import type { Clock } from '../../../core/clock.ts';

/** For so long a model is asked for nothing but what its callers have written. Milliseconds. */
const rememberedMs = 600_000;

/** How many models are remembered. */
const mostModels = 100;

/**
 * Models that have answered parts of a request by something that is not one answer to each: asked again, they would be paid
 * once for the part and once for the whole, time and again.
 */
export class WholeOnly {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  has(model: string): boolean {
    return (this.#until.get(model) ?? 0) > this.#clock.now();
  }

  add(model: string): void {
    this.#until.delete(model);
    for (const oldest of this.#until.keys()) {
      if (this.#until.size < mostModels) break;
      this.#until.delete(oldest);
    }
    this.#until.set(model, this.#clock.now() + rememberedMs);
  }
}
