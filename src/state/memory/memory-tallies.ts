import type { Clock } from '../../core/clock.ts';
import type { Sums, Tallies } from '../../core/tallies.ts';
import { amountsOf, checkKeys, sumsOf } from '../tally-bounds.ts';
import { MemoryEntries } from './memory-entries.ts';

/** Sums in this process. */
export class MemoryTallies implements Tallies {
  readonly #tallies: MemoryEntries<ReadonlyMap<string, number>>;

  constructor(clock: Clock) {
    this.#tallies = new MemoryEntries(clock);
  }

  add(key: string, amounts: Sums, ttlMs?: number): Sums {
    const sums = new Map(this.#tallies.get(key));
    for (const [field, amount] of amountsOf(key, amounts, ttlMs))
      sums.set(field, (sums.get(field) ?? 0) + amount);
    this.#tallies.set(key, sums, ttlMs);
    return sumsOf(sums);
  }

  read(keys: readonly string[]): readonly Sums[] {
    checkKeys(keys);
    return keys.map((key) => sumsOf(this.#tallies.get(key) ?? []));
  }
}
