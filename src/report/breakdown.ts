import type { Receipt, ReceiptAttempt } from '../core/receipt.ts';
import { Figures, type ReceiptFigures } from '../core/receipt-figures.ts';
import { answeredOf } from './caching.ts';
import { Sums } from './sums.ts';
import type { NewPlaces } from './timeline.ts';

/** What is told apart: a model, a user. */
export interface Subject {
  /** `undefined`: calls that name none. */
  readonly name: string | undefined;
  /** Which of those with this name: the tenant of a user. */
  readonly of?: string | undefined;
}

/** What the calls of one subject come to. */
export interface SubjectFigures extends Subject {
  readonly figures: ReceiptFigures;
  /** Over time. Nano-USD. */
  readonly spend: Sums;
  readonly tokens: Sums;
}

interface Row extends Subject {
  readonly total: Figures;
  readonly spend: Sums;
  readonly tokens: Sums;
}

/** Which of two comes first. */
type Order = (a: ReceiptFigures, b: ReceiptFigures) => number;

const dearest: Order = (a, b) =>
  b.costNanoUsd - a.costNanoUsd || tokensOf(b) - tokensOf(a) || b.calls - a.calls;

/** Those for whom caches saved the most, then those for whom they answered most often. */
export const mostSaved: Order = (a, b) =>
  b.savedNanoUsd - a.savedNanoUsd || answeredOf(b) - answeredOf(a) || dearest(a, b);

/** By what they would have cost without caches. */
const dearestOrMostSaved: Order = (a, b) =>
  b.costNanoUsd + b.savedNanoUsd - a.costNanoUsd - a.savedNanoUsd || dearest(a, b);

/** Beyond so many, the cheaper half is let go of. */
const subjectsAtMost = 10_000;

/** Figures by subjects of one kind, as receipts are read: in bounded memory, however many subjects there are. */
export class Breakdown {
  /** Whether it is told how long calls took. */
  readonly keepsTimes: boolean;
  #rows = new Map<string, Row>();
  /** Some were let go of: what is told of small subjects may be too little. */
  isCut = false;

  /** @param keepsTimes takes memory: for what there are few of */
  constructor(keepsTimes: boolean) {
    this.keepsTimes = keepsTimes;
  }

  /** A call with all its attempts, which are of the same subject. */
  add(subject: Subject, place: number, receipt: Receipt): void {
    this.addCall(subject, receipt);
    for (const attempt of receipt.attempts) this.addAttempt(subject, place, receipt, attempt);
  }

  addCall(subject: Subject, receipt: Receipt): void {
    this.#row(subject).total.addCall(receipt);
  }

  addAttempt(subject: Subject, place: number, receipt: Receipt, attempt: ReceiptAttempt): void {
    const { total, spend, tokens } = this.#row(subject);
    const { costNanoUsd = 0, usage } = attempt;
    total.addAttempt(receipt, attempt);
    spend.add(place, costNanoUsd);
    tokens.add(place, (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0));
  }

  move(places: NewPlaces): void {
    for (const { spend, tokens } of this.#rows.values()) {
      spend.move(places);
      tokens.move(places);
    }
  }

  /** With those that name none, which are one. */
  get size(): number {
    return this.#rows.size;
  }

  /** Without them. */
  get namedCount(): number {
    return this.#rows.size - (this.#rows.has(keyOf({ name: undefined })) ? 1 : 0);
  }

  /** By default the dearest; of those that cost the same the ones with the most tokens, then with the most calls. */
  top(most: number, order: Order = dearest): readonly SubjectFigures[] {
    return this.#sorted(order)
      .slice(0, most)
      .map(({ row: { name, of, spend, tokens }, figures }) => ({ name, of, spend, tokens, figures }));
  }

  #sorted(order: Order) {
    return [...this.#rows.entries()]
      .map(([key, row]) => ({ key, row, figures: row.total.figures }))
      .toSorted(({ figures: a }, { figures: b }) => order(a, b));
  }

  #row(subject: Subject): Row {
    const { name, of } = subject;
    const key = keyOf(subject);
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    if (this.#rows.size >= subjectsAtMost) this.#letGo();
    const row: Row = { name, of, total: new Figures(this.keepsTimes), spend: new Sums(), tokens: new Sums() };
    this.#rows.set(key, row);
    return row;
  }

  #letGo(): void {
    this.isCut = true;
    this.#rows = new Map(
      this.#sorted(dearestOrMostSaved)
        .slice(0, subjectsAtMost / 2)
        .map(({ key, row }) => [key, row]),
    );
  }
}

/** Input and output together. */
export function tokensOf({
  inputTokens,
  outputTokens,
}: Pick<ReceiptFigures, 'inputTokens' | 'outputTokens'>): number {
  return inputTokens + outputTokens;
}

/** JSON: what is absent is not what is empty, and no two meet. */
function keyOf({ name, of }: Subject): string {
  return JSON.stringify([name ?? null, of ?? null]);
}
