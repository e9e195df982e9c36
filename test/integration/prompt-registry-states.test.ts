import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryState, type ManagedLLMError, type State } from 'managed-llm';
import { promptRegistry, type PromptRegistry } from 'managed-llm/prompts';
import { redisState } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PostgresStores, withoutPostgres } from '../postgres.ts';
import { clear, connect, freshPrefix, withoutRedis } from '../redis.ts';

interface Store {
  connect(): State;
  close(): Promise<void> | void;
}

let stores: PostgresStores | undefined;
afterAll(() => stores?.close());

const kinds: { name: string; skip?: boolean; open(): Store }[] = [
  {
    name: 'memory',
    open() {
      const state = memoryState();
      return { connect: () => state, close: () => {} };
    },
  },
  {
    name: 'SQLite',
    open() {
      const folder = mkdtempSync(join(tmpdir(), 'managed-llm-labels-'));
      return {
        connect: () => sqliteState({ path: join(folder, 'llm.db') }),
        close: () => rmSync(folder, { recursive: true }),
      };
    },
  },
  {
    name: 'Redis',
    skip: withoutRedis,
    open() {
      const prefix = freshPrefix();
      const clients: ReturnType<typeof connect>[] = [];
      return {
        connect() {
          const client = connect();
          clients.push(client);
          return redisState({ client, prefix });
        },
        async close() {
          const [first] = clients;
          if (first !== undefined) await clear(first, prefix);
          for (const client of clients) client.disconnect();
        },
      };
    },
  },
  {
    name: 'PostgreSQL',
    skip: withoutPostgres,
    open: () => (stores ??= new PostgresStores()).open(),
  },
];

let names = 0;
const by = { by: 'alice' };
const versionsOf = (name: string, ...which: readonly string[]) =>
  which.map((version) => ({ name, version, template: `version ${version}` }));

describe.each(kinds)('labels in $name', ({ name: kind, skip = false, open }) => {
  const store: { current?: Store } = {};
  const registries: PromptRegistry[] = [];
  const errors: ManagedLLMError[] = [];
  let name = '';
  beforeEach(() => {
    name = `stored-${kind}-${(names += 1)}`;
    store.current = open();
    errors.length = 0;
  });
  afterEach(async () => {
    for (const registry of registries.splice(0)) await registry.close();
    await store.current?.close();
  });

  /** As another process has it. */
  function process(...versions: readonly string[]): PromptRegistry {
    const registry = promptRegistry({
      source: (asked) => {
        if (versions.length === 0) throw new Error('down');
        return versionsOf(asked, ...versions);
      },
      state: store.current?.connect() ?? memoryState(),
      labelsFreshMs: 0,
      onError: (error) => void errors.push(error),
    });
    registries.push(registry);
    return registry;
  }

  test.skipIf(skip)('are seen by all, also by one that starts while the source is down', async () => {
    const one = process('1', '2', '10');
    await one.label(name, 'production', '2', by);
    const other = process('1', '2', '10');
    expect(await other.get(name, { label: 'production' })).toMatchObject({
      version: '2',
      label: 'production',
    });
    const late = process();
    expect(await late.get(name, { label: 'production' })).toMatchObject({ version: '2' });
    expect(await late.get(name)).toMatchObject({ version: '10' });
    expect(await late.versions(name)).toMatchObject([
      { version: '1', labels: [] },
      { version: '2', labels: ['production'] },
      { version: '10', recordedAt: expect.any(Number) },
    ]);
    await late
      .rollback(name, 'production', by)
      .catch((thrown: unknown) => expect(thrown).toMatchObject({ code: 'prompt-unknown' }));
    await late.label(name, 'production', '1', by);
    await one.labels(name);
    expect(await one.get(name, { label: 'production' })).toMatchObject({ version: '1' });
  });

  test.skipIf(skip)('that many move at once have one end, and every change is told', async () => {
    const fleet = [process('1', '2', '3'), process('1', '2', '3'), process('1', '2', '3')];
    const moves = fleet.flatMap((registry, index) =>
      Array.from({ length: 10 }, (_, move) =>
        registry.label(
          name,
          move % 2 === 0 ? 'production' : `staging-${index}`,
          `${((move + index) % 3) + 1}`,
          {
            by: `process ${index}`,
            note: `${move}`,
          },
        ),
      ),
    );
    await Promise.all(moves);
    const [first, ...others] = await Promise.all(fleet.map((registry) => registry.history(name)));
    for (const other of others) expect(other).toEqual(first);
    const labels = new Set(first?.changes.map(({ label, by }) => `${label} by ${by}`));
    for (const index of fleet.keys()) expect(labels).toContain(`staging-${index} by process ${index}`);
    // Each change begins where the one before it has ended.
    const named = new Map<string, string | undefined>();
    for (const { label, from, to } of first?.changes ?? []) {
      expect(from).toBe(named.get(label));
      named.set(label, to);
    }
    expect(await fleet[0]?.labels(name)).toEqual(Object.fromEntries(named));
    expect(errors).toEqual([]);
  });

  test.skipIf(skip)('go back twice in two processes at once, to two versions before', async () => {
    const [one, other] = [process('1', '2', '3'), process('1', '2', '3')];
    for (const version of ['1', '2', '3']) await one.label(name, 'production', version, by);
    const back = await Promise.all([
      one.rollback(name, 'production', by),
      other.rollback(name, 'production', by),
    ]);
    expect(back.toSorted()).toEqual(['1', '2']);
    expect(await one.labels(name)).toEqual({ production: '1' });
  });

  test.skipIf(skip)('outlast any number of moves: the oldest of the history make room', async () => {
    const one = process('1', '2');
    await one.label(name, 'production', '1', by);
    const note = 'why '.repeat(250);
    for (let move = 0; move < 80; move += 1)
      await one.label(name, 'production', `${(move % 2) + 1}`, { ...by, note });
    const { changes, dropped } = await one.history(name);
    expect(changes.length + dropped).toBe(80);
    expect(dropped).toBeGreaterThan(0);
    expect(await one.labels(name)).toEqual({ production: '2' });
  });

  test.skipIf(skip)(
    'of two processes that serve a version differently, the first has said what it is',
    async () => {
      const state = store.current?.connect() ?? memoryState();
      const serve = (template: string) => {
        const registry = promptRegistry({
          source: () => [{ name, version: '1', template }],
          state,
          onError: (error) => void errors.push(error),
        });
        registries.push(registry);
        return registry;
      };
      const first = await serve('first').get(name);
      await registries[0]?.versions(name);
      expect(await serve('second').get(name)).toMatchObject({ hash: first.hash });
      expect(errors.map(({ code }) => code)).toEqual(['prompt-changed']);
    },
  );

  test.skipIf(skip)('of prompts and versions with long and odd names are kept', async () => {
    const long = `${name}/${'n'.repeat(255)}`.slice(0, 256);
    const odd = `${'v'.repeat(240)} \ud800 \0 ü:1`;
    const one = process('1', odd);
    await one.label(long, 'production', odd, by);
    expect(await process().get(long, { label: 'production' })).toMatchObject({ version: odd });
  });
});
