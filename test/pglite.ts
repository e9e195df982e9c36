import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { PostgresConnection, PostgresPool, PostgresQuestion } from 'managed-llm/postgres';

/** PostgreSQL in this process, with pgvector. */
export function openPglite(): PGlite {
  return new PGlite({ extensions: { vector } });
}

/** As the server writes them. */
const asWritten = (text: string): string => text;
/** `bool`, `int8`, `int2`, `int4`, `float4`, `float8`, `numeric`. */
const parsers = Object.fromEntries([16, 20, 21, 23, 700, 701, 1700].map((type) => [type, asWritten]));

/** The one connection there is, as a pool of `pg` would lend it: to one at a time, in the order they came. */
export class PglitePool implements PostgresPool {
  readonly totalCount = 1;
  readonly #database: PGlite;
  #last: Promise<void> = Promise.resolve();

  constructor(database: PGlite) {
    this.#database = database;
  }

  async connect(): Promise<PostgresConnection> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return {
      query: (question) => this.#answer(question),
      release: () => resolve(),
      on: () => undefined,
      removeListener: () => undefined,
    };
  }

  on(): void {}

  async #answer({ text, values }: PostgresQuestion): Promise<{ rows: (string | null)[][] }> {
    if (values === undefined) {
      await this.#database.exec(text);
      return { rows: [] };
    }
    const { rows } = await this.#database.query(text, values, { rowMode: 'array', parsers });
    return { rows: rows as (string | null)[][] };
  }
}
