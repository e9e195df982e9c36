import * as z from 'zod/mini';
import { realClock, type Clock } from '../../core/clock.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { State } from '../../core/state.ts';
import { clockOption } from '../clock-option.ts';
import { LeasedLimiters } from '../leased-limiters.ts';
import { checkClient, isClient, type RedisClient } from './redis-client.ts';
import { RedisAccounts } from './redis-accounts.ts';
import { RedisCache } from './redis-cache.ts';
import { RedisDocuments } from './redis-documents.ts';
import { RedisLedger } from './redis-ledger.ts';
import { RedisReceiptLog } from './redis-receipt-log.ts';
import { RedisScripts } from './redis-scripts.ts';
import { RedisSlots } from './redis-slots.ts';
import { RedisTallies } from './redis-tallies.ts';

/** Options of {@link redisState}. */
export interface RedisStateOptions {
  /** A client of `ioredis`, 5 or 6, or its `Cluster`. Stays yours: it is never closed, nor are its settings changed. */
  readonly client: RedisClient;
  /**
   * Begins every key. Processes with the same prefix share everything, others nothing. Default `managed-llm:`. All keys of
   * a prefix lie on one node of a cluster; a hash tag of your own, `team-a:{team-a}:`, says which.
   */
  readonly prefix?: string;
  /** What waits for Redis go by. Default: the machine's. Levels and leases go by the server's own time. */
  readonly clock?: Clock;
}

const redisStateOptionsSchema = z.strictObject({
  client: z.optional(z.unknown()),
  prefix: z.optional(z.string()),
  clock: clockOption,
});

/**
 * Facts that a fleet of processes shares, in Redis 5 or later. Each question is one script and one round trip.
 *
 * While Redis cannot be asked, everything rejects with `state-unreachable`: at once when the connection is known to be
 * down, else within a second. It is asked again twice a second, and recovers by itself, also from a Redis that came back
 * empty: levels then begin without what a minute brings, no slot is given before every process has told which it holds, and
 * what any process last saw used of an account is put back. Receipts, documents and tallies are gone, and what no process
 * knows; a warning, `state-emptied`, tells. All of these need a Redis that keeps its data: `appendonly yes`, no eviction.
 *
 * What an older version of this package stored is brought up to date. Everything rejects with `state-incompatible`, and
 * changes nothing, where a newer one has been, or where keys of the prefix belong to something else.
 *
 * @example
 * ```ts
 * import { Redis } from 'ioredis';
 * import { redisState } from 'managed-llm/redis';
 *
 * const redis = new Redis('redis://127.0.0.1:6379');
 * const llm = new ManagedLLM({ providers: { openai: new OpenAI() }, state: redisState({ client: redis }) });
 * ```
 * @throws `invalid-options` for other clients than those of ioredis, and for unknown options.
 */
export function redisState(options: RedisStateOptions): State {
  if (isClient(options)) throw invalidOption('redisState', 'takes options: `redisState({ client })`');
  const {
    client,
    prefix = 'managed-llm:',
    clock = realClock,
  } = parseOptions(redisStateOptionsSchema, options, 'redisState');
  checkClient(client, 'redisState.client');
  const scripts = new RedisScripts(client, prefix, clock);
  const limiters = new LeasedLimiters(new RedisSlots(scripts), clock);
  return {
    name: 'redis',
    shared: true,
    ledger: new RedisLedger(scripts),
    limiters,
    accounts: new RedisAccounts(scripts, clock),
    receipts: new RedisReceiptLog(scripts),
    cache: new RedisCache(scripts),
    documents: new RedisDocuments(scripts),
    tallies: new RedisTallies(scripts),
    async dispose() {
      await limiters.dispose();
      await scripts.idle();
    },
  };
}
