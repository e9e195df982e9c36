import * as z from 'zod/mini';
import { attached } from '../../core/attached.ts';
import type { Host, Interceptor } from '../../core/interceptor.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { ReceiptLog } from '../../core/receipt-log.ts';
import type { State } from '../../core/state.ts';
import { Calendar } from '../../core/calendar.ts';
import type { ReceiptDimension } from './dimensions.ts';
import { exportReceipts, type ReceiptExport } from './export.ts';
import type { ReceiptRow } from './grouping.ts';
import { receiptsOptionsSchema, type ReceiptsOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import { queryReceipts, type ReceiptQuery } from './query.ts';
import { filterOf, fits, selectionShape, type ReceiptSelection } from './selection.ts';

/** What `receipts` gives: an interceptor, and the log that it keeps. Methods need the `ManagedLLM` it was given to. */
export interface Receipts extends Interceptor {
  /** Where the log is kept, for `renderReport`. */
  readonly state: State;
  /** Resolves when what waits in this process is stored, or cannot be for now. */
  idle(): Promise<void>;
  /**
   * What receipts come to, by whichever dimensions: rows by the moments among these, then the dearest first. What waits in
   * this process is stored before. Receipts are read one after another: memory goes by the number of rows.
   *
   * @throws `invalid-options` for unknown dimensions, and for more than 10,000 rows
   * @throws `state-unreachable`
   * @example
   * ```ts
   * const rows = await log.query({ by: ['user', 'day'], from: '2026-11', timeZone: 'Europe/Berlin' });
   * for (const { user, day, costUsd } of rows) console.log(day, user, costUsd);
   * ```
   */
  query<const D extends ReceiptDimension = never>(query?: ReceiptQuery<D>): Promise<readonly ReceiptRow<D>[]>;
  /** The receipts themselves, as text in pieces: for a file, a response, a table. */
  export(wanted: ReceiptExport): AsyncIterable<string>;
  /**
   * Deletes one user's receipts for good: in the store, and what waits in this process. What another process has not stored
   * yet, it still will.
   *
   * @param options.tenant of this one alone; `null`: of calls without a tenant. Default: of all
   * @returns how many there were
   */
  deleteUser(user: string, options?: { readonly tenant?: string | null }): Promise<number>;
  /**
   * Deletes what fits, likewise. At least one of `from`, `to`, `user` and `tenant` has to be given.
   *
   * @returns how many there were
   */
  delete(selection: ReceiptSelection): Promise<number>;
}

const selectionSchema = z.strictObject(selectionShape);
const dayMs = 86_400_000;
const pruneEveryMs = 3_600_000;

/**
 * Keeps the receipt of every call in the state: refused ones, hits of a cache and calls that interceptors make are among
 * them. Receipts hold no prompt and no completion.
 *
 * They are written in the background, 250 ms later or 200 at a time, never on a call's way; `llm.idle()` and `llm.close()`
 * wait for it, and a process that ends without these loses what waits. Fails open: while the store cannot be reached they
 * wait in memory, up to 10,000; beyond that the oldest are dropped, which is told through `onError` once a minute.
 *
 * @example
 * ```ts
 * const log = receipts({ keepDays: 90 });
 * const llm = new ManagedLLM({ providers: { openai }, interceptors: [log] });
 * // … later
 * console.table(await log.query({ by: ['model', 'day'] }));
 * ```
 * @throws `invalid-options` for wrong or unknown options, and at construction of the `ManagedLLM` for a state that cannot
 *   keep receipts.
 */
export function receipts(options: ReceiptsOptions = {}): Receipts {
  const { keepDays } = parseOptions(receiptsOptionsSchema, options, 'receipts');
  let kept: Kept | undefined;
  const keeping = (): Kept => attached(kept, 'receipts');
  return {
    name: 'receipts',
    stage: 'observe',
    attach(host) {
      kept = new Kept(host, keepDays);
    },
    intercept: (call, next) => next(call),
    idle: () => kept?.outbox.idle() ?? Promise.resolve(),
    dispose: () => kept?.close(),
    get state() {
      return keeping().state;
    },
    async query<const D extends ReceiptDimension = never>(query: ReceiptQuery<D> = {}) {
      const { log, outbox } = keeping();
      await outbox.idle();
      return queryReceipts(log, query);
    },
    export(wanted) {
      const { log, outbox } = keeping();
      return exportReceipts(log, wanted, () => outbox.idle());
    },
    async deleteUser(user, { tenant } = {}) {
      // Without one it would be everybody of a tenant.
      if (typeof user !== 'string') throw invalidOption('deleteUser', 'takes the user as text');
      return keeping().delete({ user, ...(tenant === undefined ? {} : { tenant }) });
    },
    delete: async (selection) => keeping().delete(selection),
  };
}

/** What belongs to the `ManagedLLM` that it was given to. */
class Kept {
  readonly state: State;
  readonly log: ReceiptLog;
  readonly outbox: Outbox;
  readonly #host: Host;
  readonly #keepDays: number | undefined;
  readonly #stop: () => void;
  #prunedAt = -Infinity;

  constructor(host: Host, keepDays: number | undefined) {
    const { receipts: log, name } = host.state;
    if (log === undefined)
      throw invalidOption(
        'state',
        `(\`${name}\`) cannot keep receipts, which \`receipts\` needs: give one of this package, or one with \`receipts\``,
      );
    this.state = host.state;
    this.log = log;
    this.#host = host;
    this.#keepDays = keepDays;
    this.outbox = new Outbox(log, host, () => this.#prune());
    this.#stop = host.on('call:end', (receipt) => this.outbox.add(receipt));
  }

  async delete(selection: ReceiptSelection): Promise<number> {
    const { timeZone = 'UTC', ...meant } = parseOptions(selectionSchema, selection, 'delete');
    const filter = filterOf(meant, new Calendar(timeZone, 'delete.timeZone'), 'delete');
    if (Object.keys(filter).length === 0)
      throw invalidOption('delete', 'says nothing of what is meant: give `to`, `from`, `user` or `tenant`');
    const waited = await this.outbox.forget((receipt) => fits(filter, receipt));
    return waited + (await this.log.delete(filter));
  }

  async close(): Promise<void> {
    this.#stop();
    await this.outbox.close();
  }

  async #prune(): Promise<void> {
    const now = this.#host.clock.now();
    if (this.#keepDays === undefined || now - this.#prunedAt < pruneEveryMs) return;
    this.#prunedAt = now;
    try {
      await this.log.delete({ to: now - this.#keepDays * dayMs });
    } catch (thrown) {
      this.#host.report(thrown, '`receipts`, deleting what is older than `keepDays`');
    }
  }
}
