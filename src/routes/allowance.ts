/** Saved up at most: what a quiet hour leaves must not double the load of a bad minute. */
const most = 10;

/** A share of what happens that something may be done: a token bucket that is filled by what happens. */
export class Allowance {
  readonly #share: number;
  /** One at first, so that a rule that is used for the first time may be of use. */
  #saved = 1;

  /** @param share above 0 and up to 1 */
  constructor(share: number) {
    this.#share = share;
  }

  earn(): void {
    this.#saved = Math.min(most, this.#saved + this.#share);
  }

  /** Whether it may be done now; counts it. */
  spend(): boolean {
    // Twenty twentieths are not quite 1 in binary.
    if (this.#saved < 1 - 1e-9) return false;
    this.#saved -= 1;
    return true;
  }
}
