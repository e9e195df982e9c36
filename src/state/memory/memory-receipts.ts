import type { Receipt } from '../../core/receipt.ts';
import type { ReceiptFilter, ReceiptLog } from '../../core/receipt-log.ts';

/** Beyond this, the receipts that came first are let go of. */
const keepAtMost = 100_000;
/** So many at once: to let go of them one by one would move all others each time. */
const letGoOf = 5_000;

/** Receipts in this process: the newest 100,000, or up to 5,000 fewer. */
export class MemoryReceipts implements ReceiptLog {
  /** In the order they came. */
  #receipts: Receipt[] = [];
  readonly #ids = new Set<string>();

  async append(receipts: readonly Receipt[]): Promise<void> {
    for (const receipt of receipts) {
      if (this.#ids.has(receipt.callId)) continue;
      this.#ids.add(receipt.callId);
      this.#receipts.push(receipt);
      if (this.#receipts.length > keepAtMost)
        for (const { callId } of this.#receipts.splice(0, letGoOf)) this.#ids.delete(callId);
    }
  }

  async *read(filter: ReceiptFilter = {}): AsyncGenerator<Receipt> {
    yield* this.#receipts
      .filter((receipt) => isMeant(receipt, filter))
      .toSorted((a, b) => a.startedAt - b.startedAt);
  }

  async delete(filter: ReceiptFilter): Promise<number> {
    const before = this.#receipts.length;
    this.#receipts = this.#receipts.filter((receipt) => {
      const meant = isMeant(receipt, filter);
      if (meant) this.#ids.delete(receipt.callId);
      return !meant;
    });
    return before - this.#receipts.length;
  }
}

function isMeant({ startedAt, caller }: Receipt, { from, to, user, tenant }: ReceiptFilter): boolean {
  return (
    (from === undefined || startedAt >= from) &&
    (to === undefined || startedAt < to) &&
    (user === undefined || user === (caller.user ?? null)) &&
    (tenant === undefined || tenant === (caller.tenant ?? null))
  );
}
