import type { ReceiptFilter, ReceiptLog } from '../../core/receipt-log.ts';
import type { Receipt } from '../../core/receipt.ts';
import type { PostgresStatements } from './postgres-statements.ts';
import { keyOf } from './stored-text.ts';

/** So many are read, or deleted, by one question. */
const readAtMost = 500;
const deleteAtMost = 2_000;
/** Before the first one. */
const beginning = ['-infinity', '00000000000000000000000000000000'] as const;

/** Receipts in PostgreSQL, as JSON that can be queried there. */
export class PostgresReceiptLog implements ReceiptLog {
  readonly #statements: PostgresStatements;

  constructor(statements: PostgresStatements) {
    this.#statements = statements;
  }

  async append(receipts: readonly Receipt[]): Promise<void> {
    if (receipts.length === 0) return;
    const values = [
      receipts.map(({ callId }) => keyOf('receipt', callId)),
      receipts.map(({ startedAt }) => startedAt),
      receipts.map(({ caller }) => keyOfUser(caller.user)),
      receipts.map(({ caller }) => keyOfTenant(caller.tenant)),
      // Escapes what a text of the server cannot hold.
      receipts.map((receipt) => JSON.stringify(receipt)),
    ];
    await this.#statements.ask('append_receipts', values, { isOverview: true });
  }

  async *read(filter: ReceiptFilter = {}): AsyncIterable<Receipt> {
    let last: readonly (string | null)[] = beginning;
    for (;;) {
      const values = [...valuesOf(filter), ...last, readAtMost];
      const rows = await this.#statements.ask('read_receipts', values, { isOverview: true });
      for (const [, , receipt] of rows) yield JSON.parse(receipt ?? '');
      const [key = null, startedAtMs = null] = rows.at(-1) ?? [];
      if (rows.length < readAtMost) return;
      last = [startedAtMs, key];
    }
  }

  async delete(filter: ReceiptFilter): Promise<number> {
    let total = 0;
    for (;;) {
      const values = [...valuesOf(filter), deleteAtMost];
      const deleted = Number(await this.#statements.askOne('delete_receipts', values, { isOverview: true }));
      total += deleted;
      if (deleted < deleteAtMost) return total;
    }
  }
}

function valuesOf({ from, to, user, tenant }: ReceiptFilter): readonly unknown[] {
  return [
    from ?? '-infinity',
    to ?? 'infinity',
    user !== undefined,
    keyOfUser(user),
    tenant !== undefined,
    keyOfTenant(tenant),
  ];
}

function keyOfUser(user: string | null | undefined): string | null {
  return user == null ? null : keyOf('user', user);
}

function keyOfTenant(tenant: string | null | undefined): string | null {
  return tenant == null ? null : keyOf('tenant', tenant);
}
