import { wait, type Clock } from '../../core/clock.ts';

/** A store that has not answered for so long does not. Milliseconds. */
const answersWithinMs = 10_000;

/** What a store is asked, and never rejects, so that it can be waited for. */
export class Pending {
  readonly #all = new Set<Promise<unknown>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Gives it back. */
  add<T>(promise: Promise<T>): Promise<T> {
    const done = promise.finally(() => this.#all.delete(done));
    this.#all.add(done);
    return done;
  }

  /** Resolves when all is answered, and what came of that, or will not be. */
  async idle(): Promise<void> {
    if (this.#all.size > 0) await answered(this.#clock, this.#allAnswered());
  }

  async #allAnswered(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all);
  }
}

/** Resolves with the answer, or when it will not come. */
export async function answered(clock: Clock, answer: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const given = answer.finally(() => over.abort());
  await Promise.race([given, wait(clock, answersWithinMs, over.signal).catch(() => {})]);
}
