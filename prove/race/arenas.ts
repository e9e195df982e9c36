import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { escapeIdentifier, Pool } from 'pg';
import { RedisServer } from '../fleet/redis-server.ts';
import type { StateSpec } from './states.ts';

/** A store that races are run in. */
export interface Arena extends AsyncDisposable {
  readonly name: string;
  readonly spec: StateSpec;
  /** Whether processes share it, and it outlives them. */
  readonly shared: boolean;
}

/** One that is not there: why. */
export interface Missing {
  readonly name: string;
  readonly missing: string;
}

const postgresUrl = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** Every store, in turn, or why it is not there. Whoever gets one disposes of it. */
export const arenas: readonly (() => Promise<Arena | Missing>)[] = [
  memoryArena,
  sqliteArena,
  redisArena,
  postgresArena,
];

async function memoryArena(): Promise<Arena> {
  return {
    name: 'memory',
    spec: { kind: 'memory' },
    shared: false,
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A file of its own. */
async function sqliteArena(): Promise<Arena> {
  const directory = await mkdtemp(join(tmpdir(), 'race-'));
  return {
    name: 'SQLite',
    spec: { kind: 'sqlite', path: join(directory, 'books.db') },
    shared: true,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

/** One of its own, which keeps nothing. */
async function redisArena(): Promise<Arena | Missing> {
  const name = 'Redis';
  try {
    const server = await RedisServer.start();
    return {
      name,
      spec: { kind: 'redis', url: server.url },
      shared: true,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    return { name, missing: String(error) };
  }
}

/** A schema of its own in the server that `DATABASE_URL` names, or that listens at the usual port. */
async function postgresArena(): Promise<Arena | Missing> {
  const name = 'Postgres';
  const pool = new Pool({ connectionString: postgresUrl, connectionTimeoutMillis: 2_000, max: 1 });
  pool.on('error', () => {});
  try {
    await pool.query('select 1');
  } catch {
    await pool.end();
    return { name, missing: 'No PostgreSQL answers: start one, or set `DATABASE_URL`.' };
  }
  const schema = `managed_llm_race_${randomUUID().replaceAll('-', '')}`;
  return {
    name,
    spec: { kind: 'postgres', url: postgresUrl, schema },
    shared: true,
    async [Symbol.asyncDispose]() {
      await pool.query(`drop schema if exists ${escapeIdentifier(schema)} cascade`);
      await pool.end();
    },
  };
}
