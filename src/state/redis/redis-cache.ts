import type { CacheStore } from '../../core/cache-store.ts';
import { fromKept, toKept } from '../kept-text.ts';
import { script, type RedisScripts } from './redis-scripts.ts';

const getScript = script(
  'cache.get',
  `local kept = redis.call('GET', KEYS[2])
if kept then return { epoch, kept } end
return { epoch }`,
);

/** Arguments: value, milliseconds. */
const setScript = script(
  'cache.set',
  `redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return { epoch }`,
);

const deleteScript = script('cache.delete', `return { epoch, tostring(redis.call('DEL', KEYS[2])) }`);

/** Answers in Redis, a key each, until their time is over or Redis evicts them: it knows how much room there is. */
export class RedisCache implements CacheStore {
  readonly #scripts: RedisScripts;

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  async get(key: string): Promise<string | undefined> {
    const [kept] = await this.#scripts.run(getScript, [cachedAt(key)], []);
    return kept === undefined ? undefined : fromKept(kept);
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#scripts.run(setScript, [cachedAt(key)], [toKept(value), Math.ceil(ttlMs)]);
  }

  async delete(key: string): Promise<boolean> {
    const [deleted] = await this.#scripts.run(deleteScript, [cachedAt(key)], []);
    return deleted === '1';
  }
}

function cachedAt(key: string): string {
  return `cached:${toKept(key)}`;
}
