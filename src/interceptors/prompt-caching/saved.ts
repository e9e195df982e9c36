import type { PricedModel, Pricing } from '../../core/pricing.ts';
import type { AttemptPromptCacheUse, PromptCacheFact, PromptCacheUse } from '../../core/prompt-cache-fact.ts';
import type { AttemptView } from '../../core/run.ts';
import type { CallSettings } from '../../core/settings.ts';
import type { Usage } from '../../core/usage.ts';

/** What the providers' caches did for a call, by those of its attempts that have ended; `undefined`: nothing that is told. */
export function cachedFor(
  attempts: readonly AttemptView[],
  pricing: Pricing,
  settings: CallSettings,
): PromptCacheFact | undefined {
  const uses = attempts.flatMap((attempt) => useOf(attempt, pricing, settings) ?? []);
  return uses.length === 0 ? undefined : { ...sumOf(uses), attempts: uses };
}

function useOf(
  { id: attemptId, target, settlement, startedAt }: AttemptView,
  pricing: Pricing,
  settings: CallSettings,
): AttemptPromptCacheUse | undefined {
  const usage = settlement?.billed[0]?.usage;
  if (usage === undefined) return undefined;
  const { cachedInputTokens: readTokens = 0, cacheWriteTokens, cacheWriteTokensByTtl = {} } = usage;
  const writtenTokens =
    cacheWriteTokens ?? Object.values(cacheWriteTokensByTtl).reduce((sum, count) => sum + count, 0);
  if (readTokens + writtenTokens === 0) return undefined;
  const savedNanoUsd = savedBy(usage, pricing.model(target, startedAt, settings));
  return { attemptId, readTokens, writtenTokens, ...(savedNanoUsd === undefined ? {} : { savedNanoUsd }) };
}

/** `undefined` where a price of its input is not known. */
function savedBy(usage: Usage, model: PricedModel): number | undefined {
  const input = inputOf(usage);
  const cost = model.cost(input);
  const without = model.cost(uncached(input));
  return cost === undefined || without === undefined ? undefined : without - cost;
}

/** What was saved of one that is not known is not known of all. */
function sumOf(uses: readonly PromptCacheUse[]): PromptCacheUse {
  let [readTokens, writtenTokens] = [0, 0];
  let savedNanoUsd: number | undefined = 0;
  for (const use of uses) {
    readTokens += use.readTokens;
    writtenTokens += use.writtenTokens;
    savedNanoUsd =
      savedNanoUsd === undefined || use.savedNanoUsd === undefined
        ? undefined
        : savedNanoUsd + use.savedNanoUsd;
  }
  return { readTokens, writtenTokens, ...(savedNanoUsd === undefined ? {} : { savedNanoUsd }) };
}

/** Without what a cache has nothing to do with: its price, known or not, is the same on both sides. */
function inputOf(usage: Usage): Usage {
  const {
    serverToolRequests: _requests,
    reasoningTokens: _reasoning,
    audioOutputTokens: _sound,
    imageOutputTokens: _pictures,
    ...input
  } = usage;
  return { ...input, outputTokens: 0 };
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
