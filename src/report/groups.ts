import type { Receipt } from '../core/receipt.ts';
import { Figures, type ReceiptFigures } from '../core/receipt-figures.ts';

/** What the calls of one group come to. */
export interface GroupFigures<G> {
  readonly group: G;
  readonly figures: ReceiptFigures;
  /** Mean of the calls whose cost is known. Nano-USD; `undefined`: of none it is. */
  readonly costNanoUsd: number | undefined;
  /** Of how many calls it is not. */
  readonly unpriced: number;
  /** It was let go of, and came again: it had more calls than these, and may have been used before. */
  readonly isPartial: boolean;
  /** When its first and its last call began. Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
}

interface Row<G> {
  readonly group: G;
  readonly total: Figures;
  readonly isPartial: boolean;
  costNanoUsd: number;
  priced: number;
  unpriced: number;
  firstAt: number;
  lastAt: number;
}

/** Beyond so many, the half that was not used for the longest time is let go of. */
const groupsAtMost = 200;
/** Of so many that were let go of it is known which. Beyond, each that comes may be one of them. */
const letGoAtMost = 10_000;

/** Figures of what there is little of, with how long calls took: versions of prompts, arms of experiments. */
export class Groups<G> {
  #rows = new Map<string, Row<G>>();
  /** The keys of those that were let go of and did not come again. */
  readonly #letGo = new Set<string>();
  /** Some were let go of. */
  isCut = false;
  /** Whether {@link size} is that of all: not any more where very many were let go of. */
  isCounted = true;

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
    } else row.unpriced++;
    return row.group;
  }

  /** With those that were let go of. */
  get size(): number {
    return this.#rows.size + this.#letGo.size;
  }

  /** Those that were used last come first. */
  get all(): readonly GroupFigures<G>[] {
    return this.#latest().map(
      ([, { group, total, isPartial, costNanoUsd, priced, unpriced, firstAt, lastAt }]) => ({
        group,
        figures: total.figures,
        costNanoUsd: priced === 0 ? undefined : costNanoUsd / priced,
        unpriced,
        isPartial,
        firstAt,
        lastAt,
      }),
    );
  }

  #latest(): readonly [string, Row<G>][] {
    return [...this.#rows].toSorted(([, a], [, b]) => b.lastAt - a.lastAt);
  }

  #row(key: string, group: G): Row<G> {
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    if (this.#rows.size >= groupsAtMost) this.#cut();
    const wasLetGo = this.#letGo.delete(key);
    const row: Row<G> = {
      group,
      total: new Figures(),
      isPartial: wasLetGo || !this.isCounted,
      costNanoUsd: 0,
      priced: 0,
      unpriced: 0,
      firstAt: Infinity,
      lastAt: -Infinity,
    };
    this.#rows.set(key, row);
    return row;
  }

  #cut(): void {
    this.isCut = true;
    const latest = this.#latest();
    for (const [key] of latest.slice(groupsAtMost / 2)) {
      if (this.#letGo.size < letGoAtMost) this.#letGo.add(key);
      else this.isCounted = false;
    }
    this.#rows = new Map(latest.slice(0, groupsAtMost / 2));
  }
}
