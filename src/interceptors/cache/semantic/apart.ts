import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { longestTtlMs } from '../../../core/cache-settings.ts';
import type { CacheStore } from '../../../core/cache-store.ts';
import type { Clock } from '../../../core/clock.ts';

/** So many pairs are remembered in the process that set them apart. */
const remembered = 10_000;

/** Pairs of questions that somebody says do not mean the same, for all who share the store. Kept for 30 days. */
export class Apart {
  readonly #store: CacheStore;
  readonly #clock: Clock;
  /** Until when: a bounded store may let go of them for answers that came later. */
  readonly #own = new LRUCache<string, number>({ max: remembered });

  constructor(store: CacheStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @param one the key of its answer, as `other`: in either order */
  async set(one: string, other: string): Promise<void> {
    const key = pairKey(one, other);
    this.#own.set(key, this.#clock.now() + longestTtlMs);
    await this.#store.set(key, '1', longestTtlMs);
  }

  async has(one: string, other: string): Promise<boolean> {
    const key = pairKey(one, other);
    if (this.#clock.now() < (this.#own.get(key) ?? 0)) return true;
    return (await this.#store.get(key)) !== undefined;
  }
}

function pairKey(...keys: readonly string[]): string {
  return `apart:${hash('sha256', JSON.stringify(keys.toSorted()))}`;
}
