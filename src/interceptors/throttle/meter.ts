import type { Bucket } from '../../core/state.ts';
import type { Limiter } from './limiter.ts';
import { amountOf, windowsMs, type BucketLimit, type Cost } from './limits.ts';

/** One limit with its bucket. Without a stated limit there is none until the provider tells one. */
export class Meter {
  readonly limit: BucketLimit;
  readonly limiter: Limiter;
  /** By the options. */
  readonly stated: number | undefined;
  /** By the provider, as last heard. */
  learnt: number | undefined;
  bucket: Bucket | undefined;
  /** What this process has taken so far, less what it has given back. */
  net = 0;

  constructor(limiter: Limiter, limit: BucketLimit, stated: number | undefined) {
    this.limiter = limiter;
    this.limit = limit;
    this.stated = stated;
    if (stated !== undefined) this.#setBucket(stated, stated);
  }

  amount(cost: Cost): number {
    return amountOf(this.limit, cost);
  }

  /**
   * Takes over what the provider says; the lower of this and the stated limit holds.
   *
   * @param holds what a full bucket holds there, as far as that can be told
   */
  learn(limit: number, holds: number): void {
    this.learnt = limit;
    const lower = Math.min(this.stated ?? Infinity, limit);
    this.#setBucket(lower, Math.min(lower, holds));
  }

  #setBucket(limit: number, capacity: number): void {
    const refillPerMs = limit / windowsMs[this.limit];
    if (this.bucket?.capacity === capacity && this.bucket.refillPerMs === refillPerMs) return;
    this.bucket = { key: `${this.limiter.key}/${this.limit}`, capacity, refillPerMs };
  }
}
