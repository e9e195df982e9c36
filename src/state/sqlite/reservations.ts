import type { Amounts } from '../../core/accounts.ts';
import { AccountPage } from './account-page.ts';
import type { Row, SqliteStore } from './sqlite-store.ts';
import type { StoredAccount } from './stored-account.ts';

/** What a reservation holds of one account. */
export interface Hold {
  readonly account: number;
  readonly amounts: Amounts;
}

export interface Reservation {
  readonly id: string;
  readonly holds: readonly Hold[];
  readonly reservedAt: number;
  /** When it is lost, or was. */
  readonly endsAt: number;
  readonly isLost: boolean;
}

/** More than are lost at once, as a rule. */
const sweepAtOnce = 100;

const columns = 'id, holds, reserved_at, ends_at, is_lost';

/** Reservations in the file: those under way, and those that are lost. */
export class Reservations {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  find(id: string): Reservation | undefined {
    const row = this.#store.get(`select ${columns} from reservations where id = ?`, JSON.stringify(id));
    return row && reservationOf(row);
  }

  /** Lost ones, the oldest first. */
  lost(budget: string | undefined, atMost: number, now: number): readonly Reservation[] {
    const ofBudget = `exists (
      select 1 from json_each(reservations.holds) hold join accounts on accounts.id = hold.value ->> 0 where budget = ?
    )`;
    const rows = this.#store.all(
      `select ${columns} from reservations
      where is_lost = 1 and (says_nothing_at is null or says_nothing_at > ?) ${budget === undefined ? '' : `and ${ofBudget}`}
      order by ends_at limit ?`,
      now,
      ...(budget === undefined ? [] : [JSON.stringify(budget)]),
      atMost,
    );
    return rows.map(reservationOf);
  }

  add({ id, holds, reservedAt, endsAt }: Omit<Reservation, 'isLost'>): void {
    const held = holds.map(({ account, amounts: { nanoUsd, tokens } }) => [account, nanoUsd, tokens]);
    this.#store.run(
      'insert into reservations (id, holds, reserved_at, ends_at) values (?, ?, ?, ?)',
      JSON.stringify(id),
      JSON.stringify(held),
      reservedAt,
      endsAt,
    );
  }

  /** Takes it out, and frees what it holds, which the page has then to save. */
  end({ id, holds, endsAt, isLost }: Reservation, page: AccountPage): readonly StoredAccount[] {
    this.#store.run('delete from reservations where id = ?', JSON.stringify(id));
    return holds.map(({ account, amounts }) => {
      const kept = page.byId(account);
      if (isLost) kept.find(amounts, endsAt);
      kept.free(amounts);
      return kept;
    });
  }

  renew({ id, holds, endsAt, isLost }: Reservation, newEndsAt: number, page: AccountPage): void {
    if (isLost) for (const { account, amounts } of holds) page.byId(account).find(amounts, endsAt);
    this.#store.run(
      'update reservations set ends_at = ?, is_lost = 0, says_nothing_at = null where id = ?',
      newEndsAt,
      JSON.stringify(id),
    );
  }

  /** Counts what nobody has renewed as used. */
  lose(now: number, atMost: number): void {
    const rows = this.#store.all(
      `select ${columns} from reservations where is_lost = 0 and ends_at <= ? order by ends_at limit ?`,
      now,
      atMost,
    );
    if (rows.length === 0) return;
    this.#sweep(now);
    const page = new AccountPage(this.#store, now);
    for (const { id, holds, endsAt } of rows.map(reservationOf)) {
      let saysNothingAt: number | null = -Infinity;
      for (const { account, amounts } of holds) {
        const kept = page.byId(account);
        kept.lose(amounts, endsAt);
        const countsUntil = kept.lostSaysNothingAt(endsAt);
        saysNothingAt =
          saysNothingAt === null || countsUntil === undefined ? null : Math.max(saysNothingAt, countsUntil);
      }
      this.#store.run(
        'update reservations set is_lost = 1, says_nothing_at = ? where id = ?',
        saysNothingAt,
        JSON.stringify(id),
      );
    }
    page.save();
  }

  /** Deletes lost ones that count nowhere any more. */
  #sweep(now: number): void {
    const rows = this.#store.all(
      `select ${columns} from reservations where says_nothing_at <= ? order by says_nothing_at limit ${sweepAtOnce}`,
      now,
    );
    for (const { id, holds } of rows.map(reservationOf)) {
      for (const { account } of holds)
        this.#store.run('update accounts set holds = holds - 1 where id = ?', account);
      this.#store.run('delete from reservations where id = ?', JSON.stringify(id));
    }
  }
}

function reservationOf(row: Row): Reservation {
  const held: readonly (readonly [account: number, nanoUsd: number, tokens: number])[] = JSON.parse(
    String(row['holds']),
  );
  return {
    id: JSON.parse(String(row['id'])),
    holds: held.map(([account, nanoUsd, tokens]) => ({ account, amounts: { nanoUsd, tokens } })),
    reservedAt: Number(row['reserved_at']),
    endsAt: Number(row['ends_at']),
    isLost: row['is_lost'] === 1,
  };
}
