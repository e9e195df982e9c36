import type { CacheStore } from '../../core/cache-store.ts';
import { fromKept, toKept } from '../kept-text.ts';
import type { PostgresStatements } from './postgres-statements.ts';
import { keyOf } from './stored-text.ts';

/** Answers in PostgreSQL, a row each, until their time is over. */
export class PostgresCache implements CacheStore {
  readonly #statements: PostgresStatements;

  constructor(statements: PostgresStatements) {
    this.#statements = statements;
  }

  async get(key: string): Promise<string | undefined> {
    const kept = await this.#statements.askOne('get_cached', [keyOf('cached', key)]);
    return kept === null ? undefined : fromKept(kept);
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#statements.ask('set_cached', [keyOf('cached', key), toKept(value), ttlMs]);
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#statements.askOne('delete_cached', [keyOf('cached', key)])) === 't';
  }
}
