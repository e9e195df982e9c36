import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Account, Accounts } from 'managed-llm';
import { redisState, type RedisClient } from 'managed-llm/redis';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clear, connect, freshPrefix, redisUrl, withoutRedis } from '../redis.ts';
import {
  account,
  accountsOf,
  claim,
  code,
  commandsOf,
  eachOf,
  money,
  nothing,
  total,
} from './redis-books.ts';

const child = fileURLToPath(new URL('redis-children/spender.ts', import.meta.url));
describe.skipIf(withoutRedis)('accounts in Redis', () => {
  const clients: Redis[] = [];
  const started: ChildProcess[] = [];
  let prefix = '';
  let admin: Redis;
  const key = (name: string): string => `${prefix}{state}:${name}`;
  const open = (client = connect()): Accounts => {
    clients.push(client);
    return accountsOf(redisState({ client, prefix }));
  };

  beforeEach(() => {
    prefix = freshPrefix();
    admin = connect();
    clients.push(admin);
  });
  afterEach(async () => {
    for (const each of started.splice(0)) each.kill('SIGKILL');
    await Promise.all(clients.map((client) => client.status === 'ready' && client.ping()));
    await clear(admin, prefix);
    for (const client of clients.splice(0)) client.disconnect();
  });

  test('every question is one round trip, whatever the accounts and whoever reserved', async () => {
    const client = connect();
    const [accounts, other] = [open(client), open()];
    const claims = ['a', 'b', 'c'].map((subject) => claim(account(subject), 5, 100));
    const ask = async (): Promise<void> => {
      await accounts.reserve(randomUUID(), claims, 60_000);
      const id = randomUUID();
      await other.reserve(id, claims, 60_000);
      expect(await accounts.renew([id, 'unknown'], 60_000)).toEqual(['unknown']);
      expect(await accounts.settle(id, [money(1), money(2), money(3)])).toHaveLength(3);
      expect(await accounts.release(id)).toBe(false);
      await accounts.balance(account('a'));
      await accounts.raise('b', 'a', money(1), Date.now() + 60_000);
      await accounts.alertOnce(account('a'), 0.5);
      await accounts.reset(account('a'));
      await accounts.now();
    };
    await ask();
    const sent = commandsOf(client);
    await ask();
    expect(sent()).toEqual(Array.from({ length: 9 }, () => 'evalsha'));
  });

  test('loses no nano-USD of sums up to nine million USD, nor of many small ones', async () => {
    const accounts = open();
    const large = account('large');
    const limit = 9e15;
    await accounts.reserve('1', [claim(large, limit - 1, limit)], 60_000);
    expect(await accounts.settle('1', [money(limit - 1)])).toMatchObject([{ used: money(limit - 1) }]);
    expect(await accounts.reserve('2', [claim(large, 2, limit)], 60_000)).toMatchObject({ ok: false });
    expect(await accounts.reserve('2', [claim(large, 1, limit)], 60_000)).toMatchObject({ ok: true });
    expect(await accounts.settle('2', [money(1)])).toMatchObject([{ used: money(limit) }]);

    const rolling = account('small', { kind: 'rolling', lengthMs: 3_600_000 });
    const spent = Array.from({ length: 300 }, (_, index) => 1_000_000_007 * (index + 1));
    await eachOf(spent, async (nanoUsd, index) => {
      await accounts.reserve(`small ${index}`, [claim(rolling, 9_999_999_999)], 60_000);
      await accounts.settle(`small ${index}`, [money(nanoUsd)]);
    });
    const { used, reserved } = await accounts.balance(rolling);
    expect(used.nanoUsd).toBe(spent.reduce((sum, each) => sum + each));
    expect(reserved).toEqual(nothing);
    for (const name of await admin.keys(key('account:*')))
      for (const value of Object.values(await admin.hgetall(name))) expect(value).toMatch(/^-?\d+$/);
  });

  test('a question that a client asks again after its connection broke counts once, and is answered as if it were the first', async () => {
    const client = connect();
    const evalsha = client.evalsha.bind(client) as RedisClient['evalsha'];
    const twice: RedisClient = {
      get status() {
        return client.status;
      },
      eval: (...args) => client.eval(...args),
      evalsha: async (...args) => {
        await evalsha(...args);
        return evalsha(...args);
      },
    };
    clients.push(client);
    const accounts = accountsOf(redisState({ client: twice, prefix }));
    const a = account('a');
    expect(await accounts.reserve('1', [claim(a, 5, 5)], 60_000)).toMatchObject({ ok: true });
    expect(await accounts.settle('1', [money(3)])).toEqual([
      { used: money(3), reserved: nothing, raised: nothing },
    ]);
    expect(await accounts.settle('1', [money(3)])).toBeUndefined();
    await accounts.reserve('2', [claim(a, 2, 5)], 60_000);
    expect(await accounts.release('2')).toBe(true);
    expect(await accounts.release('2')).toBe(false);
    expect(await accounts.alertOnce(a, 0.5)).toBe(true);
    expect(await accounts.alertOnce(a, 0.5)).toBe(false);
    expect(await accounts.balance(a)).toEqual({ used: money(3), reserved: nothing, raised: nothing });
  });

  test('one that has ended is remembered for ten minutes: to reserve it again reserves nothing', async () => {
    const accounts = open();
    const a = account('a');
    await accounts.reserve('1', [claim(a, 5)], 60_000);
    await accounts.settle('1', [money(3)]);
    expect(await admin.pttl(key('lease:1'))).toBeGreaterThan(599_000);
    expect(await accounts.reserve('1', [claim(a, 5)], 60_000)).toMatchObject({ ok: true });
    expect(await accounts.settle('1', [money(3)])).toBeUndefined();
    expect(await accounts.balance(a)).toMatchObject({ used: money(3), reserved: nothing });
  });

  describe('keeps', () => {
    test('the account of a window until the window has been over for its length, or a day, and two minutes', async () => {
      const accounts = open();
      const now = await accounts.now();
      const minute = account('a', { kind: 'fixed', startMs: now - 1_000, endMs: now + 59_000 });
      const month = account('a', { kind: 'fixed', startMs: now, endMs: now + 30 * 86_400_000 });
      await accounts.reserve('1', [claim(minute, 1), claim(month, 1), claim(account('a'), 1)], 60_000);
      const ttls = await Promise.all(
        [minute, month].map(async ({ window }) => {
          const range = window.kind === 'fixed' ? `${window.startMs}..${window.endMs}` : '';
          return (await admin.pttl(key(`account:["b","a"] ${range}`))) + (await accounts.now());
        }),
      );
      // Asked one after the other.
      expect(Math.abs((ttls[0] ?? 0) - (now + 59_000 + 60_000 + 120_000))).toBeLessThan(500);
      expect(Math.abs((ttls[1] ?? 0) - (now + 31 * 86_400_000 + 120_000))).toBeLessThan(500);
      expect(await admin.pttl(key('account:["b","a"] 0..'))).toBe(-1);
    });

    test('a rolling account while something is reserved from it, and then until all has left it', async () => {
      const accounts = open();
      const rolling = account('a', { kind: 'rolling', lengthMs: 60_000 });
      const name = key('account:["b","a"] ~60000');
      await accounts.reserve('1', [claim(rolling, 5)], 60_000);
      expect(await admin.pttl(name)).toBe(-1);
      await accounts.settle('1', [money(3)]);
      const ttl = await admin.pttl(name);
      expect(ttl).toBeLessThanOrEqual(61_000 + 60_000 + 120_000);
      expect(ttl).toBeGreaterThan(61_000 + 60_000 + 119_000);
      await accounts.reserve('2', [claim(rolling, 5)], 60_000);
      expect(await admin.pttl(name)).toBe(-1);
    });

    test('no more than there are accounts: those that are gone are forgotten as new ones come', async () => {
      const accounts = open();
      const now = await accounts.now();
      for (let index = 0; index < 50; index += 1) {
        const window = { kind: 'fixed', startMs: now - 60_000, endMs: now + 60_000 } as const;
        await accounts.reserve(`${index}`, [claim(account(`${index}`, window), 1)], 60_000);
      }
      expect(await admin.zcard(key('accounts'))).toBe(50);
      // As if their time had come.
      for (const id of await admin.zrange(key('accounts'), 0, '-1')) {
        await admin.del(key(`account:${id}`));
        await admin.zadd(key('accounts'), now, id);
      }
      for (let index = 0; index < 50; index += 1)
        await accounts.reserve(`later ${index}`, [claim(account(`later ${index}`), 1)], 60_000);
      expect(await admin.zcard(key('accounts'))).toBe(50);
      expect(await accounts.list()).toHaveLength(50);
    });

    test('a lost reservation until it counts nowhere any more', async () => {
      const accounts = open();
      const now = await accounts.now();
      const window = { kind: 'fixed', startMs: now, endMs: now + 1_000 } as const;
      await accounts.reserve('short', [claim(account('a', window), 5)], 1);
      await accounts.reserve('long', [claim(account('a', window), 5), claim(account('a'), 5)], 1);
      await expect.poll(async () => (await accounts.lost()).length).toBe(2);
      expect(await admin.zrange(key('forgetting'), 0, '-1', 'WITHSCORES')).toEqual([
        'short',
        String(now + 1_000 + 1_000 + 120_000),
      ]);
      await admin.zadd(key('forgetting'), now, 'short');
      expect((await accounts.lost()).map(({ id }) => id)).toEqual(['long']);
      expect(await admin.exists(key('lease:short'))).toBe(0);
    });

    test('a hundred thousand lost reservations, beyond which the oldest count as used for good', async () => {
      const accounts = open();
      await accounts.reserve('a oldest', [claim(account('a'), 5)], 1);
      await accounts.reserve('b next', [claim(account('a'), 7)], 1);
      await expect.poll(async () => (await accounts.lost()).length).toBe(2);
      const later = (await accounts.now()) + 1_000;
      for (let from = 0; from < 99_999; from += 33_333) {
        const others = Array.from({ length: 33_333 }, (_, index) => [later, `other ${from + index}`]);
        await admin.zadd(key('lost'), ...others.flat());
      }
      await accounts.lost();
      expect(await accounts.release('a oldest')).toBe(false);
      expect(await accounts.balance(account('a'))).toMatchObject({ used: money(12), reserved: nothing });
      expect(await accounts.release('b next')).toBe(true);
      await accounts.reset(account('a'));
      expect(await accounts.balance(account('a'))).toMatchObject({ used: nothing });
    }, 30_000);
  });

  test('asks the store for little at a time, however many accounts it lists and leases it renews', async () => {
    const client = connect();
    const accounts = open(client);
    const ids = Array.from({ length: 3_000 }, (_, index) => `${index}`);
    await eachOf(ids, (id, index) => accounts.reserve(id, [claim(account(id), index, 3_000)], 60_000));
    const sent = commandsOf(client);
    const listed = await accounts.list('b');
    expect(sent().length).toBeGreaterThan(3);
    expect(listed.map(({ balance }) => balance.reserved.nanoUsd)).toEqual(
      Array.from({ length: 3_000 }, (_, index) => 2_999 - index),
    );
    expect(await accounts.list('another')).toEqual([]);
    const before = sent().length;
    expect(await accounts.renew([...ids, 'unknown'], 60_000)).toEqual(['unknown']);
    expect(sent().length - before).toBe(7);
  });

  test('finds what thousands of leases hold that end at once, a hundred with each question of a call', async () => {
    const accounts = open();
    const a = account('a');
    const ids = Array.from({ length: 1_500 }, (_, index) => `${index}`);
    await eachOf(ids, (id) => accounts.reserve(id, [claim(a, 2)], 60_000));
    await admin.zadd(key('leases'), ...ids.flatMap((id) => [1, id]));
    const answer = await accounts.reserve('new', [claim(a, 1, 3_001)], 60_000);
    expect(answer).toMatchObject({ ok: true, balances: [{ used: money(200), reserved: money(2_801) }] });
    expect(await accounts.lost('b')).toHaveLength(1_500);
    expect(await accounts.balance(a)).toMatchObject({ used: money(3_000), reserved: money(1) });
  });

  test('gives back nothing of what was lost and has left a rolling window', async () => {
    const accounts = open();
    const lengthMs = 300;
    const rolling = account('a', { kind: 'rolling', lengthMs });
    await accounts.reserve('released', [claim(rolling, 5)], 1);
    await accounts.reserve('settled', [claim(rolling, 7)], 1);
    await expect.poll(async () => (await accounts.balance(rolling)).used.nanoUsd).toBe(12);
    // The server's clock cannot be driven: the window has to pass.
    await sleep(lengthMs + lengthMs / 60 + 20);
    expect(await accounts.release('released')).toBe(true);
    expect(await accounts.settle('settled', [money(3)])).toMatchObject([{ used: money(3) }]);
    expect(await accounts.balance(rolling)).toEqual({ used: money(3), reserved: nothing, raised: nothing });
  });

  test('counts what lies ahead as of now when the server sets its clock back', async () => {
    const accounts = open();
    const lengthMs = 600;
    const rolling = account('a', { kind: 'rolling', lengthMs });
    const name = key(`account:["b","a"] ~${lengthMs}`);
    await accounts.reserve('1', [claim(rolling, 5)], 60_000);
    await accounts.settle('1', [money(3)]);
    // As if it had been an hour later.
    const stored = await admin.hgetall(name);
    const step = Number(stored['newest']);
    const ahead = step + 3_600_000 / (lengthMs / 60);
    await admin.hdel(name, `${step}:used:nanoUsd`);
    await admin.hset(name, { oldest: ahead, newest: ahead, [`${ahead}:used:nanoUsd`]: 3 });
    expect(await accounts.balance(rolling)).toMatchObject({ used: money(3) });
    await accounts.reserve('2', [claim(rolling, 1)], 60_000);
    await accounts.settle('2', [money(1)]);
    expect(await accounts.balance(rolling)).toMatchObject({ used: money(4) });
    // The server's clock cannot be driven: the window has to pass.
    await sleep(lengthMs + lengthMs / 60 + 20);
    expect(await accounts.balance(rolling)).toMatchObject({ used: nothing });
  });

  describe('of what is not its own', () => {
    test('says `state-incompatible`, changes nothing, and is asked again at once', async () => {
      const accounts = open();
      const ask = () => accounts.reserve('1', [claim(account('a'), 1)], 60_000);
      for (const name of ['leases', 'accounts', 'account:["b","a"] 0..', 'lease:1']) {
        await admin.rpush(key(name), 'theirs');
        expect(await code(ask()), name).toBe('state-incompatible');
        expect(await admin.lrange(key(name), 0, '-1')).toEqual(['theirs']);
        await admin.del(key(name));
      }
      expect((await admin.keys(key('*'))).toSorted()).toEqual([key('epoch')]);
      expect(await ask()).toMatchObject({ ok: true });
    });

    test('names the prefix, and what to do', async () => {
      await admin.set(key('epoch'), 'theirs');
      await expect(open().now()).rejects.toMatchObject({
        code: 'state-incompatible',
        message: `\`redisState\`: \`accounts.now\` did nothing: what is stored under \`${prefix}{state}:\` is not of this package. Give it a \`prefix\` of its own.`,
      });
    });
  });

  describe('of several processes', () => {
    const spender = (limit: number, { skewMs = 0, holds = 0 } = {}): ChildProcess => {
      const process = fork(child, [redisUrl, prefix, String(skewMs), String(limit), String(holds)], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      });
      started.push(process);
      return process;
    };
    const race = (subject: string): Account => ({ budget: 'race', subject, window: total });

    test('four, two with wrong clocks, spend all that there is and not a nano-USD more', async () => {
      const limit = 2_001;
      const spenders = [0, 3_600_000, -3_600_000, 0].map((skewMs) => spender(limit, { skewMs }));
      await Promise.all(spenders.map((each) => once(each, 'message')));
      let spent = 0;
      for (const each of spenders) each.on('message', (message) => (spent += Number(message)));
      const ends = spenders.map((each) => once(each, 'exit'));
      for (const each of spenders) each.send('go');
      await Promise.all(ends);
      expect(spent).toBe(limit);
      const accounts = open();
      for (const subject of ['everybody', 'alice'])
        expect(await accounts.balance(race(subject))).toMatchObject({
          used: { nanoUsd: limit },
          reserved: nothing,
        });
    }, 30_000);

    test('what one held that was killed counts as used when its lease ends, is listed, and can be released', async () => {
      const limit = 1_000;
      const killed = spender(limit, { holds: 400 });
      await once(killed, 'message');
      killed.send('go');
      await once(killed, 'message');
      killed.kill('SIGKILL');
      const accounts = open();
      expect(await accounts.balance(race('alice'))).toMatchObject({ reserved: { nanoUsd: 400, tokens: 1 } });
      expect(await accounts.lost()).toEqual([]);
      // A lease of 400 ms, by the server's clock.
      await expect.poll(async () => (await accounts.lost('race')).length).toBe(1);
      const [lost] = await accounts.lost('race');
      expect(lost).toMatchObject({
        id: 'held',
        claims: ['everybody', 'alice'].map((subject) => ({
          account: race(subject),
          amounts: { nanoUsd: 400, tokens: 1 },
        })),
      });
      expect((lost?.lostAt ?? 0) - (lost?.reservedAt ?? 0)).toBe(400);

      const survivor = spender(limit);
      await once(survivor, 'message');
      let spent = 0;
      survivor.on('message', (message) => (spent += Number(message)));
      survivor.send('go');
      await once(survivor, 'exit');
      expect(spent).toBe(600);
      expect(await accounts.release('held')).toBe(true);
      expect(await accounts.lost()).toEqual([]);
      expect(await accounts.balance(race('alice'))).toMatchObject({ used: { nanoUsd: 600 } });
    }, 30_000);
  });
});
