import type { Dialect } from '../../../core/dialect.ts';
import type { ItemsLens } from '../../../core/items-lens.ts';
import type { Reply } from '../../../core/reply.ts';
import type { AttemptView } from '../../../core/run.ts';
import { costOfAll } from '../../../core/settlement.ts';
import type { KeptSettlement } from '../keeping-rules.ts';
import { vectorsIn, type KeyedItem, type ItemVector } from './item-vector.ts';

/** What a request for items has brought. */
export interface Bought {
  readonly json: unknown;
  readonly settlement: KeptSettlement;
  readonly vectors: ReadonlyMap<string, ItemVector>;
}

/**
 * How a plain reply has come, as things are now: its call may ask for more, by another target, and what is told of that is
 * told of the call.
 *
 * @param attempts those of its call that were made for it
 */
export function settledNow(reply: Reply, attempts: readonly AttemptView[]): KeptSettlement | undefined {
  let now: KeptSettlement | undefined;
  reply.onSettled(({ outcome, error, facts, target, servedModel, stopReason, usage, settledAt }) => {
    const costNanoUsd = costOfAll(attempts.flatMap(({ settlement }) => settlement?.billed ?? []));
    const told = { outcome, error, target, servedModel, stopReason, usage, settledAt };
    now = { ...told, costNanoUsd, facts: { ...facts } };
  });
  return now;
}

/**
 * What a reply to these items has brought; `undefined` for a failure, and for what is not one answer to each. Never rejects.
 */
export async function boughtBy(
  dialect: Dialect,
  lens: ItemsLens,
  items: readonly KeyedItem[],
  reply: Reply,
  settlement: KeptSettlement | undefined,
): Promise<Bought | undefined> {
  if (reply.error !== undefined || settlement === undefined) return undefined;
  try {
    const json = await reply.json();
    const vectors = vectorsIn(dialect, lens, items, json, settlement);
    return vectors && { json, settlement, vectors };
  } catch {
    // No JSON: it is no answer to keep, and whoever asked gets it as it came.
    return undefined;
  }
}
