import type { AccountClaim, Accounts, Balance, Reserved } from '../../core/accounts.ts';
import type { CallError } from '../../core/call-error.ts';
import { refusal } from '../../core/call-error.ts';
import type { Host } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';
import { toUsd } from '../../core/nano-usd.ts';
import { noteShadow } from '../../core/run.ts';
import { affordable, type Affordable } from './affordable.ts';
import type { Alerts } from './alerts.ts';
import { leftOf, type AccountParty, type Bid, type CeilingParty, type PartyPurse } from './bid.ts';
import { leaseMs, type Lease, type Leases } from './leases.ts';
import { Pending } from './pending.ts';
import { budgetExceeded, ceilingExceeded, withoutState, type Shortage } from './refusals.ts';
import type { StoreClock } from './store-clock.ts';
import type { Outcome } from './waiting.ts';

/** Where budgets are counted, and what goes with it. */
export interface Store {
  readonly accounts: Accounts;
  readonly clock: StoreClock;
  readonly leases: Leases;
  readonly alerts: Alerts;
}

type Answer = Outcome<CallError>;

const granted: Answer = Object.freeze({ kind: 'granted' });

/** How often one attempt asks anew at once: for another window, or for less than it was just refused. Then it waits. */
const asksAtMost = 6;

/** How an account stood when it was asked for too much. */
interface Standing {
  readonly balance: Balance;
  readonly resetAt: number | undefined;
}

/**
 * Lets attempts have what they need of all ceilings and accounts, or of none. Ceilings are held in this process: what is
 * taken of them while a store is asked is given back when it says no.
 */
export class Teller {
  readonly #host: Pick<Host, 'clock' | 'report'>;
  readonly #store: Store | undefined;
  /** Letting calls through without the store is told once, until it answers again. */
  #isReported = false;
  /** Questions that the store has not answered. */
  readonly #asking: Pending;

  /** @param store absent where there are ceilings alone */
  constructor(host: Pick<Host, 'clock' | 'report'>, store: Store | undefined) {
    this.#host = host;
    this.#store = store;
    this.#asking = new Pending(host.clock);
  }

  /** A promise only where the store has to be asked. Never rejects. */
  ask(bid: Bid): Answer | Promise<Answer> {
    const purses = bid.ceilings.map((party) => bid.ceilingPurse(party));
    const found = affordable(purses, bid.asked, bid.least);
    if (found.kind !== 'now') return declined(bid, found, noStandings);
    const answer = this.#take(bid, found.limit, asksAtMost);
    return isPromise(answer) ? this.#asking.add(answer) : answer;
  }

  /** Gives back what an attempt was let have that is not sent. A promise where the store has to be told. */
  undo(bid: Bid): void | Promise<void> {
    bid.endCeilings();
    const { lease } = bid;
    bid.lease = undefined;
    return lease && this.#release(lease);
  }

  /** Resolves when the store has answered all that it was asked. */
  idle(): Promise<void> {
    return this.#asking.idle();
  }

  #release(lease: Lease): void | Promise<void> {
    return this.#store?.leases.end({ lease, spent: undefined, settled: () => {} });
  }

  #take(bid: Bid, limit: number | undefined, asks: number): Answer | Promise<Answer> {
    bid.limit = limit;
    // They have it: nobody else has run since they were looked at.
    bid.takeOfCeilings();
    const store = this.#store;
    if (store === undefined || bid.accounts.length === 0) return granted;
    const nowMs = store.clock.now();
    const claims = bid.claims(({ rule, subject }) => rule.account(subject.key, nowMs));
    const id = store.leases.nextId();
    const heard = (reserved: Reserved): Answer | Promise<Answer> =>
      this.#heard(store, bid, { id, claims, isConfirmed: true }, reserved, asks);
    const failed = (thrown: unknown): Answer =>
      this.#unreachable(bid, { id, claims, isConfirmed: false }, thrown);
    try {
      const reserved = store.accounts.reserve(id, claims, leaseMs);
      return isPromise(reserved) ? reserved.then(heard, failed) : heard(reserved);
    } catch (thrown) {
      return failed(thrown);
    }
  }

  #heard(store: Store, bid: Bid, lease: Lease, reserved: Reserved, asks: number): Answer | Promise<Answer> {
    this.#isReported = false;
    if (bid.isOver) {
      if (reserved.ok) void this.#release(lease);
      return granted;
    }
    if (reserved.ok) {
      bid.lease = lease;
      store.leases.keep(lease);
      for (const [index, party] of bid.accounts.entries()) warned(bid, party, reserved.balances[index]);
      return granted;
    }
    bid.endCeilings();
    if (reserved.because === 'window') {
      store.clock.learn(reserved.nowMs);
      if (asks > 1) return this.#again(bid, asks - 1);
      return this.#unreachable(bid, lease, new Error('The clock of the store jumps.'));
    }
    const standings = standingsOf(bid, lease.claims, reserved.balances);
    const purses = [
      ...bid.ceilings.map((party) => bid.ceilingPurse(party)),
      ...accountPurses(bid, standings),
    ];
    const found = affordable(purses, bid.asked, bid.least);
    // What it is told to have by now was given back since, or is less than it has asked for.
    if (found.kind === 'now' && asks > 1) return this.#take(bid, found.limit, asks - 1);
    const answer = declined(bid, found, standings);
    if (found.kind === 'never') this.#alert(store, bid, found.purse.party, standings, lease.claims);
    return answer;
  }

  /** The same again: ceilings may have changed hands while the store was asked. */
  #again(bid: Bid, asks: number): Answer | Promise<Answer> {
    const found = affordable(
      bid.ceilings.map((party) => bid.ceilingPurse(party)),
      bid.asked,
      bid.least,
    );
    return found.kind === 'now' ? this.#take(bid, found.limit, asks) : declined(bid, found, noStandings);
  }

  #unreachable(bid: Bid, lease: Lease, thrown: unknown): Answer {
    const strict = bid.accounts.find(({ cover }) => cover.rule.needsState);
    if (strict === undefined) {
      if (bid.isOver) {
        void this.#release(lease);
        return granted;
      }
      if (!this.#isReported) this.#host.report(thrown, 'asking budgets, which let calls through meanwhile');
      this.#isReported = true;
      bid.lease = lease;
      return granted;
    }
    bid.endCeilings();
    // It may have been the answer that got lost.
    void this.#release(lease);
    return {
      kind: 'refused',
      isFinal: false,
      refusal: refusal(withoutState(bid.run.id, strict.cover.rule, thrown)),
    };
  }

  #alert(
    { alerts }: Store,
    bid: Bid,
    party: CeilingParty | AccountParty,
    standings: ReadonlyMap<AccountParty, Standing>,
    claims: readonly AccountClaim[],
  ): void {
    if (!('cover' in party)) return;
    const standing = standings.get(party);
    const account = claims[bid.accounts.indexOf(party)]?.account;
    if (standing === undefined || account === undefined) return;
    const { rule, subject, limits } = party.cover;
    const watched = { account, label: subject.label, limits, alertAt: rule.alertAt, callId: bid.run.id };
    alerts.look(watched, standing.balance, true);
  }
}

const noStandings: ReadonlyMap<AccountParty, Standing> = new Map();

function standingsOf(
  bid: Bid,
  claims: readonly AccountClaim[],
  balances: readonly Balance[],
): ReadonlyMap<AccountParty, Standing> {
  const standings = new Map<AccountParty, Standing>();
  for (const [index, party] of bid.accounts.entries()) {
    const balance = balances[index];
    const window = claims[index]?.account.window;
    if (balance !== undefined)
      standings.set(party, { balance, resetAt: window?.kind === 'fixed' ? window.endMs : undefined });
  }
  return standings;
}

/** Of those who refuse. */
function accountPurses(bid: Bid, standings: ReadonlyMap<AccountParty, Standing>): readonly PartyPurse[] {
  const purses: PartyPurse[] = [];
  for (const [party, { balance }] of standings) {
    const { rule, limits } = party.cover;
    if (!rule.enforces) continue;
    purses.push({
      party,
      lowers: party.lowers,
      asks: (limit) => bid.asks(party, limit),
      left: leftOf(limits, balance.used, balance.raised),
      reserved: balance.reserved,
    });
  }
  return purses;
}

/** What an attempt is told that cannot have what it needs now. */
function declined(
  bid: Bid,
  found: Affordable<PartyPurse>,
  standings: ReadonlyMap<AccountParty, Standing>,
): Answer {
  if (found.kind === 'never') {
    const { party } = found.purse;
    const limit = party.lowers && bid.asked !== undefined ? bid.least : bid.asked;
    const shortage: Shortage = { because: 'limit', waitedMs: 0, limit };
    return { kind: 'refused', refusal: told(bid, party, standings, shortage), isFinal: true };
  }
  // Others were quicker again and again: it is as if they still had it.
  const blocking = found.kind === 'later' ? found.blocking.map(({ party }) => party) : [...bid.accounts];
  const [first] = blocking;
  if (first === undefined) throw new TypeError('Nobody stands in the way of what is declined.');
  return {
    kind: 'short',
    maxWaitMs: Math.min(...blocking.map(({ maxWaitMs }) => maxWaitMs)),
    refuse: (because, waitedMs) => told(bid, first, standings, { because, waitedMs, limit: found.limit }),
  };
}

function told(
  bid: Bid,
  party: CeilingParty | AccountParty,
  standings: ReadonlyMap<AccountParty, Standing>,
  shortage: Shortage,
): CallError {
  if (!('cover' in party)) return ceilingExceeded(bid, party, shortage);
  const standing = standings.get(party);
  if (standing === undefined) throw new TypeError('An account refuses that was not asked.');
  return budgetExceeded(bid, party, standing, shortage);
}

/** A budget that only warns says in the receipt what it would have refused. */
function warned(bid: Bid, { cover }: AccountParty, balance: Balance | undefined): void {
  const { rule, limits, subject } = cover;
  if (rule.enforces || balance === undefined) return;
  const { used, reserved, raised } = balance;
  const left = leftOf(
    limits,
    { nanoUsd: used.nanoUsd + reserved.nanoUsd, tokens: used.tokens + reserved.tokens },
    raised,
  );
  if (left.nanoUsd >= 0 && left.tokens >= 0) return;
  noteShadow(bid.run, {
    interceptor: rule.name,
    decision: 'budget-exceeded',
    details: {
      subject: subject.label,
      ...(limits.nanoUsd === undefined
        ? {}
        : { usedUsd: toUsd(used.nanoUsd), limitUsd: toUsd(limits.nanoUsd + raised.nanoUsd) }),
      ...(limits.tokens === undefined
        ? {}
        : { usedTokens: used.tokens, limitTokens: limits.tokens + raised.tokens }),
    },
  });
}
