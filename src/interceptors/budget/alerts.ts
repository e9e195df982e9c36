import type { Account, Accounts, Amounts, Balance } from '../../core/accounts.ts';
import type { BudgetAlert } from '../../core/hooks.ts';
import type { Host } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';
import { toUsd } from '../../core/nano-usd.ts';

/** An account of a budget after something was settled in it. */
export interface Watched {
  readonly account: Account;
  readonly label: string | undefined;
  readonly limits: Partial<Amounts>;
  /** In rising order. */
  readonly alertAt: readonly number[];
  readonly callId: string;
}

/** Accounts whose alerts are remembered in this process, so that the state is asked once for each. */
const remembered = 10_000;

/** What was dealt with of an account. */
interface Dealt {
  /** The highest share. */
  readonly share: number;
  /** Below it, something was taken off since: reset, released, raised, or gone from a rolling window. */
  readonly floor: number;
  readonly at: number;
}

/** Tells once, in all processes together, that a share of a limit was passed. */
export class Alerts {
  readonly #accounts: Accounts;
  readonly #host: Pick<Host, 'clock' | 'emit' | 'report'>;
  /** By account and window. */
  readonly #dealtWith = new Map<string, Dealt>();

  constructor(accounts: Accounts, host: Pick<Host, 'clock' | 'emit' | 'report'>) {
    this.#accounts = accounts;
    this.#host = host;
  }

  /**
   * Tells of the shares that have been passed.
   *
   * @param isRefusing the account is used up for those who ask: what is left is too little for them
   */
  look(watched: Watched, balance: Balance, isRefusing = false): void {
    const { alertAt, account } = watched;
    const used = shareOf(watched.limits, balance);
    if (used === undefined) return;
    // A strict budget hardly ever comes to its very limit.
    const share = isRefusing && used >= nearlyAll ? Math.max(1, used) : used;
    if (share < (alertAt[0] ?? Infinity) && this.#dealtWith.size === 0) return;
    const key = keyOf(account);
    const before = this.#before(key, account, used);
    const passed = alertAt.filter((at) => at <= share && at > before);
    const highest = passed.at(-1);
    if (highest === undefined) return;
    this.#remember(key, { share: highest, floor: Math.min(highest, used), at: this.#host.clock.now() });
    for (const at of passed) this.#once(watched, balance, at);
  }

  /** What was told may be told again: the account has been reset. */
  forget(account: Account): void {
    this.#dealtWith.delete(keyOf(account));
  }

  /** Whoever is in doubt asks the state, which knows. */
  #before(key: string, { window }: Account, used: number): number {
    const known = this.#dealtWith.get(key);
    if (known === undefined) return 0;
    const isOver = window.kind === 'rolling' && known.at + window.lengthMs <= this.#host.clock.now();
    if (!isOver && used >= known.floor) return known.share;
    this.#dealtWith.delete(key);
    return 0;
  }

  #remember(key: string, dealt: Dealt): void {
    this.#dealtWith.delete(key);
    this.#dealtWith.set(key, dealt);
    if (this.#dealtWith.size > remembered)
      this.#dealtWith.delete(this.#dealtWith.keys().next().value as string);
  }

  #once(watched: Watched, balance: Balance, share: number): void {
    const tell = (isFirst: boolean): void => {
      if (isFirst) this.#host.emit('budget:alert', payload(watched, balance, share));
    };
    try {
      const first = this.#accounts.alertOnce(watched.account, share);
      if (isPromise(first))
        first.then(tell, (thrown: unknown) => this.#host.report(thrown, 'a budget alert'));
      else tell(first);
    } catch (thrown) {
      this.#host.report(thrown, 'a budget alert');
    }
  }
}

/** From which share on a refusal means that a budget is used up, and not that too much was asked for at once. */
const nearlyAll = 0.9;

/** How full an account is, by whichever limit is nearer; `undefined` without limits. */
export function shareOf(limits: Partial<Amounts>, { used, raised }: Balance): number | undefined {
  const usd = limits.nanoUsd === undefined ? undefined : share(used.nanoUsd, limits.nanoUsd + raised.nanoUsd);
  const tokens = limits.tokens === undefined ? undefined : share(used.tokens, limits.tokens + raised.tokens);
  return usd === undefined ? tokens : Math.max(usd, tokens ?? 0);
}

/** All of nothing is used up. */
function share(used: number, limit: number): number {
  return limit > 0 ? used / limit : 1;
}

function payload({ account, label, limits, callId }: Watched, balance: Balance, at: number): BudgetAlert {
  const { used, raised } = balance;
  const { window } = account;
  return {
    budget: account.budget,
    subject: label,
    share: at,
    usedUsd: toUsd(used.nanoUsd),
    usedTokens: used.tokens,
    limitUsd: limits.nanoUsd === undefined ? undefined : toUsd(limits.nanoUsd + raised.nanoUsd),
    limitTokens: limits.tokens === undefined ? undefined : limits.tokens + raised.tokens,
    resetAt: window.kind === 'fixed' ? window.endMs : undefined,
    callId,
  };
}

function keyOf({ budget, subject, window }: Account): string {
  return JSON.stringify([budget, subject, window.kind === 'fixed' ? window.startMs : 'rolling']);
}
