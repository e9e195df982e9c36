/** Each bucket ends a tenth above the one before: quantiles are right to a tenth. */
const growth = Math.log(1.1);
/** The last one begins above eleven minutes. */
const buckets = 142;
/** What was seen longer ago counts half for each time this many are seen. */
const halvedAt = 1_000;
/** Fewer say nothing about a twentieth. */
const fewest = 20;

/** How long something takes, from what was seen lately: constant memory, and a quantile in a few hundred steps. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(buckets);
  #total = 0;

  /** @param ms ≥ 0 */
  add(ms: number): void {
    const bucket = Math.min(buckets - 1, Math.max(0, Math.ceil(Math.log(Math.max(ms, 1)) / growth)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    if (this.#total < halvedAt) return;
    for (let index = 0; index < buckets; index++) this.#counts[index] = (this.#counts[index] ?? 0) / 2;
    this.#total /= 2;
  }

  /** Milliseconds that this share of what was seen took at most; `undefined` while too little was seen. */
  quantile(share: number): number | undefined {
    if (this.#total < fewest) return undefined;
    let left = share * this.#total;
    for (let index = 0; index < buckets; index++) {
      left -= this.#counts[index] ?? 0;
      if (left <= 1e-9) return Math.exp(index * growth);
    }
    return Math.exp((buckets - 1) * growth);
  }
}
