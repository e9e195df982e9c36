import type { Receipt } from '../../core/receipt.ts';
import type { Target } from '../../core/target.ts';
import type { Calendar } from '../../core/calendar.ts';
import { isOfAttempt, isTime, valueOf, type ReceiptDimension } from './dimensions.ts';
import { Figures, type ReceiptFigures } from '../../core/receipt-figures.ts';

/** What a dimension holds: moments, operations and outcomes are always there, all else may be missing. */
export type DimensionValue<D extends ReceiptDimension> = D extends
  | 'hour'
  | 'day'
  | 'month'
  | 'asked'
  | 'operation'
  | 'outcome'
  ? string
  : string | undefined;

/** A member for each dimension that was asked for, and what the receipts that have these values come to. */
export type ReceiptRow<D extends ReceiptDimension = ReceiptDimension> = {
  readonly [K in D]: DimensionValue<K>;
} & ReceiptFigures;

interface Group {
  readonly values: readonly (string | undefined)[];
  readonly figures: Figures;
}

/** Receipts added up by some dimensions, one after another: memory goes by the number of groups. */
export class Grouping<D extends ReceiptDimension> {
  readonly #by: readonly D[];
  readonly #calendar: Calendar;
  readonly #ofAttempts: boolean;
  readonly #groups = new Map<string, Group>();

  constructor(by: readonly D[], calendar: Calendar) {
    this.#by = by;
    this.#calendar = calendar;
    this.#ofAttempts = by.some(isOfAttempt);
  }

  get size(): number {
    return this.#groups.size;
  }

  add(receipt: Receipt): void {
    const ofCall = this.#group(receipt, receipt.target);
    ofCall.addCall(receipt);
    for (const attempt of receipt.attempts) {
      const group = this.#ofAttempts ? this.#group(receipt, attempt.target) : ofCall;
      group.addAttempt(receipt, attempt);
    }
  }

  /** By the moments among the dimensions, then the dearest first, then those with the most calls. */
  rows(): readonly ReceiptRow<D>[] {
    const times = this.#by.flatMap((dimension, index) => (isTime(dimension) ? [index] : []));
    return [...this.#groups.values()]
      .map(({ values, figures }) => ({ values, figures: figures.figures }))
      .toSorted((a, b) => {
        for (const index of times) {
          const order = compared(a.values[index] ?? '', b.values[index] ?? '');
          if (order !== 0) return order;
        }
        return b.figures.costNanoUsd - a.figures.costNanoUsd || b.figures.calls - a.figures.calls;
      })
      .map(({ values, figures }) => {
        const named = Object.fromEntries(this.#by.map((dimension, index) => [dimension, values[index]]));
        // Made of the very dimensions that the type names.
        return { ...named, ...figures } as ReceiptRow<D>;
      });
  }

  #group(receipt: Receipt, target: Target | undefined): Figures {
    const values = this.#by.map((dimension) => valueOf(dimension, receipt, target, this.#calendar));
    const key = JSON.stringify(values);
    const known = this.#groups.get(key);
    if (known !== undefined) return known.figures;
    const figures = new Figures();
    this.#groups.set(key, { values, figures });
    return figures;
  }
}

function compared(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
