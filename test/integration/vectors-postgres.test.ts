import type { PGlite } from '@electric-sql/pglite';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManagedLLMError, type VectorStore } from 'managed-llm';
import {
  postgresVectors,
  postgresVectorsSchema,
  type PostgresConnection,
  type PostgresPool,
} from 'managed-llm/postgres';
import { describeVectorStoreContract, manualClock } from 'managed-llm/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openPglite, PglitePool } from '../pglite.ts';
import { connectPool, dropSchema, freshSchema, withoutPostgres } from '../postgres.ts';

let database: PGlite;
let pool: PglitePool;

beforeAll(async () => {
  database = openPglite();
  pool = new PglitePool(database);
  await database.waitReady;
  // Takes longer than a question may, on a busy machine.
  await database.exec('create extension vector');
}, 60_000);

afterAll(() => database.close());

const longMs = 600_000;

/** How many rows a schema has, also of those whose time is over. */
async function rowsIn(schema: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int as count from "${schema}".vectors_v1`,
  );
  return rows[0]?.count ?? 0;
}

/** Stores that all begin with nothing there. */
async function manyAtOnce(given: PostgresPool, schema: string): Promise<void> {
  const stores = Array.from({ length: 8 }, () => postgresVectors({ pool: given, schema }));
  // Whoever comes while the table is made may not wait for it.
  const put = (store: VectorStore, index: number) =>
    vi.waitFor(() => store.put('group', `id-${index}`, [1, index], longMs), { timeout: 30_000 });
  await Promise.all(stores.map(put));
  const found = await stores[0]?.nearest('group', [1, 0], 20);
  expect(found?.map(({ id }) => id)).toEqual(stores.map((_, index) => `id-${index}`));
}

describe('vectors in PostgreSQL with pgvector (PGlite)', () => {
  const open = () => {
    const schema = freshSchema();
    return {
      store: postgresVectors({ pool, schema }),
      // The server's clock cannot be driven.
      pass: (ms: number) => sleep(ms),
      close: async () => void (await database.exec(`drop schema if exists "${schema}" cascade`)),
    };
  };
  const patient = { test: (title: string, run: () => Promise<void>) => test(title, run, 60_000) };
  describeVectorStoreContract(patient, { name: 'postgres', open, timed: true });
});

describe('the table', () => {
  test('is made by whoever comes first, when many come at once', () => manyAtOnce(pool, freshSchema()));

  test('may be made beforehand, by the SQL that is printed, any number of times', async () => {
    const schema = `it's "ours" 100%`;
    await database.exec(postgresVectorsSchema({ schema }));
    const store = postgresVectors({ pool, schema });
    await store.put('group', 'id', [1, 0], longMs);
    await database.exec(postgresVectorsSchema({ schema }));
    expect(await store.nearest('group', [1, 0], 1)).toEqual([{ id: 'id', similarity: 1 }]);
  });

  test('is made anew when somebody has dropped it meanwhile', async () => {
    const schema = freshSchema();
    const store = postgresVectors({ pool, schema });
    await store.put('group', 'id', [1, 0], longMs);
    await database.exec(`drop schema "${schema}" cascade`);
    expect(await store.nearest('group', [1, 0], 1)).toEqual([]);
    await store.put('group', 'id', [1, 0], longMs);
    expect(await store.nearest('group', [1, 0], 1)).toHaveLength(1);
  });

  test('loses what is over, a few rows at a time, while others are put', async () => {
    const schema = freshSchema();
    const clock = manualClock();
    const store = postgresVectors({ pool, schema, clock });
    for (let index = 0; index < 20; index += 1) await store.put('group', `ends-${index}`, [1, index], 1);
    await store.put('group', 'stays', [1, 0], longMs);
    await sleep(5);
    expect(await rowsIn(schema)).toBe(21);
    await clock.advance(60_000);
    await store.put('group', 'stays-too', [1, 0], longMs);
    await expect.poll(() => rowsIn(schema)).toBe(2);
  });

  test('is made with the extension, where that is not there either', async () => {
    const bare = openPglite();
    try {
      await bare.waitReady;
      const store = postgresVectors({ pool: new PglitePool(bare) });
      // Those who come first may not wait for it.
      await vi.waitFor(() => store.put('group', 'id', [1, 0], longMs), { timeout: 30_000 });
      expect(await store.nearest('group', [1, 0], 1)).toEqual([{ id: 'id', similarity: 1 }]);
    } finally {
      await bare.close();
    }
  }, 60_000);

  test('keeps the extension where it is, in whatever schema', async () => {
    const other = openPglite();
    try {
      await other.exec('create schema "Its own"; create extension vector schema "Its own"');
      const store = postgresVectors({ pool: new PglitePool(other) });
      await store.put('group', 'id', [1, 0], longMs);
      expect(await store.nearest('group', [1, 0], 1)).toEqual([{ id: 'id', similarity: 1 }]);
    } finally {
      await other.close();
    }
  }, 60_000);

  test('finds a group by its key, without going through those of others', async () => {
    const schema = freshSchema();
    const store = postgresVectors({ pool, schema });
    await store.put('group', 'id', [1, 0], longMs);
    await database.exec(
      `insert into "${schema}".vectors_v1
      select gen_random_uuid(), 'id', '[1,0]', 1e15 from generate_series(1, 5000); analyze "${schema}".vectors_v1`,
    );
    const { rows } = await database.query<{ 'QUERY PLAN': string }>(
      `explain select id from "${schema}".vectors_v1 where group_key = '${randomUUID()}' order by vector <#> '[1,0]' limit 3`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('vectors_v1_pkey');
    expect(plan).not.toContain('Seq Scan');
  });
});

describe('what cannot work', () => {
  test('is told where an option is wrong', () => {
    const given = (options: unknown) => () => postgresVectors(options as { pool: PglitePool });
    expect(given({})).toThrow('`postgresVectors.pool` is no pool of `pg`');
    expect(given(pool)).toThrow('takes options: `postgresVectors({ pool })`');
    expect(given({ pool, schemas: 'a' })).toThrow('Did you mean `schema`?');
    expect(given({ pool, schema: 'pg_own' })).toThrow('`postgresVectors.schema`');
    expect(() => postgresVectorsSchema({ schema: '' })).toThrow('`postgresVectorsSchema.schema`');
  });

  test('is told where the role may not make the table, with the way to let somebody else', async () => {
    const schema = freshSchema();
    await database.exec('create role powerless; set role powerless');
    try {
      const error = await rejection(postgresVectors({ pool, schema }).put('group', 'id', [1], longMs));
      expect(error.code).toBe('invalid-options');
      expect(error.message).toContain('the SQL that `postgresVectorsSchema()`');
    } finally {
      await database.exec('reset role; drop role powerless');
    }
  });

  test('takes no more than four connections at once, and gives up on waiting for one', async () => {
    const clock = manualClock();
    const query = vi
      .fn<PostgresConnection['query']>(() => new Promise(() => {}))
      // Extension and table are there.
      .mockResolvedValueOnce({ rows: [['public', 't', 't']] });
    const connection = { query, release: () => {}, on: () => {}, removeListener: () => {} };
    const waiting: PostgresPool = { totalCount: 0, connect: async () => connection, on: () => {} };
    const store = postgresVectors({ pool: waiting, clock });
    const refused = Promise.all(Array.from({ length: 9 }, () => rejection(store.nearest('group', [1], 1))));
    await clock.advance(900);
    expect(query).toHaveBeenCalledTimes(1 + 4);
    await clock.advance(5_000);
    expect((await refused).map(({ code }) => code)).toEqual(
      Array.from({ length: 9 }, () => 'state-unreachable'),
    );
  });

  test('is not waited for while the table is being made, which goes on', async () => {
    const clock = manualClock();
    const made = Promise.withResolvers<{ rows: [] }>();
    let found: readonly [string, string, string] = ['public', 't', 'f'];
    const query: PostgresConnection['query'] = async ({ text }) => {
      if (text.includes('pg_available_extensions')) return { rows: [[...found]] };
      return text.startsWith('select id') ? { rows: [['id', '1']] } : made.promise;
    };
    const connection = { query, release: () => {}, on: () => {}, removeListener: () => {} };
    const busy: PostgresPool = { totalCount: 0, connect: async () => connection, on: () => {} };
    const store = postgresVectors({ pool: busy, clock });
    const refused = Promise.all(Array.from({ length: 6 }, () => rejection(store.nearest('group', [1], 1))));
    await clock.advance(2_000);
    expect((await refused).map(({ code }) => code)).toEqual(
      Array.from({ length: 6 }, () => 'state-unreachable'),
    );
    found = ['public', 't', 't'];
    made.resolve({ rows: [] });
    expect(await store.nearest('group', [1], 1)).toEqual([{ id: 'id', similarity: 1 }]);
  });

  test('rejects soon while the server cannot be asked', async () => {
    const away = connectPool({ port: 1, host: '127.0.0.1', connectionString: undefined });
    try {
      const error = await rejection(postgresVectors({ pool: away }).nearest('group', [1], 1));
      expect(error.code).toBe('state-unreachable');
      expect(error.message).toContain('`postgresVectors`: `nearest` could not be asked');
    } finally {
      await away.end();
    }
  });
});

/** Whether the server that other tests use has pgvector. */
const hasExtension = !withoutPostgres && (await offersVectors());

async function offersVectors(): Promise<boolean> {
  const server = connectPool();
  try {
    const { rows } = await server.query("select from pg_available_extensions where name = 'vector'");
    return rows.length > 0;
  } finally {
    await server.end();
  }
}

describe.skipIf(!hasExtension)('vectors in a server with pgvector', () => {
  const server = connectPool({ max: 20 });
  afterAll(() => server.end());
  const open = () => {
    const schema = freshSchema();
    return {
      store: postgresVectors({ pool: server, schema }),
      pass: (ms: number) => sleep(ms),
      close: () => dropSchema(server, schema),
    };
  };
  const patient = { test: (title: string, run: () => Promise<void>) => test(title, run, 60_000) };
  describeVectorStoreContract(patient, { name: 'postgres', open, timed: true });

  test('the table is made by whoever comes first, when many come at once', async () => {
    const schema = freshSchema();
    await manyAtOnce(server, schema).finally(() => dropSchema(server, schema));
  });
});

describe.skipIf(withoutPostgres || hasExtension)('a server without pgvector', () => {
  test('is told as that, with what to do, and nothing is made', async () => {
    const server = connectPool();
    const schema = freshSchema();
    try {
      const error = await rejection(
        postgresVectors({ pool: server, schema }).put('group', 'id', [1, 0], 1_000),
      );
      expect(error.code).toBe('invalid-options');
      expect(error.message).toContain('without pgvector. Install it there');
      const made = await server.query('select from pg_namespace where nspname = $1', [schema]);
      expect(made.rows).toEqual([]);
    } finally {
      await server.end();
    }
  });
});

async function rejection(answer: unknown): Promise<ManagedLLMError> {
  const thrown: unknown = await Promise.resolve(answer).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!ManagedLLMError.isInstance(thrown)) throw new Error('It was not refused.', { cause: thrown });
  return thrown;
}
