import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ManagedLLMError } from 'managed-llm';
import { postgresState } from 'managed-llm/postgres';
import { redisState, type RedisClient } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { Cluster, type RedisOptions } from 'ioredis';
import type { PoolConfig } from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RedisServer } from '../../prove/fleet/redis-server.ts';
import { freePort } from '../../prove/fleet/server-process.ts';
import { connectPool, dropSchema, freshSchema, postgresUrl, withoutPostgres } from '../postgres.ts';
import { clear, connect, freshPrefix, redisUrl, withoutRedis, withoutRedisServer } from '../redis.ts';
import { codes, partsOf, version } from './documents.ts';
import { PostgresProxy } from './postgres-proxy.ts';
import { persist } from './redis-books.ts';

const writer = fileURLToPath(new URL('document-children/writer.ts', import.meta.url));
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'managed-llm-documents-'));
  endings.push(() => rm(made, { recursive: true }));
  return made;
}

function openRedis({ url }: RedisServer, options: Omit<RedisOptions, 'replyMapping'> = {}) {
  const client = connect({ retryStrategy: () => 20, ...options }, url);
  endings.push(() => client.disconnect());
  return { client, ...partsOf(redisState({ client, prefix: 'test:' })) };
}

/** A pool, and a schema that goes with it. */
function openPostgres(options: PoolConfig = {}) {
  const [admin, pool, schema] = [connectPool(), connectPool(options), freshSchema()];
  endings.push(async () => {
    await dropSchema(admin, schema);
    await pool.end();
    await admin.end();
  });
  return { admin, pool, schema, open: () => partsOf(postgresState({ pool, schema })) };
}

type Parts = ReturnType<typeof partsOf>;

/** What one line of work was told of, and what may have been done all the same. */
interface Told {
  readonly name: string;
  written: number;
  maybeWritten: number;
  added: number;
  maybeAdded: number;
}

function countsOf(text = '{}'): Record<string, number> {
  return JSON.parse(text);
}

/** Counts in one document and one tally until it is over. */
async function count({ documents, tallies }: Parts, name: string, isOver: () => boolean): Promise<Told> {
  const told = { name, written: 0, maybeWritten: 0, added: 0, maybeAdded: 0 };
  const failed = (error: unknown): Promise<void> => {
    expect(ManagedLLMError.from(error)?.code).toBe('state-unreachable');
    // A server that is down is not asked without end.
    return sleep(5);
  };
  while (!isOver()) {
    try {
      const read = await documents.read('counts');
      const counts = countsOf(read?.text);
      const text = JSON.stringify({ ...counts, [name]: (counts[name] ?? 0) + 1 });
      const written = await documents.write('counts', text, read?.version);
      if (!written.ok) continue;
      told.written += 1;
    } catch (error) {
      told.maybeWritten += 1;
      await failed(error);
      continue;
    }
    try {
      await tallies.add('counts', { [name]: 1, all: 1 });
      told.added += 1;
    } catch (error) {
      told.maybeAdded += 1;
      await failed(error);
    }
  }
  return told;
}

/** Of what was told, nothing is missing; and nothing is there that nobody can have done. */
async function expectCounted({ documents, tallies }: Parts, all: readonly Told[]): Promise<void> {
  const counts = countsOf((await persist(() => documents.read('counts')))?.text);
  const [sums = {}] = await persist(() => tallies.read(['counts']));
  for (const { name, written, maybeWritten, added, maybeAdded } of all) {
    expect(counts[name]).toBeGreaterThanOrEqual(written);
    expect(counts[name]).toBeLessThanOrEqual(written + maybeWritten);
    expect(sums[name]).toBeGreaterThanOrEqual(added);
    expect(sums[name]).toBeLessThanOrEqual(added + maybeAdded);
  }
  expect(sums['all']).toBe(all.reduce((total, { name }) => total + (sums[name] ?? NaN), 0));
}

describe('of several processes, one of them killed', () => {
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const each of started.splice(0)) each.kill('SIGKILL');
  });

  async function expectAllCounted(kind: string, where: string, scope: string, parts: Parts): Promise<void> {
    const names = ['a', 'b', 'c', 'd'];
    const children = names.map((name) => {
      const child = fork(writer, [kind, where, scope, name], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      });
      started.push(child);
      return child;
    });
    await Promise.all(children.map((each) => once(each, 'message')));
    const told = names.map((name) => ({ name, w: 0, a: 0 }));
    for (const [index, each] of children.entries())
      each.on('message', (what) => {
        const mine = told[index];
        if (mine !== undefined && (what === 'w' || what === 'a')) mine[what] += 1;
      });
    for (const each of children) each.send('go');
    await expect.poll(() => told.every(({ a }) => a >= 10), { timeout: 20_000 }).toBe(true);
    // By then all is read that they told.
    const killed = once(children[0] ?? expect.fail(), 'disconnect');
    children[0]?.kill('SIGKILL');
    await killed;
    const before = told[1]?.a ?? 0;
    await expect.poll(() => told[1]?.a ?? 0, { timeout: 20_000 }).toBeGreaterThan(before + 5);
    const ends = children.slice(1).map((each) => once(each, 'disconnect'));
    for (const each of children.slice(1)) each.send('stop');
    await Promise.all(ends);

    // Of the killed one, one more may be done than it could tell of.
    const all = told.map(({ name, w, a }, index) => {
      const more = index === 0 ? 1 : 0;
      return { name, written: w, maybeWritten: more, added: a, maybeAdded: more };
    });
    await expectCounted(parts, all);
  }

  test('a file has each change that was told of, and each amount', async () => {
    const path = join(await folder(), 'state.db');
    const state = sqliteState({ path });
    endings.push(() => state.dispose?.());
    await expectAllCounted('sqlite', path, '', partsOf(state));
  }, 60_000);

  test.skipIf(withoutRedis)(
    'Redis has each change that was told of, and each amount',
    async () => {
      const [client, prefix] = [connect(), freshPrefix()];
      endings.push(async () => {
        await clear(client, prefix);
        client.disconnect();
      });
      await expectAllCounted('redis', redisUrl, prefix, partsOf(redisState({ client, prefix })));
    },
    60_000,
  );

  test.skipIf(withoutPostgres)(
    'PostgreSQL has each change that was told of, and each amount',
    async () => {
      const { schema, open } = openPostgres();
      await expectAllCounted('postgres', postgresUrl, schema, open());
    },
    60_000,
  );
});

describe('of fifty that write the same version at once, one wins', () => {
  async function expectOneWinner(all: readonly Parts[]): Promise<void> {
    let last: string | undefined;
    for (let round = 0; round < 5; round += 1) {
      const written = await Promise.all(
        all.map(({ documents }, index) => documents.write('key', `${round} ${index}`, last)),
      );
      const winners = written.flatMap((each, index) => (each.ok ? [{ index, version: each.version }] : []));
      expect(winners).toHaveLength(1);
      const [{ index, version: next } = expect.fail('nobody has won')] = winners;
      const found = { text: `${round} ${index}`, version: next };
      for (const each of written) if (!each.ok) expect(each.found).toEqual(found);
      last = next;
    }
    await Promise.all(all.map(({ tallies }, index) => tallies.add('key', { n: 1, sum: index })));
    expect(await all[0]?.tallies.read(['key'])).toEqual([{ n: all.length, sum: (all.length - 1) * 25 }]);
  }

  test('in a file', async () => {
    const path = join(await folder(), 'state.db');
    const states = Array.from({ length: 50 }, () => sqliteState({ path }));
    endings.push(() => Promise.all(states.map((state) => state.dispose?.())));
    await expectOneWinner(states.map(partsOf));
  }, 30_000);

  test.skipIf(withoutRedis)(
    'in Redis, each over a connection of its own',
    async () => {
      const prefix = freshPrefix();
      const clients = Array.from({ length: 50 }, () => connect());
      endings.push(async () => {
        for (const client of clients.slice(0, 1)) await clear(client, prefix);
        for (const client of clients) client.disconnect();
      });
      await expectOneWinner(clients.map((client) => partsOf(redisState({ client, prefix }))));
    },
    30_000,
  );

  test.skipIf(withoutPostgres)(
    'in PostgreSQL, over twenty connections',
    async () => {
      const { open } = openPostgres({ max: 20 });
      const parts = Array.from({ length: 50 }, open);
      await parts[0]?.documents.read('key');
      await expectOneWinner(parts);
    },
    30_000,
  );
});

describe.skipIf(withoutRedisServer)('documents and tallies, when Redis', () => {
  test('is killed and restarted under load with its data, lose nothing and count nothing twice', async () => {
    const kept = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', await folder()];
    await using server = await RedisServer.start(kept);
    // Clients ask again by themselves what was not answered; the last leaves that to those who asked.
    const fleet = [openRedis(server), openRedis(server), openRedis(server, { maxRetriesPerRequest: 0 })];
    let isOver = false;
    const counting = fleet.flatMap((parts, index) =>
      [0, 1].map((line) => count(parts, `${index} ${line}`, () => isOver)),
    );
    for (let kills = 0; kills < 3; kills += 1) {
      // Real time: writers go on against a real server meanwhile.
      await sleep(200);
      // At first in the midst of questions for certain, later as it comes.
      if (kills === 0) server.pause();
      await sleep(20);
      await server.kill();
      await server.restart();
    }
    // Real time: the server is up again, and is written to.
    await sleep(300);
    isOver = true;
    const all = await Promise.all(counting);
    expect(all.reduce((total, { maybeWritten }) => total + maybeWritten, 0)).toBeGreaterThan(0);
    await expectCounted(fleet[0] ?? expect.fail(), all);
  }, 40_000);

  test('is killed, fail at once, and are asked again by themselves when it is back', async () => {
    await using server = await RedisServer.start();
    const { client, ...parts } = openRedis(server);
    await version(parts.documents.write('key', 'text', undefined));
    await server.kill();
    await expect.poll(() => client.status).not.toBe('ready');
    const sent = vi.spyOn(client, 'sendCommand');
    expect(await codes(parts)).toEqual(Array.from({ length: 4 }, () => 'state-unreachable'));
    expect(sent.mock.calls.filter(([command]) => command.name.startsWith('eval'))).toEqual([]);
    await server.restart();
    await expect.poll(() => client.status).toBe('ready');
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    endings.push(() => warned.mockRestore());
    expect(await persist(() => parts.documents.read('key'))).toBeUndefined();
  });

  test('comes back empty, are gone, which a warning tells, and no version of before is one of after', async () => {
    await using server = await RedisServer.start();
    const { documents, tallies } = openRedis(server);
    const before = await version(documents.write('key', 'text', undefined));
    await tallies.add('key', { n: 7 });
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    endings.push(() => warned.mockRestore());
    await server.kill();
    await server.restart();
    expect(await persist(() => documents.write('key', 'late', before))).toEqual({
      ok: false,
      found: undefined,
    });
    expect(warned).toHaveBeenCalledTimes(1);
    expect(warned.mock.calls[0]?.[1]).toMatchObject({ code: 'state-emptied' });
    const after = await version(documents.write('key', 'text', undefined));
    expect(after).not.toBe(before);
    expect(await documents.write('key', 'late', before)).toMatchObject({ ok: false });
    expect(await tallies.add('key', { n: 1 })).toEqual({ n: 1 });
  });

  test('is a cluster, lie on one node for each prefix', async () => {
    const settings = `--cluster-enabled yes --cluster-port ${await freePort()} --cluster-announce-ip 127.0.0.1`;
    await using server = await RedisServer.start([...settings.split(' '), '--dir', await folder()]);
    const admin = connect({}, server.url);
    endings.push(() => admin.disconnect());
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    // A new node takes no writes for two seconds.
    const info = (): Promise<unknown> => admin.call('CLUSTER', 'INFO');
    await expect.poll(info, { timeout: 8_000 }).toContain('cluster_state:ok');
    const client: RedisClient & Cluster = new Cluster([{ host: '127.0.0.1', port: server.port }]);
    endings.push(() => client.disconnect());
    const { documents, tallies } = partsOf(redisState({ client }));
    for (const key of ['{a}', '{b}', 'c}{']) {
      await version(documents.write(key, key, undefined));
      expect(await tallies.add(key, { [key]: 1 })).toEqual({ [key]: 1 });
    }
    expect(await tallies.read(['{b}', 'c}{', '{a}'])).toEqual([{ '{b}': 1 }, { 'c}{': 1 }, { '{a}': 1 }]);
  }, 20_000);
});

describe.skipIf(withoutPostgres)('documents and tallies, when PostgreSQL', () => {
  test('ends connections under load, lose nothing and count nothing twice', async () => {
    const { admin, schema, open } = openPostgres({ max: 6 });
    const fleet = [0, 1, 2].map(open);
    await fleet[0]?.documents.read('counts');
    let isOver = false;
    const counting = fleet.flatMap((parts, index) =>
      [0, 1].map((line) => count(parts, `${index} ${line}`, () => isOver)),
    );
    for (let round = 0; round < 6; round += 1) {
      // Real time: writers go on against a real server meanwhile.
      await sleep(200);
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
        where query like $1 and pid <> pg_backend_pid() and random() < 0.7`,
        [`%${schema}%`],
      );
    }
    isOver = true;
    await expectCounted(fleet[0] ?? expect.fail(), await Promise.all(counting));
  }, 40_000);

  test('goes and comes back, fail at once meanwhile and go on by themselves', async () => {
    await using proxy = await PostgresProxy.start();
    const parts = openPostgres({ connectionString: proxy.url }).open();
    const written = await version(parts.documents.write('kept', 'text', undefined));
    await proxy.go();
    expect(await codes(parts)).toEqual(Array.from({ length: 4 }, () => 'state-unreachable'));
    await proxy.come();
    expect(await persist(() => parts.documents.read('kept'))).toEqual({ text: 'text', version: written });
  }, 20_000);
});
