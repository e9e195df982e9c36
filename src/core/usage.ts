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
  /** Share of `outputTokens` that are pictures. */
  readonly imageOutputTokens?: number;
  /**
   * What the provider ran by itself and may bill for, by name: `web_search_requests`, `code_interpreter_requests`, and
   * `advisor_requests` or `fallback_requests` where another model answered in part.
   */
  readonly serverToolRequests?: Readonly<Record<string, number>>;
  /** The tier the provider says it served, e.g. `default`, `flex`, `priority`, `batch`, `fast`. */
  readonly serviceTier?: string;
  /** Where the provider says it was served, where that changes the price: Anthropic's `usage.inference_geo`, such as `us`. */
  readonly inferenceGeo?: string;
  /** Who says so: the provider, or our own estimate. */
  readonly provenance: 'reported' | 'estimated';
}
