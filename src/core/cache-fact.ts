/** What became of a call at a cache. */
export type CacheStatus =
  /** Answered by what was kept. */
  | 'hit'
  /** Answered by what was kept for longer than it is fresh; it is asked for anew in the background. */
  | 'stale'
  /** Some of the inputs were kept, and a target was asked for the others. */
  | 'partial'
  /** Nothing was kept: a target was asked. */
  | 'miss'
  /** Answered together with another call that asked the same. */
  | 'coalesced'
  /** The cache had nothing to do with it. */
  | 'bypass';

/** What became of the inputs of one call, each counted once, however often it asks for it. */
export interface CacheItems {
  /** Were kept. They are given, unless the rest fails. */
  readonly known: number;
  /** Asked for by this call. */
  readonly asked: number;
  /** On their way for another call, which this one has waited for. */
  readonly coalesced: number;
}

/** What a cache tells in the receipt. */
export interface CacheFact {
  readonly status: CacheStatus;
  /** `exact`: asked for the same; `semantic`: for what means the same; `items`: some or all of the inputs were known. */
  readonly kind: 'exact' | 'semantic' | 'items';
  /** Why, in a word: `off`, `refresh`, `no user`, `held by the provider`, `expired`, `invalidated`, `damaged`. */
  readonly reason?: string;
  /** Of a call that asks for several things at once. */
  readonly items?: CacheItems;
  /** Of the entry, for `answers.invalidate({ key })`. */
  readonly key?: string;
  /** How long ago the call began that bought it: of several, the oldest. Milliseconds. */
  readonly ageMs?: number;
  /**
   * What the answer had cost when it was bought, or costs the call that it is shared with. `undefined`: not known. Whole
   * billionths of a USD.
   */
  readonly savedNanoUsd?: number;
  /** How long the answer took when it was bought. Milliseconds. */
  readonly savedMs?: number;
}
