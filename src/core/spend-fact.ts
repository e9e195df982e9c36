/**
 * What a charge is made of: usage that the provider reported, an estimate, the most that it can have been, or a price that
 * was stated for the request as a whole.
 */
export type SpendBasis = 'reported' | 'fixed' | 'estimated' | 'bound';

/** What budgets and ceilings counted of a call, its attempts together. */
export interface SpendFact {
  /** Names of the budgets that covered it, and the settings that its ceilings come from: `run.maxCostUsd`. */
  readonly budgets: readonly string[];
  /** Set aside before its attempts were sent: where budgets differ, the most. Whole billionths of a USD. */
  readonly reservedNanoUsd: number;
  /** Counted as spent, likewise. As sure as `basis` says. */
  readonly chargedNanoUsd: number;
  /** Of the attempt that is known worst. */
  readonly basis: SpendBasis;
  /** Most tokens of an answer that were put into the request, which named no limit. */
  readonly outputLimit?: number;
  /** What the output limit was lowered to, because no more was affordable. */
  readonly loweredTo?: number;
  /** Milliseconds that its attempts have waited for what others had set aside. Absent when none had to. */
  readonly waitedMs?: number;
}
