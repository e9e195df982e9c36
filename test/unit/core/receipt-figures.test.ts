import type { CacheFact, PromptCacheUse, Receipt } from 'managed-llm';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Figures } from '../../../src/core/receipt-figures.ts';
import { attempt, receipt, withPromptCache } from '../interceptors/receipts/receipts.ts';

const of = (all: readonly Receipt[], keepsTimes = true): Figures => {
  const figures = new Figures(keepsTimes);
  for (const one of all) {
    figures.addCall(one);
    for (const each of one.attempts) figures.addAttempt(one, each);
  }
  return figures;
};

const anAttempt = fc
  .record({
    costNanoUsd: fc.option(fc.nat(), { nil: undefined }),
    usage: fc.option(
      fc.record({
        inputTokens: fc.nat(),
        outputTokens: fc.nat(),
        cachedInputTokens: fc.nat(),
        provenance: fc.constantFrom('reported' as const, 'estimated' as const),
      }),
      { nil: undefined },
    ),
  })
  .map(attempt);
const aCacheFact = fc.record(
  {
    status: fc.constantFrom(
      'hit' as const,
      'stale' as const,
      'partial' as const,
      'miss' as const,
      'coalesced' as const,
      'bypass' as const,
    ),
    kind: fc.constantFrom('exact' as const, 'semantic' as const, 'items' as const),
    savedNanoUsd: fc.nat(),
    savedMs: fc.nat(60_000),
    items: fc.record({ known: fc.nat(99), asked: fc.nat(99), coalesced: fc.nat(9) }),
  },
  { requiredKeys: ['status', 'kind'] },
);
const aPromptCacheUse = fc.record(
  {
    readTokens: fc.nat(9_999),
    writtenTokens: fc.nat(9_999),
    savedNanoUsd: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  },
  { requiredKeys: ['readTokens', 'writtenTokens'] },
);
const aReceipt = fc
  .record({
    outcome: fc.constantFrom(
      'finished' as const,
      'failed' as const,
      'timed-out' as const,
      'refused' as const,
    ),
    durationMs: fc.nat(60_000),
    stream: fc.boolean(),
    firstEventMs: fc.option(fc.nat(5_000), { nil: undefined }),
    attempts: fc.array(anAttempt, { maxLength: 3 }),
    facts: fc.record({ cache: aCacheFact }, { requiredKeys: [] }),
    uses: fc.array(fc.option(aPromptCacheUse, { nil: undefined }), { maxLength: 3 }),
  })
  .map(({ uses, ...said }) => withPromptCache(receipt(said), uses));

test('figures that were added up apart come to the same together', () => {
  const some = fc.array(aReceipt, { maxLength: 20 });
  fc.assert(
    fc.property(some, some, (one, other) => {
      const together = of(one);
      together.addAll(of(other));
      expect(together.figures).toEqual(of([...one, ...other]).figures);
    }),
  );
});

test('what goes by an estimated usage is told of the cost, and only of what has one', () => {
  const usage = (provenance: 'reported' | 'estimated') => ({ outputTokens: 5, provenance });
  const attempts = [
    attempt({ costNanoUsd: 10, usage: usage('reported') }),
    attempt({ costNanoUsd: 20, usage: usage('estimated') }),
    attempt({ costNanoUsd: undefined, usage: usage('estimated') }),
  ];
  expect(of([receipt({ attempts })]).figures).toMatchObject({
    costNanoUsd: 30,
    estimatedNanoUsd: 20,
    estimatedUsd: 0.000_000_02,
    unpriced: 1,
  });
});

test('without times, all but how long calls took is told', () => {
  const { p50Ms, p95Ms, p99Ms, ...others } = of([receipt()]).figures;
  expect([p50Ms, p95Ms, p99Ms]).toEqual([100, 100, 100]);
  expect(of([receipt()], false).figures).toEqual({
    ...others,
    p50Ms: undefined,
    p95Ms: undefined,
    p99Ms: undefined,
  });
});

const atCache = (cache: CacheFact, said: Partial<Receipt> = {}): Receipt =>
  receipt({ facts: { cache }, ...said });

test('what became of calls at a cache is counted, and what that saved is summed', () => {
  const all = [
    atCache({ status: 'hit', kind: 'exact', savedNanoUsd: 700, savedMs: 30 }),
    atCache({ status: 'hit', kind: 'semantic', savedNanoUsd: 20, savedMs: 5 }),
    atCache({ status: 'stale', kind: 'exact', savedNanoUsd: 3, savedMs: 7 }),
    atCache({ status: 'coalesced', kind: 'exact', savedNanoUsd: 4_000 }),
    atCache({ status: 'miss', kind: 'exact' }),
    atCache({ status: 'bypass', kind: 'exact', reason: 'off' }),
    receipt(),
  ];
  expect(of(all).figures).toMatchObject({
    calls: 7,
    cacheHits: 2,
    cacheStale: 1,
    cacheCoalesced: 1,
    cacheMisses: 1,
    cacheBypassed: 1,
    savedNanoUsd: 4_723,
    savedUsd: 0.000_004_723,
    savedUnpriced: 0,
    savedMs: 42,
  });
});

test('a sum that is not known is no sum of zero: such calls are counted, if they finished', () => {
  const all = [
    atCache({ status: 'hit', kind: 'exact', savedNanoUsd: 0 }),
    atCache({ status: 'hit', kind: 'exact', savedMs: 9 }),
    atCache({ status: 'stale', kind: 'exact' }),
    atCache({ status: 'coalesced', kind: 'exact' }),
    atCache({ status: 'coalesced', kind: 'exact' }, { outcome: 'failed' }),
    atCache({ status: 'coalesced', kind: 'exact' }, { outcome: 'aborted' }),
    atCache({ status: 'partial', kind: 'items', items: { known: 1, asked: 9, coalesced: 0 } }),
    atCache({ status: 'miss', kind: 'items', items: { known: 0, asked: 9, coalesced: 0 } }),
    atCache({ status: 'miss', kind: 'exact' }),
  ];
  expect(of(all).figures).toMatchObject({ savedUnpriced: 4, savedNanoUsd: 0 });
});

test('inputs of embeddings are counted one by one, also where a target was asked for some', () => {
  const all = [
    atCache({ status: 'hit', kind: 'items', items: { known: 8, asked: 0, coalesced: 0 }, savedNanoUsd: 80 }),
    atCache({
      status: 'partial',
      kind: 'items',
      items: { known: 90, asked: 7, coalesced: 3 },
      savedNanoUsd: 900,
    }),
  ];
  expect(of(all).figures).toMatchObject({
    cacheHits: 1,
    cachePartial: 1,
    cacheItemsKnown: 98,
    cacheItemsAsked: 7,
    cacheItemsCoalesced: 3,
    savedNanoUsd: 980,
  });
});

test('what caches of providers saved is told apart, and may be less than nothing', () => {
  const reading = (...uses: readonly PromptCacheUse[]) =>
    withPromptCache(receipt({ attempts: uses.map(() => attempt()) }), uses);
  const all = [
    reading({ readTokens: 1_000, writtenTokens: 0, savedNanoUsd: 900 }),
    reading({ readTokens: 0, writtenTokens: 4_000, savedNanoUsd: -1_000 }),
    reading({ readTokens: 30, writtenTokens: 0 }, { readTokens: 20, writtenTokens: 0 }),
  ];
  expect(of(all).figures).toMatchObject({
    promptCacheReadTokens: 1_050,
    promptCacheWrittenTokens: 4_000,
    promptCacheSavedNanoUsd: -100,
    promptCacheSavedUsd: -0.000_000_1,
    promptCacheUnpriced: 1,
    savedNanoUsd: 0,
    cacheMisses: 0,
  });
});
