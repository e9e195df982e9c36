/** What is under way and never rejects, so that it can be waited for. */
export class Pending {
  readonly #all = new Set<Promise<unknown>>();

  /** Gives it back. */
  add<T>(promise: Promise<T>): Promise<T> {
    const done = promise.finally(() => this.#all.delete(done));
    this.#all.add(done);
    return done;
  }

  /** Resolves when nothing is under way, nor what came of that. */
  async idle(): Promise<void> {
    while (this.#all.size > 0) await Promise.all(this.#all);
  }
}
