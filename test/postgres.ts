import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from 'managed-llm';
import { postgresState } from 'managed-llm/postgres';
import { escapeIdentifier, Pool, type PoolConfig } from 'pg';

/** The server that tests of shared state use. */
export const postgresUrl = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** In CI a missing server is a failure, and so is one that `DATABASE_URL` names. */
const isRequired = process.env['CI'] !== undefined || process.env['DATABASE_URL'] !== undefined;

/** Whether tests of PostgreSQL are skipped: where none answers, unless it has to. */
export const withoutPostgres = !isRequired && !(await answers());

async function answers(): Promise<boolean> {
  const pool = connectPool({ connectionTimeoutMillis: 2_000 });
  try {
    await pool.query('select 1');
    return true;
  } catch {
    console.warn(
      'No PostgreSQL answers on its usual local port: its tests are skipped. Start one, or set DATABASE_URL.',
    );
    return false;
  } finally {
    await pool.end();
  }
}

/** Whether tests are skipped that make roles: where ours may not. */
export const withoutRoles = withoutPostgres || !(await mayMakeRoles());

async function mayMakeRoles(): Promise<boolean> {
  const pool = connectPool();
  try {
    const { rows } = await pool.query<{ may: boolean }>(
      'select rolsuper or rolcreaterole as may from pg_roles where rolname = current_user',
    );
    const may = rows[0]?.may === true;
    if (!may) console.warn('The role of DATABASE_URL may not make roles: tests of others are skipped.');
    return may;
  } finally {
    await pool.end();
  }
}

/** A pool of that server; whoever makes one ends it. */
export function connectPool(options: PoolConfig = {}): Pool {
  const pool = new Pool({ connectionString: postgresUrl, ...options });
  // What fails is told to those who ask; without a listener an idle connection that breaks would end the process.
  pool.on('error', () => {});
  return pool;
}

/** A schema that nobody else uses. */
export function freshSchema(): string {
  return `managed_llm_test_${randomUUID().replaceAll('-', '')}`;
}

/** Deletes a schema with all that is in it. */
export async function dropSchema(pool: Pool, schema: string): Promise<void> {
  await pool.query(`drop schema if exists ${escapeIdentifier(schema)} cascade`);
}

/** Empty stores for tests of a contract. Schemas and connections are used again, which is quicker than making them. */
export class PostgresStores {
  readonly #pool = connectPool({ max: 20 });
  readonly #schemas = new Set<string>();
  readonly #free: string[] = [];

  open() {
    const schema = this.#free.pop() ?? freshSchema();
    this.#schemas.add(schema);
    const states: State[] = [];
    return {
      connect: (): State => {
        const state = postgresState({ pool: this.#pool, schema });
        states.push(state);
        return state;
      },
      // The server's clock cannot be driven.
      pass: (ms: number): Promise<void> => sleep(ms),
      close: async (): Promise<void> => {
        for (const state of states) await state.dispose?.();
        await this.#empty(schema);
        this.#free.push(schema);
      },
    };
  }

  async close(): Promise<void> {
    for (const schema of this.#schemas) await dropSchema(this.#pool, schema);
    await this.#pool.end();
  }

  async #empty(schema: string): Promise<void> {
    const tables = await this.#pool.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname = $1 and tablename <> 'managed_llm_version'`,
      [schema],
    );
    if (tables.rows.length > 0)
      await this.#pool.query(tables.rows.map(({ name }) => `delete from ${name}`).join('; '));
  }
}
