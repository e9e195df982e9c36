import { invalidOption } from '../core/parse-options.ts';
import type { Sums } from '../core/tallies.ts';
import { checkKey, checkTtl } from './document-bounds.ts';

const mostFields = 100;
const longestField = 256;
/** So many may be added without end: no sum of them is more than a double holds. */
const largest = 1e200;
const mostKeys = 1_000;

/** A sum's name, and how much. */
export type Amount = readonly [field: string, amount: number];

/**
 * What is to be added.
 *
 * @throws `invalid-options` for what no state takes, so that none takes what another would not.
 */
export function amountsOf(key: string, amounts: Sums, ttlMs: number | undefined): readonly Amount[] {
  checkKey('tallies.add.key', key);
  checkTtl('tallies.add.ttlMs', ttlMs);
  const entries = Object.entries(amounts);
  if (entries.length > mostFields)
    throw invalidOption('tallies.add.amounts', `are more than ${mostFields}: use several tallies`);
  for (const [field, amount] of entries) {
    if (field.length > longestField)
      throw invalidOption('tallies.add.amounts', `has a name of more than ${longestField} UTF-16 code units`);
    if (!(Math.abs(amount) <= largest))
      throw invalidOption(
        `tallies.add.amounts.${field}`,
        `must be a finite number, at most ${largest} in size, and is ${amount}`,
      );
  }
  return entries;
}

/** @throws `invalid-options` for too many. */
export function checkKeys(keys: readonly string[]): void {
  if (keys.length > mostKeys)
    throw invalidOption('tallies.read.keys', `are more than ${mostKeys}: read some at a time`);
  for (const key of keys) checkKey('tallies.read.keys', key);
}

/** As a state answers them: without a prototype, whose members would pass for sums. */
export function sumsOf(amounts: Iterable<Amount>): Sums {
  const sums: Record<string, number> = Object.create(null);
  for (const [field, sum] of amounts) sums[field] = sum;
  return sums;
}
