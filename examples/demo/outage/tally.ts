/** What came of the questions of one application. */
export class Tally {
  asked = 0;
  answered = 0;
  failed = 0;
  readonly #waiting = new Set<Promise<void>>();

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Counts as answered only if it says what it should. */
  count(asking: Promise<string>, expected: string): void {
    this.asked += 1;
    const end = (isAnswer: boolean): void => {
      this.#waiting.delete(ended);
      if (isAnswer) this.answered += 1;
      else this.failed += 1;
    };
    const ended = asking.then(
      (said) => end(said === expected),
      () => end(false),
    );
    this.#waiting.add(ended);
  }

  /** Until nothing is waiting. */
  async idle(): Promise<void> {
    await Promise.all(this.#waiting);
  }
}
