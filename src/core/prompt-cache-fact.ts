/** What the prompt caches of providers did for a call, by the usage that they reported; all its attempts together. */
export interface PromptCacheFact {
  /** Input tokens that were read from a cache. */
  readonly readTokens: number;
  /** Input tokens that were written to one. */
  readonly writtenTokens: number;
  /**
   * What the same usage would have cost without a cache, less what it did cost: negative where more was paid for writing
   * than was saved by reading. Absent where a price is not known. Whole billionths of a USD.
   */
  readonly savedNanoUsd?: number;
}
