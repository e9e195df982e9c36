import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { ManagedLLMError, type ReceiptLog, type State } from 'managed-llm';
import { sqliteState } from 'managed-llm/sqlite';
import { manualClock, type ManualClock } from 'managed-llm/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Account, AccountClaim } from '../../src/core/accounts.ts';
import { prepareSchema, versions } from '../../src/state/sqlite/sqlite-schema.ts';
import { receipt } from '../unit/interceptors/receipts/receipts.ts';

const racer = fileURLToPath(new URL('sqlite-children/racer.ts', import.meta.url));
const victim = fileURLToPath(new URL('sqlite-children/victim.ts', import.meta.url));
const entry = new URL('../../src/sqlite.ts', import.meta.url).href;
const dayMs = 86_400_000;
const begun = Date.UTC(2026, 10, 10);

let folder = '';
let path = '';
const states: State[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'managed-llm-sqlite-'));
  path = join(folder, 'state.db');
});
afterEach(async () => {
  for (const state of states.splice(0)) await state.dispose?.();
  rmSync(folder, { recursive: true });
});

/** A state on the file of this test, with parts that are there. */
function open(clock?: ManualClock) {
  const state = sqliteState(clock === undefined ? { path } : { path, clock });
  states.push(state);
  const { accounts, receipts } = state;
  if (accounts === undefined || receipts === undefined) throw new Error('The state lacks a part.');
  return { ...state, accounts, receipts };
}

function endless(subject = ''): Account {
  return { budget: 'total', subject, window: { kind: 'fixed', startMs: 0 } };
}

function claim(account: Account, nanoUsd: number, limit = 100): AccountClaim {
  return { account, amounts: { nanoUsd, tokens: 0 }, limits: { nanoUsd: limit }, enforced: true };
}

async function ids(log: ReceiptLog): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { callId } of log.read()) found.push(callId);
  return found;
}

/** `code: message` of what it throws or rejects with. */
async function failure(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (thrown) {
    const error = ManagedLLMError.from(thrown);
    if (error !== undefined) return `${error.code}: ${error.message}`;
    throw thrown;
  }
  return expect.fail('expected a failure');
}

/** Of the file itself. */
function inFile<T>(run: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path);
  try {
    return run(database);
  } finally {
    database.close();
  }
}

describe('sqliteState is given', () => {
  test('a path to a file, in a folder that is there', async () => {
    expect(await failure(() => sqliteState({} as { path: string }))).toMatch(
      /^invalid-options: `sqliteState.path` is missing/,
    );
    expect(await failure(() => sqliteState({ path: '' }))).toMatch(
      /`sqliteState.path` must be a text that is not empty/,
    );
    expect(await failure(() => sqliteState({ path: ':memory:' }))).toMatch(
      /what is in memory is `memoryState\(\)`/,
    );
    expect(await failure(() => sqliteState({ path: folder }))).toMatch(
      /^invalid-options: `sqliteState.path` is .* which cannot be opened/,
    );
    expect(await failure(() => sqliteState({ path: join(folder, 'not', 'there.db') }))).toMatch(
      /^invalid-options: `sqliteState.path` .*not\/there.db.*its folder has to be there/,
    );
    expect(await failure(() => sqliteState({ path, pth: 1 } as { path: string }))).toMatch(
      /Did you mean `path`\?/,
    );
  });

  test('one whose name SQLite would take for a URI', async () => {
    const odd = join(folder, 'file:a?mode=memory#b.db');
    states.push(sqliteState({ path: odd }));
    expect(existsSync(odd)).toBe(true);
  });
});

describe('a file', () => {
  test('that is no database is refused, and left as it is', async () => {
    const text = 'My notes, which are no database.\n'.repeat(200);
    writeFileSync(path, text);
    expect(await failure(() => sqliteState({ path }))).toMatch(
      /^state-incompatible: `sqliteState.path`: .* is no database of SQLite, or is damaged/,
    );
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('of something else is refused, and left as it is', async () => {
    inFile((database) => database.exec('create table notes (text); insert into notes values (1)'));
    const before = readFileSync(path);
    expect(await failure(() => sqliteState({ path }))).toMatch(
      /^state-incompatible: .* is a database of something else. Give it a file of its own/,
    );
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  test('of a newer version is refused', async () => {
    await open().dispose?.();
    inFile((database) => database.exec('pragma user_version = 99'));
    expect(await failure(() => sqliteState({ path }))).toMatch(
      /^state-incompatible: .* newer version of `managed-llm`. Update the package/,
    );
  });

  test('that is brought to a newer version while it is in use is refused from then on', async () => {
    const { accounts, ledger } = open();
    await accounts.reserve('a', [claim(endless(), 1)], dayMs);
    inFile((database) => database.exec('pragma user_version = 99'));
    expect(await failure(() => accounts.reserve('b', [claim(endless(), 1)], dayMs))).toMatch(
      /^state-incompatible/,
    );
    expect(await failure(() => ledger.level({ key: 'a', capacity: 1, refillPerMs: 1 }))).toMatch(
      /^state-incompatible/,
    );
    inFile((database) => database.exec(`pragma user_version = ${versions.length}`));
    expect(await accounts.release('a')).toBe(true);
  });

  test('of an older version is brought to the newest, and keeps what is in it', async () => {
    const { accounts, dispose } = open();
    await accounts.reserve('a', [claim(endless(), 7)], dayMs);
    await dispose?.();
    const newer = [
      ...versions,
      'alter table buckets add column colour text',
      'create table added (it real) strict',
    ];
    inFile((database) => {
      prepareSchema(database, path, newer);
      prepareSchema(database, path, newer);
      expect(database.prepare('select count(colour) as count from buckets').get()).toEqual({ count: 0 });
      expect(database.prepare('select holds from accounts').get()).toEqual({ holds: 1 });
      expect(database.prepare('pragma user_version').get()).toEqual({ user_version: newer.length });
    });
    expect(await failure(() => sqliteState({ path }))).toMatch(/^state-incompatible/);
  });

  test('of version 1, which kept neither documents nor tallies, is brought to the newest, with all that is in it', async () => {
    inFile((database) => {
      prepareSchema(database, path, versions.slice(0, 1));
      database.exec(`insert into raises values ('"total"', '""', 7, 0, 9e15)`);
      expect(database.prepare('pragma user_version').get()).toEqual({ user_version: 1 });
      expect(() => database.exec('select * from documents')).toThrow('no such table');
    });
    const { accounts, documents, tallies } = open();
    expect(documents?.write('key', 'text', undefined)).toMatchObject({ ok: true });
    expect(tallies?.add('key', { n: 1 })).toEqual({ n: 1 });
    expect(accounts.balance(endless())).toMatchObject({ raised: { nanoUsd: 7 } });
  });

  test('stays at its version when it cannot be brought to the newest', async () => {
    await open().dispose?.();
    const broken = [...versions, 'create table added (it real) strict; create nonsense'];
    inFile((database) => {
      expect(() => prepareSchema(database, path, broken)).toThrow('syntax error');
      expect(database.prepare('pragma user_version').get()).toEqual({ user_version: versions.length });
      expect(database.prepare("select name from sqlite_schema where name = 'added'").all()).toEqual([]);
    });
    open();
  });

  test('that is destroyed while it is in use makes questions fail, and nothing else', async () => {
    const { accounts, receipts } = open();
    await receipts.append(Array.from({ length: 2_000 }, (_, index) => receipt({ callId: `${index}` })));
    inFile((database) => database.exec('pragma wal_checkpoint(truncate)'));
    writeFileSync(path, Buffer.alloc(readFileSync(path).length, 'x'));
    expect(await failure(() => accounts.list())).toMatch(/^state-(unreachable|incompatible): /);
    expect(await failure(() => receipts.append([receipt({ callId: 'new' })]))).toMatch(/^state-/);
  });
});

describe('what was answered', () => {
  test('outlasts the state, and the state lets go of the file', async () => {
    const clock = manualClock(begun);
    const first = open(clock);
    await first.accounts.reserve('settled', [claim(endless(), 30)], dayMs);
    await first.accounts.settle('settled', [{ nanoUsd: 20, tokens: 5 }]);
    await first.accounts.reserve('reserved', [claim(endless(), 10)], dayMs);
    await first.accounts.raise('total', 'b', { nanoUsd: 9, tokens: 0 }, begun + dayMs);
    await first.ledger.take([{ bucket: { key: 'a', capacity: 10, refillPerMs: 1e-12 }, amount: 4 }]);
    await first.receipts.append([receipt({ callId: 'one' })]);
    expect(existsSync(`${path}-wal`)).toBe(true);
    await first.dispose?.();
    expect(existsSync(`${path}-wal`)).toBe(false);

    const second = open(clock);
    expect(await second.accounts.balance(endless())).toMatchObject({
      used: { nanoUsd: 20, tokens: 5 },
      reserved: { nanoUsd: 10 },
    });
    expect(await second.accounts.balance(endless('b'))).toMatchObject({ raised: { nanoUsd: 9 } });
    expect(await second.ledger.level({ key: 'a', capacity: 10, refillPerMs: 1e-12 })).toBeCloseTo(6);
    expect(await ids(second.receipts)).toEqual(['one']);
    // Who still has the first state may go on with it.
    expect(await first.accounts.release('reserved')).toBe(true);
  });

  test('is there at once, without a promise, while nobody else writes', () => {
    const { accounts, ledger, documents, tallies } = open();
    const answers = [
      accounts.reserve('a', [claim(endless(), 1)], dayMs),
      accounts.renew(['a'], dayMs),
      accounts.balance(endless()),
      accounts.alertOnce(endless(), 0.5),
      accounts.settle('a', [{ nanoUsd: 1, tokens: 0 }]),
      accounts.list(),
      accounts.lost(),
      ledger.take([{ bucket: { key: 'a', capacity: 10, refillPerMs: 1 }, amount: 4 }]),
      ledger.level({ key: 'a', capacity: 10, refillPerMs: 1 }),
      documents?.write('a', 'text', undefined, 1_000),
      documents?.read('a'),
      tallies?.add('a', { n: 1 }),
      tallies?.read(['a', 'b']),
    ];
    expect(answers.filter((answer) => answer instanceof Promise)).toEqual([]);
  });
});

describe('while another process writes', () => {
  test('questions wait without keeping the event loop, and are answered in the order they came', async () => {
    const clock = manualClock(begun);
    const { accounts } = open(clock);
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const order: string[] = [];
    const asked = ['a', 'b', 'c'].map(async (id) => {
      const reserved = await accounts.reserve(id, [claim(endless(), 40)], dayMs);
      order.push(`${id} ${reserved.ok}`);
    });
    await clock.advance(1_000);
    expect(order).toEqual([]);
    other.exec('commit');
    other.close();
    await clock.advance(1);
    await Promise.all(asked);
    expect(order).toEqual(['a true', 'b true', 'c false']);
    expect(clock.pending).toBe(0);
  });

  test('questions fail after five seconds, each by itself, and go on when it is done', async () => {
    const clock = manualClock(begun);
    const { accounts, receipts } = open(clock);
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const first = failure(() => accounts.reserve('a', [claim(endless(), 40)], dayMs));
    await clock.advance(3_000);
    const second = accounts.reserve('b', [claim(endless(), 40)], dayMs);
    await clock.advance(2_001);
    expect(await first).toMatch(
      /^state-unreachable: `sqliteState`: `accounts.reserve` could not be asked.*5000 ms/,
    );
    const third = receipts.append([receipt()]);
    other.exec('rollback');
    other.close();
    await clock.advance(1);
    expect(await second).toMatchObject({ ok: true });
    await third;
    expect(await accounts.balance(endless())).toMatchObject({ reserved: { nanoUsd: 40 } });
    expect(await accounts.settle('a', [])).toBeUndefined();
  });

  test('questions that wait fail when the state is disposed of', async () => {
    const { accounts, dispose } = open(manualClock(begun));
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const asked = failure(() => accounts.release('a'));
    await dispose?.();
    other.close();
    expect(await asked).toMatch(/^state-unreachable: .*disposed of/);
  });
});

describe('leases', () => {
  test('of very many that are lost at once are all counted and listed', async () => {
    const clock = manualClock(begun);
    const { accounts } = open(clock);
    for (let count = 0; count < 1_000; count += 1)
      await accounts.reserve(`${count}`, [claim(endless(), 1, 1_000)], 1_000);
    await clock.advance(1_000);
    expect(await accounts.reserve('one too many', [claim(endless(), 1, 1_000)], 1_000)).toMatchObject({
      ok: false,
    });
    expect(await accounts.lost()).toHaveLength(1_000);
    expect(await accounts.balance(endless())).toMatchObject({
      used: { nanoUsd: 1_000 },
      reserved: { nanoUsd: 0 },
    });
  });

  test('and accounts whose windows are long over leave nothing in the file', async () => {
    const clock = manualClock(begun);
    const { accounts } = open(clock);
    for (let minute = 0; minute < 300; minute += 1) {
      const startMs = clock.now();
      const windows: readonly Account['window'][] = [
        { kind: 'fixed', startMs, endMs: startMs + 60_000 },
        { kind: 'rolling', lengthMs: 60_000 },
      ];
      const all = windows.map((window) => claim({ budget: 'a', subject: `user ${minute}`, window }, 1));
      await accounts.reserve(`${minute} lost`, all, 1_000);
      await accounts.reserve(`${minute}`, all, 1_000);
      await accounts.settle(`${minute}`, [{ nanoUsd: 1, tokens: 0 }]);
      for (const { account } of all) await accounts.alertOnce(account, 0.5);
      await clock.advance(60_000);
    }
    const counts = inFile((database) =>
      ['accounts', 'steps', 'alerts', 'reservations'].map((table) =>
        Number(database.prepare(`select count(*) as count from ${table}`).get()?.['count']),
      ),
    );
    for (const count of counts) expect(count).toBeLessThan(40);
  });
});

describe('receipts that are deleted', () => {
  test('are overwritten in the file', async () => {
    const { receipts, dispose } = open();
    const secret = 'alice-of-example-street';
    const all = Array.from({ length: 300 }, (_, index) =>
      receipt({ callId: `${index}`, caller: { user: index % 2 === 0 ? secret : 'bob' } }),
    );
    await receipts.append(all);
    inFile((database) => database.exec('pragma wal_checkpoint(truncate)'));
    expect(readFileSync(path).includes(secret)).toBe(true);
    expect(await receipts.delete({ user: secret })).toBe(150);
    await dispose?.();
    expect(readFileSync(path).includes(secret)).toBe(false);
    expect(await ids(open().receipts)).toHaveLength(150);
  });
});

describe('several processes', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const each of children.splice(0)) each.kill('SIGKILL');
  });
  const start = (file: string, ...args: readonly string[]): ChildProcess => {
    const child = fork(file, [path, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    return child;
  };

  test('that make the file at the same moment and race for one account never spend more than there is', async () => {
    const limit = 20_000;
    const racers = ['a', 'b', 'c', 'd'].map((name) => start(racer, name, `${limit}`));
    await Promise.all(racers.map((each) => once(each, 'message')));
    const told = Promise.all(racers.map((each) => once(each, 'message')));
    const ends = Promise.all(racers.map((each) => once(each, 'exit')));
    for (const each of racers) each.send('go');
    const spent = (await told).map(([amount]) => Number(amount));
    expect((await ends).map(([code]) => code)).toEqual([0, 0, 0, 0]);
    const total = spent.reduce((sum, each) => sum + each, 0);
    expect(total).toBeLessThanOrEqual(limit);
    expect(total).toBeGreaterThan(limit - 60);
    const account: Account = { budget: 'race', subject: '', window: { kind: 'fixed', startMs: 0 } };
    expect(await open().accounts.balance(account)).toMatchObject({
      used: { nanoUsd: total },
      reserved: { nanoUsd: 0 },
    });
  }, 30_000);

  test('of which some are killed leave a sound file, and what those had reserved is lost, listed and released', async () => {
    const { accounts } = open();
    for (let round = 0; round < 4; round += 1) {
      const victims = ['a', 'b'].map((name) => start(victim, `${name}${round}`));
      const reached = victims.map(
        (each) =>
          new Promise<void>((resolve) => {
            each.on('message', (count) => Number(count) >= 40 + 17 * round && resolve());
          }),
      );
      await Promise.all(reached);
      const ends = victims.map((each) => once(each, 'exit'));
      for (const each of victims) each.kill('SIGKILL');
      await Promise.all(ends);
    }
    // Their leases are over.
    const late = open(manualClock(Date.now() + 120_000));
    const lost = await late.accounts.lost();
    const list = await late.accounts.list();
    expect(list).toHaveLength(8);
    for (const { account, balance } of list) {
      const mine = lost.filter(({ claims }) => claims[0]?.account.subject === account.subject);
      expect(mine.length).toBeGreaterThan(20);
      expect(balance.reserved.nanoUsd).toBe(0);
      expect((balance.used.nanoUsd - mine.length * 10) % 7).toBe(0);
      expect(balance.used.tokens).toBeGreaterThan(40);
    }
    expect(inFile((database) => database.prepare('pragma integrity_check').get())).toEqual({
      integrity_check: 'ok',
    });
    for (const { id } of lost) expect(await accounts.release(id)).toBe(true);
    expect(await accounts.lost()).toEqual([]);
    for (const { balance } of await accounts.list()) expect(balance.used.nanoUsd % 7).toBe(0);
  }, 60_000);

  test('load SQLite only when a state is made', () => {
    const script = `
      import { sqliteState } from ${JSON.stringify(entry)};
      const loaded = () => process.moduleLoadList.includes('NativeModule sqlite');
      const before = loaded();
      await sqliteState({ path: ${JSON.stringify(path)} }).dispose();
      console.log(before, loaded());`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(stdout, stderr).toBe('false true\n');
  });
});
