import { randomUUID } from 'node:crypto';
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
import { fullnessOf } from '../fullness.ts';
import { accountId, accountOf, budgetPrefix, ownerId } from './redis-account-id.ts';
import {
  alertScript,
  balanceScript,
  listScript,
  lostScript,
  nowScript,
  raiseScript,
  releaseScript,
  renewScript,
  reserveScript,
  resetScript,
  settleScript,
  sweepScript,
} from './redis-account-scripts.ts';
import type { RedisScripts, Script } from './redis-scripts.ts';
import { SeenUse } from './seen-use.ts';

/** Reservations that one script renews: two milliseconds of the server's time. */
const renewedAtOnce = 500;
const listAtMost = 10_000;
/** Numbers of a balance as scripts tell it. */
const perBalance = 6;

/**
 * Money and tokens in Redis, which all processes share. Every question is one script and one round trip, but for
 * overviews: `list` and `lost` ask for some hundred at a time. Sums are whole numbers that Redis itself adds, exact up to
 * 2^53. An id is remembered for ten minutes after its reservation has ended: whoever asks again does so within seconds.
 *
 * The store has to keep its data for as long as the longest window. When all is gone, what any process that lives saw used
 * is put back by its next reservation from that account. Not known then is what others had used since, and what is
 * reserved: a reservation that is gone is unknown when it is settled.
 */
export class RedisAccounts implements Accounts {
  readonly #scripts: RedisScripts;
  readonly #seen: SeenUse;
  readonly #process = randomUUID().slice(0, 8);
  #questions = 0;

  constructor(scripts: RedisScripts, clock: Clock) {
    this.#scripts = scripts;
    this.#seen = new SeenUse(clock);
  }

  async reserve(id: string, claims: readonly AccountClaim[], leaseMs: number): Promise<Reserved> {
    const ids = claims.map(({ account }) => accountId(account));
    const asked = claims.flatMap(({ account, amounts, limits, enforced }, index) => {
      const key = ids[index] ?? '';
      const most = [limits.nanoUsd ?? '', limits.tokens ?? ''];
      const seen = this.#seen.tell(key, account);
      return [key, amounts.nanoUsd, amounts.tokens, ...most, enforced ? 1 : 0, seen];
    });
    const [verdict, detail, ...numbers] = await this.#run(
      reserveScript,
      [leaseOf(id)],
      [id, leaseMs, ...asked],
    );
    if (verdict === 'window') return { ok: false, because: 'window', nowMs: Number(detail) };
    const balances = ids.map((account, index) => this.#see(account, balanceAt(numbers, index * perBalance)));
    return verdict === 'ok'
      ? { ok: true, balances }
      : { ok: false, because: 'limit', index: Number(detail), balances };
  }

  async settle(id: string, spent: readonly Amounts[]): Promise<readonly Balance[] | undefined> {
    const amounts = spent.flatMap(({ nanoUsd, tokens }) => [nanoUsd, tokens]);
    const [known, ...told] = await this.#run(settleScript, [leaseOf(id)], [id, this.#question(), ...amounts]);
    if (known === undefined) return undefined;
    return pages(told, 1 + perBalance).map((at) => this.#see(told[at] ?? '', balanceAt(told, at + 1)));
  }

  async release(id: string): Promise<boolean> {
    const [known] = await this.#run(releaseScript, [leaseOf(id)], [id, this.#question()]);
    return known !== undefined;
  }

  async renew(ids: readonly string[], leaseMs: number): Promise<readonly string[]> {
    const unknown = await Promise.all(
      pages(ids, renewedAtOnce).map((from) =>
        this.#run(renewScript, [], [leaseMs, ...ids.slice(from, from + renewedAtOnce)]),
      ),
    );
    return unknown.flat();
  }

  async balance(account: Account): Promise<Balance> {
    for (;;) {
      const [more, ...told] = await this.#run(balanceScript, [], [accountId(account)]);
      if (more === '0') return balanceAt(told, 0);
    }
  }

  async lost(budget?: string): Promise<readonly LostReservation[]> {
    const found = new Map<string, LostReservation>();
    for await (const told of this.#pages(lostScript, budget))
      for (const lost of lostOf(told)) found.set(lost.id, lost);
    return [...found.values()].sort((a, b) => a.lostAt - b.lostAt).slice(0, listAtMost);
  }

  async reset(account: Account): Promise<void> {
    const id = accountId(account);
    await this.#run(resetScript, [alertsOf(id)], [id]);
    this.#seen.forget(id);
  }

  async raise(budget: string, subject: string, by: Amounts, untilMs: number): Promise<void> {
    await this.#run(raiseScript, [`raise:${ownerId(budget, subject)}`], [by.nanoUsd, by.tokens, untilMs]);
  }

  async alertOnce(account: Account, share: number): Promise<boolean> {
    const id = accountId(account);
    const [isFirst] = await this.#run(alertScript, [alertsOf(id)], [id, share, this.#question()]);
    return isFirst === '1';
  }

  async now(): Promise<number> {
    const [now] = await this.#run(nowScript, [], []);
    return Number(now);
  }

  async list(budget?: string): Promise<readonly AccountRecord[]> {
    let found = new Map<string, AccountRecord>();
    for await (const told of this.#pages(listScript, budget)) {
      for (const at of pages(told, 3 + perBalance)) {
        const id = told[at] ?? '';
        found.set(id, {
          account: accountOf(id),
          balance: balanceAt(told, at + 1),
          limits: limitsAt(told, at + 1 + perBalance),
        });
      }
      if (found.size >= 2 * listAtMost) found = fullest(found);
    }
    return [...fullest(found).values()];
  }

  /** All of a budget, some hundred at a time; the store may tell one twice. */
  async *#pages(script: Script, budget: string | undefined): AsyncGenerator<readonly string[]> {
    for (let more = '1'; more === '1';) [more = '0'] = await this.#run(sweepScript, [], []);
    const prefix = budget === undefined ? '' : budgetPrefix(budget);
    let cursor = '0';
    do {
      const [next = '0', ...told] = await this.#run(script, [], [cursor, prefix]);
      yield told;
      cursor = next;
    } while (cursor !== '0');
  }

  #run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<readonly string[]> {
    return this.#scripts.run(script, ['leases', 'lost', 'forgetting', 'accounts', ...keys], args);
  }

  /** A name for one question, by which the store knows it when a client asks it twice. */
  #question(): string {
    return `${this.#process}-${++this.#questions}`;
  }

  #see(id: string, balance: Balance): Balance {
    this.#seen.see(id, balance.used, this.#scripts.epoch);
    return balance;
  }
}

function leaseOf(id: string): string {
  return `lease:${id}`;
}

function alertsOf(id: string): string {
  return `alerts:${id}`;
}

/** Where each page of a list begins. */
function pages(list: readonly string[], length: number): readonly number[] {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, index) => index * length);
}

function amountsAt(told: readonly string[], at: number): Amounts {
  return { nanoUsd: Number(told[at]), tokens: Number(told[at + 1]) };
}

function balanceAt(told: readonly string[], at: number): Balance {
  return { used: amountsAt(told, at), reserved: amountsAt(told, at + 2), raised: amountsAt(told, at + 4) };
}

function limitsAt(told: readonly string[], at: number): Partial<Amounts> {
  const [nanoUsd = '', tokens = ''] = told.slice(at, at + 2);
  return {
    ...(nanoUsd === '' ? {} : { nanoUsd: Number(nanoUsd) }),
    ...(tokens === '' ? {} : { tokens: Number(tokens) }),
  };
}

function lostOf(told: readonly string[]): readonly LostReservation[] {
  const found: LostReservation[] = [];
  for (let at = 0; at < told.length;) {
    const [id = '', since, lostAt, count] = told.slice(at, at + 4);
    const claims = Array.from({ length: Number(count) }, (_, index) => {
      const of = at + 4 + 3 * index;
      return { account: accountOf(told[of] ?? ''), amounts: amountsAt(told, of + 1) };
    });
    found.push({ id, claims, reservedAt: Number(since), lostAt: Number(lostAt) });
    at += 4 + 3 * claims.length;
  }
  return found;
}

function fullest(records: ReadonlyMap<string, AccountRecord>): Map<string, AccountRecord> {
  const sorted = [...records].map((entry) => {
    const [, { balance, limits }] = entry;
    return { entry, fullness: fullnessOf(limits, balance.used, balance.reserved, balance.raised) ?? -1 };
  });
  sorted.sort((a, b) => b.fullness - a.fullness);
  return new Map(sorted.slice(0, listAtMost).map(({ entry }) => entry));
}
