import type { Receipt, ReceiptFilter, ReceiptLog } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clear, connect, freshPrefix, withoutRedis } from '../redis.ts';
import { code, commandsOf, receipt } from './redis-books.ts';

async function ids(log: ReceiptLog, filter?: ReceiptFilter): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { callId } of log.read(filter)) found.push(callId);
  return found;
}

describe.skipIf(withoutRedis)('receipts in Redis', () => {
  let prefix = '';
  let client: Redis;
  let log: ReceiptLog;
  const key = (name: string): string => `${prefix}{state}:${name}`;

  beforeEach(() => {
    prefix = freshPrefix();
    client = connect();
    const { receipts } = redisState({ client, prefix });
    if (receipts === undefined) throw new Error('The state keeps no receipts.');
    log = receipts;
  });
  afterEach(async () => {
    await clear(client, prefix);
    client.disconnect();
  });

  test('of one user are found among all others without reading these', async () => {
    const all = Array.from({ length: 2_000 }, (_, index) =>
      receipt(`${index}`, { user: index % 200 === 0 ? 'alice' : 'bob', tenant: 'acme' }, index),
    );
    await log.append(all);
    const sent = commandsOf(client);
    expect(await ids(log, { user: 'alice' })).toHaveLength(10);
    expect(await ids(log, { user: 'alice', tenant: 'acme', from: 1_000 })).toHaveLength(5);
    expect(await log.delete({ user: 'alice', tenant: 'other' })).toBe(0);
    expect(await log.delete({ user: 'alice' })).toBe(10);
    expect(sent()).toEqual(['evalsha', 'evalsha', 'evalsha', 'evalsha']);
    expect(await ids(log)).toHaveLength(1_990);
    expect(sent()).toHaveLength(4 + 10);
  });

  test('that are deleted leave nothing behind', async () => {
    await log.append([receipt('1', { user: 'a', tenant: 'b' }), receipt('2', { user: 'a' }), receipt('3')]);
    expect((await client.keys(key('*'))).toSorted()).toEqual(
      ['epoch', 'receipts', 'all', 'tenant:"b"', 'tenant:null', 'user:"a"', 'user:null'].map((name) =>
        key(['epoch', 'receipts'].includes(name) ? name : `receipts:${name}`),
      ),
    );
    expect(await log.delete({ tenant: 'b' })).toBe(1);
    expect(await log.delete({})).toBe(2);
    expect(await client.keys(key('*'))).toEqual([key('epoch')]);
  });

  test('that were half written or half deleted are made whole by the same question', async () => {
    const one = receipt('1', { user: 'a' });
    await log.append([one]);
    // Where the move of a slot stops a script, the receipt itself is not there yet.
    await client.hdel(key('receipts'), '1');
    await client.del(key('receipts:user:"a"'));
    expect(await ids(log)).toEqual([]);
    await log.append([one]);
    expect(await ids(log, { user: 'a' })).toEqual(['1']);
    await client.del(key('receipts:tenant:null'));
    expect(await log.delete({ user: 'a' })).toBe(1);
    expect(await client.keys(key('*'))).toEqual([key('epoch')]);

    await log.append([one]);
    await client.hdel(key('receipts'), '1');
    expect(await log.delete({})).toBe(0);
    expect(await client.exists(key('receipts:all'))).toBe(0);
  });

  test('are told in the order of time over nine digits and over thirteen, and up to the end of time', async () => {
    const times = [0, 999.5, 999.625, 1_000, 999_999_999, 1_796_052_146_817];
    await log.append(times.toReversed().map((at) => receipt(`${at}`, {}, at)));
    expect(await ids(log)).toEqual(times.map(String));
    expect(await ids(log, { from: -Infinity, to: Infinity })).toEqual(times.map(String));
    expect(await ids(log, { from: 999.6, to: 1_000 })).toEqual(['999.625']);
  });

  test('where a batch cannot be written as JSON, none of it is stored', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const bad: Receipt = { ...receipt('2'), facts: cyclic };
    await expect(log.append([receipt('1'), bad])).rejects.toThrow(TypeError);
    expect(await ids(log)).toEqual([]);
  });

  test('where the keys are not its own, say `state-incompatible`', async () => {
    await client.set(key('receipts:all'), 'theirs');
    expect(await code(log.append([receipt('1')]))).toBe('state-incompatible');
    expect(await code(log.delete({}))).toBe('state-incompatible');
    expect(await code(ids(log))).toBe('state-incompatible');
  });
});
