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
import { isIn } from '../account-window.ts';
import { affords } from '../affords.ts';
import { LeaseQueue, type Lease } from './lease-queue.ts';
import { MemoryAccount, type Step } from './memory-account.ts';

interface Hold {
  readonly account: MemoryAccount;
  readonly amounts: Amounts;
  /** Where it counts as used, of one that is lost. */
  step: Step | undefined;
}

interface Reservation extends Lease {
  readonly id: string;
  readonly holds: readonly Hold[];
  readonly reservedAt: number;
  lengthMs: number;
  endsAt: number;
}

interface Raise {
  readonly by: Amounts;
  readonly untilMs: number;
}

/** Beyond this, accounts that say nothing are let go of. */
const sweepAbove = 10_000;
/** Beyond this, the emptiest are let go of too: to begin anew gives away the least there. */
const keepAtMost = 250_000;
/** Beyond this, the oldest count as used for good. */
const lostAtMost = 100_000;
const listAtMost = 10_000;

const noAmounts: Amounts = { nanoUsd: 0, tokens: 0 };

/**
 * Money and tokens in this process. Keeps at most 250,000 accounts that say something (1 kB each), beyond which the emptiest begin
 * anew, and 100,000 lost reservations, beyond which the oldest cannot be released any more.
 */
export class MemoryAccounts implements Accounts {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, MemoryAccount>();
  readonly #reservations = new Map<string, Reservation>();
  /** Those of {@link MemoryAccounts.#reservations} that live, by when they would be lost. */
  readonly #leases = new LeaseQueue<Reservation>();
  /** The others, in the order in which they were lost. */
  readonly #lost = new Set<Reservation>();
  readonly #raises = new Map<string, Raise>();
  #sweepAt = sweepAbove;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  reserve(id: string, claims: readonly AccountClaim[], leaseMs: number): Reserved {
    const now = this.#turn();
    const known = this.#reservations.get(id);
    if (known !== undefined) return { ok: true, balances: this.#balances(known.holds, now) };
    if (!claims.every(({ account }) => isIn(account.window, now)))
      return { ok: false, because: 'window', nowMs: now };

    const holds: Hold[] = [];
    for (const [index, { account, amounts, limits, enforced }] of claims.entries()) {
      const kept = this.#account(account, now);
      kept.limits = limits;
      if (enforced && !affords(kept.balance(this.#raised(account, now), now), amounts, limits)) {
        for (const hold of holds) hold.account.free(hold.amounts);
        return {
          ok: false,
          because: 'limit',
          index,
          balances: claims.map((claim) => this.balance(claim.account)),
        };
      }
      kept.reserve(amounts);
      holds.push({ account: kept, amounts, step: undefined });
    }

    const reservation: Reservation = { id, holds, reservedAt: now, lengthMs: leaseMs, endsAt: now + leaseMs };
    this.#reservations.set(id, reservation);
    this.#leases.add(reservation);
    return { ok: true, balances: this.#balances(holds, now) };
  }

  settle(id: string, spent: readonly Amounts[]): readonly Balance[] | undefined {
    const now = this.#turn();
    const holds = this.#end(id);
    if (holds === undefined) return undefined;
    // What is not told of counts as it was reserved: too much rather than too little.
    for (const [index, { account, amounts }] of holds.entries()) account.settle(spent[index] ?? amounts, now);
    return this.#balances(holds, now);
  }

  release(id: string): boolean {
    this.#turn();
    return this.#end(id) !== undefined;
  }

  renew(ids: readonly string[], leaseMs: number): readonly string[] {
    const now = this.#turn();
    return ids.filter((id) => {
      const reservation = this.#reservations.get(id);
      if (reservation === undefined) return true;
      if (!this.#find(reservation)) this.#leases.delete(reservation);
      reservation.lengthMs = leaseMs;
      reservation.endsAt = now + leaseMs;
      this.#leases.add(reservation);
      return false;
    });
  }

  balance(account: Account): Balance {
    const now = this.#turn();
    const raised = this.#raised(account, now);
    const kept = this.#accounts.get(keyOf(account));
    return kept?.balance(raised, now) ?? { used: noAmounts, reserved: noAmounts, raised };
  }

  lost(budget?: string): readonly LostReservation[] {
    this.#giveUpLost(this.#turn());
    const found: LostReservation[] = [];
    for (const { id, holds, reservedAt, endsAt } of this.#lost) {
      const claims = holds.map(({ account: { account }, amounts }) => ({ account, amounts }));
      if (budget === undefined || claims.some(({ account }) => account.budget === budget))
        found.push({ id, claims, reservedAt, lostAt: endsAt });
    }
    return found.toSorted((a, b) => a.lostAt - b.lostAt).slice(0, listAtMost);
  }

  reset(account: Account): void {
    this.#turn();
    this.#accounts.get(keyOf(account))?.reset();
  }

  raise(budget: string, subject: string, by: Amounts, untilMs: number): void {
    const now = this.#turn();
    if (this.#raises.size >= sweepAbove) this.#sweepRaises(now);
    this.#raises.set(subjectKey(budget, subject), { by, untilMs });
  }

  alertOnce(account: Account, share: number): boolean {
    const now = this.#turn();
    return this.#account(account, now).alertOnce(share, now);
  }

  now(): number {
    return this.#clock.now();
  }

  list(budget?: string): readonly AccountRecord[] {
    const now = this.#turn();
    const found: { readonly fullness: number; readonly record: AccountRecord }[] = [];
    for (const kept of this.#accounts.values()) {
      const { account, limits } = kept;
      if ((budget !== undefined && account.budget !== budget) || kept.saysNothing(now)) continue;
      const raised = this.#raised(account, now);
      const record = { account, balance: kept.balance(raised, now), limits };
      found.push({ fullness: kept.fullness(raised) ?? -1, record });
    }
    return found
      .toSorted((a, b) => b.fullness - a.fullness)
      .slice(0, listAtMost)
      .map(({ record }) => record);
  }

  /** How many accounts are kept, those included that say nothing and are let go of next. */
  get size(): number {
    return this.#accounts.size;
  }

  /** The time, with everything lost that is lost by then. */
  #turn(): number {
    const now = this.#clock.now();
    for (const reservation of this.#leases.takeEnded(now)) {
      for (const hold of reservation.holds)
        hold.step = hold.account.lose(hold.amounts, reservation.endsAt, now);
      this.#lost.add(reservation);
    }
    if (this.#lost.size > lostAtMost) this.#giveUpLost(now);
    return now;
  }

  /** Whether it was lost, and no longer is. */
  #find(reservation: Reservation): boolean {
    if (!this.#lost.delete(reservation)) return false;
    for (const hold of reservation.holds) {
      if (hold.step !== undefined) hold.account.find(hold.amounts, hold.step);
      hold.step = undefined;
    }
    return true;
  }

  /** Frees what it holds. */
  #end(id: string): readonly Hold[] | undefined {
    const reservation = this.#reservations.get(id);
    if (reservation === undefined) return undefined;
    this.#reservations.delete(id);
    if (!this.#find(reservation)) this.#leases.delete(reservation);
    for (const { account, amounts } of reservation.holds) account.free(amounts);
    return reservation.holds;
  }

  /** Lets go of what is lost and counts nowhere any more, and of the oldest that are too many. */
  #giveUpLost(now: number): void {
    let tooMany = this.#lost.size - lostAtMost;
    for (const reservation of this.#lost) {
      const { id, holds } = reservation;
      tooMany -= 1;
      if (tooMany < 0 && holds.some(({ account, step }) => step !== undefined && account.countsIn(step, now)))
        continue;
      this.#lost.delete(reservation);
      this.#reservations.delete(id);
      for (const { account, amounts, step } of holds) if (step !== undefined) account.giveUp(amounts, step);
    }
  }

  #balances(holds: readonly Hold[], now: number): readonly Balance[] {
    return holds.map(({ account }) => account.balance(this.#raised(account.account, now), now));
  }

  #raised({ budget, subject }: Account, now: number): Amounts {
    if (this.#raises.size === 0) return noAmounts;
    const raise = this.#raises.get(subjectKey(budget, subject));
    return raise !== undefined && now < raise.untilMs ? raise.by : noAmounts;
  }

  #account(account: Account, now: number): MemoryAccount {
    const key = keyOf(account);
    let kept = this.#accounts.get(key);
    if (kept === undefined) {
      if (this.#accounts.size >= this.#sweepAt) this.#sweep(now);
      kept = new MemoryAccount(account);
      this.#accounts.set(key, kept);
    }
    return kept;
  }

  /** Lets go of what says nothing; what is left doubles the mark, so that sweeping stays cheap. */
  #sweep(now: number): void {
    this.#giveUpLost(now);
    this.#sweepRaises(now);
    for (const [key, account] of this.#accounts) if (account.saysNothing(now)) this.#accounts.delete(key);
    if (this.#accounts.size >= keepAtMost) {
      const settled = [...this.#accounts].filter(([, { holds }]) => holds === 0);
      const emptiest = settled
        .map(([key, account]) => ({ key, fullness: account.fullness(noAmounts) ?? 0 }))
        .toSorted((a, b) => a.fullness - b.fullness);
      for (const { key } of emptiest.slice(0, keepAtMost / 4)) this.#accounts.delete(key);
    }
    const { size } = this.#accounts;
    this.#sweepAt = Math.max(size + sweepAbove, Math.min(size * 2, keepAtMost));
  }

  #sweepRaises(now: number): void {
    for (const [key, { untilMs }] of this.#raises) if (untilMs <= now) this.#raises.delete(key);
  }
}

/** Texts of any kind, told apart by their lengths. */
function subjectKey(budget: string, subject: string): string {
  return `${budget.length}:${budget}${subject}`;
}

function keyOf({ budget, subject, window }: Account): string {
  const over = window.kind === 'rolling' ? `r${window.lengthMs}` : `f${window.startMs}-${window.endMs ?? ''}`;
  return `${over}:${subjectKey(budget, subject)}`;
}
