import KeyvRedis from '@keyv/redis';
import { Redis } from 'ioredis';
import { Keyv as Keyv5 } from 'keyv';
import { Keyv as Keyv6 } from 'keyv6';
import type { CacheOptions, State } from 'managed-llm';
import { postgresState } from 'managed-llm/postgres';
import { redisState } from 'managed-llm/redis';
import { Pool } from 'pg';
import { RedisServer } from '../fleet/redis-server.ts';
import { PostgresServer } from './postgres-server.ts';

/** A server that can be killed, and started again. */
export interface Server extends AsyncDisposable {
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Lets it hold its connections and answer nothing. */
  pause?(): void;
  resume?(): void;
}

/** What one process has of the server. */
export interface Connected {
  readonly state?: State;
  readonly store?: NonNullable<CacheOptions['store']>;
  close(): Promise<unknown>;
}

/** A way to keep answers in a server. */
export interface Kind {
  readonly name: string;
  start(): Promise<Server & { connect(): Connected }>;
}

const quiet = (): void => {};

export const kinds: readonly Kind[] = [
  {
    name: 'Redis, the state’s own',
    start: () =>
      redis((url) => {
        const client = new Redis(url, { retryStrategy: () => 20 });
        client.on('error', quiet);
        return { state: redisState({ client }), close: async () => client.disconnect() };
      }),
  },
  {
    name: 'Redis, Keyv 5',
    start: () =>
      redis((url) => {
        const store = new Keyv5(new KeyvRedis(url), { namespace: 'outage' });
        return { store, close: () => store.disconnect() };
      }),
  },
  {
    name: 'Redis, Keyv 6',
    start: () =>
      redis((url) => {
        const store = new Keyv6(new KeyvRedis(url), { namespace: 'outage' });
        return { store, close: () => store.disconnect() };
      }),
  },
  {
    name: 'PostgreSQL, the state’s own',
    async start() {
      const server = await PostgresServer.start();
      const connect = (): Connected => {
        const pool = new Pool({ connectionString: server.url });
        pool.on('error', quiet);
        return { state: postgresState({ pool }), close: () => pool.end() };
      };
      return Object.assign(server, { connect });
    },
  },
];

async function redis(connect: (url: string) => Connected) {
  const server = await RedisServer.start();
  return Object.assign(server, { connect: () => connect(server.url) });
}
