import { Redis } from 'ioredis';
import { memoryState, type State } from 'managed-llm';
import { postgresState } from 'managed-llm/postgres';
import { redisState } from 'managed-llm/redis';
import { sqliteState } from 'managed-llm/sqlite';
import { Pool } from 'pg';

/** Where the processes of a race keep their books: all that a process needs to open it. */
export type StateSpec =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly schema: string };

/** A state, and how to let go of what it stands on. */
export interface OpenState {
  readonly state: State;
  close(): Promise<void>;
}

export function openState(spec: StateSpec): OpenState {
  switch (spec.kind) {
    case 'memory':
      return { state: memoryState(), close: async () => {} };
    case 'sqlite':
      return { state: sqliteState({ path: spec.path }), close: async () => {} };
    case 'redis': {
      const client = new Redis(spec.url);
      return { state: redisState({ client }), close: async () => client.disconnect() };
    }
    case 'postgres': {
      const pool = new Pool({ connectionString: spec.url });
      return { state: postgresState({ pool, schema: spec.schema }), close: () => pool.end() };
    }
    default:
      return spec satisfies never;
  }
}
