import type { Interceptor } from '../../core/interceptor.ts';
import type { PromptCachingOptions } from './options.ts';
import { PromptCaches } from './prompt-caches.ts';
import { parsePromptCaching } from './rules.ts';

/**
 * Helps requests to find their beginning in the provider's prompt cache, and tells what that saved. Once an attempt, on
 * the request as it is sent, in the words of whichever target it goes to: policy, `cache()`, budgets and the caller see it
 * as it was made, and the answer is the same.
 *
 * - To Anthropic: breakpoints (`cache_control`) behind tools, system prompt and the turns that the next request repeats.
 *   The caller's own stay, and count: no request gets more than four. A server that takes none is declared with
 *   `cacheControl: false` of `Quirks`.
 * - To OpenAI: `prompt_cache_key` from route and tenant, hashed. Servers that are not known to take it get none; see
 *   `promptCacheKey` of `Quirks`.
 * - Receipts have `facts.promptCache`: tokens read and written as the provider reports them, whoever asked for it, and
 *   what they saved. It is known for a stream when it has ended.
 *
 * Writing costs more than not caching, which a strict budget reserves anyway: its bound takes the dearest input.
 * Fails open: what throws here is reported, and the request goes as it is.
 *
 * @example
 * ```ts
 * const llm = new ManagedLLM({
 *   providers: { anthropic: new Anthropic() },
 *   interceptors: [promptCaching({ anthropic: { tools: '1h', system: '1h' } })],
 * });
 * ```
 * @throws `invalid-options` for wrong or unknown options, and for lifetimes that Anthropic refuses together.
 */
export function promptCaching(options: PromptCachingOptions = {}): Interceptor {
  const rules = parsePromptCaching(options);
  let caches: PromptCaches | undefined;
  return {
    name: 'prompt-caching',
    stage: 'send',
    on: ['chat'],
    attach(host) {
      caches = new PromptCaches(host, rules);
    },
    intercept: (call, next) => caches?.send(call, next) ?? next(call),
  };
}
