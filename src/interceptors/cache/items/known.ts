import type { Entry } from '../entry.ts';
import type { Found } from '../shelf.ts';
import type { KeyedItem, ItemVector } from './item-vector.ts';
import { sumOf, vectorOf } from './item-vector.ts';

/** A vector that was kept. */
export interface KnownVector extends ItemVector {
  readonly isStale: boolean;
  readonly head: Entry['head'];
}

/** What is known of the items of a call. */
export interface Known {
  readonly vectors: ReadonlyMap<string, KnownVector>;
  /** Why one that is not known is not, where there is more to say than that nothing is there. */
  readonly reason: string | undefined;
}

export const nothingKnown: Known = { vectors: new Map(), reason: undefined };

/**
 * What of that can stand in one reply. Vectors of several models may be kept for the items of one call: the most that have
 * one model are taken, and the others are not there.
 *
 * @param items each once
 * @param found what was found for them, in the same order
 * @param spaceOf see there
 */
export function knownOf(
  items: readonly KeyedItem[],
  found: readonly Found[],
  spaceOf: (vector: ItemVector) => string,
): Known {
  const spaces = new Map<string, Map<string, KnownVector>>();
  let reason: string | undefined;
  for (const [at, { key }] of items.entries()) {
    const one = found[at];
    const vector = one === undefined || one.kind === 'none' ? undefined : vectorOf(one.entry);
    if (one === undefined || one.kind === 'none' || vector === undefined) {
      reason ??= one?.kind === 'none' ? one.reason : 'damaged';
      continue;
    }
    const space = spaceOf(vector);
    const known = spaces.get(space) ?? new Map<string, KnownVector>();
    spaces.set(space, known.set(key, { ...vector, isStale: one.kind === 'stale', head: one.entry.head }));
  }
  const [most = nothingKnown.vectors, ...others] = [...spaces.values()].toSorted((a, b) => b.size - a.size);
  return { vectors: most, reason: others.length > 0 ? 'kept of another model' : reason };
}

/**
 * What vectors have saved that a call has not asked for itself, as a receipt tells it.
 *
 * @param shared those that others have asked for
 */
export function savedBy(
  items: readonly KeyedItem[],
  { vectors }: Known,
  shared: ReadonlyMap<string, ItemVector>,
  now: number,
): { readonly ageMs?: number; readonly savedNanoUsd?: number } {
  const given = items.flatMap(({ key }) => vectors.get(key) ?? shared.get(key) ?? []);
  const savedNanoUsd = given.length === 0 ? undefined : sumOf(given.map(({ costNanoUsd }) => costNanoUsd));
  const ages = [...vectors.values()].map(({ head }) => now - head.at);
  return {
    ...(ages.length === 0 ? {} : { ageMs: ages.reduce((oldest, age) => Math.max(oldest, age)) }),
    ...(savedNanoUsd === undefined ? {} : { savedNanoUsd }),
  };
}
