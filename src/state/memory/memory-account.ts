import type { Account, Amounts, Balance } from '../../core/accounts.ts';
import { letGoAt, rollingSteps, stepOf } from '../account-window.ts';
import { fullnessOf } from '../fullness.ts';

interface Sum {
  nanoUsd: number;
  tokens: number;
}

/** What was used within one step of a rolling window; a fixed window is one step. */
export interface Step {
  /** How manieth since the epoch. */
  index: number;
  readonly settled: Sum;
  readonly lost: Sum;
  /** It has left the window and counts no more. */
  hasLeft: boolean;
}

/** What is counted of one account: sums that are kept as they change. */
export class MemoryAccount {
  readonly account: Account;
  limits: Partial<Amounts> = {};
  readonly reserved: Sum = { nanoUsd: 0, tokens: 0 };
  /** Reservations under way or lost. */
  holds = 0;
  /** Of the steps that count. */
  readonly #settled: Sum = { nanoUsd: 0, tokens: 0 };
  readonly #lost: Sum = { nanoUsd: 0, tokens: 0 };
  /** In the order of time. */
  readonly #steps: Step[] = [];
  /** Shares, with when they were told. */
  #alerts: Map<number, number> | undefined;

  constructor(account: Account) {
    this.account = account;
  }

  /** Settled and lost, as of when it was last looked at. */
  get used(): Amounts {
    return {
      nanoUsd: this.#settled.nanoUsd + this.#lost.nanoUsd,
      tokens: this.#settled.tokens + this.#lost.tokens,
    };
  }

  balance(raised: Amounts, now: number): Balance {
    this.#turnTo(now);
    const { nanoUsd, tokens } = this.reserved;
    return { used: this.used, reserved: { nanoUsd, tokens }, raised };
  }

  reserve(amounts: Amounts): void {
    this.holds += 1;
    add(this.reserved, amounts);
  }

  /** Undoes a {@link MemoryAccount.reserve}. */
  free(amounts: Amounts): void {
    this.holds -= 1;
    subtract(this.reserved, amounts);
  }

  /** Counts as used from now on. */
  settle(amounts: Amounts, now: number): void {
    this.#turnTo(now);
    add(this.#stepAt(now).settled, amounts);
    add(this.#settled, amounts);
  }

  /** Counts what was reserved as used since `at`. Returns in which step. */
  lose(amounts: Amounts, at: number, now: number): Step {
    this.#turnTo(now);
    subtract(this.reserved, amounts);
    const step = this.#stepAt(at);
    add(step.lost, amounts);
    add(this.#lost, amounts);
    this.#turnTo(now);
    return step;
  }

  /** Undoes a {@link MemoryAccount.lose}: it is reserved again. */
  find(amounts: Amounts, step: Step): void {
    add(this.reserved, amounts);
    subtract(step.lost, amounts);
    if (!step.hasLeft) subtract(this.#lost, amounts);
  }

  /** What was lost counts as settled: nobody can release it any more. */
  giveUp(amounts: Amounts, step: Step): void {
    this.holds -= 1;
    subtract(step.lost, amounts);
    add(step.settled, amounts);
    if (step.hasLeft) return;
    subtract(this.#lost, amounts);
    add(this.#settled, amounts);
  }

  reset(): void {
    clear(this.#settled);
    for (const { settled } of this.#steps) clear(settled);
    this.#alerts = undefined;
  }

  alertOnce(share: number, now: number): boolean {
    const { window } = this.account;
    const toldAt = this.#alerts?.get(share);
    if (toldAt !== undefined && (window.kind === 'fixed' || now < toldAt + window.lengthMs)) return false;
    this.#alerts ??= new Map();
    this.#alerts.set(share, now);
    return true;
  }

  /** Whether what was lost in this step still counts somewhere. */
  countsIn(step: Step, now: number): boolean {
    this.#turnTo(now);
    return !step.hasLeft && now < (letGoAt(this.account.window) ?? Infinity);
  }

  /** Whether it says no more than a new one would. */
  saysNothing(now: number): boolean {
    if (this.holds > 0) return false;
    const { window } = this.account;
    if (now >= (letGoAt(window) ?? Infinity)) return true;
    this.#turnTo(now);
    const { nanoUsd, tokens } = this.used;
    if (nanoUsd !== 0 || tokens !== 0) return false;
    for (const toldAt of this.#alerts?.values() ?? [])
      if (window.kind === 'fixed' || now < toldAt + window.lengthMs) return false;
    return true;
  }

  /** How much of its limits is taken, 1 when there is nothing left; `undefined` without limits. */
  fullness(raised: Amounts): number | undefined {
    return fullnessOf(this.limits, this.used, this.reserved, raised);
  }

  #stepAt(at: number): Step {
    const index = stepOf(this.account.window, at);
    const last = this.#steps.at(-1);
    if (last?.index === index) return last;
    const fresh = { index, settled: nothing(), lost: nothing(), hasLeft: false };
    if (last === undefined || last.index < index) {
      this.#steps.push(fresh);
      return fresh;
    }
    // Lost some time ago, and only seen now.
    const place = this.#steps.findIndex((step) => step.index >= index);
    const there = this.#steps[place];
    if (there?.index === index) return there;
    this.#steps.splice(place, 0, fresh);
    return fresh;
  }

  /** Lets go of the steps that have left the window. */
  #turnTo(now: number): void {
    const { window } = this.account;
    if (window.kind === 'fixed' || this.#steps.length === 0) return;
    const index = stepOf(window, now);
    let left = 0;
    for (const step of this.#steps) {
      if (step.index >= index - rollingSteps) break;
      step.hasLeft = true;
      subtract(this.#settled, step.settled);
      subtract(this.#lost, step.lost);
      left += 1;
    }
    if (left > 0) this.#steps.splice(0, left);
    const last = this.#steps.at(-1);
    if (last === undefined || last.index <= index) return;
    // The clock was set back: what lies ahead would count for too long.
    for (const step of this.#steps) step.index = Math.min(step.index, index);
  }
}

function nothing(): Sum {
  return { nanoUsd: 0, tokens: 0 };
}

function clear(sum: Sum): void {
  sum.nanoUsd = 0;
  sum.tokens = 0;
}

function add(sum: Sum, { nanoUsd, tokens }: Amounts): void {
  sum.nanoUsd += nanoUsd;
  sum.tokens += tokens;
}

function subtract(sum: Sum, { nanoUsd, tokens }: Amounts): void {
  sum.nanoUsd -= nanoUsd;
  sum.tokens -= tokens;
}
