import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { postgresState } from 'managed-llm/postgres';
import { redisState, type RedisClient } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { manualClock } from 'managed-llm/testing';
import type { Redis } from 'ioredis';
import { escapeIdentifier } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectPool, dropSchema, freshSchema, withoutPostgres } from '../postgres.ts';
import { clear, connect, freshPrefix, withoutRedis } from '../redis.ts';
import { codes, partsOf, version } from './documents.ts';
import { commandsOf } from './redis-books.ts';

describe('documents and tallies in a file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'managed-llm-documents-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('are not in it any more when their time is over and others have come', async () => {
    const path = join(folder, 'state.db');
    const clock = manualClock(1_000_000);
    const state = sqliteState({ path, clock });
    const { documents, tallies } = partsOf(state);
    await documents.write('for good', 'text', undefined);
    await tallies.add('for good', { n: 1 });
    for (let round = 0; round < 30; round += 1) {
      for (let index = 0; index < 20; index += 1) {
        await documents.write(`${round} ${index}`, 'text', undefined, 1_000);
        await tallies.add(`${round} ${index}`, { n: 1 }, 1_000);
      }
      await clock.advance(1_000);
    }
    await documents.write('last', 'text', undefined);
    await tallies.add('last', { n: 1 });
    await state.dispose?.();
    const database = new DatabaseSync(path);
    const counts = ['documents', 'tallies'].map((table) =>
      database.prepare(`select count(*) as count from ${table}`).get(),
    );
    database.close();
    // Ten of the last twenty, whose time is over, the last, and what is kept for good.
    expect(counts).toEqual([{ count: 12 }, { count: 12 }]);
  });

  test('outlast the process', async () => {
    const path = join(folder, 'state.db');
    const first = sqliteState({ path });
    const written = await version(partsOf(first).documents.write('key', 'text', undefined));
    await partsOf(first).tallies.add('key', { n: 0.1 });
    await first.dispose?.();
    const second = sqliteState({ path });
    const { documents, tallies } = partsOf(second);
    expect(await documents.read('key')).toEqual({ text: 'text', version: written });
    expect(await tallies.add('key', { n: 0.2 })).toEqual({ n: 0.1 + 0.2 });
    await second.dispose?.();
  });

  test('wait for others that write, for five seconds', async () => {
    const path = join(folder, 'state.db');
    const clock = manualClock(1_000_000);
    const state = sqliteState({ path, clock });
    const { documents, tallies } = partsOf(state);
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const asked = [
      documents.write('key', 'first', undefined),
      documents.write('key', 'second', undefined),
      tallies.add('key', { n: 1 }),
    ];
    const late = documents.write('late', 'text', undefined);
    await clock.advance(4_000);
    other.exec('commit');
    await clock.advance(1);
    expect(await Promise.all(asked)).toMatchObject([
      { ok: true },
      { ok: false, found: { text: 'first' } },
      { n: 1 },
    ]);
    expect(await late).toMatchObject({ ok: true });
    other.exec('begin immediate');
    const failed = expect(documents.write('never', 'text', undefined)).rejects.toMatchObject({
      code: 'state-unreachable',
    });
    await clock.advance(5_001);
    await failed;
    other.exec('rollback');
    other.close();
    expect(await documents.read('never')).toBeUndefined();
    await state.dispose?.();
  });
});

describe.skipIf(withoutRedis)('documents and tallies in Redis', () => {
  let prefix = '';
  let client: Redis;
  beforeEach(() => {
    prefix = freshPrefix();
    client = connect();
  });
  afterEach(async () => {
    await clear(client, prefix);
    client.disconnect();
  });

  test('are a key each, with a time where they have one, and each question is one round trip', async () => {
    const { documents, tallies } = partsOf(redisState({ client, prefix }));
    const key = (name: string) => `${prefix}{state}:${name}`;
    const first = await version(documents.write('a', '{"b":1}', undefined));
    expect(await client.get(key('document:=a'))).toBe(`${first} ={"b":1}`);
    expect(await client.pttl(key('document:=a'))).toBe(-1);
    await version(documents.write('a', '{}', first, 60_000));
    expect(await client.pttl(key('document:=a'))).toBeGreaterThan(50_000);
    await tallies.add('a', { n: 1, sum: 0.5 });
    expect(await client.hgetall(key('tally:=a'))).toEqual({ '=n': '1', '=sum': '0.5' });
    expect(await client.pttl(key('tally:=a'))).toBe(-1);
    await tallies.add('a', { n: 1 }, 60_000);
    expect(await client.pttl(key('tally:=a'))).toBeGreaterThan(50_000);
    const added = await client.keys(key('added:*'));
    expect(added).toHaveLength(2);
    for (const each of added) expect(await client.pttl(each)).toBeLessThanOrEqual(600_000);

    const sent = commandsOf(client);
    await documents.read('a');
    await documents.write('a', 'text', first);
    await tallies.add('a', { n: 1 });
    await tallies.read(['a', 'b', 'c']);
    expect(sent().filter((name) => name !== 'evalsha')).toEqual([]);
    // A script that the server does not know yet is asked for by its hash first.
    expect(sent()).toHaveLength(4);
  });

  test('that a client asks for twice by itself are written and added once, and answered like the first time', async () => {
    const twice: RedisClient = {
      status: 'ready',
      async evalsha(...asked) {
        await client.evalsha(...asked);
        return client.evalsha(...asked);
      },
      async eval(...asked) {
        await client.eval(...asked);
        return client.eval(...asked);
      },
    };
    const { documents, tallies } = partsOf(redisState({ client: twice, prefix }));
    const first = await version(documents.write('a', 'first', undefined));
    const second = await version(documents.write('a', 'second', first));
    expect(await documents.read('a')).toEqual({ text: 'second', version: second });
    expect(await documents.write('a', 'late', first)).toMatchObject({ ok: false });
    expect(await tallies.add('a', { n: 1 })).toEqual({ n: 1 });
    expect(await tallies.add('a', { n: 2 })).toEqual({ n: 3 });
  });

  test('are refused where keys belong to something else', async () => {
    await client.rpush(`${prefix}{state}:document:=key`, 'theirs');
    await client.rpush(`${prefix}{state}:tally:=key`, 'theirs');
    const parts = partsOf(redisState({ client, prefix }));
    expect(await codes(parts)).toEqual(Array.from({ length: 4 }, () => 'state-incompatible'));
    expect(await client.keys(`${prefix}*added*`)).toEqual([]);
  });
});

test.skipIf(withoutPostgres)(
  'documents and tallies in PostgreSQL whose time is over are deleted in the background',
  async () => {
    const [pool, schema, clock] = [connectPool(), freshSchema(), manualClock()];
    try {
      const state = postgresState({ pool, schema, clock });
      const { documents, tallies } = partsOf(state);
      for (const [key, ttlMs] of [['over', 1], ['later', 60_000], ['for good']] as const) {
        await documents.write(key, 'text', undefined, ttlMs);
        await tallies.add(key, { n: 1 }, ttlMs);
      }
      const table = (name: string) => `${escapeIdentifier(schema)}.${name}`;
      const over = `select from ${table('tallies')} where until_ms <= extract(epoch from now()) * 1000`;
      // By the server's clock; the document was written before.
      await expect.poll(async () => (await pool.query(over)).rowCount).toBe(1);
      await clock.advance(61_000);
      await documents.read('for good');
      await state.dispose?.();
      for (const name of ['documents', 'tallies'])
        expect((await pool.query(`select name from ${table(name)} order by name`)).rows).toEqual([
          { name: 'for good' },
          { name: 'later' },
        ]);
    } finally {
      await dropSchema(pool, schema);
      await pool.end();
    }
  },
);
