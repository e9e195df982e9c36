import type { Receipt } from './receipt.ts';

/** Which receipts are meant. What is left out does not restrict. */
export interface ReceiptFilter {
  /** Began at this time or later. Epoch milliseconds. */
  readonly from?: number;
  /** Began before this time. Epoch milliseconds. */
  readonly to?: number;
  /** Of this user, compared by exact code points; `null`: of calls without one. */
  readonly user?: string | null;
  /** Of this tenant, likewise. */
  readonly tenant?: string | null;
}

/**
 * Receipts that are kept, in the state. Append-only but for deletion. Appending the same `callId` again changes nothing, so
 * that a batch whose answer got lost can be sent again.
 */
export interface ReceiptLog {
  /** Resolves when they are stored; rejects with `state-unreachable`, and then none or all of them may be. */
  append(receipts: readonly Receipt[]): Promise<void>;
  /** Those that fit, by when they began; read in batches, so that there may be any number. */
  read(filter?: ReceiptFilter): AsyncIterable<Receipt>;
  /** Deletes those that fit for good. Returns how many there were. An empty filter deletes all. */
  delete(filter: ReceiptFilter): Promise<number>;
}
