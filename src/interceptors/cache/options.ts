import * as z from 'zod/mini';
import { longestTtlMs } from '../../core/cache-settings.ts';
import type { CacheStore } from '../../core/cache-store.ts';
import { semanticOptionsSchema, type SemanticOptions } from './semantic/options.ts';

/** What is used of an instance of Keyv, 5 or 6. */
export interface KeyvStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, ttlMs?: number): Promise<unknown>;
  delete(key: string): Promise<boolean>;
}

/** Options of `cache`. */
export interface CacheOptions {
  /**
   * How long an answer is kept. Milliseconds, at most 30 days. 0: nothing is kept, and only calls that are under way at the
   * same time share an answer. Default 3,600,000.
   */
  readonly ttlMs?: number;
  /**
   * For how long after that an answer is still given, while it is asked for anew in the background: a call of its own, with
   * the same caller. Milliseconds, at most 30 days. Default 0.
   */
  readonly staleMs?: number;
  /** Where answers are kept: an instance of Keyv, with whatever adapter, or a store of your own. Default: the state's. */
  readonly store?: KeyvStore | CacheStore;
  /** Calls that ask the same at the same time share one answer. Default `true`. */
  readonly coalesce?: boolean;
  /** Keep answers to requests that leave something to chance (`temperature` not 0, or not given). Default `true`. */
  readonly sampled?: boolean;
  /** Keep answers that call tools. Default `true`. */
  readonly toolCalls?: boolean;
  /** Keep answers that a route's first choice has not given. Default `false`. */
  readonly otherTargets?: boolean;
  /** Larger answers are not kept, nor shared any more with calls that come while they are under way. Bytes. Default 1,048,576. */
  readonly maxEntryBytes?: number;
  /** Gives kept answers to questions that ask the same in other words, too. Default: only to those that are the same. */
  readonly semantic?: SemanticOptions;
}

/** Schema of {@link CacheOptions}. */
export const cacheOptionsSchema = z.strictObject({
  ttlMs: z.optional(z.number().check(z.gte(0), z.lte(longestTtlMs))),
  staleMs: z.optional(z.number().check(z.gte(0), z.lte(longestTtlMs))),
  store: z.optional(
    z.custom<KeyvStore | CacheStore>(
      (value) => typeof value === 'object' && value !== null && 'get' in value && 'set' in value,
      'must be an instance of Keyv, or a store with `get`, `set` and `delete`',
    ),
  ),
  coalesce: z.optional(z.boolean()),
  sampled: z.optional(z.boolean()),
  toolCalls: z.optional(z.boolean()),
  otherTargets: z.optional(z.boolean()),
  maxEntryBytes: z.optional(z.int().check(z.positive())),
  semantic: z.optional(semanticOptionsSchema),
});
