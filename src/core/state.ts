import type { Accounts } from './accounts.ts';
import type { CacheStore } from './cache-store.ts';
import type { Documents } from './documents.ts';
import type { ReceiptLog } from './receipt-log.ts';
import type { Tallies } from './tallies.ts';

/**
 * Where facts live that several calls share: in this process, or in a store that a fleet of processes shares. Features
 * ask it for the primitive they need; every implementation passes one contract suite.
 */
export interface State {
  /** For messages: `memory`, `redis`. */
  readonly name: string;
  /** Whether other processes see the same facts. */
  readonly shared: boolean;
  /** Quantities that are taken and given back, atomically. */
  readonly ledger: Ledger;
  /** Concurrency across processes; absent where counting in this process is all there is. */
  readonly limiters?: Limiters;
  /** Money and tokens that budgets count; absent where the state cannot keep budgets. */
  readonly accounts?: Accounts;
  /** Answers that are kept for a while; absent where the state cannot keep any. */
  readonly cache?: CacheStore;
  /** Receipts that are kept; absent where the state cannot keep any. */
  readonly receipts?: ReceiptLog;
  /** Small texts that are changed by comparing and setting; absent where the state cannot keep any. */
  readonly documents?: Documents;
  /** Sums that are added to; absent where the state cannot keep any. */
  readonly tallies?: Tallies;
  /** Lets go of what it opened itself; never of a client that it was given. Called by `llm.close()` of the last that uses it. */
  dispose?(): Promise<void>;
}

/** A quantity that refills evenly up to its capacity, and may be overdrawn by what turns out dearer than announced. */
export interface Bucket {
  /** Unique in the state. Made of printable text; the state adds its own prefix. */
  readonly key: string;
  /** What it holds when full, and at first. > 0. */
  readonly capacity: number;
  /** What comes back each millisecond. > 0. */
  readonly refillPerMs: number;
}

export interface Take {
  readonly bucket: Bucket;
  /** Below 0 gives back. More than the capacity is let through when the bucket is full, which it then overdraws. */
  readonly amount: number;
}

export type Taken =
  | {
      readonly ok: true;
      /** Of each bucket after the take, in the order asked. */
      readonly levels: readonly number[];
      /** What had been taken from each bucket by then, for {@link Ledger.learn}. Given where the state is shared. */
      readonly marks?: readonly number[];
    }
  | {
      readonly ok: false;
      /** Index of the bucket that lets it wait longest. */
      readonly index: number;
      /** Until that one would let it through, if nobody else takes from it. > 0. */
      readonly waitMs: number;
      readonly levels: readonly number[];
    };

/** What a provider says of a bucket. */
export interface LedgerFacts {
  /** The level comes down to this, where it is higher. */
  readonly atMost?: number;
  /** `atMost` held at the take with this mark: what has been taken since, by whomever, comes off it. */
  readonly mark?: number;
  /** Nobody takes from it for so long. Milliseconds. */
  readonly pauseMs?: number;
}

/** Promises only where it has to ask another process: inside one, every answer is there at once. */
export interface Ledger {
  /** Takes from all the buckets, each named once, or from none. Rejects when the store cannot be asked, as all of these do. */
  take(takes: readonly Take[]): Taken | Promise<Taken>;
  /** Takes (or, below 0, gives back) without asking: corrections. No bucket ends above its capacity. */
  adjust(takes: readonly Take[]): void | Promise<void>;
  learn(bucket: Bucket, facts: LedgerFacts): void | Promise<void>;
  /** The level now, for status and readiness. */
  level(bucket: Bucket): number | Promise<number>;
}

/**
 * Concurrency that all processes of a fleet share. Requests are no matter of its own: they are a bucket of the ledger as
 * tokens are, so that both are taken together or not at all, and both learn from what providers say.
 */
export interface Limiters {
  /** All who ask by one key share its slots; each asks by the limits that it was given. */
  limiter(key: string, limits: SharedLimits): SharedLimiter;
}

export interface SharedLimits {
  /** How many may be under way at once, in all processes together. An integer, at least 1. */
  readonly concurrency: number;
}

export interface SharedLimiter {
  /**
   * Asks for one start. Resolves to how to end it, or to `undefined` when it could not begin within `maxWaitMs`; 0 asks
   * once. Whoever has given up by then ends what it gets. What a process holds when it is killed comes back by itself.
   * Rejects when the store cannot be asked.
   */
  start(maxWaitMs: number): Promise<(() => void) | undefined>;
}
