import { priceOf } from 'managed-llm';
import { whyDifferent, type Differing } from './explained.ts';
import { isSame } from './their-price.ts';

/** Usage with what both make of it. */
export interface Priced extends Omit<Differing, 'ours'> {
  /** For messages. */
  readonly what: string;
  readonly ours: Differing['ours'] | undefined;
}

/** What came of comparing. */
export class Tally {
  /** Models that it cannot be asked for by any id of theirs. */
  unaskable = 0;
  usages = 0;
  same = 0;
  /** Usages without a known cost, by why. */
  readonly unknown = new Map<string, number>();
  /** Usages whose cost differs for a reason, by that. */
  readonly explained = new Map<string, number>();
  readonly failures: string[] = [];

  get priced(): number {
    return this.usages - sumOf(this.unknown);
  }

  async add({ what, ours, ...asked }: Priced): Promise<void> {
    const { usage, theirs, model, at } = asked;
    this.usages += 1;
    if (ours === undefined) return count(this.unknown, await whyUnknown(model, at));
    if (typeof theirs === 'number' && isSame(ours.costNanoUsd, theirs)) {
      this.same += 1;
      return;
    }
    const reason = await whyDifferent({ ...asked, ours });
    if (reason !== undefined) return count(this.explained, reason);
    this.failures.push(
      `${what} at ${new Date(at).toISOString()}: ours ${ours.costNanoUsd}, theirs ${String(theirs)} nano-USD for ${JSON.stringify(usage)}`,
    );
  }
}

async function whyUnknown(model: string, at: number): Promise<string> {
  if ((await priceOf(model, { at })) !== undefined)
    return 'the usage has a count, a tier or a region without a price';
  const guess = await priceOf(model, { at, allowPrefixMatch: true });
  if (guess === undefined) return 'no price is known of the model';
  return guess.exact ? 'the model has no price at that time' : 'inexact: only an id like it has a price';
}

export function count(table: Map<string, number>, name: string): void {
  table.set(name, (table.get(name) ?? 0) + 1);
}

export function sumOf(table: ReadonlyMap<string, number>): number {
  return [...table.values()].reduce((sum, each) => sum + each, 0);
}
