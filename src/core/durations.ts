/** Each bucket ends a fiftieth above the one before: quantiles are right to a hundredth. */
const growth = Math.log(1.02);

/** How long something took, told apart to a hundredth: memory is bounded by the span, not by how many there were. */
export class Durations {
  readonly #counts = new Map<number, number>();
  #total = 0;
  #least = Infinity;
  #most = 0;

  /** @param ms ≥ 0 */
  add(ms: number): void {
    this.#count(ms < 1 ? -1 : Math.round(Math.log(ms) / growth), 1);
    this.#least = Math.min(this.#least, ms);
    this.#most = Math.max(this.#most, ms);
  }

  addAll(others: Durations): void {
    for (const [bucket, times] of others.#counts) this.#count(bucket, times);
    this.#least = Math.min(this.#least, others.#least);
    this.#most = Math.max(this.#most, others.#most);
  }

  #count(bucket: number, times: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + times);
    this.#total += times;
  }

  /** Whole milliseconds that this share of them took at most (nearest rank); `undefined` where there were none. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let left = Math.max(1, Math.ceil(share * this.#total - 1e-9));
    for (const [bucket, count] of [...this.#counts].toSorted(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return this.#within(bucket < 0 ? 0 : Math.exp(bucket * growth));
    }
    return this.#within(this.#most);
  }

  #within(ms: number): number {
    return Math.round(Math.min(this.#most, Math.max(this.#least, ms)));
  }
}
