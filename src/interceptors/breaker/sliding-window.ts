/** Slices of a window: a call is forgotten between nine tenths of the window and all of it after it was counted. */
const slices = 10;

/** Calls, failures and slow calls of late, in a ring of time slices: constant space, and no list of when they were. */
export class SlidingWindow {
  readonly #sliceMs: number;
  readonly #calls = new Uint32Array(slices);
  readonly #failures = new Uint32Array(slices);
  readonly #slow = new Uint32Array(slices);
  /** Number of the slice that time is in. */
  #slice = -Infinity;
  calls = 0;
  failures = 0;
  slow = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / slices;
  }

  count(now: number, failed: boolean, slow: boolean): void {
    this.advance(now);
    const at = place(this.#slice);
    add(this.#calls, at);
    this.calls++;
    if (failed) {
      add(this.#failures, at);
      this.failures++;
    }
    if (slow) {
      add(this.#slow, at);
      this.slow++;
    }
  }

  /** Forgets what is too old. A clock that was set back a little goes on counting where it was. */
  advance(now: number): void {
    const slice = Math.floor(now / this.#sliceMs);
    const steps = slice - this.#slice;
    if (steps >= slices || steps <= -slices) {
      this.clear();
      this.#slice = slice;
      return;
    }
    for (let step = 1; step <= steps; step++) this.#forget(place(this.#slice + step));
    if (steps > 0) this.#slice = slice;
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.#slow.fill(0);
    this.calls = this.failures = this.slow = 0;
  }

  get failureRatio(): number {
    return this.calls === 0 ? 0 : this.failures / this.calls;
  }

  get slowRatio(): number {
    return this.calls === 0 ? 0 : this.slow / this.calls;
  }

  #forget(at: number): void {
    this.calls -= this.#calls[at] ?? 0;
    this.failures -= this.#failures[at] ?? 0;
    this.slow -= this.#slow[at] ?? 0;
    this.#calls[at] = this.#failures[at] = this.#slow[at] = 0;
  }
}

function place(slice: number): number {
  return ((slice % slices) + slices) % slices;
}

function add(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}
