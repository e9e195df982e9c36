import type { Pricing } from '../../core/pricing.ts';
import type { PromptCacheFact } from '../../core/prompt-cache-fact.ts';
import type { Settlement } from '../../core/settlement.ts';
import type { Usage } from '../../core/usage.ts';

/** What the provider's cache did for an attempt; `undefined`: nothing, as far as is told. */
export function cachedIn(
  { billed: [billed], startedAt }: Settlement,
  pricing: Pricing,
): PromptCacheFact | undefined {
  const { usage, target } = billed ?? {};
  if (usage === undefined || target === undefined) return undefined;
  const { cachedInputTokens: readTokens = 0, cacheWriteTokens, cacheWriteTokensByTtl = {} } = usage;
  const writtenTokens =
    cacheWriteTokens ?? Object.values(cacheWriteTokensByTtl).reduce((sum, count) => sum + count, 0);
  if (readTokens + writtenTokens === 0) return undefined;
  const model = pricing.model(target, startedAt);
  // What of an answer was told by then has nothing to do with it.
  const told: Usage = { ...usage, outputTokens: usage.outputTokens ?? 0 };
  const cost = model.cost(told);
  const without = model.cost(uncached(told));
  if (cost === undefined || without === undefined) return { readTokens, writtenTokens };
  return { readTokens, writtenTokens, savedNanoUsd: without - cost };
}

/** Both together. What one of them saved that is not known is not known of both. */
export function added(one: PromptCacheFact | undefined, other: PromptCacheFact): PromptCacheFact {
  if (one === undefined) return other;
  const tokens = {
    readTokens: one.readTokens + other.readTokens,
    writtenTokens: one.writtenTokens + other.writtenTokens,
  };
  if (one.savedNanoUsd === undefined || other.savedNanoUsd === undefined) return tokens;
  return { ...tokens, savedNanoUsd: one.savedNanoUsd + other.savedNanoUsd };
}

/** The same tokens, none of them from a cache or for one. */
function uncached(usage: Usage): Usage {
  const {
    cachedInputTokens: _read,
    cacheWriteTokens: _written,
    cacheWriteTokensByTtl: _byTtl,
    ...rest
  } = usage;
  return rest;
}
