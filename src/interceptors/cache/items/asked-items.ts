import type { CacheMode } from '../../../core/cache-settings.ts';
import type { Call } from '../../../core/call.ts';
import type { ItemsLens } from '../../../core/items-lens.ts';
import { itemKeysOf, type KeyHost } from '../key.ts';
import type { KeyedItem } from './item-vector.ts';

/** What a call asks for, item by item. */
export interface AskedItems {
  readonly lens: ItemsLens;
  readonly mode: CacheMode;
  /** As the call has them. */
  readonly items: readonly KeyedItem[];
  /** Each once, in the order in which they first stand. */
  readonly distinct: readonly KeyedItem[];
}

/** Why a call cannot be answered item by item. */
export interface NoItems {
  readonly reason: string;
}

/** What a call asks for, or why it is no question of items. */
export function askedItemsOf(host: KeyHost, call: Call, mode: CacheMode): AskedItems | NoItems {
  // One key for several texts would give one text the vector of another.
  if (call.settings.cache?.key !== undefined) return { reason: 'a key of its own' };
  const lens = call.dialect.items;
  const request = lens?.split(call.body);
  if (lens === undefined || request === undefined) return { reason: 'inputs that cannot be told apart' };
  const found = itemKeysOf(host, call, request);
  if ('reason' in found) return found;
  const items = request.items.map((item, at) => ({ ...item, key: found.keys[at] ?? '' }));
  const distinct = [...new Map(items.map((item) => [item.key, item])).values()];
  return { lens, mode, items, distinct };
}
