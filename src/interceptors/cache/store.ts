import type { CacheStore } from '../../core/cache-store.ts';
import type { KeyvStore } from './options.ts';

/** A store that was given, as one that is asked for texts alone: what else it holds is not there. */
export function storeOf(given: KeyvStore | CacheStore): CacheStore {
  return {
    async get(key) {
      const value: unknown = await given.get(key);
      return typeof value === 'string' ? value : undefined;
    },
    async set(key, value, ttlMs) {
      // A Keyv whose store fails says so, or answers `false`.
      const stored: unknown = await given.set(key, value, ttlMs);
      if (stored === false) throw new Error('The store has not taken it.');
    },
    delete: async (key) => given.delete(key),
  };
}
