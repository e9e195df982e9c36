import { setImmediate as turn } from 'node:timers/promises';
import type { SQLInputValue } from 'node:sqlite';
import type { Receipt } from '../../core/receipt.ts';
import type { ReceiptFilter, ReceiptLog } from '../../core/receipt-log.ts';
import type { Row, SqliteStore } from './sqlite-store.ts';

/** So many are read or deleted in one turn of the event loop: a few milliseconds. */
const batchSize = 500;

const insertReceipt = `
  insert into receipts (call_id, started_at, user, tenant, receipt) values (?, ?, ?, ?, ?)
  on conflict (call_id) do nothing`;

/** Receipts in a file, until they are deleted. */
export class SqliteReceipts implements ReceiptLog {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  async append(receipts: readonly Receipt[]): Promise<void> {
    const rows = receipts.map((receipt) => {
      const { callId, startedAt, caller } = receipt;
      const { user, tenant } = caller;
      return [JSON.stringify(callId), startedAt, stored(user), stored(tenant), JSON.stringify(receipt)];
    });
    await this.#change('receipts.append', () => {
      for (const row of rows) this.#store.run(insertReceipt, ...row);
    });
  }

  async *read(filter: ReceiptFilter = {}): AsyncGenerator<Receipt> {
    for (let after: Row | undefined; ;) {
      const batch = await this.#store.look('receipts.read', () => this.#batch('receipt', filter, after));
      for (const { receipt } of batch) yield JSON.parse(String(receipt));
      after = batch.at(-1);
      if (batch.length < batchSize) return;
      await turn();
    }
  }

  async delete(filter: ReceiptFilter): Promise<number> {
    for (let deleted = 0; ;) {
      const batch = await this.#change('receipts.delete', () => {
        const meant = this.#batch('call_id', filter, undefined);
        for (const { position = null } of meant)
          this.#store.run('delete from receipts where position = ?', position);
        return meant;
      });
      deleted += batch.length;
      if (batch.length < batchSize) return deleted;
      await turn();
    }
  }

  /** What is deleted is overwritten in the file. Only here: elsewhere that costs more than it is worth. */
  #change<T>(name: string, change: () => T): T | Promise<T> {
    return this.#store.ask(name, () => {
      this.#store.get('pragma secure_delete = on');
      try {
        return change();
      } finally {
        this.#store.get('pragma secure_delete = off');
      }
    });
  }

  /** The next by when they began; of those that began at the same time, by when they came. */
  #batch(
    column: 'receipt' | 'call_id',
    { from, to, user, tenant }: ReceiptFilter,
    after: Row | undefined,
  ): readonly Row[] {
    const conditions: [string, ...SQLInputValue[]][] = [];
    if (from !== undefined) conditions.push(['started_at >= ?', from]);
    if (to !== undefined) conditions.push(['started_at < ?', to]);
    if (user !== undefined) conditions.push(['user is ?', stored(user)]);
    if (tenant !== undefined) conditions.push(['tenant is ?', stored(tenant)]);
    if (after !== undefined)
      conditions.push([
        '(started_at, position) > (?, ?)',
        after['started_at'] ?? null,
        after['position'] ?? null,
      ]);
    const where = conditions.length === 0 ? '' : `where ${conditions.map(([sql]) => sql).join(' and ')}`;
    return this.#store.all(
      `select position, started_at, ${column} from receipts ${where} order by started_at, position limit ${batchSize}`,
      ...conditions.flatMap(([, ...values]) => values),
    );
  }
}

function stored(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : JSON.stringify(text);
}
