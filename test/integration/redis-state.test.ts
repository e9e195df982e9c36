import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ManagedLLMError, type Bucket, type State } from 'managed-llm';
import { redisState, type RedisClient } from 'managed-llm/redis';
import { manualClock, type ManualClock } from 'managed-llm/testing';
import { Cluster, type Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RedisServer } from '../../prove/fleet/redis-server.ts';
import { freePort } from '../../prove/fleet/server-process.ts';
import { clear, connect, freshPrefix, redisUrl, withoutRedis, withoutRedisServer } from '../redis.ts';

const child = fileURLToPath(new URL('redis-children/taker.ts', import.meta.url));
const perMinute = (key: string, limit: number): Bucket => ({
  key,
  capacity: limit,
  refillPerMs: limit / 60_000,
});

/** Limiters that are there. */
function limiter(state: State, concurrency: number) {
  if (state.limiters === undefined) throw new Error('The state has no limiters.');
  return state.limiters.limiter('slots', { concurrency });
}

async function code(promise: Promise<unknown> | unknown): Promise<string | undefined> {
  return Promise.resolve(promise).then(
    () => expect.fail('expected a rejection'),
    (error: unknown) => ManagedLLMError.from(error)?.code,
  );
}

describe('redisState is given', () => {
  const path = (options: unknown): string => {
    try {
      redisState(options as Parameters<typeof redisState>[0]);
    } catch (error) {
      if (ManagedLLMError.isInstance(error)) return `${error.code}: ${error.message}`;
    }
    return 'accepted';
  };
  const shape = { status: 'ready', evalsha: () => {}, eval: () => {} };

  test('a client of ioredis, known by its shape', () => {
    expect(path({ client: shape })).toBe('accepted');
    expect(path({ client: { ...shape, status: undefined } })).toMatch(
      /^invalid-options: `redisState.client`/,
    );
    expect(path({})).toMatch(/`redisState.client` is no client of `ioredis`/);
    expect(path({ client: null })).toMatch(/`redisState.client` is no client of `ioredis`/);
    expect(path({ client: 'redis://127.0.0.1' })).toMatch(/`redisState.client` is no client of `ioredis`/);
  });

  test('a client of node-redis, which it refuses by name', () => {
    const newer = { isOpen: true, isReady: true, evalSha: () => {}, eval: () => {}, sendCommand: () => {} };
    const older = { connected: true, evalsha: () => {}, eval: () => {} };
    for (const client of [newer, older])
      expect(path({ client })).toMatch(
        /`redisState.client` is a client of node-redis .* give one of `ioredis`/,
      );
  });

  test('options that it does not know, and names the nearest', () => {
    expect(path({ client: shape, prefx: 'a:' })).toMatch(/no option `prefx`. Did you mean `prefix`\?/);
    expect(path({ client: shape, prefix: 1 })).toMatch(/`redisState.prefix` must be a string/);
    expect(path({ client: shape, clock: 1 })).toMatch(/`redisState.clock` must be a clock/);
  });
});

describe.skipIf(withoutRedis)('state in Redis', () => {
  const clients: Redis[] = [];
  let prefix = '';
  const open = (clock?: ManualClock): State => {
    const client = connect();
    clients.push(client);
    return redisState({ client, prefix, ...(clock === undefined ? {} : { clock }) });
  };
  let admin: Redis;

  beforeEach(() => {
    prefix = freshPrefix();
    admin = connect();
    clients.push(admin);
  });
  afterEach(async () => {
    // What was told without waiting for it is done by then.
    await Promise.all(clients.map((client) => client.status === 'ready' && client.ping()));
    await clear(admin, prefix);
    for (const client of clients.splice(0)) client.disconnect();
  });

  test('leaves only the memory of its beginning: a bucket that is full again is no key', async () => {
    const { ledger } = open();
    const bucket = perMinute('a', 600);
    await ledger.take([
      { bucket, amount: 100 },
      { bucket: perMinute('b', 600), amount: 1 },
      { bucket: perMinute('untouched', 600), amount: 0 },
    ]);
    const keys = await admin.keys(`${prefix}*`);
    expect(keys.toSorted()).toEqual([
      `${prefix}{state}:bucket:a`,
      `${prefix}{state}:bucket:b`,
      `${prefix}{state}:epoch`,
    ]);
    expect(await admin.pttl(`${prefix}{state}:bucket:a`)).toBeGreaterThan(9_000);
    expect(await admin.pttl(`${prefix}{state}:bucket:a`)).toBeLessThanOrEqual(10_000);
    await ledger.adjust([{ bucket, amount: -100 }]);
    expect(await admin.exists(`${prefix}{state}:bucket:a`)).toBe(0);
  });

  test('one question is one round trip, and scripts that the server forgot are sent again', async () => {
    const client = connect();
    clients.push(client);
    const { ledger } = redisState({ client, prefix });
    const bucket = perMinute('a', 600);
    await ledger.take([{ bucket, amount: 1 }]);
    const sent = vi.spyOn(client, 'sendCommand');
    await ledger.take([{ bucket, amount: 1 }]);
    expect(sent.mock.calls.map(([command]) => command.name)).toEqual(['evalsha']);
    await admin.script('FLUSH');
    sent.mockClear();
    expect(await ledger.take([{ bucket, amount: 1 }])).toMatchObject({ ok: true });
    expect(sent.mock.calls.map(([command]) => command.name)).toEqual(['evalsha', 'eval']);
    sent.mockClear();
    await ledger.take([{ bucket, amount: 1 }]);
    expect(sent.mock.calls.map(([command]) => command.name)).toEqual(['evalsha']);
  });

  test('takes for absent what another version wrote', async () => {
    const { ledger } = open();
    const bucket = perMinute('a', 600);
    await admin.set(`${prefix}{state}:bucket:a`, 'v2:12/34');
    expect(await ledger.level(bucket)).toBe(600);
    expect(await ledger.take([{ bucket, amount: 100 }])).toMatchObject({ ok: true, levels: [500] });
  });

  test('the prefix of a client stands before its own', async () => {
    const client = connect({ keyPrefix: prefix });
    clients.push(client);
    const { ledger } = redisState({ client, prefix: 'mine:' });
    await ledger.take([{ bucket: perMinute('a', 600), amount: 9 }]);
    expect(await admin.exists(`${prefix}mine:{state}:bucket:a`)).toBe(1);
  });

  test('a slot is leased, renewed while it is held, and free again when its process says nothing more', async () => {
    const [clock, silent] = [manualClock(), manualClock()];
    const [alive, dead] = [open(clock), open(silent)];
    expect(await limiter(alive, 2).start(0)).toBeDefined();
    const key = `${prefix}{state}:slots:slots`;
    const [slot = ''] = await admin.zrange(key, 0, '-1');
    expect(await limiter(dead, 2).start(0)).toBeDefined();
    expect(await limiter(dead, 2).start(0)).toBeUndefined();

    // As if ten seconds had passed, of which only one process told anything.
    for (const each of await admin.zrange(key, 0, '-1')) await admin.zincrby(key, '-9000', each);
    await clock.advance(2_500);
    await expect.poll(async () => Number(await admin.zscore(key, slot)) - Date.now()).toBeGreaterThan(5_000);
    for (const each of await admin.zrange(key, 0, '-1')) await admin.zincrby(key, '-1500', each);
    expect(await limiter(alive, 2).start(0)).toBeDefined();
    expect(await limiter(alive, 2).start(0)).toBeUndefined();
    expect(await admin.zcard(key)).toBe(2);
  });

  test('keeps no timer when it holds nothing', async () => {
    const clock = manualClock();
    const state = open(clock);
    const end = await limiter(state, 1).start(0);
    expect(clock.pending).toBe(1);
    end?.();
    await clock.advance(2_500);
    await expect.poll(() => clock.pending).toBe(0);
  });

  test('gives its slots back when it is disposed of, and leaves the client open', async () => {
    const client = connect();
    clients.push(client);
    const state = redisState({ client, prefix });
    await limiter(state, 2).start(0);
    await limiter(state, 2).start(0);
    await state.dispose?.();
    expect(await admin.zcard(`${prefix}{state}:slots:slots`)).toBe(0);
    expect(client.status).toBe('ready');
    expect(await client.ping()).toBe('PONG');
  });

  test('forgets what it knew of keys that nobody holds or waits for', async () => {
    const { ledger, limiters } = open();
    const before = await admin.dbsize();
    await Promise.all(
      Array.from({ length: 2_000 }, async (_, index) => {
        const bucket = { key: `user ${index}`, capacity: 1, refillPerMs: 1 };
        await ledger.take([{ bucket, amount: 1 }]);
        (await limiters?.limiter(bucket.key, { concurrency: 1 }).start(0))?.();
      }),
    );
    await expect.poll(async () => (await admin.dbsize()) - before, { timeout: 5_000 }).toBeLessThan(100);
  });

  describe('of several processes', () => {
    const started: ChildProcess[] = [];
    afterEach(() => {
      for (const each of started.splice(0)) each.kill('SIGKILL');
    });
    const taker = (skewMs: number): ChildProcess => {
      const process = fork(child, [redisUrl, prefix, String(skewMs)], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      });
      started.push(process);
      return process;
    };

    test('four, two with wrong clocks and one killed, never take more than there is, and nearly all of it', async () => {
      const takers = [0, 3_600_000, -3_600_000, 0].map(taker);
      await Promise.all(takers.map((each) => once(each, 'message')));
      const from = performance.now();
      const granted = takers.map(() => 0);
      let unreadable = 0;
      for (const [index, each] of takers.entries())
        each.on('message', (message) => {
          if (typeof message === 'number') granted[index] = (granted[index] ?? 0) + message;
          else unreadable += 1;
        });
      for (const each of takers) each.send('go');
      await expect.poll(() => granted.every((each) => each > 0), { timeout: 5_000 }).toBe(true);
      const ends = takers.slice(1).map((each) => once(each, 'exit'));
      takers[0]?.kill('SIGKILL');
      await Promise.all(ends);
      const elapsedMs = performance.now() - from;
      const total = granted.reduce((sum, each) => sum + each, 0);
      expect(unreadable).toBe(0);
      // 50 at first and 500 a second, in takes of up to 7.
      expect(total).toBeLessThanOrEqual(50 + elapsedMs * 0.5);
      expect(total).toBeGreaterThan(0.7 * 1_000 * 0.5);
    });
  });
});

describe.skipIf(withoutRedisServer)('when Redis', () => {
  const bucket = perMinute('a', 60);
  const daily: Bucket = { key: 'daily', capacity: 1_440, refillPerMs: 1_440 / 86_400_000 };

  test('is killed, what asks fails at once, and goes on by itself when it is back, empty', async () => {
    await using server = await RedisServer.start();
    const client = connect({ retryStrategy: () => 20 }, server.url);
    const { ledger } = redisState({ client, prefix: 'test:' });
    await ledger.take([{ bucket, amount: 60 }]);

    await server.kill();
    await expect.poll(() => client.status).not.toBe('ready');
    const sent = vi.spyOn(client, 'sendCommand');
    expect(await code(ledger.take([{ bucket, amount: 1 }]))).toBe('state-unreachable');
    expect(await code(ledger.adjust([{ bucket, amount: 1 }]))).toBe('state-unreachable');
    expect(await code(ledger.learn(bucket, { atMost: 1 }))).toBe('state-unreachable');
    expect(await code(ledger.level(bucket))).toBe('state-unreachable');
    expect(sent.mock.calls.filter(([command]) => command.name.startsWith('eval'))).toEqual([]);

    await server.restart();
    await expect.poll(() => client.status).toBe('ready');
    await expect
      .poll(async () => Promise.resolve(ledger.level(bucket)).catch(() => -1))
      .toBeGreaterThanOrEqual(0);
    // What a minute brings is taken for gone: another process may have taken it.
    expect(await ledger.level(bucket)).toBeLessThan(5);
    expect(await ledger.take([{ bucket, amount: 30 }])).toMatchObject({ ok: false, index: 0 });
    expect(await ledger.level(daily)).toBeGreaterThan(1_438);
    // One that never saw the store before learns it from those that did.
    const other = connect({}, server.url);
    expect(await redisState({ client: other, prefix: 'test:' }).ledger.level(bucket)).toBeLessThan(5);
    expect(await redisState({ client: other, prefix: 'new:' }).ledger.level(bucket)).toBe(60);
    client.disconnect();
    other.disconnect();
  });

  test('is emptied while slots are held, none is given before all have told what they hold', async () => {
    await using server = await RedisServer.start();
    const [one, other] = [connect({}, server.url), connect({}, server.url)];
    const clock = manualClock();
    const holder = redisState({ client: one, prefix: 'test:', clock });
    const asker = redisState({ client: other, prefix: 'test:' });
    const end = await limiter(holder, 1).start(0);
    expect(await limiter(asker, 1).start(0)).toBeUndefined();
    await other.flushall();
    expect(await limiter(asker, 1).start(0)).toBeUndefined();
    expect(await other.zcard('test:{state}:slots:slots')).toBe(0);
    await clock.advance(2_500);
    await expect.poll(() => other.zcard('test:{state}:slots:slots')).toBe(1);
    const waiting = limiter(asker, 1).start(9_000);
    end?.();
    expect(await waiting).toBeDefined();
    one.disconnect();
    other.disconnect();
  });

  test('hangs, the first question fails after a second and the next ones at once, but for one in half a second', async () => {
    await using server = await RedisServer.start();
    const client = connect({}, server.url);
    const clock = manualClock();
    const { ledger } = redisState({ client, prefix: 'test:', clock });
    await ledger.take([{ bucket, amount: 10 }]);

    server.pause();
    const first = code(ledger.take([{ bucket, amount: 1 }]));
    await clock.advance(999);
    expect(clock.pending).toBe(1);
    await clock.advance(2);
    expect(await first).toBe('state-unreachable');
    const sent = vi.spyOn(client, 'sendCommand');
    for (let count = 0; count < 100; count += 1)
      expect(await code(ledger.take([{ bucket, amount: 1 }]))).toBe('state-unreachable');
    expect(sent).not.toHaveBeenCalled();
    await clock.advance(500);
    const probe = code(ledger.level(bucket));
    expect(await code(ledger.level(bucket))).toBe('state-unreachable');
    expect(sent).toHaveBeenCalledTimes(1);
    await clock.advance(1_001);
    expect(await probe).toBe('state-unreachable');

    server.resume();
    await clock.advance(500);
    expect(await ledger.level(bucket)).toBeGreaterThan(40);
    expect(await ledger.take([{ bucket, amount: 1 }])).toMatchObject({ ok: true });
    expect(clock.pending).toBe(0);
    client.disconnect();
  });

  test('was never there, what asks fails within a second, then at once, and goes on when it comes', async () => {
    await using server = await RedisServer.start();
    await server.kill();
    const client = connect({ retryStrategy: () => 20, maxRetriesPerRequest: null }, server.url);
    const clock = manualClock();
    const { ledger } = redisState({ client, prefix: 'test:', clock });
    const first = code(ledger.take([{ bucket, amount: 1 }]));
    await clock.advance(1_001);
    expect(await first).toBe('state-unreachable');
    await clock.advance(5_000);
    const sent = vi.spyOn(client, 'sendCommand');
    expect(await code(ledger.take([{ bucket, amount: 1 }]))).toBe('state-unreachable');
    expect(sent).not.toHaveBeenCalled();
    await server.restart();
    await expect.poll(() => client.status).toBe('ready');
    expect(await ledger.take([{ bucket, amount: 1 }])).toMatchObject({ ok: true });
    client.disconnect();
  });

  test('sets its clock back, buckets refill and leases end all the same', async () => {
    await using server = await RedisServer.start();
    const client = connect({}, server.url);
    const state = redisState({ client, prefix: 'test:' });
    const fast = { key: 'fast', capacity: 100, refillPerMs: 0.5 };
    await state.ledger.take([{ bucket: fast, amount: 90 }]);
    await limiter(state, 1).start(0);
    // As if it had been an hour later when they were written.
    const [level = '', at = ''] = ((await client.get('test:{state}:bucket:fast')) ?? '').split(' ');
    await client.set(
      'test:{state}:bucket:fast',
      `${level} ${Number(at) + 3_600_000} ${Number(at) + 3_600_050} 90`,
    );
    for (const slot of await client.zrange('test:{state}:slots:slots', 0, '-1'))
      await client.zincrby('test:{state}:slots:slots', '3600000', slot);
    expect(await state.ledger.take([{ bucket: fast, amount: 0 }])).toMatchObject({ ok: false });
    await expect.poll(async () => (await state.ledger.take([{ bucket: fast, amount: 20 }])).ok).toBe(true);
    expect(await limiter(state, 1).start(0)).toBeDefined();
    await state.dispose?.();
    client.disconnect();
  });

  test('is a cluster, everything of one prefix lies on one node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'managed-llm-redis-'));
    const settings = `--cluster-enabled yes --cluster-port ${await freePort()} --cluster-announce-ip 127.0.0.1`;
    await using server = await RedisServer.start([...settings.split(' '), '--dir', folder]);
    const admin = connect({}, server.url);
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    // A new node takes no writes for two seconds.
    const info = (): Promise<unknown> => admin.call('CLUSTER', 'INFO');
    await expect.poll(info, { timeout: 8_000 }).toContain('cluster_state:ok');
    const client: RedisClient & Cluster = new Cluster([{ host: '127.0.0.1', port: server.port }]);
    const state = redisState({ client });
    const takes = Array.from({ length: 20 }, (_, index) => ({
      bucket: perMinute(`{b}${index}`, 60),
      amount: 1,
    }));
    expect(await state.ledger.take(takes)).toMatchObject({ ok: true });
    expect(await limiter(state, 1).start(0)).toBeDefined();
    expect(await limiter(state, 1).start(0)).toBeUndefined();
    await state.dispose?.();
    client.disconnect();
    admin.disconnect();
    await rm(folder, { recursive: true });
  });
});
