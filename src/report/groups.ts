import type { Receipt } from '../core/receipt.ts';
import { Figures, type ReceiptFigures } from '../core/receipt-figures.ts';

/** What the calls of one group come to. */
export interface GroupFigures<G> {
  readonly group: G;
  readonly figures: ReceiptFigures;
  /** Mean of the calls whose cost is known. Nano-USD; `undefined`: of none it is. */
  readonly costNanoUsd: number | undefined;
  /** When its first and its last call began. Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
}

interface Row<G> {
  readonly group: G;
  readonly total: Figures;
  costNanoUsd: number;
  priced: number;
  firstAt: number;
  lastAt: number;
}

/** Beyond so many, the half that was not used for the longest time is let go of. */
const groupsAtMost = 200;

/** Figures of what there is little of, with how long calls took: versions of prompts, arms of experiments. */
export class Groups<G> {
  #rows = new Map<string, Row<G>>();
  /** Some were let go of. */
  isCut = false;

  /**
   * A call with all its attempts.
   *
   * @param key the same for the same group
   * @returns the group as it was first given
   */
  add(key: string, group: G, receipt: Receipt): G {
    const row = this.#row(key, group);
    const { startedAt, attempts, costNanoUsd } = receipt;
    row.total.addCall(receipt);
    for (const attempt of attempts) row.total.addAttempt(receipt, attempt);
    row.firstAt = Math.min(row.firstAt, startedAt);
    row.lastAt = Math.max(row.lastAt, startedAt);
    if (costNanoUsd !== undefined) {
      row.costNanoUsd += costNanoUsd;
      row.priced++;
    }
    return row.group;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Those that were used last come first. */
  get all(): readonly GroupFigures<G>[] {
    return this.#latest().map(([, { group, total, costNanoUsd, priced, firstAt, lastAt }]) => ({
      group,
      figures: total.figures,
      costNanoUsd: priced === 0 ? undefined : costNanoUsd / priced,
      firstAt,
      lastAt,
    }));
  }

  #latest(): readonly [string, Row<G>][] {
    return [...this.#rows].toSorted(([, a], [, b]) => b.lastAt - a.lastAt);
  }

  #row(key: string, group: G): Row<G> {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    if (this.#rows.size >= groupsAtMost) {
      this.isCut = true;
      this.#rows = new Map(this.#latest().slice(0, groupsAtMost / 2));
    }
    const row: Row<G> = {
      group,
      total: new Figures(),
      costNanoUsd: 0,
      priced: 0,
      firstAt: Infinity,
      lastAt: -Infinity,
    };
    this.#rows.set(key, row);
    return row;
  }
}
