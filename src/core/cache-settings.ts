import * as z from 'zod/mini';

/** What a call does with caches. */
export const cacheModes = ['read-write', 'read', 'write', 'refresh', 'off'] as const;

/** See {@link cacheModes}. */
export type CacheMode = (typeof cacheModes)[number];

/** The longest that anything is fresh. */
export const longestTtlMs = 30 * 86_400_000;

/** What a call says of caches. Default: as their options say. */
export interface CacheSettings {
  /**
   * `read-write`: takes a kept answer, and keeps a new one. `read`: keeps none. `write`: takes none that is there, and keeps
   * the new one if none is. `refresh`: takes none, and puts the new one in its place. `off`: neither, nor does it share an
   * answer with calls under way. Default `read-write`.
   */
  readonly mode?: CacheMode;
  /** How long its answer is kept. Milliseconds, > 0, at most 30 days. Default: that of the cache. */
  readonly ttlMs?: number;
  /**
   * What it is known by, in place of what its request says; target, dialect and `share` still count. Not for embeddings, which
   * are known by each input: those of a call with a key are not cached.
   */
  readonly key?: string;
  /**
   * Who gets the answers that it brings, and whose it takes. Default `tenant`; `user`: a call without one is not cached; `all`
   * is for requests that hold nothing of a tenant's, whose answers do not depend on whose client has asked.
   */
  readonly share?: 'user' | 'tenant' | 'all';
}

/** Schema of {@link CacheSettings}. */
export const cacheSettingsSchema = z.strictObject({
  mode: z.optional(z.enum(cacheModes)),
  ttlMs: z.optional(
    z.number().check(
      z.refine((ms) => ms > 0, "must be more than 0: to keep no answer say `mode: 'read'`, or `'off'`"),
      z.lte(longestTtlMs),
    ),
  ),
  key: z.optional(
    z.string().check(z.minLength(1, 'must not be empty: all such calls would have one answer')),
  ),
  share: z.optional(z.enum(['user', 'tenant', 'all'])),
});
