/** What a provider's prompt cache did, by the usage that it reported. */
export interface PromptCacheUse {
  /** Input tokens that were read from the cache. */
  readonly readTokens: number;
  /** Input tokens that were written to it. */
  readonly writtenTokens: number;
  /**
   * What the same usage would have cost without a cache, less what it did cost: negative where more was paid for writing
   * than was saved by reading. Absent where a price is not known. Whole billionths of a USD.
   */
  readonly savedNanoUsd?: number;
}

/** What the prompt caches of providers did for a call: all its attempts together. */
export interface PromptCacheFact extends PromptCacheUse {
  /** The same of each attempt for which they did something, in order: they may have gone to different targets. */
  readonly attempts: readonly AttemptPromptCacheUse[];
}

/** What a provider's prompt cache did for one attempt. */
export interface AttemptPromptCacheUse extends PromptCacheUse {
  /** As in the receipt's `attempts`. */
  readonly attemptId: string;
}
