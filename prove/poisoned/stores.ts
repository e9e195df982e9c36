import type { CacheStore } from 'managed-llm';

const never = (): Promise<never> => new Promise(() => {});
const fails = (): Promise<never> => Promise.reject(new Error('ECONNRESET'));
const throws = (): never => {
  throw new Error('gone');
};

/** Stores that do not do what they are there for. */
export const badStores: Readonly<Record<string, (kept: Map<string, string>) => object>> = {
  'reading rejects': (kept) => ({ ...sound(kept), get: fails }),
  'reading throws': (kept) => ({ ...sound(kept), get: throws }),
  'reading hangs': (kept) => ({ ...sound(kept), get: never }),
  'reading rejects with nothing': (kept) => ({ ...sound(kept), get: () => Promise.reject(undefined) }),
  'writing rejects': (kept) => ({ ...sound(kept), set: fails }),
  'writing throws': (kept) => ({ ...sound(kept), set: throws }),
  'writing hangs': (kept) => ({ ...sound(kept), set: never }),
  'nothing is ever taken': (kept) => ({ ...sound(kept), set: () => false }),
  'everything rejects': () => ({ get: fails, set: fails, delete: fails }),
  'everything hangs': () => ({ get: never, set: never, delete: never }),
  'one answer for every key': (kept) => ({ ...sound(kept), get: () => [...kept.values()][0] }),
  'bytes in place of text': (kept) => ({
    ...sound(kept),
    get: (key: string) => (kept.has(key) ? Buffer.from(kept.get(key) ?? '') : undefined),
  }),
  'marks that are no moments': (kept) => ({
    ...sound(kept),
    get: (key: string) => (key.startsWith('stamp:') ? 'not a moment' : kept.get(key)),
  }),
};

function sound(kept: Map<string, string>): CacheStore {
  return {
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
    delete: (key) => kept.delete(key),
  };
}
