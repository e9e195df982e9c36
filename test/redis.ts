import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';

/** The server that tests of shared state use. */
export const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** In CI a missing server is a failure, and so is one that `REDIS_URL` names. */
const isRequired = process.env['CI'] !== undefined || process.env['REDIS_URL'] !== undefined;

/** Whether tests of Redis are skipped: where none answers, unless it has to. */
export const withoutRedis = !isRequired && !(await answers());

/** Whether tests are skipped that start and kill a server of their own. */
export const withoutRedisServer = !isRequired && !isInstalled();

async function answers(): Promise<boolean> {
  const client = connect({ lazyConnect: true, retryStrategy: () => null });
  try {
    await client.connect();
    return true;
  } catch {
    console.warn(`No Redis answers at ${redisUrl}: its tests are skipped. Start one, or set REDIS_URL.`);
    return false;
  } finally {
    client.disconnect();
  }
}

function isInstalled(): boolean {
  const { error } = spawnSync('redis-server', ['--version']);
  if (error !== undefined) console.warn('`redis-server` is not installed: tests that kill one are skipped.');
  return error === undefined;
}

/** A client of that server, or of another; whoever makes one lets go of it. */
export function connect(options: Omit<RedisOptions, 'replyMapping'> = {}, url = redisUrl): Redis {
  const client = new Redis(url, options);
  // What fails is told to those who ask; without a listener it would be printed too.
  client.on('error', () => {});
  return client;
}

/** A prefix that nobody else uses. */
export function freshPrefix(): string {
  return `managed-llm-test:${randomUUID()}:`;
}

/** Deletes everything under a prefix, where the client is connected. */
export async function clear(client: Redis, prefix: string): Promise<void> {
  // Where none answers, tests fail by what they ask, and soon.
  if (client.status !== 'ready') return;
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1000 }))
    if (keys.length > 0) await client.del(...(keys as string[]));
}
