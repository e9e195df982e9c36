import * as z from 'zod/mini';
import { realClock, type Clock } from '../../core/clock.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { VectorStore } from '../../core/vector-store.ts';
import { clockOption } from '../../state/clock-option.ts';
import { notOfIoredis } from '../../state/redis/redis-client.ts';
import { VectorSets, type RedisVectorsClient } from './vector-sets.ts';

/** Options of {@link redisVectors}. */
export interface RedisVectorsOptions {
  /**
   * A client of `ioredis`, 5 or 6, or its `Cluster`, of Redis 8 or later. Stays yours: it is never closed, nor are its
   * settings changed.
   */
  readonly client: RedisVectorsClient;
  /** Begins every key. Processes with the same prefix share everything, others nothing. Default `managed-llm:vectors:`. */
  readonly prefix?: string;
  /** What times go by: those of processes that share vectors should agree. Default: the machine's. */
  readonly clock?: Clock;
}

/** Schema of {@link RedisVectorsOptions}. */
const redisVectorsOptionsSchema = z.strictObject({
  client: z.optional(z.unknown()),
  prefix: z.optional(z.string()),
  clock: clockOption,
});

/**
 * Vectors that a fleet of processes shares, in vector sets of Redis 8 or later: a key for each group. All of a group are
 * looked at, by a thread of Redis' own, so that the nearest is found for sure: 2,000 vectors of 1,536 numbers take 5 to 10 ms.
 *
 * Vectors are kept as they are (`NOQUANT`), four bytes a number. A group's key lasts as long as its longest time to live; what
 * is over before is left out by a filter, and deleted by those who put into the group, each process once a minute. What Redis evicts is gone, a whole group at a time.
 *
 * Everything rejects with `state-unreachable` while Redis cannot be asked, at once when the connection is known to be down,
 * else within a second; with `invalid-options` where Redis is too old; with `state-incompatible` where a key belongs to
 * something else.
 *
 * @example
 * ```ts
 * import { Redis } from 'ioredis';
 * import { redisVectors } from 'managed-llm/redis';
 *
 * const vectors = redisVectors({ client: new Redis('redis://127.0.0.1:6379') });
 * ```
 * @throws `invalid-options` for other clients than those of ioredis, and for unknown options.
 */
export function redisVectors(options: RedisVectorsOptions): VectorStore {
  if (isClient(options)) throw invalidOption('redisVectors', 'takes options: `redisVectors({ client })`');
  const {
    client,
    prefix = 'managed-llm:vectors:',
    clock = realClock,
  } = parseOptions(redisVectorsOptionsSchema, options, 'redisVectors');
  if (!isClient(client)) throw notOfIoredis(client, 'redisVectors.client');
  return new VectorSets(client, prefix, clock);
}

function isClient(given: unknown): boolean {
  const { status, call }: Partial<RedisVectorsClient> = given ?? {};
  return typeof status === 'string' && typeof call === 'function';
}
