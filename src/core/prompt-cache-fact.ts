/** What a provider's own prompt cache did for a call, all its attempts together, by the usage that was reported. */
export interface PromptCacheFact {
  /** Of the prompts: tokens that the provider read from its cache. */
  readonly readTokens: number;
  /** Of the prompts: tokens that it wrote there. */
  readonly writtenTokens: number;
  /**
   * How much less that cost than without a cache. Less than 0 where writing cost more than reading saved. `undefined`: a
   * price is not known. Whole billionths of a USD.
   */
  readonly savedNanoUsd?: number;
}
