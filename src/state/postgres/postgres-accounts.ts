import { randomUUID } from 'node:crypto';
import type {
  Account,
  AccountClaim,
  AccountRecord,
  Accounts,
  AccountWindow,
  Amounts,
  Balance,
  LostReservation,
  Reserved,
} from '../../core/accounts.ts';
import type { PostgresStatements } from './postgres-statements.ts';
import { fromStored, keyOf, toStored } from './stored-text.ts';

/** More leases are renewed by several questions, each of which holds locks for its time. */
const renewAtMost = 500;
const listAtMost = 10_000;

/** An account as overviews tell of it. */
interface StoredAccount {
  readonly budget: string;
  readonly subject: string;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly lengthMs: number | null;
}

interface StoredRecord {
  readonly account: StoredAccount;
  readonly balance: Balance;
  readonly limits: Readonly<Record<keyof Amounts, number | null>>;
}

interface StoredLoss extends Omit<LostReservation, 'claims'> {
  readonly claims: readonly { readonly account: StoredAccount; readonly amounts: Amounts }[];
}

/** Accounts in PostgreSQL. Every method is one function, so none sees another's half-done work. */
export class PostgresAccounts implements Accounts {
  readonly #statements: PostgresStatements;

  constructor(statements: PostgresStatements) {
    this.#statements = statements;
  }

  async reserve(id: string, claims: readonly AccountClaim[], leaseMs: number): Promise<Reserved> {
    const windows = claims.map(({ account }) => columnsOf(account.window));
    const answer = await this.#statements.askOne('reserve', [
      reservationKey(id),
      toStored(id),
      Math.ceil(leaseMs),
      claims.map(({ account }) => accountKey(account)),
      claims.map(({ account }) => raiseKey(account.budget, account.subject)),
      claims.map(({ account }) => toStored(account.budget)),
      claims.map(({ account }) => toStored(account.subject)),
      windows.map(({ startMs }) => startMs),
      windows.map(({ endMs }) => endMs),
      windows.map(({ lengthMs }) => lengthMs),
      claims.map(({ amounts }) => amounts.nanoUsd),
      claims.map(({ amounts }) => amounts.tokens),
      claims.map(({ limits }) => limits.nanoUsd ?? null),
      claims.map(({ limits }) => limits.tokens ?? null),
      claims.map(({ enforced }) => enforced),
    ]);
    return parsed(answer);
  }

  async settle(id: string, spent: readonly Amounts[]): Promise<readonly Balance[] | undefined> {
    const columns = [spent.map(({ nanoUsd }) => nanoUsd), spent.map(({ tokens }) => tokens)];
    const answer = await this.#end(id, [...columns, false]);
    return answer === null ? undefined : parsed(answer);
  }

  async release(id: string): Promise<boolean> {
    return (await this.#end(id, [null, null, true])) !== null;
  }

  async renew(ids: readonly string[], leaseMs: number): Promise<readonly string[]> {
    const missing: string[] = [];
    for (let from = 0; from < ids.length; from += renewAtMost) {
      const some = ids.slice(from, from + renewAtMost);
      const answer = await this.#statements.askOne('renew', [some.map(reservationKey), Math.ceil(leaseMs)]);
      const places = new Set(parsed<readonly number[]>(answer));
      missing.push(...some.filter((_, place) => places.has(place)));
    }
    return missing;
  }

  async balance(account: Account): Promise<Balance> {
    const { budget, subject } = account;
    const answer = await this.#statements.askOne('standing', [
      [accountKey(account)],
      [raiseKey(budget, subject)],
    ]);
    const [balance] = parsed<readonly [Balance]>(answer);
    return balance;
  }

  async lost(budget?: string): Promise<readonly LostReservation[]> {
    const found = await this.#overview<StoredLoss>('lost', budget);
    return found.map(({ id, claims, ...times }) => ({
      id: fromStored(id),
      claims: claims.map(({ account, amounts }) => ({ account: accountOf(account), amounts })),
      ...times,
    }));
  }

  async reset(account: Account): Promise<void> {
    await this.#statements.ask('reset', [accountKey(account)]);
  }

  async raise(budget: string, subject: string, by: Amounts, untilMs: number): Promise<void> {
    await this.#statements.ask('raise_limits', [
      raiseKey(budget, subject),
      toStored(budget),
      toStored(subject),
      by.nanoUsd,
      by.tokens,
      Math.ceil(untilMs),
    ]);
  }

  async alertOnce(account: Account, share: number): Promise<boolean> {
    const { startMs, endMs, lengthMs } = columnsOf(account.window);
    const values = [accountKey(account), share, randomUUID(), startMs, endMs, lengthMs];
    return (await this.#statements.askOne('alert_once', values)) === 't';
  }

  async now(): Promise<number> {
    return Math.floor(Number(await this.#statements.askOne('now_ms', [])));
  }

  async list(budget?: string): Promise<readonly AccountRecord[]> {
    const found = await this.#overview<StoredRecord>('list_accounts', budget);
    return found.map(({ account, balance, limits: { nanoUsd, tokens } }) => ({
      account: accountOf(account),
      balance,
      limits: { ...(nanoUsd === null ? {} : { nanoUsd }), ...(tokens === null ? {} : { tokens }) },
    }));
  }

  /** Asked again where it was done and the answer lost, it would say that there is no such reservation. */
  #end(id: string, columns: readonly unknown[]): Promise<string | null> {
    return this.#statements.askOne('settle', [reservationKey(id), ...columns], { isOnce: true });
  }

  async #overview<T>(name: string, budget: string | undefined): Promise<readonly T[]> {
    const values = [budget === undefined ? null : toStored(budget), listAtMost];
    const answer = await this.#statements.askOne(name, values, { isOverview: true });
    return parsed(answer);
  }
}

/** What our own functions answer in JSON. */
function parsed<T>(answer: string | null): T {
  return JSON.parse(answer ?? 'null');
}

function reservationKey(id: string): string {
  return keyOf('reservation', id);
}

function accountKey({ budget, subject, window }: Account): string {
  const { startMs, endMs, lengthMs } = columnsOf(window);
  return keyOf('account', budget, subject, startMs, endMs, lengthMs);
}

function raiseKey(budget: string, subject: string): string {
  return keyOf('raise', budget, subject);
}

function columnsOf(window: AccountWindow): Pick<StoredAccount, 'startMs' | 'endMs' | 'lengthMs'> {
  return window.kind === 'fixed'
    ? { startMs: window.startMs, endMs: window.endMs ?? null, lengthMs: null }
    : { startMs: null, endMs: null, lengthMs: window.lengthMs };
}

function accountOf({ budget, subject, startMs, endMs, lengthMs }: StoredAccount): Account {
  return {
    budget: fromStored(budget),
    subject: fromStored(subject),
    window:
      lengthMs === null
        ? { kind: 'fixed', startMs: startMs ?? 0, ...(endMs === null ? {} : { endMs }) }
        : { kind: 'rolling', lengthMs },
  };
}
