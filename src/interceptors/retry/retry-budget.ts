/** A lone caller's repeats: what the bucket holds at first, and what time alone fills it to. */
const floor = 10;
/** What calls fill it to. */
const ceiling = 100;
const floorPerMs = 1 / 1_000;

/**
 * How many repeats a target may have: a bucket that every first attempt and every second put something in, and that
 * every repeat takes one from. See `RetryOptions.retryBudget`.
 */
export class RetryBudget {
  readonly target: string;
  readonly #share: number | false;
  #level = floor;
  #at: number | undefined;
  firstAttempts = 0;
  repeats = 0;
  denied = 0;

  constructor(target: string, share: number | false) {
    this.target = target;
    this.#share = share;
  }

  /** A call comes to the target. */
  earn(now: number): void {
    this.firstAttempts++;
    if (this.#share === false) return;
    this.#refill(now);
    this.#level = Math.min(ceiling, this.#level + this.#share);
  }

  /** Whether a repeat is allowed, which it then is counted as. */
  take(now: number): boolean {
    if (this.#share !== false) {
      this.#refill(now);
      if (this.#level < 1) {
        this.denied++;
        return false;
      }
      this.#level -= 1;
    }
    this.repeats++;
    return true;
  }

  /** Repeats that would be allowed now. */
  left(now: number): number {
    if (this.#share === false) return Infinity;
    this.#refill(now);
    return Math.floor(this.#level);
  }

  #refill(now: number): void {
    if (this.#level < floor)
      this.#level = Math.min(floor, this.#level + Math.max(0, now - (this.#at ?? now)) * floorPerMs);
    this.#at = now;
  }
}
