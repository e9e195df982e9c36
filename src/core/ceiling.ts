import type { Target } from './target.ts';
import { targetName } from './target.ts';

/** What a scope has spent at one target. */
export interface CeilingItem {
  /** `provider/model`; `others` beyond a hundred. */
  readonly target: string;
  /** What was asked for: `chat`, `embed`, or what kind of passthrough. */
  readonly operation: string;
  readonly attempts: number;
  readonly nanoUsd: number;
}

/** Beyond so many, what was spent is told in one sum. */
const itemsAtMost = 100;

/**
 * The sum that the calls of one scope may cost together (`maxCostUsd`), in this process. Attempts reserve before they are
 * sent and settle when they have ended; nobody is ever let beyond the limit.
 */
export class Ceiling {
  /** Whole nano-USD. */
  readonly limitNanoUsd: number;
  /** The setting that says so, for messages: `run.maxCostUsd`. */
  readonly path: string;
  usedNanoUsd = 0;
  reservedNanoUsd = 0;
  readonly #items = new Map<
    string,
    { target: string; operation: string; attempts: number; nanoUsd: number }
  >();

  constructor(limitNanoUsd: number, path: string) {
    this.limitNanoUsd = limitNanoUsd;
    this.path = path;
  }

  /** What is neither used nor reserved. Below 0 where settlements passed their reservations. */
  get leftNanoUsd(): number {
    return this.limitNanoUsd - this.usedNanoUsd - this.reservedNanoUsd;
  }

  /** Reserves so much. Whoever takes has looked first at what is left, in the same turn. */
  take(nanoUsd: number): void {
    this.reservedNanoUsd += nanoUsd;
  }

  /** Gives back what was reserved and was not spent, with nothing to tell of it. */
  giveBack(nanoUsd: number): void {
    this.reservedNanoUsd -= nanoUsd;
  }

  /** Ends a reservation by what was really spent, and on what. */
  settle(reservedNanoUsd: number, spentNanoUsd: number, target: Target, operation: string): void {
    this.reservedNanoUsd -= reservedNanoUsd;
    this.usedNanoUsd += spentNanoUsd;
    this.#note(targetName(target), operation, spentNanoUsd);
  }

  /** Something that was settled has cost so much more, or, below 0, less. */
  correct(nanoUsd: number, target: Target, operation: string): void {
    this.usedNanoUsd += nanoUsd;
    const item = this.#items.get(keyOf(targetName(target), operation)) ?? this.#items.get(othersKey);
    if (item !== undefined) item.nanoUsd += nanoUsd;
  }

  /** What was spent, the most first. */
  get spent(): readonly CeilingItem[] {
    return [...this.#items.values()].toSorted((a, b) => b.nanoUsd - a.nanoUsd).map((item) => ({ ...item }));
  }

  #note(target: string, operation: string, nanoUsd: number): void {
    let key = keyOf(target, operation);
    if (!this.#items.has(key) && this.#items.size >= itemsAtMost)
      [key, target, operation] = [othersKey, 'others', ''];
    const item = this.#items.get(key) ?? { target, operation, attempts: 0, nanoUsd: 0 };
    item.attempts++;
    item.nanoUsd += nanoUsd;
    this.#items.set(key, item);
  }
}

const othersKey = '';

function keyOf(target: string, operation: string): string {
  return JSON.stringify([target, operation]);
}
