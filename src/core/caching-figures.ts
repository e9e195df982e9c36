import type { CacheFact } from './cache-fact.ts';
import { toUsd } from './nano-usd.ts';
import type { PromptCacheUse } from './prompt-cache-fact.ts';
import type { Outcome } from './settlement.ts';

/** What caches did for the calls of a row, as the facts `cache` and `promptCache` of their receipts tell. */
export interface CachingFigures {
  /** Of the calls: those that were answered by what a cache had kept. */
  readonly cacheHits: number;
  /** Likewise, by what was no longer fresh. */
  readonly cacheStale: number;
  /** Of the calls: those that ask for several things, of which a cache had some, and a target was asked for the others. */
  readonly cachePartial: number;
  /** Of the calls: those that were answered together with another one that asked the same. */
  readonly cacheCoalesced: number;
  /** Of the calls: those for which a target was asked, because nothing was kept. */
  readonly cacheMisses: number;
  /** Of the calls: those that a cache had nothing to do with. */
  readonly cacheBypassed: number;
  /** Inputs of embeddings: those that a cache had, that a target was asked for, and that were on their way for another call. */
  readonly cacheItemsKnown: number;
  readonly cacheItemsAsked: number;
  readonly cacheItemsCoalesced: number;
  /**
   * What caches saved, in USD: what their answers had cost when they were bought, and what shared ones cost the call that
   * they were shared with.
   */
  readonly savedUsd: number;
  /** The same in whole billionths of a USD, exactly, as long as it is less than 9,000,000 USD. */
  readonly savedNanoUsd: number;
  /** Calls that finished and saved more than that: what their answers had cost is not known. */
  readonly savedUnpriced: number;
  /** How long those answers had taken that were kept, when they were bought. Milliseconds. */
  readonly savedMs: number;
  /** Tokens of prompts that providers read from caches of their own, and that they wrote there. */
  readonly promptCacheReadTokens: number;
  readonly promptCacheWrittenTokens: number;
  /** How much less that cost than without, in USD. Less than 0 where writing cost more than reading saved. */
  readonly promptCacheSavedUsd: number;
  readonly promptCacheSavedNanoUsd: number;
  /** Calls of which that is not known. */
  readonly promptCacheUnpriced: number;
}

/** {@link CachingFigures} as they grow. */
export class CachingSums {
  #hits = 0;
  #stale = 0;
  #partial = 0;
  #coalesced = 0;
  #misses = 0;
  #bypassed = 0;
  #itemsKnown = 0;
  #itemsAsked = 0;
  #itemsCoalesced = 0;
  #savedNanoUsd = 0;
  #savedUnpriced = 0;
  #savedMs = 0;
  #promptReadTokens = 0;
  #promptWrittenTokens = 0;
  #promptSavedNanoUsd = 0;
  #promptUnpriced = 0;
  /** The last call of which it is not known: it counts once, whatever attempts it had. */
  #lastPromptUnpriced: string | undefined;

  /** What an attempt of a call read from its provider's cache and wrote there. */
  addPromptCache(callId: string, { readTokens, writtenTokens, savedNanoUsd }: PromptCacheUse): void {
    this.#promptReadTokens += readTokens;
    this.#promptWrittenTokens += writtenTokens;
    if (savedNanoUsd !== undefined) this.#promptSavedNanoUsd += savedNanoUsd;
    else if (this.#lastPromptUnpriced !== callId) {
      this.#lastPromptUnpriced = callId;
      this.#promptUnpriced++;
    }
  }

  addCache(cache: CacheFact, outcome: Outcome): void {
    const { status, items, savedNanoUsd, savedMs = 0 } = cache;
    if (status === 'hit') this.#hits++;
    if (status === 'stale') this.#stale++;
    if (status === 'partial') this.#partial++;
    if (status === 'coalesced') this.#coalesced++;
    if (status === 'miss') this.#misses++;
    if (status === 'bypass') this.#bypassed++;
    this.#itemsKnown += items?.known ?? 0;
    this.#itemsAsked += items?.asked ?? 0;
    this.#itemsCoalesced += items?.coalesced ?? 0;
    this.#savedMs += savedMs;
    if (savedNanoUsd !== undefined) this.#savedNanoUsd += savedNanoUsd;
    // Who left before the end, or shared a failure, misses no sum.
    else if (outcome === 'finished' && hasSaved(cache)) this.#savedUnpriced++;
  }

  /** Of other calls. */
  addAll(others: CachingSums): void {
    this.#hits += others.#hits;
    this.#stale += others.#stale;
    this.#partial += others.#partial;
    this.#coalesced += others.#coalesced;
    this.#misses += others.#misses;
    this.#bypassed += others.#bypassed;
    this.#itemsKnown += others.#itemsKnown;
    this.#itemsAsked += others.#itemsAsked;
    this.#itemsCoalesced += others.#itemsCoalesced;
    this.#savedNanoUsd += others.#savedNanoUsd;
    this.#savedUnpriced += others.#savedUnpriced;
    this.#savedMs += others.#savedMs;
    this.#promptReadTokens += others.#promptReadTokens;
    this.#promptWrittenTokens += others.#promptWrittenTokens;
    this.#promptSavedNanoUsd += others.#promptSavedNanoUsd;
    this.#promptUnpriced += others.#promptUnpriced;
  }

  get figures(): CachingFigures {
    return {
      cacheHits: this.#hits,
      cacheStale: this.#stale,
      cachePartial: this.#partial,
      cacheCoalesced: this.#coalesced,
      cacheMisses: this.#misses,
      cacheBypassed: this.#bypassed,
      cacheItemsKnown: this.#itemsKnown,
      cacheItemsAsked: this.#itemsAsked,
      cacheItemsCoalesced: this.#itemsCoalesced,
      savedUsd: toUsd(this.#savedNanoUsd),
      savedNanoUsd: this.#savedNanoUsd,
      savedUnpriced: this.#savedUnpriced,
      savedMs: this.#savedMs,
      promptCacheReadTokens: this.#promptReadTokens,
      promptCacheWrittenTokens: this.#promptWrittenTokens,
      promptCacheSavedUsd: toUsd(this.#promptSavedNanoUsd),
      promptCacheSavedNanoUsd: this.#promptSavedNanoUsd,
      promptCacheUnpriced: this.#promptUnpriced,
    };
  }
}

/** Whether a call, or a part of it, was answered without a target being asked for it. */
function hasSaved({ status }: CacheFact): boolean {
  return status !== 'miss' && status !== 'bypass';
}

/** Where no cache had anything to do. */
export const noCaching: CachingFigures = Object.freeze(new CachingSums().figures);
