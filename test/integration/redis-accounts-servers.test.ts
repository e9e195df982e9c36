import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Accounts } from 'managed-llm';
import { redisState, type RedisClient } from 'managed-llm/redis';
import { Cluster, type Redis, type RedisOptions } from 'ioredis';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RedisServer } from '../../prove/fleet/redis-server.ts';
import { freePort } from '../../prove/fleet/server-process.ts';
import { realClock } from '../../src/core/clock.ts';
import { migrations } from '../../src/state/redis/redis-migrations.ts';
import { RedisScripts, script } from '../../src/state/redis/redis-scripts.ts';
import { connect, withoutRedisServer } from '../redis.ts';
import { account, accountsOf, claim, code, money, nothing, persist, receipt } from './redis-books.ts';

const a = account('a');
const rolling = account('a', { kind: 'rolling', lengthMs: 3_600_000 });
const folders: string[] = [];
const clients: (Redis | Cluster)[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'managed-llm-redis-'));
  folders.push(made);
  return made;
}

function open({ url }: RedisServer, options: Omit<RedisOptions, 'replyMapping'> = {}): Accounts {
  const client = connect({ retryStrategy: () => 20, ...options }, url);
  clients.push(client);
  return accountsOf(redisState({ client, prefix: 'test:' }));
}

describe.skipIf(withoutRedisServer)('accounts, when Redis', () => {
  test('is killed and restarted under load with its data, lose nothing and count nothing twice', async () => {
    const kept = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', await folder()];
    await using server = await RedisServer.start(kept);
    // Clients ask again by themselves what was not answered; the last leaves that to those who asked.
    const fleet = [open(server), open(server), open(server, { maxRetriesPerRequest: 0 })];
    let [spent, settled, failures] = [0, 0, 0];
    const kills = { done: 0 };
    const failed = (): void => void (failures += 1);
    const work = async (accounts: Accounts): Promise<void> => {
      for (let count = 0; kills.done < 3; count += 1) {
        const id = randomUUID();
        const claims = [claim(a, 1_000), claim(rolling, 7)];
        const { ok } = await persist(() => accounts.reserve(id, claims, 60_000), failed);
        expect(ok).toBe(true);
        if (count % 5 === 4) {
          await persist(() => accounts.release(id), failed);
          continue;
        }
        await persist(() => accounts.settle(id, [money(1_003), money(5)]), failed);
        spent += 1_003;
        settled += 1;
      }
    };
    const working = fleet.flatMap((accounts) => [0, 1, 2, 3].map(() => work(accounts)));
    for (; kills.done < 3; kills.done += 1) {
      const before = settled;
      await expect.poll(() => settled, { timeout: 5_000 }).toBeGreaterThan(before + 20);
      // At first in the midst of questions for certain, later as it comes.
      if (kills.done === 0) server.pause();
      await sleep(20);
      await server.kill();
      await server.restart();
    }
    await Promise.all(working);
    expect(failures).toBeGreaterThan(0);
    const [one] = fleet;
    expect(await one?.balance(a)).toEqual({ used: money(spent), reserved: nothing, raised: nothing });
    expect(await one?.balance(rolling)).toMatchObject({ used: money(settled * 5), reserved: nothing });
    expect(await one?.lost()).toEqual([]);
  }, 40_000);

  test('comes back empty, put back what any process saw used, once, and know no reservation of before', async () => {
    await using server = await RedisServer.start();
    const [early, late, blind] = [open(server), open(server), open(server)];
    const claims = (nanoUsd: number) => [claim(a, nanoUsd, 100), claim(rolling, nanoUsd, 100)];
    const spend = async (accounts: Accounts, id: string, nanoUsd: number) => {
      await accounts.reserve(id, claims(nanoUsd), 60_000);
      await accounts.settle(id, [money(nanoUsd), money(nanoUsd)]);
    };
    await spend(early, '1', 40);
    await spend(late, '2', 20);
    await early.reserve('under way', claims(10), 60_000);
    await blind.now();

    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await server.kill();
    await server.restart();
    expect(await persist(() => blind.balance(a))).toMatchObject({ used: nothing, reserved: nothing });
    expect(warned.mock.calls).toEqual([
      [
        expect.stringMatching(/^`redisState`: what was stored under `test:{state}:` is gone\./),
        expect.anything(),
      ],
    ]);
    expect(await persist(() => late.reserve('3', claims(41), 60_000))).toMatchObject({
      ok: false,
      index: 0,
      balances: [{ used: money(60) }, { used: money(60) }],
    });
    expect(await persist(() => early.settle('under way', [money(10), money(10)]))).toBeUndefined();
    // As the budget does with what is not known any more.
    await spend(early, '4', 10);
    await spend(late, '5', 5);
    await spend(blind, '6', 5);
    expect(await blind.balance(a)).toMatchObject({ used: money(80), reserved: nothing });
    expect(await blind.balance(rolling)).toMatchObject({ used: money(80), reserved: nothing });

    // Each process is told once.
    expect(warned).toHaveBeenCalledTimes(3);
    warned.mockRestore();

    await blind.reset(a);
    await spend(early, '7', 1);
    expect(await blind.balance(a)).toMatchObject({ used: money(1) });
  });

  test('loses what was reserved while one process settles, that one is told', async () => {
    await using server = await RedisServer.start();
    const accounts = open(server);
    await accounts.reserve('1', [claim(a, 5)], 60_000);
    await server.kill();
    expect(await code(accounts.settle('1', [money(5)]))).toBe('state-unreachable');
    await server.restart();
    expect(await persist(() => accounts.settle('1', [money(5)]))).toBeUndefined();
    expect(await accounts.renew(['1'], 60_000)).toEqual(['1']);
  });
});

describe.skipIf(withoutRedisServer)('accounts in a cluster', () => {
  const cli = async ({ port }: RedisServer, ...args: readonly string[]): Promise<string> =>
    (await promisify(execFile)('redis-cli', ['-p', String(port), ...args])).stdout.trim();

  const started: RedisServer[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.kill()));
  });

  async function startNode(): Promise<RedisServer> {
    const settings = `--cluster-enabled yes --cluster-port ${await freePort()} --cluster-announce-ip 127.0.0.1`;
    const server = await RedisServer.start([...settings.split(' '), '--dir', await folder()]);
    started.push(server);
    return server;
  }

  /** Three nodes with a third of the slots each. */
  async function startCluster(): Promise<readonly [RedisServer, RedisServer, RedisServer]> {
    const nodes = [await startNode(), await startNode(), await startNode()] as const;
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    await cli(nodes[0], '--cluster', 'create', ...addresses, '--cluster-yes');
    for (const node of nodes)
      await expect.poll(() => cli(node, 'cluster', 'info'), { timeout: 8_000 }).toContain('cluster_state:ok');
    return nodes;
  }

  function connectCluster(node: RedisServer): Cluster & RedisClient {
    const client: Cluster & RedisClient = new Cluster([{ host: '127.0.0.1', port: node.port }], {
      slotsRefreshInterval: 100,
    });
    client.on('error', () => {});
    clients.push(client);
    return client;
  }

  test('of three nodes lie on one node for each prefix, and are the same for all who ask', async () => {
    const nodes = await startCluster();
    const client = connectCluster(nodes[0]);
    const other = connectCluster(nodes[1]);

    // Prefixes that lie on different nodes.
    const prefixes = Array.from({ length: 20 }, (_, index) => `p${index}:{p${index}}:`);
    const claims = ['a', '{b}', 'c'].flatMap((subject) => [
      claim(account(subject), 10, 100),
      claim({ ...rolling, subject }, 10, 100),
    ]);
    const spent = claims.map(() => money(7));
    for (const prefix of prefixes) {
      const accounts = accountsOf(redisState({ client, prefix }));
      const elsewhere = accountsOf(redisState({ client: other, prefix }));
      expect(await accounts.reserve('1', claims, 60_000)).toMatchObject({ ok: true });
      expect(await elsewhere.settle('1', spent)).toHaveLength(6);
      await accounts.reserve('lost', claims, 1);
      await accounts.raise('b', '{b}', money(5), (await accounts.now()) + 60_000);
      await expect.poll(async () => (await elsewhere.lost()).length).toBe(1);
      expect(await accounts.renew(['lost'], 60_000)).toEqual([]);
      expect(await elsewhere.release('lost')).toBe(true);
      expect(await accounts.list()).toHaveLength(6);
      expect(await accounts.balance(account('{b}'))).toEqual({
        used: money(7),
        reserved: nothing,
        raised: money(5),
      });
    }
    const { receipts } = redisState({ client, prefix: 'r:' });
    await receipts?.append([receipt('1', { user: '{b}' }), receipt('2', { user: 'b', tenant: '}{' })]);
    expect(await receipts?.delete({ user: 'b' })).toBe(1);
    expect(await receipts?.delete({})).toBe(1);
    const sizes = await Promise.all(nodes.map((node) => cli(node, 'dbsize')));
    expect(sizes).not.toContain('0');
  }, 40_000);

  test('outlive the move of their slot to another node while they are asked', async () => {
    const nodes = await startCluster();
    const accounts = accountsOf(redisState({ client: connectCluster(nodes[0]), prefix: 'moved:' }));
    const subjects = Array.from({ length: 40 }, (_, index) => account(`${index}`));
    for (const [index, subject] of subjects.entries())
      await accounts.reserve(`${index}`, [claim(subject, 10), claim(a, 10)], 60_000);

    const slot = await cli(nodes[0], 'cluster', 'keyslot', '{state}');
    const counts = await Promise.all(nodes.map((node) => cli(node, 'cluster', 'countkeysinslot', slot)));
    const [owner = nodes[0]] = nodes.filter((_, index) => counts[index] !== '0');
    const [target = nodes[0]] = nodes.filter((node) => node !== owner);
    const [from, to] = [await cli(owner, 'cluster', 'myid'), await cli(target, 'cluster', 'myid')];
    await cli(target, 'cluster', 'setslot', slot, 'importing', from);
    await cli(owner, 'cluster', 'setslot', slot, 'migrating', to);
    let failures = 0;
    const left = subjects.map((_, index) => `${index}`);
    const asked: Promise<unknown>[] = [];
    const ask = (id: string | undefined): void => {
      if (id === undefined) return;
      const settle = (): unknown => accounts.settle(id, [money(7), money(7)]);
      asked.push(persist(settle, () => (failures += 1)));
    };
    const keys = (await cli(owner, 'cluster', 'getkeysinslot', slot, '1000')).split('\n');
    expect(keys.length).toBeGreaterThan(left.length);
    for (const key of keys) {
      ask(left.pop());
      await cli(owner, 'migrate', '127.0.0.1', String(target.port), key, '0', '1000');
      // A script whose keys are half here and half there is refused until all are there.
      if (left.length === 0 && failures === 0)
        await expect.poll(() => failures, { timeout: 10_000 }).toBeGreaterThan(0);
    }
    for (const node of [target, owner]) await cli(node, 'cluster', 'setslot', slot, 'node', to);
    await Promise.all(asked);
    expect(failures).toBeGreaterThan(0);
    expect(await cli(owner, 'cluster', 'countkeysinslot', slot)).toBe('0');
    for (const subject of subjects)
      expect(await accounts.balance(subject)).toMatchObject({ used: money(7), reserved: nothing });
    expect(await accounts.balance(a)).toMatchObject({ used: money(280), reserved: nothing });
  }, 40_000);
});

describe.skipIf(withoutRedisServer)('what is stored in Redis', () => {
  const names = script(
    'test',
    `redis.call('SET', KEYS[2], 'now') return { epoch, redis.call('GET', KEYS[2]) }`,
  );
  const older = script('test', `return { epoch, redis.call('GET', KEYS[2]) or 'none' }`);
  const next = [...migrations, `redis.call('SET', base .. 'name', 'moved')`];

  function scripts({ url }: RedisServer, steps?: readonly string[]): RedisScripts {
    const client = connect({}, url);
    clients.push(client);
    return new RedisScripts(client, 'test:', realClock, steps);
  }

  test('of an older version is brought up to date once, by whichever process comes first', async () => {
    await using server = await RedisServer.start();
    const admin = connect({}, server.url);
    clients.push(admin);
    // Of before versions were written.
    await admin.set('test:{state}:epoch', '1796052146.817117 0');
    await admin.set('test:{state}:bucket:a', '5 1796052146000 0 7');
    const all = [1, 2, 3].map(() => scripts(server, [...next, `redis.call('INCR', base .. 'runs')`]));
    const answers = await Promise.all(all.map((each) => each.run(older, ['name'], [])));
    expect(answers).toEqual([['moved'], ['moved'], ['moved']]);
    expect(await admin.get('test:{state}:runs')).toBe('1');
    expect(await admin.get('test:{state}:epoch')).toBe('1796052146.817117 0 3');
    expect(await admin.get('test:{state}:bucket:a')).toBe('5 1796052146000 0 7');
    await all[0]?.run(names, ['name'], []);
    expect(await scripts(server, [...next, '']).run(older, ['name'], [])).toEqual(['now']);
  });

  test('of a newer version is refused, by everything, and left as it is', async () => {
    await using server = await RedisServer.start();
    await scripts(server, next).run(names, ['name'], []);
    const client = connect({}, server.url);
    clients.push(client);
    const state = redisState({ client, prefix: 'test:' });
    await expect(accountsOf(state).now()).rejects.toMatchObject({
      code: 'state-incompatible',
      retryable: false,
      details: { stored: 2, known: 1 },
      message:
        '`redisState`: `accounts.now` did nothing: what is stored under `test:{state}:` is of version 2, and this package knows versions up to 1. Update the package in this process, or give it a `prefix` of its own.',
    });
    const bucket = { key: 'a', capacity: 1, refillPerMs: 1 };
    expect(await code(state.ledger.take([{ bucket, amount: 1 }]))).toBe('state-incompatible');
    expect(await code(state.limiters?.limiter('a', { concurrency: 1 }).start(0))).toBe('state-incompatible');
    expect(await code(state.receipts?.delete({}))).toBe('state-incompatible');
    expect((await client.keys('*')).toSorted()).toEqual(['test:{state}:epoch', 'test:{state}:name']);
  });
});
