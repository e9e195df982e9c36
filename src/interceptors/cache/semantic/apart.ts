import { hash } from 'node:crypto';
import { longestTtlMs } from '../../../core/cache-settings.ts';
import type { CacheStore } from '../../../core/cache-store.ts';

/** Pairs of questions that somebody says do not mean the same, for all who share the store. Kept for 30 days. */
export class Apart {
  readonly #store: CacheStore;

  constructor(store: CacheStore) {
    this.#store = store;
  }

  /** @param one the key of its answer, as `other`: in either order */
  async set(one: string, other: string): Promise<void> {
    await this.#store.set(pairKey(one, other), '1', longestTtlMs);
  }

  async has(one: string, other: string): Promise<boolean> {
    return (await this.#store.get(pairKey(one, other))) !== undefined;
  }
}

function pairKey(...keys: readonly string[]): string {
  return `apart:${hash('sha256', JSON.stringify(keys.toSorted()))}`;
}
