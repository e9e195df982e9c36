import { existsSync, statSync } from 'node:fs';
import type { State } from '../core/state.ts';
import { postgresState } from '../state/postgres/postgres-state.ts';
import { redisState } from '../state/redis/redis-state.ts';
import { sqliteState } from '../state/sqlite/sqlite-state.ts';
import { CommandError } from './command-error.ts';

/** Where receipts are kept. */
export type Source =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'redis'; readonly url: string; readonly prefix: string | undefined }
  | { readonly kind: 'postgres'; readonly url: string; readonly schema: string | undefined };

export interface OpenedState {
  readonly state: State;
  close(): Promise<void>;
}

const connectWithinMs = 10_000;

/**
 * Opens a store that is there, with a client of its own.
 *
 * @throws {@link CommandError} for what cannot be opened
 */
export function openState(source: Source): Promise<OpenedState> {
  switch (source.kind) {
    case 'sqlite':
      return openSqlite(source.file);
    case 'redis':
      return openRedis(source.url, source.prefix);
    case 'postgres':
      return openPostgres(source.url, source.schema);
    default:
      return source satisfies never;
  }
}

async function openSqlite(file: string): Promise<OpenedState> {
  // It would be made, and the page be empty.
  if (!existsSync(file))
    throw new CommandError(
      `\`--sqlite\`: there is no file ${file}. Give the \`path\` of \`sqliteState\`.`,
      2,
    );
  if (!statSync(file).isFile())
    throw new CommandError(`\`--sqlite\`: ${file} is no file. Give the \`path\` of \`sqliteState\`.`, 2);
  const state = sqliteState({ path: file });
  return { state, close: async () => state.dispose?.() };
}

async function openRedis(url: string, prefix: string | undefined): Promise<OpenedState> {
  const { Redis } = await load('--redis', 'ioredis', () => import('ioredis'));
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectWithinMs,
    retryStrategy: () => null,
  });
  // Its rejections say only that it is closed.
  let failure: unknown;
  client.on('error', (error) => (failure = error));
  const connect = (): Promise<void> =>
    client.connect().catch((thrown: unknown) => Promise.reject(failure ?? thrown));
  const state = redisState({ client, ...(prefix === undefined ? {} : { prefix }) });
  const close = async (): Promise<void> => {
    await state.dispose?.();
    client.disconnect();
  };
  return connected('Redis', url, connect, { state, close });
}

async function openPostgres(url: string, schema: string | undefined): Promise<OpenedState> {
  const { Pool } = await load('--postgres', 'pg', () => import('pg'));
  const pool = new Pool({ connectionString: url, connectionTimeoutMillis: connectWithinMs, max: 2 });
  pool.on('error', () => {});
  const state = postgresState({ pool, ...(schema === undefined ? {} : { schema }) });
  const close = async (): Promise<void> => {
    await state.dispose?.();
    await pool.end();
  };
  const connect = async (): Promise<void> => (await pool.connect()).release();
  return connected('PostgreSQL', url, connect, { state, close });
}

async function connected(
  store: string,
  url: string,
  connect: () => Promise<void>,
  opened: OpenedState,
): Promise<OpenedState> {
  try {
    await connect();
    return opened;
  } catch (thrown) {
    await opened.close();
    throw new CommandError(
      `${store} at ${withoutSecrets(url)} cannot be reached: ${reasonOf(thrown)}. Check the address, and whether it is up.`,
      1,
    );
  }
}

/** The packages of clients are optional: whoever has no use for them has not installed them. */
async function load<T>(option: string, name: string, importing: () => Promise<T>): Promise<T> {
  try {
    return await importing();
  } catch (thrown) {
    const isMissing =
      thrown instanceof Error &&
      'code' in thrown &&
      thrown.code === 'ERR_MODULE_NOT_FOUND' &&
      thrown.message.includes(`'${name}'`);
    if (!isMissing) throw thrown;
    throw new CommandError(
      `\`${option}\` needs the package \`${name}\`, which is not installed here: \`npm install ${name}\`, or \`npx -p managed-llm -p ${name} managed-llm …\`.`,
      1,
    );
  }
}

function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** `connect ECONNREFUSED 127.0.0.1:6379`; of several addresses that were tried, the first. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return reasonOf(thrown.errors[0]);
  return thrown instanceof Error ? thrown.message.replace(/\.$/, '') : String(thrown);
}
