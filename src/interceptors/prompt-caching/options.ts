import * as z from 'zod/mini';
import type { Call } from '../../core/call.ts';
import type { CacheLifetime, CacheRetention } from '../../core/prompt-cache-lens.ts';

/**
 * Where breakpoints are set in requests to Anthropic: `true`, for `ttl`; a lifetime of its own; or `false`. What is kept
 * for an hour comes first: tools, system, conversation. Writing costs 1.25 times the input for 5 minutes, twice for an
 * hour; reading a tenth or less (Anthropic docs, "Prompt caching", November 2026).
 */
export interface AnthropicCaching {
  /** Behind the definitions of tools. Default `true`. */
  readonly tools?: boolean | CacheLifetime;
  /** Behind the system prompt. Default `true`. */
  readonly system?: boolean | CacheLifetime;
  /**
   * Behind the user's last turn and the one before the model's last answer, so that each request of a loop finds what the
   * one before has written. Only where there is an answer already, or a tool that may be called. Default `true`.
   */
  readonly conversation?: boolean | CacheLifetime;
  /** How long is kept what is asked for by `true`; each use begins it anew. Default `5m`. */
  readonly ttl?: CacheLifetime;
  /**
   * What is shorter by our estimate gets no breakpoint. Tokens. Default 512, the least that any model keeps: the newest
   * (Claude Opus 5, Sonnet 5.5, Haiku 5.5); others keep from 1,024, 2,048 or 4,096 on, and take no notice of breakpoints in shorter prompts
   * (Anthropic docs, "Prompt caching", "Cache limitations", November 2026).
   */
  readonly minTokens?: number;
}

/** What OpenAI is told about its prompt cache, which needs no breakpoints. */
export interface OpenAICaching {
  /**
   * `prompt_cache_key`, by which requests with the same prefix come to the same machine: `true`, one for each route (or
   * model) and tenant; or what tells your requests apart, of which a hash is sent, and `undefined` for none. OpenAI asks
   * for at most some 15 requests a minute with one key and prefix (OpenAI docs, "Prompt caching", November 2026). Default
   * `true`.
   */
  readonly key?: boolean | ((call: Call) => string | undefined);
  /**
   * `prompt_cache_retention`, the longest that OpenAI may keep a beginning. Newer models take `24h` alone. OpenAI calls it
   * deprecated in favour of `prompt_cache_options.ttl`, the shortest that is kept (SDK type
   * `ChatCompletionCreateParams.prompt_cache_retention`, November 2026): a request that has `prompt_cache_options` gets
   * none. Default: the provider's.
   */
  readonly retention?: CacheRetention;
}

/** Options of `promptCaching`. */
export interface PromptCachingOptions {
  /** `false`: requests to Anthropic stay as they are. Default `{}`. */
  readonly anthropic?: AnthropicCaching | false;
  /** `false`: requests to OpenAI stay as they are. Default `{}`. */
  readonly openai?: OpenAICaching | false;
  /**
   * Tools are sent in the order of their names, with the keys of their definitions sorted: for tools that are put together
   * in changing order. A model that is held to a schema writes arguments in the order of its properties. Begin with it
   * between conversations: in the middle of one it changes tools that signed thinking may depend on. Default `false`.
   */
  readonly stableTools?: boolean;
}

const lifetime = z.enum(['5m', '1h']);
const wish = z.optional(z.union([z.boolean(), lifetime]));

const anthropicCachingSchema = z.strictObject({
  tools: wish,
  system: wish,
  conversation: wish,
  ttl: z.optional(lifetime),
  minTokens: z.optional(z.int().check(z.gte(0))),
});

const openaiCachingSchema = z.strictObject({
  key: z.optional(
    z.union([
      z.boolean(),
      z.custom<(call: Call) => string | undefined>(
        (value) => typeof value === 'function',
        'must be true, false or a function',
      ),
    ]),
  ),
  retention: z.optional(z.enum(['in_memory', '24h'])),
});

/** Schema of {@link PromptCachingOptions}. */
export const promptCachingOptionsSchema = z.strictObject({
  anthropic: z.optional(z.union([z.literal(false), anthropicCachingSchema])),
  openai: z.optional(z.union([z.literal(false), openaiCachingSchema])),
  stableTools: z.optional(z.boolean()),
});
