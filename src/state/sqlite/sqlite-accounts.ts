import type {
  Account,
  AccountClaim,
  AccountRecord,
  Accounts,
  Amounts,
  Balance,
  LostReservation,
  Reserved,
} from '../../core/accounts.ts';
import type { Clock } from '../../core/clock.ts';
import { isPromise } from '../../core/is-promise.ts';
import { isIn } from '../account-window.ts';
import { affords } from '../affords.ts';
import { AccountPage } from './account-page.ts';
import { accountStatements } from './account-statements.ts';
import { Reservations } from './reservations.ts';
import type { SqliteStore } from './sqlite-store.ts';
import { accountOf, StoredAccount } from './stored-account.ts';

const listAtMost = 10_000;
/** So many whose lease has ended are lost by one question, so that none takes long: the others count as reserved until the next. */
const loseAtOnce = 100;
/** To SQLite. */
const unlimited = -1;

type Question<T> = (page: AccountPage, now: number) => T;

/** Money and tokens that all processes on this machine count together. */
export class SqliteAccounts implements Accounts {
  readonly #store: SqliteStore;
  readonly #clock: Clock;
  readonly #reservations: Reservations;

  constructor(store: SqliteStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#reservations = new Reservations(store);
  }

  reserve(id: string, claims: readonly AccountClaim[], leaseMs: number): Reserved | Promise<Reserved> {
    return this.#ask('reserve', (page, now): Reserved => {
      const known = this.#reservations.find(id);
      if (known !== undefined)
        return { ok: true, balances: known.holds.map(({ account }) => page.byId(account).balance) };
      if (!claims.every(({ account }) => isIn(account.window, now)))
        return { ok: false, because: 'window', nowMs: now };

      const asked = claims.map((claim) => ({ ...claim, kept: page.byName(claim.account) }));
      for (const { kept, limits } of asked) kept.limits = limits;
      for (const [index, { kept, amounts, limits, enforced }] of asked.entries()) {
        if (enforced && !affords(kept.balance, amounts, limits)) {
          for (const before of asked.slice(0, index)) before.kept.free(before.amounts);
          page.saveLimits();
          return { ok: false, because: 'limit', index, balances: asked.map((each) => each.kept.balance) };
        }
        kept.reserve(amounts);
      }
      page.save();
      const holds = asked.map(({ kept, amounts }) => ({ account: kept.id, amounts }));
      this.#reservations.add({ id, holds, reservedAt: now, endsAt: now + leaseMs });
      return { ok: true, balances: asked.map(({ kept }) => kept.balance) };
    });
  }

  settle(
    id: string,
    spent: readonly Amounts[],
  ): readonly Balance[] | undefined | Promise<readonly Balance[] | undefined> {
    return this.#ask('settle', (page) => {
      const known = this.#reservations.find(id);
      if (known === undefined) return undefined;
      const accounts = this.#reservations.end(known, page);
      for (const [index, account] of accounts.entries()) {
        // What is not told of counts as it was reserved: too much rather than too little.
        const amounts = spent[index] ?? known.holds[index]?.amounts;
        if (amounts !== undefined) account.settle(amounts);
      }
      page.save();
      return accounts.map(({ balance }) => balance);
    });
  }

  release(id: string): boolean | Promise<boolean> {
    return this.#ask('release', (page) => {
      const known = this.#reservations.find(id);
      if (known === undefined) return false;
      this.#reservations.end(known, page);
      page.save();
      return true;
    });
  }

  renew(ids: readonly string[], leaseMs: number): readonly string[] | Promise<readonly string[]> {
    return this.#ask('renew', (page, now) => {
      const unknown = ids.filter((id) => {
        const known = this.#reservations.find(id);
        if (known !== undefined) this.#reservations.renew(known, now + leaseMs, page);
        return known === undefined;
      });
      page.save();
      return unknown;
    });
  }

  balance(account: Account): Balance | Promise<Balance> {
    return this.#ask('balance', (page) => page.byName(account).balance, unlimited);
  }

  lost(budget?: string): readonly LostReservation[] | Promise<readonly LostReservation[]> {
    return this.#show('lost', (page, now) =>
      this.#reservations.lost(budget, listAtMost, now).map(({ id, holds, reservedAt, endsAt }) => ({
        id,
        claims: holds.map(({ account, amounts }) => ({ account: page.byId(account).account, amounts })),
        reservedAt,
        lostAt: endsAt,
      })),
    );
  }

  reset(account: Account): void | Promise<void> {
    return this.#ask('reset', (page) => page.byName(account).reset(this.#store));
  }

  raise(budget: string, subject: string, by: Amounts, untilMs: number): void | Promise<void> {
    return this.#store.ask('accounts.raise', (now) => {
      this.#store.run('delete from raises where until_ms <= ?', now);
      this.#store.run(
        'insert or replace into raises (budget, subject, nano_usd, tokens, until_ms) values (?, ?, ?, ?, ?)',
        JSON.stringify(budget),
        JSON.stringify(subject),
        by.nanoUsd,
        by.tokens,
        untilMs,
      );
    });
  }

  alertOnce(account: Account, share: number): boolean | Promise<boolean> {
    return this.#ask('alertOnce', (page, now) => {
      const kept = page.byName(account);
      kept.touch();
      page.save();
      const [told] = this.#store.all(
        'select told_at from alerts where account = ? and share = ?',
        kept.id,
        share,
      );
      const { window } = account;
      if (told !== undefined && (window.kind === 'fixed' || now < Number(told['told_at']) + window.lengthMs))
        return false;
      this.#store.run(
        'insert or replace into alerts (account, share, told_at) values (?, ?, ?)',
        kept.id,
        share,
        now,
      );
      return true;
    });
  }

  now(): number {
    return this.#clock.now();
  }

  list(budget?: string): readonly AccountRecord[] | Promise<readonly AccountRecord[]> {
    return this.#show('list', (_page, now) =>
      this.#store
        .all(accountStatements.list, now, budget === undefined ? null : JSON.stringify(budget), listAtMost)
        .map((row) => {
          const { account, balance, limits } = new StoredAccount(row, accountOf(row), now);
          return { account, balance, limits };
        }),
    );
  }

  #ask<T>(name: string, question: Question<T>, loseAtMost = loseAtOnce): T | Promise<T> {
    return this.#store.ask(`accounts.${name}`, (now) => {
      this.#reservations.lose(now, loseAtMost);
      return question(new AccountPage(this.#store, now), now);
    });
  }

  /** Reads at length, beside others that write. */
  #show<T>(name: string, question: Question<T>): T | Promise<T> {
    const lost = this.#store.ask(`accounts.${name}`, (now) => this.#reservations.lose(now, unlimited));
    const look = (): T | Promise<T> =>
      this.#store.look(`accounts.${name}`, (now) => question(new AccountPage(this.#store, now), now));
    return isPromise(lost) ? lost.then(look) : look();
  }
}
