import type { Dialect } from '../../../core/dialect.ts';
import type { ItemsLens } from '../../../core/items-lens.ts';
import type { Reply } from '../../../core/reply.ts';
import type { Settlement } from '../../../core/settlement.ts';
import { vectorsIn, type KeyedItem, type Vector } from './vector.ts';

/** What a request for items has brought. */
export interface Bought {
  readonly json: unknown;
  readonly settlement: Settlement;
  readonly vectors: ReadonlyMap<string, Vector>;
}

/**
 * What a reply to these items has brought; `undefined` for a failure, and for what is not one answer to each. Never rejects.
 */
export async function boughtBy(
  dialect: Dialect,
  lens: ItemsLens,
  items: readonly KeyedItem[],
  reply: Reply,
): Promise<Bought | undefined> {
  if (reply.error !== undefined) return undefined;
  const settlement = await reply.settled;
  try {
    const json = await reply.json();
    const vectors = vectorsIn(dialect, lens, items, json, settlement);
    return vectors && { json, settlement, vectors };
  } catch {
    // No JSON: it is no answer to keep, and whoever asked gets it as it came.
    return undefined;
  }
}
