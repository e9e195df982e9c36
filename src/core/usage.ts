/**
 * What an attempt consumed, in one shape for every dialect. Counts that the provider did not state are absent, never
 * zero.
 *
 * `inputTokens` always *includes* cached tokens: OpenAI reports it so, Anthropic's three counts are added up here and
 * nowhere else.
 */
export interface Usage {
  /** Prompt tokens, cached reads and cache writes included. */
  readonly inputTokens?: number;
  /** Generated tokens, reasoning included. */
  readonly outputTokens?: number;
  /** Share of `inputTokens` read from the provider's prompt cache. */
  readonly cachedInputTokens?: number;
  /** Share of `inputTokens` written to the provider's prompt cache, all lifetimes together. */
  readonly cacheWriteTokens?: number;
  /** Share of `cacheWriteTokens` by lifetime, where the provider says it. Keys as in the provider's field names. */
  readonly cacheWriteTokensByTtl?: Readonly<Record<string, number>>;
  /** Share of `outputTokens` spent on reasoning that is not shown. */
  readonly reasoningTokens?: number;
  readonly audioInputTokens?: number;
  readonly audioOutputTokens?: number;
  readonly imageInputTokens?: number;
  /** Server-side tool requests by name, e.g. `web_search_requests`. */
  readonly serverToolRequests?: Readonly<Record<string, number>>;
  /** The tier the provider says it served, e.g. `default`, `flex`, `priority`, `batch`. */
  readonly serviceTier?: string;
  /** Where the provider says it was served, where that changes the price: Anthropic's `usage.inference_geo`, such as `us`. */
  readonly inferenceGeo?: string;
  /** Who says so: the provider, or our own estimate. */
  readonly provenance: 'reported' | 'estimated';
}
