import type { Account } from '../../core/accounts.ts';
import { accountStatements } from './account-statements.ts';
import type { Row, SqliteStore } from './sqlite-store.ts';
import { accountOf, nameOf, StoredAccount } from './stored-account.ts';

/** The accounts that one question is about: each read once, moved, and saved at its end. */
export class AccountPage {
  readonly #store: SqliteStore;
  readonly #now: number;
  readonly #accounts = new Map<string | number, StoredAccount>();

  constructor(store: SqliteStore, now: number) {
    this.#store = store;
    this.#now = now;
  }

  /** As it stands, also if it is not in the file. */
  byName(account: Account): StoredAccount {
    const name = nameOf(account);
    return this.#keep(name.join(' '), account, () =>
      this.#store.get(accountStatements.byName, this.#now, ...name),
    );
  }

  byId(id: number): StoredAccount {
    return this.#keep(id, undefined, () => this.#store.get(accountStatements.byId, this.#now, id));
  }

  save(): void {
    // New ones last: each makes room for itself by letting go of old ones that say nothing until they are saved.
    const byAge = [...this.#accounts.values()].toSorted((a, b) => Number(a.isNew) - Number(b.isNew));
    for (const account of byAge) account.save(this.#store);
  }

  saveLimits(): void {
    for (const account of this.#accounts.values()) account.saveLimits(this.#store);
  }

  #keep(key: string | number, account: Account | undefined, read: () => Row | undefined): StoredAccount {
    let kept = this.#accounts.get(key);
    if (kept === undefined) {
      const row = read();
      if (row === undefined) throw new Error(`Account ${key} is missing in the file.`);
      kept = new StoredAccount(row, account ?? accountOf(row), this.#now);
      this.#accounts.set(key, kept);
    }
    return kept;
  }
}
