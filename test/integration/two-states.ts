import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryState, type State } from 'managed-llm';
import { postgresState } from 'managed-llm/postgres';
import { redisState } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { connectPool, dropSchema, freshSchema, withoutPostgres } from '../postgres.ts';
import { clear, connect, freshPrefix, withoutRedis } from '../redis.ts';

type Opened = readonly [State, State];

/**
 * Two states of each kind that share what they keep: its name, whether it is away here, and how they are opened.
 *
 * @param atEnd told what has to be done when a test has ended, the last first
 */
export function twoStates(
  atEnd: (end: () => unknown) => void,
): readonly (readonly [string, boolean, () => Promise<Opened> | Opened])[] {
  return [
    [
      'memory',
      false,
      () => {
        const state = memoryState();
        return [state, state];
      },
    ],
    [
      'sqlite',
      false,
      async () => {
        const folder = await mkdtemp(join(tmpdir(), 'managed-llm-states-'));
        const path = join(folder, 'state.db');
        atEnd(() => rm(folder, { recursive: true }));
        return [sqliteState({ path }), sqliteState({ path })];
      },
    ],
    [
      'redis',
      withoutRedis,
      () => {
        const [client, other, prefix] = [connect(), connect(), freshPrefix()];
        atEnd(async () => {
          await clear(client, prefix);
          client.disconnect();
          other.disconnect();
        });
        return [redisState({ client, prefix }), redisState({ client: other, prefix })];
      },
    ],
    [
      'postgres',
      withoutPostgres,
      () => {
        const [pool, schema] = [connectPool(), freshSchema()];
        atEnd(async () => {
          await dropSchema(pool, schema);
          await pool.end();
        });
        return [postgresState({ pool, schema }), postgresState({ pool, schema })];
      },
    ],
  ];
}
