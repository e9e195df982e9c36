import type { CachingFigures } from '../core/caching-figures.ts';

/** How many calls no target was asked for: by what was kept, or together with another call. */
export function answeredOf({ cacheHits, cacheStale, cacheCoalesced }: CachingFigures): number {
  return cacheHits + cacheStale + cacheCoalesced;
}

/** How many calls a cache was asked for. */
export function askedOf(figures: CachingFigures): number {
  return answeredOf(figures) + figures.cachePartial + figures.cacheMisses;
}

/** Whether a cache was in the way of any call. */
export function usesCache(figures: CachingFigures): boolean {
  return askedOf(figures) + figures.cacheBypassed > 0;
}

/** Whether anybody looked what the caches of providers did. */
export function knowsPromptCache(figures: CachingFigures): boolean {
  const { promptCacheReadTokens, promptCacheWrittenTokens, promptCacheUnpriced } = figures;
  return promptCacheReadTokens + promptCacheWrittenTokens + promptCacheUnpriced > 0;
}
