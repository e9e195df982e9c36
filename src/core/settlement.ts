import type { CallError } from './call-error.ts';
import type { Facts } from './run.ts';
import type { Target } from './target.ts';
import type { Loss } from './translation.ts';
import type { Usage } from './usage.ts';

/** How an attempt or a call ended. Every one ends in exactly one of these. */
export type Outcome = 'finished' | 'failed' | 'refused' | 'aborted' | 'timed-out' | 'abandoned' | 'discarded';

/** Where the answer came from. */
export type Origin = 'provider' | 'cache' | 'coalesced' | 'none';

/**
 * What an attempt truly was, or a call as the sum of its attempts. How it ended is known once and never changes; a
 * call's `attempts`, `billed` and `facts` may still grow until everything about it has ended.
 */
export interface Settlement {
  readonly outcome: Outcome;
  readonly origin: Origin;
  readonly error: CallError | undefined;
  /** What served it. */
  readonly target: Target | undefined;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** What the caller got. Computed when first read. */
  readonly usage: Usage | undefined;
  /**
   * What it costs, in whole nano-USD: of a call, all its attempts together. `undefined` where a price or a usage is not
   * known, or prices are not loaded; never zero instead. As sure as the usage it is made of: see `usage.provenance`.
   */
  readonly costNanoUsd: number | undefined;
  /** One row per attempt that a provider may bill, failed, retried and hedged ones too; empty for hits and waiters. */
  readonly billed: readonly Billed[];
  /** The attempts made so far, in order; an attempt's own settlement has none. */
  readonly attempts: readonly Settlement[];
  /** What of the request or the answer had no place in the other dialect, when the target speaks another than the caller. */
  readonly losses: readonly Loss[];
  /**
   * UTF-8 bytes of generated text that had come, of an attempt that budgets or ceilings cover and that did not end by
   * itself, or told no usage; else 0. `Infinity`: more than is kept.
   */
  readonly receivedBytes: number;
  /** In the words of the dialect that the target speaks. */
  readonly stopReason: string | undefined;
  /** The model the provider says it ran. */
  readonly servedModel: string | undefined;
  /** Milliseconds since the epoch, as all times here. */
  readonly startedAt: number;
  /** When the first bytes of a stream arrived. */
  readonly firstEventAt: number | undefined;
  readonly settledAt: number;
  readonly facts: Readonly<Partial<Facts>>;
}

/** What one attempt may be billed for. */
export interface Billed {
  readonly target: Target;
  readonly outcome: Outcome;
  readonly usage: Usage | undefined;
  /** Whole nano-USD. */
  readonly costNanoUsd: number | undefined;
}

/** What they cost together, nothing where there are none; `undefined` as soon as one of them is not known. */
export function costOfAll(all: readonly { readonly costNanoUsd: number | undefined }[]): number | undefined {
  let sum = 0;
  for (const { costNanoUsd } of all) {
    if (costNanoUsd === undefined) return undefined;
    sum += costNanoUsd;
  }
  return sum;
}

export type SettlementListener = (settlement: Settlement) => void;

/** Settles once: the first settlement stands, later ones are ignored. Listeners run at once, in registration order. */
export class Settling {
  settlement: Settlement | undefined;
  #listeners: SettlementListener[] | undefined;
  readonly #report: (thrown: unknown) => void;

  constructor(report: (thrown: unknown) => void) {
    this.#report = report;
  }

  /** Returns whether this was the first. */
  settle(settlement: Settlement): boolean {
    if (this.settlement !== undefined) return false;
    this.settlement = settlement;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) this.#call(listener, settlement);
    return true;
  }

  onSettled(listener: SettlementListener): void {
    if (this.settlement !== undefined) this.#call(listener, this.settlement);
    else if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  #call(listener: SettlementListener, settlement: Settlement): void {
    try {
      const pending: unknown = listener(settlement);
      if (pending instanceof Promise) pending.catch(this.#report);
    } catch (thrown) {
      this.#report(thrown);
    }
  }
}
