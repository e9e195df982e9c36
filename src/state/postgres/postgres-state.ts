import * as z from 'zod/mini';
import { realClock, type Clock } from '../../core/clock.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { State } from '../../core/state.ts';
import { clockOption } from '../clock-option.ts';
import { LeasedLimiters } from '../leased-limiters.ts';
import { PostgresAccounts } from './postgres-accounts.ts';
import { PostgresCache } from './postgres-cache.ts';
import { PostgresDocuments } from './postgres-documents.ts';
import { PostgresLedger } from './postgres-ledger.ts';
import { namesIn } from './postgres-names.ts';
import { checkPool, isPool, type PostgresPool } from './postgres-pool.ts';
import { PostgresReceiptLog } from './postgres-receipt-log.ts';
import { PostgresSlots } from './postgres-slots.ts';
import { PostgresStatements } from './postgres-statements.ts';
import { PostgresTallies } from './postgres-tallies.ts';

/** Options of {@link postgresState}. */
export interface PostgresStateOptions {
  /**
   * A pool of `pg` (node-postgres), 8 or later. Stays yours: it is never closed, nor are its settings changed. At most five
   * of its connections are in use at once. pgbouncer may stand before the server, also where it shares connections by
   * transactions.
   */
  readonly pool: PostgresPool;
  /**
   * Where tables and functions are kept, for itself alone. Processes with the same one share everything, others nothing.
   * Default `managed_llm`. Made on first use, or by {@link postgresSchema} where the role may not.
   */
  readonly schema?: string;
  /** What waits for the server go by. Default: the machine's. Windows, levels and leases go by the server's own time. */
  readonly clock?: Clock;
}

const postgresStateOptionsSchema = z.strictObject({
  pool: z.optional(z.unknown()),
  schema: z.optional(z.string()),
  clock: clockOption,
});

/**
 * Facts that a fleet of processes shares, in PostgreSQL 12 or later: limits, budgets, receipts, answers,
 * documents and tallies. Each question is one function and one round trip. Old rows are deleted in the background, a few at a time.
 *
 * While the server cannot be asked, everything rejects with `state-unreachable`: at once when it is known to be down, else
 * within a second. It is asked again twice a second, and recovers by itself. A schema that an older version of this package
 * has made is brought to this one; one of a newer version, and one that holds other tables, are refused as
 * `state-incompatible`.
 *
 * @example
 * ```ts
 * import { postgresState } from 'managed-llm/postgres';
 * import { Pool } from 'pg';
 *
 * const pool = new Pool({ connectionString: 'postgres://localhost/app' });
 * const llm = new ManagedLLM({ providers: { openai: new OpenAI() }, state: postgresState({ pool }) });
 * ```
 * @throws `invalid-options` for what is no pool of `pg`, for what cannot be a schema's name, and for unknown options.
 */
export function postgresState(options: PostgresStateOptions): State {
  if (isPool(options)) throw invalidOption('postgresState', 'takes options: `postgresState({ pool })`');
  const {
    pool,
    schema = 'managed_llm',
    clock = realClock,
  } = parseOptions(postgresStateOptionsSchema, options, 'postgresState');
  checkPool(pool, 'postgresState.pool');
  const names = namesIn(schema, 'postgresState.schema');
  const statements = new PostgresStatements(pool, names, clock);
  const limiters = new LeasedLimiters(new PostgresSlots(statements), clock);
  return {
    name: 'postgres',
    shared: true,
    ledger: new PostgresLedger(statements),
    limiters,
    accounts: new PostgresAccounts(statements),
    receipts: new PostgresReceiptLog(statements),
    cache: new PostgresCache(statements),
    documents: new PostgresDocuments(statements),
    tallies: new PostgresTallies(statements),
    async dispose() {
      await limiters.dispose();
      await statements.idle();
    },
  };
}
