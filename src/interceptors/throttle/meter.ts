import type { Bucket } from '../../core/state.ts';
import { Draw } from './draw.ts';
import type { Limiter } from './limiter.ts';
import { amountOf, windowsMs, type BucketLimit, type Cost } from './limits.ts';

/** What is sent reaches the provider's bucket within so long, and what that gives back is heard of within so long. */
export const inTransitMs = 1_000;

/** One limit with its bucket. Without a stated limit there is none until the provider tells one. */
export class Meter {
  readonly limit: BucketLimit;
  readonly limiter: Limiter;
  /** By the options. */
  readonly stated: number | undefined;
  /** By the provider, as last heard. */
  learnt: number | undefined;
  bucket: Bucket | undefined;
  /**
   * The level goes by what the provider said of what was sent before: its inputs count there as what they are, so that an
   * estimate that was wrong has nothing to put right.
   */
  saidUntil = -Infinity;
  /** What this process draws, for those that providers tell about. */
  readonly draw: Draw | undefined;

  constructor(limiter: Limiter, limit: BucketLimit, stated: number | undefined, isTold: boolean) {
    this.limiter = limiter;
    this.limit = limit;
    this.stated = stated;
    this.draw = isTold ? new Draw(limit) : undefined;
    if (stated !== undefined) this.#setBucket(stated, stated);
  }

  amount(cost: Cost): number {
    return amountOf(this.limit, cost);
  }

  /**
   * Takes over what the provider says; the lower of this and the stated limit holds. A full bucket here begins to refill
   * when an attempt is sent, the provider's when that arrives: so this one holds a little less.
   *
   * @param holds what a full bucket holds there, as far as that can be told
   * @returns whether the provider lets through less than was known
   */
  learn(limit: number, holds: number): boolean {
    const isNews = this.learnt === undefined || limit < this.learnt;
    this.learnt = limit;
    const lower = Math.min(this.stated ?? Infinity, limit);
    const full = Math.min(lower, holds);
    this.#setBucket(lower, Math.max(full / 2, full - (lower / windowsMs[this.limit]) * inTransitMs));
    return isNews;
  }

  /** The lower of what is stated and what the provider says. */
  get inForce(): number | undefined {
    const lower = Math.min(this.stated ?? Infinity, this.learnt ?? Infinity);
    return lower === Infinity ? undefined : lower;
  }

  /** Whether what the provider says is left is left for this limit too, rather than for a higher one. */
  get isProviders(): boolean {
    return this.learnt !== undefined && this.learnt <= (this.stated ?? Infinity);
  }

  #setBucket(limit: number, capacity: number): void {
    const refillPerMs = limit / windowsMs[this.limit];
    if (this.bucket?.capacity === capacity && this.bucket.refillPerMs === refillPerMs) return;
    this.bucket = { key: `${this.limiter.key}/${this.limit}`, capacity, refillPerMs };
  }
}
