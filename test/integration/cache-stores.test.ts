import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CacheStore, State } from 'managed-llm';
import { postgresState } from 'managed-llm/postgres';
import { redisState } from 'managed-llm/redis';
import { sqliteState, type SqliteStateOptions } from 'managed-llm/sqlite';
import { manualClock } from 'managed-llm/testing';
import { escapeIdentifier } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { connectPool, dropSchema, freshSchema, withoutPostgres } from '../postgres.ts';
import { clear, connect, freshPrefix, withoutRedis } from '../redis.ts';

function cacheOf({ cache }: State): CacheStore {
  if (cache === undefined) throw new Error('The state keeps no answers.');
  return cache;
}

describe('answers in a file', () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end();
  });

  function inFolder() {
    const folder = mkdtempSync(join(tmpdir(), 'managed-llm-cache-'));
    endings.push(() => rmSync(folder, { recursive: true }));
    const clock = manualClock(1_000_000);
    const path = join(folder, 'state.db');
    const open = (cache: SqliteStateOptions['cache'] = {}): CacheStore => {
      const state = sqliteState({ path, clock, cache });
      endings.push(() => state.dispose?.());
      return cacheOf(state);
    };
    return { clock, path, open };
  }

  const found = async (cache: CacheStore, keys: readonly string[]) => {
    const values = await Promise.all(keys.map((key) => cache.get(key)));
    return keys.filter((_, index) => values[index] !== undefined).join('');
  };

  test('are so many at most, and what was not read for the longest makes room', async () => {
    const { clock, open } = inFolder();
    const cache = open({ entries: 3 });
    for (const key of 'abc') {
      await cache.set(key, key, 1_000);
      await clock.advance(1);
    }
    expect(await cache.get('a')).toBe('a');
    await cache.set('d', 'd', 1_000);
    expect(await found(cache, [...'abcd'])).toBe('acd');
    await cache.set('d', 'again', 1_000);
    expect(await found(cache, [...'abcd'])).toBe('acd');
    await cache.delete('c');
    await cache.set('e', 'e', 1_000);
    expect(await found(cache, [...'abcde'])).toBe('ade');
  });

  test('make no room by what is pinned, which takes none of theirs and has its own time', async () => {
    const { clock, open } = inFolder();
    const cache = open({ entries: 2 });
    await cache.pin?.('p', 'p', 1_000);
    for (const key of 'abc') {
      await clock.advance(1);
      await cache.set(key, key, 10_000);
      expect(await found(cache, ['p'])).toBe('p');
    }
    await cache.pin?.('q', 'q', 2_000);
    expect(await found(cache, [...'pabcq'])).toBe('pbcq');
    await clock.advance(1_000);
    expect(await found(cache, [...'pbcq'])).toBe('bcq');
  });

  test('take so much room at most, in whichever process they were kept, and one that is larger is not kept', async () => {
    const { open } = inFolder();
    const [one, other] = [open({ bytes: 1_000 }), open({ bytes: 1_000 })];
    for (const [index, key] of [...'abcdefgh'].entries())
      await (index % 2 === 0 ? one : other).set(key, 'ä'.repeat(100), 1_000);
    expect(await found(one, [...'abcdefgh'])).toBe('efgh');
    await one.set('h', 'x'.repeat(1_000), 1_000);
    expect(await found(other, [...'efgh'])).toBe('efg');
    await one.set('i', 'x'.repeat(900), 1_000);
    expect(await found(other, [...'efghi'])).toBe('i');
  });

  test('make room in small portions, between which others are asked, until there is enough', async () => {
    const { open } = inFolder();
    const full = open({ entries: 1_000 });
    for (let index = 0; index < 1_000; index += 1) await full.set(`key ${index}`, 'kept', 1_000);
    const small = open({ entries: 10 });
    const set = small.set('new', 'kept', 1_000);
    expect(set).toBeInstanceOf(Promise);
    expect(await full.get('key 98')).toBeUndefined();
    expect(await full.get('key 500')).toBe('kept');
    await set;
    expect(await full.get('key 990')).toBeUndefined();
    expect(await full.get('key 991')).toBe('kept');
    expect(await full.get('new')).toBe('kept');
  });

  test('are not in the file any more when their time is over and others have come', async () => {
    const { clock, path, open } = inFolder();
    const cache = open();
    for (let round = 0; round < 30; round += 1) {
      for (let index = 0; index < 20; index += 1)
        await cache.set(`${round} ${index}`, 'x'.repeat(index), 1_000);
      await clock.advance(1_000);
    }
    await cache.set('last', 'kept', 1_000);
    const database = new DatabaseSync(path);
    const counted = 'select count(*) as entries, sum(bytes) as bytes from cached';
    const all = [counted, 'select * from cached_room'].map((sql) => database.prepare(sql).get());
    database.close();
    expect(all[1]).toEqual(all[0]);
    // Ten of the last twenty, whose time is over, and the last.
    expect(all[0]).toMatchObject({ entries: 11 });
  });

  test('outlast the process', async () => {
    const { path, clock, open } = inFolder();
    const state = sqliteState({ path, clock });
    await cacheOf(state).set('key', 'kept', 1_000);
    await state.dispose?.();
    expect(await open().get('key')).toBe('kept');
  });

  test.each([{ entries: 0 }, { bytes: -1 }, { entires: 5 }])('are not bounded by %j', (cache) => {
    expect(() => sqliteState({ path: 'never.db', cache })).toThrow(
      expect.objectContaining({ code: 'invalid-options' }),
    );
  });
});

test.skipIf(withoutRedis)('answers in Redis are keys that it may evict, each with its time', async () => {
  const prefix = freshPrefix();
  const client = connect();
  try {
    await cacheOf(redisState({ client, prefix })).set('key', '{"a":1}', 60_000);
    const key = `${prefix}{state}:cached:=key`;
    expect(await client.get(key)).toBe('={"a":1}');
    expect(await client.pttl(key)).toBeGreaterThan(50_000);
  } finally {
    await clear(client, prefix);
    client.disconnect();
  }
});

test.skipIf(withoutPostgres)(
  'answers in PostgreSQL whose time is over are deleted in the background',
  async () => {
    const [pool, schema, clock] = [connectPool(), freshSchema(), manualClock()];
    try {
      const state = postgresState({ pool, schema, clock });
      const cache = cacheOf(state);
      await cache.set('over', 'kept', 1);
      await cache.set('kept', 'kept', 60_000);
      const table = `${escapeIdentifier(schema)}.cached`;
      // By the server's clock.
      await expect
        .poll(
          async () =>
            (await pool.query(`select from ${table} where until_ms <= extract(epoch from now()) * 1000`))
              .rowCount,
        )
        .toBe(1);
      await clock.advance(61_000);
      await cache.get('kept');
      await state.dispose?.();
      expect((await pool.query(`select value from ${table}`)).rows).toEqual([{ value: '=kept' }]);
    } finally {
      await dropSchema(pool, schema);
      await pool.end();
    }
  },
);
