import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { realClock, type Clock } from '../../core/clock.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { State } from '../../core/state.ts';
import { clockOption } from '../clock-option.ts';
import { LeasedLimiters } from '../leased-limiters.ts';
import { SqliteAccounts } from './sqlite-accounts.ts';
import { SqliteCache } from './sqlite-cache.ts';
import { SqliteDocuments } from './sqlite-documents.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { SqliteReceipts } from './sqlite-receipts.ts';
import { SqliteSlots } from './sqlite-slots.ts';
import { SqliteStore } from './sqlite-store.ts';
import { SqliteTallies } from './sqlite-tallies.ts';

/** Options of {@link sqliteState}. */
export interface SqliteStateOptions {
  /**
   * Of the file, which is made if it is not there; its folder has to be. On a disk of this machine: what several machines
   * see over a network is no place for it. Beside it lie `…-wal` and `…-shm` while it is in use.
   */
  readonly path: string;
  /** How much `cache()` may keep there; what was not read for the longest makes room. */
  readonly cache?: {
    /** Answers at most. Default 100,000. */
    readonly entries?: number;
    /** Room for them, counted as UTF-8. Default 536,870,912. */
    readonly bytes?: number;
  };
  /** Levels, windows and leases go by it, as do waits for other processes. Default: the machine's. */
  readonly clock?: Clock;
}

const sqliteStateOptionsSchema = z.strictObject({
  path: z.string().check(z.minLength(1)),
  cache: z.optional(
    z.strictObject({
      entries: z.optional(z.int().check(z.positive())),
      bytes: z.optional(z.int().check(z.positive())),
    }),
  ),
  clock: clockOption,
});

/**
 * Facts that all processes of one machine share and that outlast them, in a file of SQLite: limits, budgets, receipts,
 * answers, documents, tallies. Uses Node's own `node:sqlite`.
 *
 * Every question is a transaction of some ten microseconds, answered at once unless another process is just writing; then it
 * waits its turn, without keeping the event loop, and rejects with `state-unreachable` after five seconds. What was answered
 * survives the process, also `kill -9`; when the whole machine stops, the last moments may be missing.
 *
 * @example
 * ```ts
 * import { sqliteState } from 'managed-llm/sqlite';
 *
 * const llm = new ManagedLLM({ providers: { openai: new OpenAI() }, state: sqliteState({ path: 'llm.db' }) });
 * ```
 * @throws `invalid-options` where no such file can be opened, `state-incompatible` where it is not ours, or newer.
 */
export function sqliteState(options: SqliteStateOptions): State {
  const {
    path,
    cache = {},
    clock = realClock,
  } = parseOptions(sqliteStateOptionsSchema, options, 'sqliteState');
  const { entries = 100_000, bytes = 536_870_912 } = cache;
  if (path === ':memory:')
    throw invalidOption('sqliteState.path', 'has to be that of a file: what is in memory is `memoryState()`');
  // Absolute: SQLite takes what begins with `file:` for a URI.
  const store = new SqliteStore(resolve(path), clock);
  const limiters = new LeasedLimiters(new SqliteSlots(store), clock);
  return {
    name: 'sqlite',
    shared: true,
    ledger: new SqliteLedger(store),
    limiters,
    accounts: new SqliteAccounts(store, clock),
    receipts: new SqliteReceipts(store),
    cache: new SqliteCache(store, { entries, bytes }),
    documents: new SqliteDocuments(store),
    tallies: new SqliteTallies(store),
    async dispose() {
      await limiters.dispose();
      store.close();
    },
  };
}
