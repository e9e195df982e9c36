/** Times are kept to so many milliseconds, and for so many of those. */
const cellMs = 250;
const keptCells = 256;

/** A sum that grows, and what it was a while ago: for the last minute or longer, if it did not grow all the time. */
export class Flow {
  total = 0;
  /** When it grew, to the beginning of a cell, and what it was before that; oldest first. */
  readonly #times: number[] = [];
  readonly #before: number[] = [];

  add(amount: number, now: number): void {
    if (amount === 0) return;
    const cell = now - (now % cellMs);
    if (this.#times.at(-1) !== cell) {
      this.#times.push(cell);
      this.#before.push(this.total);
      if (this.#times.length > keptCells * 2) {
        this.#times.splice(0, keptCells);
        this.#before.splice(0, keptCells);
      }
    }
    this.total += amount;
  }

  /** Nobody will ask about times before this. */
  forget(time: number): void {
    let old = 0;
    while (old < this.#times.length && (this.#times[old] ?? 0) + cellMs <= time) old++;
    if (old === 0) return;
    this.#times.splice(0, old);
    this.#before.splice(0, old);
  }

  /** What was added since then, or since the beginning of what is kept; that of the time's own cell counts. */
  since(time: number): number {
    let index = this.#times.length;
    while (index > 0 && (this.#times[index - 1] ?? 0) + cellMs > time) index--;
    return this.total - (this.#before[index] ?? this.total);
  }

  /** Whether it is known what was added since then. */
  reaches(time: number): boolean {
    return this.#times.length < keptCells || (this.#times[0] ?? 0) <= time;
  }
}
