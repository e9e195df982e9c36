/** How long Anthropic keeps a prefix after its last use. SDK type `CacheControlEphemeral`, November 2026. */
export type CacheLifetime = '5m' | '1h';

/** How long OpenAI may keep a prefix. SDK type `ChatCompletionCreateParams.prompt_cache_retention`, November 2026. */
export type CacheRetention = 'in_memory' | '24h';

/** Where breakpoints are wanted: up to each, the provider keeps the prompt. Absent: none there. */
export interface Breakpoints {
  /** Behind the definitions of tools. */
  readonly tools?: CacheLifetime | undefined;
  /** Behind the system prompt. */
  readonly system?: CacheLifetime | undefined;
  /** Behind the last two turns of the user, of requests that others will go on from. */
  readonly conversation?: CacheLifetime | undefined;
}

/** Which prefixes are worth a breakpoint. */
export interface LongEnough {
  /** At least so many tokens. */
  readonly minTokens: number;
  /** About how many tokens a part of a request has, given as a request that has nothing else. */
  readonly tokensOf: (part: unknown) => number;
}

/** What is wanted of a provider that keeps what it is told to by name. */
export interface CacheHints {
  /** What requests with the same prefix have in common. */
  readonly key: string | undefined;
  readonly retention: CacheRetention | undefined;
}

/**
 * How a format's requests are made to find their prefix in the provider's prompt cache. Pure, as all lenses; what the
 * request says itself stays as it is, and the same object comes back where nothing is to be added.
 */
export interface PromptCacheLens {
  /** With tools in the order of their names and the keys of their definitions sorted. */
  withStableTools(body: unknown): unknown;
  /** With breakpoints, as far as the provider takes them. Absent where the format has none. */
  withBreakpoints?(body: unknown, wanted: Breakpoints, longEnough: LongEnough): unknown;
  /** With hints. Absent where the format has none. */
  withHints?(body: unknown, hints: CacheHints): unknown;
}
