import * as z from 'zod/mini';
import { realClock, type Clock } from '../../core/clock.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import { asCosine, unitOf, type UnitVector } from '../../core/unit-vector.ts';
import type { Neighbour, Vector, VectorStore } from '../../core/vector-store.ts';
import { clockOption } from '../../state/clock-option.ts';
import { namesIn } from '../../state/postgres/postgres-names.ts';
import { checkPool, isPool, type PostgresPool } from '../../state/postgres/postgres-pool.ts';
import { keyOf } from '../../state/postgres/stored-text.ts';
import { SweepTimes } from '../sweep-times.ts';
import { defaultVectorsSchema } from './postgres-vectors-schema.ts';
import { VectorRows, type Statement } from './vector-rows.ts';

/** Options of {@link postgresVectors}. */
export interface PostgresVectorsOptions {
  /**
   * A pool of `pg` (node-postgres), 8 or later. Stays yours: it is never closed, nor are its settings changed. At most
   * four of its connections are in use at once, and one more while the table is made.
   */
  readonly pool: PostgresPool;
  /**
   * Where the table is kept; not that of `postgresState`, which is for itself alone. Processes with the same one share
   * everything, others nothing. Default `managed_llm_vectors`. Made on first use, or by {@link postgresVectorsSchema} where the
   * role may not.
   */
  readonly schema?: string;
  /** What waits for the server go by. Default: the machine's. Times to live go by the server's own time. */
  readonly clock?: Clock;
}

/** Schema of {@link PostgresVectorsOptions}. */
const postgresVectorsOptionsSchema = z.strictObject({
  pool: z.optional(z.unknown()),
  schema: z.optional(z.string()),
  clock: clockOption,
});

/**
 * Vectors that a fleet of processes shares, in PostgreSQL with pgvector: a row each. All of a group are looked at, so that the
 * nearest is found for sure. Rows whose time is over are deleted in the background, 500 at a time.
 *
 * Everything rejects with `state-unreachable` within two seconds while the server cannot be asked, and while the table is still
 * being made, which goes on for ten; with `invalid-options` where the server has no pgvector, or where the role may not make the
 * table.
 *
 * @example
 * ```ts
 * import { postgresVectors } from 'managed-llm/postgres';
 * import { Pool } from 'pg';
 *
 * const vectors = postgresVectors({ pool: new Pool({ connectionString: 'postgres://localhost/app' }) });
 * ```
 * @throws `invalid-options` for what is no pool of `pg`, for what cannot be a schema's name, and for unknown options.
 */
export function postgresVectors(options: PostgresVectorsOptions): VectorStore {
  if (isPool(options)) throw invalidOption('postgresVectors', 'takes options: `postgresVectors({ pool })`');
  const {
    pool,
    schema = defaultVectorsSchema,
    clock = realClock,
  } = parseOptions(postgresVectorsOptionsSchema, options, 'postgresVectors');
  checkPool(pool, 'postgresVectors.pool');
  return new PostgresVectors(new VectorRows(pool, namesIn(schema, 'postgresVectors.schema'), clock), clock);
}

/** The server's clock, in milliseconds. */
const nowMs = '(extract(epoch from clock_timestamp()) * 1000)';

/** Those of another length cannot be measured, and are left out before. All have length 1, so that a product is a cosine. */
const nearest: Statement = (table, extension) => `select id, -product from (
  select id, vector operator(${extension}.<#>) $2::text::${extension}.vector as product from ${table}
  where group_key = $1 and until_ms > ${nowMs} and ${extension}.vector_dims(vector) = $3
) as measured order by product limit $4`;

const put: Statement = (table, extension) => `insert into ${table} (group_key, id, vector, until_ms)
values ($1, $2, $3::text::${extension}.vector, ${nowMs} + $4::double precision)
on conflict (group_key, id) do update set vector = excluded.vector, until_ms = excluded.until_ms`;

const deleteOne: Statement = (table) => `delete from ${table} where group_key = $1 and id = $2`;

const sweptAtMost = 500;
/** None that somebody works on. */
const sweep: Statement = (table) => `delete from ${table} where (group_key, id) in (
  select group_key, id from ${table} where until_ms <= ${nowMs} order by until_ms limit ${sweptAtMost}
  for update skip locked
) returning 1`;

class PostgresVectors implements VectorStore {
  readonly #rows: VectorRows;
  readonly #sweeps: SweepTimes;

  constructor(rows: VectorRows, clock: Clock) {
    this.#rows = rows;
    this.#sweeps = new SweepTimes(clock);
  }

  async nearest(group: string, vector: Vector, count: number): Promise<readonly Neighbour[]> {
    const unit = unitOf(vector);
    if (unit === undefined || count < 1) return [];
    const values = [keyOf(group), textOf(unit), unit.length, count];
    const rows = await this.#rows.ask('nearest', nearest, values);
    return rows.map(([id, similarity]) => ({ id: id ?? '', similarity: asCosine(Number(similarity)) }));
  }

  async put(group: string, id: string, vector: Vector, ttlMs: number): Promise<void> {
    const unit = unitOf(vector);
    if (unit === undefined) return this.delete(group, id);
    await this.#rows.ask('put', put, [keyOf(group), id, textOf(unit), ttlMs]);
    this.#sweeps.sweepWhenDue(async () => {
      const swept = await this.#rows.ask('sweep', sweep, []);
      return swept.length === sweptAtMost;
    });
  }

  async delete(group: string, id: string): Promise<void> {
    await this.#rows.ask('delete', deleteOne, [keyOf(group), id]);
  }
}

/** As pgvector reads them. */
function textOf(unit: UnitVector): string {
  return `[${unit.join(',')}]`;
}
