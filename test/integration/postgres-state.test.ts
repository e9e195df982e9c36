import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ManagedLLMError,
  type Account,
  type AccountClaim,
  type Accounts,
  type Bucket,
  type ReceiptLog,
  type State,
} from 'managed-llm';
import {
  postgresSchema,
  postgresState,
  type PostgresPool,
  type PostgresQuestion,
} from 'managed-llm/postgres';
import { manualClock, type ManualClock } from 'managed-llm/testing';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { migrations, installScript } from '../../src/state/postgres/postgres-schema.ts';
import { namesIn, schemaVersion } from '../../src/state/postgres/postgres-names.ts';
import { keyOf } from '../../src/state/postgres/stored-text.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import {
  connectPool,
  dropSchema,
  freshSchema,
  postgresUrl,
  withoutPostgres,
  withoutRoles,
} from '../postgres.ts';
import { partsOf, version } from './documents.ts';
import { PostgresProxy } from './postgres-proxy.ts';

const spender = fileURLToPath(new URL('postgres-children/spender.ts', import.meta.url));
const bucket: Bucket = { key: 'a', capacity: 600, refillPerMs: 0.01 };

/** An account whose window never ends. */
function endless(subject = ''): Account {
  return { budget: 'test', subject, window: { kind: 'fixed', startMs: 0 } };
}

function claim(nanoUsd: number, limit?: number, account = endless()): AccountClaim {
  const limits = limit === undefined ? {} : { nanoUsd: limit };
  return { account, amounts: { nanoUsd, tokens: 0 }, limits, enforced: true };
}

async function failure(promise: Promise<unknown> | unknown): Promise<ManagedLLMError> {
  return Promise.resolve(promise).then(
    () => expect.fail('expected a rejection'),
    (error: unknown) => ManagedLLMError.from(error) ?? expect.fail(`expected an error of ours, got ${error}`),
  );
}

async function code(promise: Promise<unknown> | unknown): Promise<string> {
  return (await failure(promise)).code;
}

async function answers(accounts: Accounts): Promise<boolean> {
  try {
    await accounts.now();
    return true;
  } catch {
    return false;
  }
}

/** The pool, with an eye or a hand on what it lends. */
function through(
  pool: Pool,
  {
    ask = (connection, question) => connection.query(question),
    fail = () => {},
    release = (connection) => connection.release(),
  }: {
    ask?: (connection: PoolClient, question: PostgresQuestion) => Promise<{ rows: (string | null)[][] }>;
    fail?: (error: unknown) => void;
    release?: (connection: PoolClient) => void;
  },
): PostgresPool {
  return {
    totalCount: 0,
    on: () => {},
    async connect() {
      const connection = await pool.connect();
      return {
        query: (question) =>
          ask(connection, question).catch((error: unknown) => {
            fail(error);
            throw error;
          }),
        on: (event, listener) => connection.on(event, listener),
        removeListener: (event, listener) => connection.removeListener(event, listener),
        release: (destroy) => (destroy === true ? connection.release(true) : release(connection)),
      };
    },
  };
}

interface Opened {
  readonly state: State;
  readonly accounts: Accounts;
  readonly receipts: ReceiptLog;
  readonly pool: Pool;
}

describe('postgresState is given', () => {
  const told = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      if (ManagedLLMError.isInstance(error)) return `${error.code}: ${error.message}`;
    }
    return 'accepted';
  };
  const given = (options: unknown): string =>
    told(() => postgresState(options as Parameters<typeof postgresState>[0]));
  const pool = { totalCount: 0, connect: () => {}, on: () => {} };

  test('a pool of pg, known by its shape', () => {
    expect(given({ pool })).toBe('accepted');
    for (const wrong of [undefined, null, 'postgres://127.0.0.1', {}, { ...pool, totalCount: undefined }])
      expect(given({ pool: wrong })).toMatch(/^invalid-options: `postgresState.pool` .*give a pool of `pg`/);
    expect(given(pool)).toMatch(/takes options: `postgresState\(\{ pool \}\)`/);
  });

  test('something else of the field, which it refuses by name', () => {
    expect(given({ pool: { connect: () => {}, query: () => {} } })).toMatch(/is a single `Client`/);
    expect(given({ pool: Object.assign(() => {}, { begin: () => {}, unsafe: () => {} }) })).toMatch(
      /is of postgres.js/,
    );
    expect(given({ pool: Object.assign(() => {}, { raw: () => {} }) })).toMatch(/is of a query builder/);
  });

  test('options that it does not know, and names the nearest', () => {
    expect(given({ pool, shcema: 'a' })).toMatch(/no option `shcema`. Did you mean `schema`\?/);
    expect(given({ pool, schema: 1 })).toMatch(/`postgresState.schema` must be a string/);
    expect(given({ pool, clock: 1 })).toMatch(/`postgresState.clock` must be a clock/);
  });

  test('what cannot be the name of a schema', () => {
    for (const schema of ['', 'a\0b', '\ud800', 'a$b', 'pg_own', 'information_schema', 'ä'.repeat(32)]) {
      expect(given({ pool, schema })).toMatch(/^invalid-options: `postgresState.schema`/);
      expect(told(() => postgresSchema({ schema }))).toMatch(/^invalid-options: `postgresSchema.schema`/);
    }
  });
});

describe.skipIf(withoutPostgres)('state in PostgreSQL', { timeout: 30_000 }, () => {
  const pools: Pool[] = [];
  let schema = '';
  let admin: Pool;
  const connect = (options: PoolConfig = {}): Pool => {
    const pool = connectPool(options);
    pools.push(pool);
    return pool;
  };
  const open = (
    options: PoolConfig = {},
    more: { clock?: ManualClock; pool?: PostgresPool } = {},
  ): Opened => {
    const pool = connect(options);
    const state = postgresState({ pool, schema, ...more });
    const { accounts, receipts } = state;
    if (accounts === undefined || receipts === undefined) throw new Error('The state is not whole.');
    return { state, accounts, receipts, pool };
  };
  const rows = async (text: string): Promise<readonly Record<string, unknown>[]> =>
    (await admin.query(text.replaceAll('@', `"${schema}"`))).rows;

  beforeEach(() => {
    schema = freshSchema();
    admin = connect();
  });
  afterEach(async () => {
    await dropSchema(admin, schema);
    for (const pool of pools.splice(0)) await pool.end();
  });

  describe('is made on first use', () => {
    test('by eight processes at once, by one of which', async () => {
      const opened = Array.from({ length: 8 }, () => open());
      const reserved = await Promise.all(
        opened.map(({ accounts }, index) => accounts.reserve(`${index}`, [claim(1)], 60_000)),
      );
      expect(reserved.every(({ ok }) => ok)).toBe(true);
      expect(await opened[0]?.accounts.balance(endless())).toMatchObject({ reserved: { nanoUsd: 8 } });
      expect(await rows('select version from @.managed_llm_version')).toEqual([{ version: schemaVersion }]);
    });

    test('in a schema of any name', async () => {
      schema = `${schema.slice(0, 30)} "it's" \\ Ä`;
      const { accounts, receipts } = open();
      try {
        expect(await accounts.reserve('a', [claim(1)], 60_000)).toMatchObject({ ok: true });
        expect(await accounts.settle('a', [{ nanoUsd: 1, tokens: 0 }])).toHaveLength(1);
        for await (const receipt of receipts.read()) expect.fail(`nobody appended ${receipt.callId}`);
        expect(await receipts.delete({})).toBe(0);
      } finally {
        await dropSchema(admin, schema);
      }
    });

    test('again where it was dropped under a process that had used it', async () => {
      const { accounts } = open();
      await accounts.reserve('a', [claim(1)], 60_000);
      await dropSchema(admin, schema);
      expect(await accounts.reserve('b', [claim(1)], 60_000)).toMatchObject({ ok: true });
      expect(await accounts.balance(endless())).toMatchObject({ reserved: { nanoUsd: 1 } });
    });

    test('or by the printed SQL, which does nothing the second time', async () => {
      await admin.query(postgresSchema({ schema }));
      const { accounts } = open();
      await accounts.reserve('a', [claim(1)], 60_000);
      await admin.query(postgresSchema({ schema }));
      expect(await accounts.balance(endless())).toMatchObject({ reserved: { nanoUsd: 1 } });
    });
  });

  describe('that is not what it should be', () => {
    test('is brought to this version where an older one made it, once', async () => {
      await admin.query(`create schema "${schema}"`);
      await rows('create table @.managed_llm_version (version integer not null)');
      await rows('insert into @.managed_llm_version values (0)');
      const opened = Array.from({ length: 4 }, () => open());
      await Promise.all(
        opened.map(({ accounts }, index) => accounts.reserve(`${index}`, [claim(1)], 60_000)),
      );
      expect(await opened[0]?.accounts.balance(endless())).toMatchObject({ reserved: { nanoUsd: 4 } });
      expect(await rows('select version from @.managed_llm_version')).toEqual([{ version: schemaVersion }]);
    });

    test('is brought from version 1, which kept neither documents nor tallies, with all that is in it', async () => {
      await admin.query(installScript(namesIn(schema, 'schema', 1), migrations.slice(0, 1)));
      await rows(`insert into @.raises values
        ('${keyOf('raise', 'test', '')}', 'test', '', 7, 0, 9007199254740991)`);
      const before = await rows(`select relname from pg_class where relnamespace = '@'::regnamespace`);
      expect(before.map(({ relname }) => relname)).not.toContain('documents');
      const opened = [open(), open()];
      const written = await Promise.all(
        opened.map(({ state }) => state.documents?.write('key', 'text', undefined)),
      );
      expect(written.filter((each) => each?.ok)).toHaveLength(1);
      expect(await opened[0]?.state.tallies?.add('key', { n: 1 })).toEqual({ n: 1 });
      expect(await opened[0]?.accounts.balance(endless())).toMatchObject({ raised: { nanoUsd: 7 } });
    });

    test('keeps what is in it when it is migrated, and is refused by processes that are older from then on', async () => {
      const { accounts } = open();
      await accounts.reserve('a', [claim(7)], 60_000);
      const next = namesIn(schema, 'schema', schemaVersion + 1);
      const steps = [...migrations, () => `alter table ${next.table('accounts')} add column note text;`];
      await admin.query(installScript(next, steps));
      const refused = await failure(accounts.balance(endless()));
      expect(refused.code).toBe('state-incompatible');
      expect(refused.message).toContain(
        `was made by a newer version of this package (${schemaVersion + 1}, where this one knows ${schemaVersion})`,
      );
      expect(await code(open().accounts.now())).toBe('state-incompatible');
      expect(await rows('select reserved_nano_usd, note from @.accounts')).toEqual([
        { reserved_nano_usd: '7', note: null },
      ]);
      expect(
        await rows(
          `select 1 from pg_proc where proname ~ '_v${schemaVersion}$' and pronamespace = '@'::regnamespace`,
        ),
      ).toEqual([]);
      // The older one does not bring it back.
      await expect(admin.query(postgresSchema({ schema }))).rejects.toMatchObject({ code: 'MLM01' });
    });

    test('is left alone where it holds tables of something else', async () => {
      await admin.query(`create schema "${schema}"`);
      await rows('create table @.accounts (id integer)');
      const refused = await failure(open().accounts.now());
      expect(refused.code).toBe('state-incompatible');
      expect(refused.message).toMatch(
        /holds tables that are not ours.*`postgresState\(\{ pool, schema \}\)`/,
      );
      expect(await rows(`select relname from pg_class where relnamespace = '@'::regnamespace`)).toEqual([
        { relname: 'accounts' },
      ]);
    });
  });

  describe.skipIf(withoutRoles)('for a role that may do little', () => {
    let role = '';
    beforeEach(async () => {
      role = `managed_llm_test_${randomUUID().replaceAll('-', '')}`;
      await admin.query(`create role "${role}" login password 'test'`);
    });
    afterEach(async () => {
      await dropSchema(admin, schema);
      await admin.query(`drop role "${role}"`);
    });
    const asRole = (): Opened => {
      const url = new URL(postgresUrl);
      url.username = role;
      url.password = 'test';
      return open({ connectionString: url.href });
    };

    test('says what to do, and works when that was done', async () => {
      const { accounts } = asRole();
      const refused = await failure(accounts.now());
      expect(refused.code).toBe('invalid-options');
      expect(refused.message).toMatch(
        /is not there, or not for this role.*`postgresSchema\(\)` of `managed-llm\/postgres`/,
      );

      await admin.query(postgresSchema({ schema }));
      expect((await failure(asRole().accounts.now())).message).toMatch(/not for this role/);
      const grants = [...postgresSchema({ schema }).matchAll(/^-- {3}(grant .*;)$/gm)].map(
        ([, grant = '']) => grant,
      );
      expect(grants).toHaveLength(2);
      for (const grant of grants) await admin.query(grant.replace('the_role', `"${role}"`));
      await expect
        .poll(async () => (await accounts.reserve('a', [claim(1)], 60_000)).ok, { timeout: 3_000 })
        .toBe(true);
      expect(await accounts.settle('a', [{ nanoUsd: 1, tokens: 0 }])).toHaveLength(1);

      await admin.query(`revoke all on all tables in schema "${schema}" from "${role}"`);
      expect((await failure(accounts.reserve('b', [claim(1)], 60_000))).message).toMatch(
        /may not be used by this role/,
      );
    });

    test('names the version that it may not migrate', async () => {
      await admin.query(postgresSchema({ schema }));
      await rows('update @.managed_llm_version set version = 0');
      await admin.query(`grant usage on schema "${schema}" to "${role}"`);
      await admin.query(`grant select on all tables in schema "${schema}" to "${role}"`);
      expect((await failure(asRole().accounts.now())).message).toContain(
        `is of version 0, and this role may not bring it to ${schemaVersion}`,
      );
    });
  });

  describe('asks', () => {
    test('each question in one round trip, and says nothing that a session would have to remember', async () => {
      const { state, accounts, receipts, pool } = open({ max: 1 });
      const { documents, tallies } = partsOf(state);
      await accounts.now();
      const [connection] = [await pool.connect()];
      connection.release();
      const sent = vi.spyOn(connection, 'query');
      const asked = async (question: () => unknown): Promise<void> => {
        sent.mockClear();
        await question();
        expect(sent).toHaveBeenCalledTimes(1);
        expect(sent.mock.calls[0]?.[0]).not.toHaveProperty('name');
      };
      const other = endless('other');
      await asked(() =>
        state.ledger.take([
          { bucket, amount: 1 },
          { bucket: { ...bucket, key: 'b' }, amount: 1 },
        ]),
      );
      await asked(() => state.ledger.level(bucket));
      await asked(() => accounts.reserve('a', [claim(1), claim(1, 5, other)], 60_000));
      await asked(() => accounts.renew(['a', 'b'], 60_000));
      await asked(() =>
        accounts.settle('a', [
          { nanoUsd: 1, tokens: 0 },
          { nanoUsd: 1, tokens: 0 },
        ]),
      );
      await asked(() => accounts.release('a'));
      await asked(() => accounts.balance(other));
      await asked(() => accounts.alertOnce(other, 0.5));
      await asked(() => accounts.list());
      await asked(() => receipts.append([]).then(() => accounts.lost()));
      await asked(() => documents.write('key', 'text', undefined));
      await asked(() => documents.read('key'));
      await asked(() => tallies.add('key', { n: 1 }));
      await asked(() => tallies.read(['key', 'other']));
    });

    test('for the disk only where a crash of the server could let somebody spend what is spent, or lose a document that is kept for good', async () => {
      const pool = connect({ max: 1 });
      const waits: string[] = [];
      const watched = through(pool, {
        ask: async (connection, question) => {
          await connection.query('begin');
          const answer = await connection.query<(string | null)[]>(question);
          const { rows } = await connection.query<{ synchronous_commit: string }>('show synchronous_commit');
          waits.push(rows[0]?.synchronous_commit ?? '');
          await connection.query('commit');
          return answer;
        },
      });
      await open().accounts.now();
      const { state, accounts } = open({}, { pool: watched });
      const waitsFor = async (question: () => unknown): Promise<boolean> => {
        await question();
        return waits.at(-1) !== 'off';
      };
      const reserve = (id: string) => () => accounts.reserve(id, [claim(5)], 60_000);
      const settle = (id: string, nanoUsd: number) => () => accounts.settle(id, [{ nanoUsd, tokens: 0 }]);
      expect(await waitsFor(reserve('a'))).toBe(true);
      expect(await waitsFor(settle('a', 5))).toBe(false);
      expect(await waitsFor(reserve('b'))).toBe(true);
      expect(await waitsFor(settle('b', 6))).toBe(true);
      expect(await waitsFor(reserve('c'))).toBe(true);
      expect(await waitsFor(() => accounts.renew(['c'], 60_000))).toBe(false);
      expect(await waitsFor(() => accounts.release('c'))).toBe(false);
      expect(await waitsFor(() => accounts.reset(endless()))).toBe(true);
      expect(await waitsFor(() => state.ledger.take([{ bucket, amount: 1 }]))).toBe(false);
      const { documents, tallies } = partsOf(state);
      expect(await waitsFor(() => documents.write('a', 'text', undefined))).toBe(true);
      expect(await waitsFor(() => documents.write('b', 'text', undefined, 60_000))).toBe(false);
      expect(await waitsFor(() => tallies.add('a', { n: 1 }))).toBe(false);
    });

    test('any connection: it keeps nothing in a session', async () => {
      const pool = connect({ max: 5 });
      // As pgbouncer does, which hands each transaction to another session.
      const forgetful = through(pool, {
        release: (connection) => void connection.query('discard all').finally(() => connection.release()),
      });
      const { state, accounts } = open({}, { pool: forgetful });
      const limiter = state.limiters?.limiter('slots', { concurrency: 3 });
      await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const end = await limiter?.start(5_000);
          await accounts.reserve(`${index}`, [claim(3, 1_000)], 60_000);
          await accounts.settle(`${index}`, [{ nanoUsd: 2, tokens: 0 }]);
          end?.();
        }),
      );
      await state.dispose?.();
      expect(await accounts.balance(endless())).toMatchObject({
        used: { nanoUsd: 80 },
        reserved: { nanoUsd: 0 },
      });
    });

    test.each(['repeatable read', 'serializable'])(
      'where connections begin as %s, and is as exact',
      async (isolation) => {
        const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`;
        const [one, other] = [open({ options }), open({ options })];
        const limiters = [one, other].map(({ state }) =>
          state.limiters?.limiter('slots', { concurrency: 2 }),
        );
        let running = 0;
        let most = 0;
        const answers = await Promise.all(
          Array.from({ length: 60 }, async (_, index) => {
            const end = await limiters[index % 2]?.start(9_000);
            running += 1;
            most = Math.max(most, running);
            const { accounts } = index % 2 === 0 ? one : other;
            const answer = await accounts.reserve(
              `${index}`,
              [claim(7, 100), claim(7, 1_000, endless('b'))],
              60_000,
            );
            running -= 1;
            end?.();
            return answer.ok;
          }),
        );
        expect(answers.filter(Boolean)).toHaveLength(14);
        expect(most).toBeLessThanOrEqual(2);
        expect(await one.accounts.balance(endless('b'))).toMatchObject({ reserved: { nanoUsd: 98 } });
        for (const { state } of [one, other]) await state.dispose?.();
      },
    );

    test('over five connections at most, one of them for overviews', async () => {
      const { accounts, pool } = open({ max: 20 });
      await Promise.all(Array.from({ length: 60 }, () => accounts.now()));
      expect(pool.totalCount).toBeLessThanOrEqual(4);
      await Promise.all(
        Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? accounts.now() : accounts.list())),
      );
      expect(pool.totalCount).toBeLessThanOrEqual(5);
    });

    test('for nothing, which is had', async () => {
      const { accounts } = open();
      expect(await accounts.reserve('a', [], 60_000)).toEqual({ ok: true, balances: [] });
      expect(await accounts.settle('a', [])).toEqual([]);
      expect(await accounts.settle('a', [])).toBeUndefined();
    });

    test('for several accounts in any order without ever waiting in a circle', async () => {
      await open().accounts.now();
      const failures: unknown[] = [];
      const watched = through(connect(), { fail: (error) => failures.push(error) });
      const opened = Array.from({ length: 3 }, () => open({}, { pool: watched }));
      const subjects = ['a', 'b', 'c', 'd', 'e'];
      await Promise.all(
        Array.from({ length: 120 }, async (_, index) => {
          const { accounts } = opened[index % 3] ?? expect.fail();
          const mine = subjects.toSorted(() => ((index * 7) % 5) - 2).slice(0, 2 + (index % 4));
          const claims = mine.map((subject) => claim(1, undefined, endless(subject)));
          expect(await accounts.reserve(`${index}`, claims, index % 5 === 0 ? 20 : 60_000)).toMatchObject({
            ok: true,
          });
          if (index % 4 === 0) await accounts.renew([`${index}`, `${index - 1}`, `${index - 2}`], 60_000);
          await accounts.settle(
            `${index}`,
            claims.map(() => ({ nanoUsd: 1, tokens: 0 })),
          );
        }),
      );
      const total = (await opened[0]?.accounts.list())?.reduce(
        (sum, { balance }) => sum + balance.used.nanoUsd,
        0,
      );
      expect(total).toBe(Array.from({ length: 120 }, (_, index) => 2 + (index % 4)).reduce((a, b) => a + b));
      expect(failures).toEqual([]);
    });
  });

  test('keeps its sums equal to what they are sums of, whatever happens at once', async () => {
    const opened = [open(), open(), open(), open()];
    const random = seededRandom(7);
    const upTo = (most: number): number => Math.floor(random() * (most + 1));
    const all: readonly Account[] = [
      endless('a'),
      endless('b'),
      { ...endless('a'), window: { kind: 'rolling', lengthMs: 3_600_000 } },
      { ...endless('b'), window: { kind: 'rolling', lengthMs: 300 } },
    ];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let count = 0; count < 25; count += 1) {
        const { accounts } = opened[upTo(3)] ?? expect.fail();
        const dice = random();
        if (dice < 0.5) {
          const claims = Array.from({ length: 1 + upTo(2) }, () => claim(upTo(50), 5_000, all[upTo(3)]));
          await accounts.reserve(`${(next += 1)}`, claims, 1 + upTo(60));
        } else if (dice < 0.75) {
          await accounts.settle(
            `${upTo(next)}`,
            [1, 2, 3].map(() => ({ nanoUsd: upTo(60), tokens: 1 })),
          );
        } else if (dice < 0.85) {
          await accounts.release(`${upTo(next)}`);
        } else {
          await accounts.renew(
            Array.from({ length: 6 }, () => `${upTo(next)}`),
            1 + upTo(60),
          );
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    expect(
      await rows(`select kept.key from @.accounts as kept where
        (reserved_nano_usd, reserved_tokens) <> (
          select coalesce(sum(nano_usd), 0), coalesce(sum(tokens), 0) from @.claims where account = kept.key and not lost)
        or length_ms is not null and (used_nano_usd, used_tokens) <> (
          select coalesce(sum(nano_usd), 0), coalesce(sum(tokens), 0) from @.steps where account = kept.key)`),
    ).toEqual([]);
    expect(
      await rows('select 1 from @.claims where reservation not in (select key from @.reservations)'),
    ).toEqual([]);
    // What they stand at is what somebody sees who books it all.
    const { accounts } = opened[0] ?? expect.fail();
    const before = await Promise.all(all.slice(0, 3).map((account) => accounts.balance(account)));
    // Until all leases have ended, by the server's clock.
    await sleep(70);
    const later = await Promise.all(all.slice(0, 3).map((account) => accounts.balance(account)));
    await accounts.reserve(
      'last',
      all.map((account) => claim(0, undefined, account)),
      60_000,
    );
    const booked = await Promise.all(all.slice(0, 3).map((account) => accounts.balance(account)));
    expect(booked).toEqual(later);
    expect(before.map(({ used, reserved }) => used.nanoUsd + reserved.nanoUsd)).toEqual(
      later.map(({ used, reserved }) => used.nanoUsd + reserved.nanoUsd),
    );
    expect((await accounts.lost()).length).toBeGreaterThan(5);
  });

  describe('of several processes', () => {
    const started: ChildProcess[] = [];
    afterEach(() => {
      for (const each of started.splice(0)) each.kill('SIGKILL');
    });

    test('four, one of them killed between reserving and settling, spend no more than there is, and every unit once', async () => {
      const limit = 8_000;
      const children = ['a', 'b', 'c', 'd'].map((name) => {
        const process = fork(spender, [postgresUrl, schema, name, String(limit)], {
          execArgv: ['--disable-warning=ExperimentalWarning'],
        });
        started.push(process);
        return process;
      });
      await Promise.all(children.map((each) => once(each, 'message')));
      const spent = children.map(() => 0);
      let most = 0;
      const missing: string[] = [];
      for (const [index, each] of children.entries())
        each.on('message', (message: { taken?: number; spent?: number; missing?: string }) => {
          spent[index] = (spent[index] ?? 0) + (message.spent ?? 0);
          most = Math.max(most, message.taken ?? 0);
          if (message.missing !== undefined) missing.push(message.missing);
        });
      for (const each of children) each.send('go');
      await expect.poll(() => spent[0], { timeout: 10_000 }).toBeGreaterThan(0);
      const ends = children.slice(1).map((each) => once(each, 'exit'));
      children[0]?.kill('SIGKILL');
      await Promise.all(ends);
      expect(most).toBeLessThanOrEqual(limit);
      expect(missing).toEqual([]);

      // Leases of a second, by the server's clock.
      await sleep(1_100);
      const { accounts } = open();
      const fleet: Account = { budget: 'fleet', subject: '', window: { kind: 'fixed', startMs: 0 } };
      const { used, reserved } = await accounts.balance(fleet);
      expect(reserved.nanoUsd).toBe(0);
      expect(used.nanoUsd).toBeLessThanOrEqual(limit);
      expect(used.nanoUsd).toBeGreaterThan(0.9 * limit);
      const lost = await accounts.lost('fleet');
      expect(lost.every(({ id }) => id.startsWith('a:'))).toBe(true);
      expect(lost.length).toBeLessThanOrEqual(8);
      const lostNanoUsd = lost.reduce((sum, { claims: [first] }) => sum + (first?.amounts.nanoUsd ?? NaN), 0);
      const told = spent.reduce((sum, each) => sum + each, 0);
      // Of the killed one, up to eight settlements that it could not tell of.
      expect(used.nanoUsd - lostNanoUsd - told).toBeGreaterThanOrEqual(0);
      expect(used.nanoUsd - lostNanoUsd - told).toBeLessThanOrEqual(8 * 50);
      for (const { id } of lost) expect(await accounts.release(id)).toBe(true);
      expect((await accounts.balance(fleet)).used.nanoUsd).toBe(used.nanoUsd - lostNanoUsd);
      expect(await accounts.lost()).toEqual([]);
      const own = await accounts.list('own');
      expect(own.reduce((sum, { balance }) => sum + balance.used.nanoUsd, 0)).toBe(
        used.nanoUsd - lostNanoUsd,
      );
    });
  });

  describe('when the server', () => {
    test('ends connections under load, goes on, and counts every unit once', async () => {
      const { accounts, pool } = open({ max: 6 });
      await accounts.now();
      const spent: number[] = [];
      let failed = 0;
      const stop = new AbortController();
      const work = async (name: number): Promise<void> => {
        for (let count = 0; !stop.signal.aborted; count += 1) {
          const id = `${name}:${count}`;
          try {
            await accounts.reserve(id, [claim(10)], 60_000);
            await accounts.settle(id, [{ nanoUsd: 3, tokens: 0 }]);
            spent.push(3);
          } catch (error) {
            expect(ManagedLLMError.from(error)?.code).toBe('state-unreachable');
            failed += 1;
            // Whether it was settled is not known: what is left of it is released.
            await Promise.resolve(accounts.release(id)).catch(() => {});
            await sleep(5);
          }
        }
      };
      const workers = Array.from({ length: 12 }, (_, index) => work(index));
      for (let round = 0; round < 6; round += 1) {
        await sleep(200);
        await rows(`select pg_terminate_backend(pid) from pg_stat_activity
          where query like '%${schema}%' and pid <> pg_backend_pid() and random() < 0.7`);
      }
      stop.abort();
      await Promise.all(workers);
      await expect.poll(() => answers(accounts), { timeout: 3_000 }).toBe(true);
      const { used, reserved } = await accounts.balance(endless());
      const told = spent.reduce((sum, each) => sum + each, 0);
      expect(spent.length).toBeGreaterThan(50);
      expect(pool.totalCount).toBeLessThanOrEqual(6);
      // Each failure may hide a settlement whose answer was lost, or a reservation that outlived its release.
      expect(used.nanoUsd).toBeGreaterThanOrEqual(told);
      expect(used.nanoUsd).toBeLessThanOrEqual(told + 3 * failed);
      expect(reserved.nanoUsd).toBeLessThanOrEqual(10 * failed);
    });

    test('ends an idle connection of a pool that nobody listens to, the process goes on', async () => {
      const pool = new Pool({ connectionString: postgresUrl });
      pools.push(pool);
      const states = [postgresState({ pool, schema }), postgresState({ pool, schema })];
      await states[0]?.accounts?.now();
      expect(pool.listenerCount('error')).toBe(1);
      await rows(`select pg_terminate_backend(pid) from pg_stat_activity
        where query like '%${schema}%' and pid <> pg_backend_pid()`);
      await expect.poll(() => pool.totalCount).toBe(0);
      expect(await states[1]?.accounts?.now()).toBeGreaterThan(0);
    });

    test('loses an answer, asks again where that changes nothing, and does not where it would be answered otherwise', async () => {
      let lost = 0;
      let losing = false;
      const lossy = through(connect(), {
        ask: async (connection, question) => {
          const answer = await connection.query<(string | null)[]>(question);
          if (!losing) return answer;
          losing = false;
          lost += 1;
          throw new Error('Connection terminated unexpectedly');
        },
      });
      const { accounts, state } = open({}, { pool: lossy });
      const { documents, tallies } = partsOf(state);
      await accounts.now();
      losing = true;
      const first = await version(documents.write('key', 'first', undefined));
      losing = true;
      const second = await version(documents.write('key', 'second', first));
      expect(await documents.read('key')).toEqual({ text: 'second', version: second });
      losing = true;
      expect(await accounts.reserve('a', [claim(5)], 60_000)).toMatchObject({ ok: true });
      losing = true;
      expect(await accounts.alertOnce(endless(), 0.5)).toBe(true);
      expect(await accounts.alertOnce(endless(), 0.5)).toBe(false);
      losing = true;
      expect(await accounts.renew(['a', 'b'], 60_000)).toEqual(['b']);
      expect(await accounts.balance(endless())).toMatchObject({
        used: { nanoUsd: 0 },
        reserved: { nanoUsd: 5 },
      });
      losing = true;
      expect(await code(accounts.settle('a', [{ nanoUsd: 3, tokens: 0 }]))).toBe('state-unreachable');
      losing = true;
      expect(await code(tallies.add('key', { n: 1 }))).toBe('state-unreachable');
      expect(lost).toBe(7);
      await expect.poll(() => answers(accounts), { timeout: 3_000 }).toBe(true);
      expect(await accounts.settle('a', [{ nanoUsd: 3, tokens: 0 }])).toBeUndefined();
      expect(await accounts.balance(endless())).toMatchObject({
        used: { nanoUsd: 3 },
        reserved: { nanoUsd: 0 },
      });
      expect(await tallies.read(['key'])).toEqual([{ n: 1 }]);
    });

    test('keeps a document and a tally locked, whoever asks for them fails within a second, and nothing is written later', async () => {
      const { accounts, state } = open();
      const { documents, tallies } = partsOf(state);
      const first = await version(documents.write('key', 'first', undefined));
      await tallies.add('key', { n: 1 });
      const locker = await admin.connect();
      await locker.query(
        `begin; select from "${schema}".documents for update; select from "${schema}".tallies for update`,
      );
      expect(await code(documents.write('key', 'second', first))).toBe('state-unreachable');
      expect(await code(documents.write('key', 'other', undefined))).toBe('state-unreachable');
      expect(await code(tallies.add('key', { n: 1 }))).toBe('state-unreachable');
      // Who only reads is answered meanwhile, and so are others.
      expect(await documents.read('key')).toEqual({ text: 'first', version: first });
      expect(await tallies.add('other', { n: 1 })).toEqual({ n: 1 });
      // Of several, some wait for those before them, and then for the lock: longer than their callers do.
      const all = Array.from({ length: 3 }, () => code(tallies.add('key', { n: 1 })));
      expect(await Promise.all(all)).toEqual(all.map(() => 'state-unreachable'));
      await locker.query('rollback');
      locker.release();
      await expect.poll(() => answers(accounts), { timeout: 3_000 }).toBe(true);
      expect(await documents.read('key')).toEqual({ text: 'first', version: first });
      expect(await tallies.add('key', { n: 5 })).toEqual({ n: 6 });
      await version(documents.write('key', 'second', first));
    });

    test('keeps what is asked for locked, whoever asks fails within a second, and nothing is reserved later', async () => {
      const { accounts, state } = open();
      await accounts.reserve('a', [claim(1)], 60_000);
      const locker = await admin.connect();
      await locker.query(`begin; select from "${schema}".accounts for update`);
      const from = performance.now();
      expect(await code(accounts.reserve('b', [claim(1)], 60_000))).toBe('state-unreachable');
      expect(performance.now() - from).toBeLessThan(3_000);
      // Others are served meanwhile.
      expect(await state.ledger.take([{ bucket, amount: 1 }])).toMatchObject({ ok: true });
      expect(await accounts.reserve('c', [claim(1, 5, endless('other'))], 60_000)).toMatchObject({
        ok: true,
      });
      await locker.query('rollback');
      locker.release();
      expect(await accounts.balance(endless())).toMatchObject({ reserved: { nanoUsd: 1 } });
      expect(await accounts.reserve('b', [claim(1)], 60_000)).toMatchObject({ ok: true });
    });

    test('cancels statements, tells so, and goes on', async () => {
      const { accounts } = open({ statement_timeout: 50, max: 1 });
      // Making the store may take longer than that.
      await open().accounts.reserve('a', [claim(1)], 60_000);
      await accounts.now();
      const locker = await admin.connect();
      await locker.query(`begin; select from "${schema}".accounts for update`);
      const refused = await failure(accounts.reserve('b', [claim(1)], 60_000));
      expect(refused.code).toBe('state-unreachable');
      expect(refused.cause).toMatchObject({ code: '57014' });
      await locker.query('rollback');
      locker.release();
      expect(await accounts.reserve('b', [claim(1)], 60_000)).toMatchObject({ ok: true });
    });

    test('hangs, the first questions fail after a second and the next ones at once, but for one in half a second', async () => {
      await using proxy = await PostgresProxy.start();
      const clock = manualClock();
      const { accounts, pool } = open({ connectionString: proxy.url }, { clock });
      await accounts.now();

      proxy.isSilent = true;
      const first = Array.from({ length: 9 }, () => code(accounts.now()));
      await clock.advance(999);
      expect(pool.totalCount).toBeGreaterThan(0);
      await clock.advance(2);
      expect(await Promise.all(first)).toEqual(Array.from({ length: 9 }, () => 'state-unreachable'));
      const lent = vi.spyOn(pool, 'connect');
      for (let count = 0; count < 100; count += 1)
        expect(await code(accounts.now())).toBe('state-unreachable');
      expect(lent).not.toHaveBeenCalled();
      await clock.advance(500);
      const probe = code(accounts.now());
      expect(await code(accounts.now())).toBe('state-unreachable');
      expect(lent).toHaveBeenCalledTimes(1);
      await clock.advance(1_001);
      expect(await probe).toBe('state-unreachable');

      proxy.isSilent = false;
      await clock.advance(500);
      expect(await accounts.reserve('a', [claim(1)], 60_000)).toMatchObject({ ok: true });
      expect(clock.pending).toBe(0);
    });

    test('goes and comes back, what asks fails at once meanwhile and goes on by itself', async () => {
      await using proxy = await PostgresProxy.start();
      const { accounts } = open({ connectionString: proxy.url });
      await accounts.reserve('a', [claim(4)], 60_000);
      await proxy.go();
      for (let count = 0; count < 50; count += 1)
        expect(await code(accounts.now())).toBe('state-unreachable');
      await proxy.come();
      await expect
        .poll(() => Promise.resolve(accounts.balance(endless())).catch(() => undefined), { timeout: 3_000 })
        .toMatchObject({ reserved: { nanoUsd: 4 } });
    });

    test('was never there, and comes', async () => {
      await using proxy = await PostgresProxy.start();
      await proxy.go();
      const { accounts } = open({ connectionString: proxy.url });
      expect(await code(accounts.reserve('a', [claim(1)], 60_000))).toBe('state-unreachable');
      await proxy.come();
      await expect.poll(() => answers(accounts), { timeout: 3_000 }).toBe(true);
    });

    test('has no connection left in the pool, whoever asks fails within a second, and takes none later', async () => {
      const clock = manualClock();
      const { accounts, pool } = open({ max: 1 }, { clock });
      await accounts.now();
      const taken = await pool.connect();
      const asked = code(accounts.now());
      await clock.advance(1_001);
      expect(await asked).toBe('state-unreachable');
      taken.release();
      await expect.poll(() => pool.idleCount).toBe(1);
      await clock.advance(500);
      expect(await accounts.now()).toBeGreaterThan(0);
    });
  });

  describe('deletes what has had its time', () => {
    const sweep = async (clock: ManualClock, { accounts, state }: Opened): Promise<void> => {
      await clock.advance(61_000);
      await accounts.now();
      await state.dispose?.();
    };
    const counts = async (): Promise<Record<string, number>> => {
      const tables = ['buckets', 'slots', 'accounts', 'claims', 'reservations', 'steps', 'raises', 'alerts'];
      const found = await rows(
        tables
          .map((table) => `select '${table}' as name, count(*)::integer from @.${table}`)
          .join(' union all '),
      );
      return Object.fromEntries(found.map(({ name, count }) => [String(name), Number(count)]));
    };

    test('in the background, and nothing that is still of use', async () => {
      const clock = manualClock();
      const opened = open({}, { clock });
      const { accounts, state } = opened;
      const now = await accounts.now();
      const day: Account = {
        budget: 'day',
        subject: '',
        window: { kind: 'fixed', startMs: now - 1_000, endMs: now + 60_000 },
      };
      const rolling: Account = { budget: 'rolling', subject: '', window: { kind: 'rolling', lengthMs: 100 } };
      const all = [claim(5, 9, day), claim(5, 9, rolling), claim(5, 9)];
      await accounts.reserve('settled', all, 60_000);
      await accounts.settle(
        'settled',
        all.map(({ amounts }) => amounts),
      );
      await accounts.reserve('lost', [claim(1, 9, day), claim(1, 9, rolling), claim(1)], 10);
      await accounts.reserve('lost too', [claim(1, 9, rolling)], 10);
      await accounts.reserve('under way', [claim(1, 9, day)], 60_000);
      for (const account of [day, rolling, endless()]) await accounts.alertOnce(account, 0.5);
      await accounts.raise('day', '', { nanoUsd: 1, tokens: 0 }, now + 50);
      await state.ledger.take([{ bucket, amount: 1 }]);
      await state.limiters?.limiter('slots', { concurrency: 1 }).start(0);
      await sleep(150);
      // Whoever comes to an account sees what was lost of it, and what has left its window.
      await accounts.reserve('later', [claim(1, 9, rolling)], 60_000);
      await accounts.settle('later', [{ nanoUsd: 1, tokens: 0 }]);
      await sweep(clock, opened);
      expect(await counts()).toEqual({
        buckets: 1,
        slots: 0,
        accounts: 3,
        claims: 3,
        reservations: 2,
        steps: 1,
        raises: 0,
        alerts: 3,
      });

      // As if a week had passed, and nobody had come.
      await sleep(150);
      await rows('update @.accounts set forget_at_ms = forget_at_ms - 604800000');
      await rows('update @.alerts set forget_at_ms = forget_at_ms - 604800000');
      await rows('update @.buckets set forget_at_ms = forget_at_ms - 604800000');
      await sweep(clock, opened);
      expect(await counts()).toEqual({
        buckets: 0,
        slots: 0,
        accounts: 2,
        claims: 3,
        reservations: 2,
        steps: 0,
        raises: 0,
        alerts: 1,
      });
      expect(await accounts.settle('under way', [{ nanoUsd: 2, tokens: 0 }])).toHaveLength(1);
      await sweep(clock, opened);
      expect(await counts()).toMatchObject({ accounts: 1, claims: 1, reservations: 1 });
      expect((await accounts.lost()).map(({ id, claims }) => [id, claims.length])).toEqual([['lost', 1]]);
      expect(await accounts.balance(endless())).toMatchObject({ used: { nanoUsd: 6 } });
      expect(
        await accounts.settle(
          'lost',
          [1, 2, 3].map((nanoUsd) => ({ nanoUsd, tokens: 0 })),
        ),
      ).toHaveLength(3);
      expect(await accounts.balance(endless())).toMatchObject({ used: { nanoUsd: 8 } });
    });

    test('a few at a time, and goes on where more is left', async () => {
      const clock = manualClock();
      const opened = open({}, { clock });
      await opened.accounts.now();
      await rows(
        `insert into @.buckets select md5(n::text)::uuid, 1, 0, 0, 0, 0 from generate_series(1, 1200) as n`,
      );
      await sweep(clock, opened);
      expect(await counts()).toMatchObject({ buckets: 700 });
      await opened.accounts.now();
      await opened.state.dispose?.();
      expect(await counts()).toMatchObject({ buckets: 700 });
      for (const left of [200, 0]) {
        await clock.advance(1_000);
        await opened.accounts.now();
        await opened.state.dispose?.();
        expect(await counts()).toMatchObject({ buckets: left });
      }
    });
  });

  describe('gives slots', () => {
    test('that are leased, renewed while they are held, and free again when their process says nothing more', async () => {
      const [clock, silent] = [manualClock(), manualClock()];
      const [alive, dead] = [open({}, { clock }), open({}, { clock: silent })];
      const start = ({ state }: Opened) => state.limiters?.limiter('slots', { concurrency: 2 }).start(0);
      const end = await start(alive);
      expect(end).toBeDefined();
      expect(await start(dead)).toBeDefined();
      expect(await start(dead)).toBeUndefined();
      // As if ten seconds had passed, of which only one process told anything.
      await rows('update @.slots set until_ms = until_ms - 9000');
      await clock.advance(2_500);
      const renewed = async () =>
        (await rows('select 1 from @.slots where until_ms > extract(epoch from now()) * 1000 + 5000')).length;
      await expect.poll(renewed).toBe(1);
      await rows('update @.slots set until_ms = until_ms - 1500');
      expect(await start(alive)).toBeDefined();
      expect(await start(alive)).toBeUndefined();
      end?.();
      await alive.state.dispose?.();
      expect(await rows('select 1 from @.slots')).toEqual([]);
      expect(clock.pending).toBe(0);
    });
  });
});
