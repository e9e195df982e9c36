import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Usage } from '../../../src/core/usage.ts';
import { attoOf, attoPerToken, nanoUp, nearestNano, times, usdOf } from '../../../src/pricing/atto-usd.ts';
import { chargesFor, sumOf, type Lifetimes } from '../../../src/pricing/charges.ts';
import type { Price } from '../../../src/pricing/models-option.ts';
import { datedListsOf } from '../../../src/pricing/own-price.ts';

const price: Price = {
  inputUsdPerMTok: 10,
  cachedInputUsdPerMTok: 1,
  cacheWriteUsdPerMTok: 12,
  cacheWriteUsdPerMTokByTtl: { long: 20 },
  outputUsdPerMTok: 50,
  requestUsd: 0.001,
  serverToolUsd: { searches: 0.01 },
};

/** In nano-USD. */
function cost(usage: Partial<Usage>, of: Partial<Price> = {}, lifetimes: Lifetimes = 'any') {
  const [dated] = datedListsOf({ ...price, ...of });
  const charges =
    dated &&
    chargesFor({ inputTokens: 0, outputTokens: 0, provenance: 'reported', ...usage }, dated.list, lifetimes);
  return charges && nearestNano(sumOf(charges));
}

const request = 1_000_000;

describe('what usage is billed for', () => {
  test('is each share of the input by its own rate, and what is left by the input’s', () => {
    expect(
      cost({
        inputTokens: 1_000,
        cachedInputTokens: 300,
        cacheWriteTokens: 250,
        cacheWriteTokensByTtl: { long: 50, short: 100 },
        outputTokens: 10,
      }),
    ).toBe(450 * 10_000 + 300 * 1_000 + 200 * 12_000 + 50 * 20_000 + 10 * 50_000 + request);
  });

  test('takes the lifetimes for the whole where no sum is told', () => {
    expect(cost({ inputTokens: 100, cacheWriteTokensByTtl: { long: 40 } })).toBe(
      60 * 10_000 + 40 * 20_000 + request,
    );
  });

  test('is sound at its own rates, and unknown without them', () => {
    const usage = { inputTokens: 100, audioInputTokens: 40, outputTokens: 10, audioOutputTokens: 5 };
    expect(cost(usage)).toBeUndefined();
    expect(cost(usage, { audioInputUsdPerMTok: 30, audioOutputUsdPerMTok: 60 })).toBe(
      60 * 10_000 + 40 * 30_000 + 5 * 50_000 + 5 * 60_000 + request,
    );
  });

  test('is unknown where sound may have been in the cache', () => {
    const usage = { inputTokens: 100, audioInputTokens: 40, cachedInputTokens: 10 };
    expect(cost(usage, { audioInputUsdPerMTok: 30 })).toBeUndefined();
  });

  test('is pictures as input, unless they have a rate', () => {
    expect(cost({ inputTokens: 100, imageInputTokens: 40 })).toBe(100 * 10_000 + request);
    expect(cost({ inputTokens: 100, imageInputTokens: 40 }, { imageInputUsdPerMTok: 5 })).toBe(
      60 * 10_000 + 40 * 5_000 + request,
    );
  });

  test('is pictures that are made at their own rate, and unknown without one', () => {
    const usage = { outputTokens: 100, imageOutputTokens: 40 };
    expect(cost(usage)).toBeUndefined();
    expect(cost(usage, { imageOutputUsdPerMTok: 60 })).toBe(60 * 50_000 + 40 * 60_000 + request);
  });

  test('is reasoning as output, unless it has a rate; then it has to be told', () => {
    const usage = { outputTokens: 100, reasoningTokens: 40 };
    expect(cost(usage)).toBe(100 * 50_000 + request);
    expect(cost(usage, { reasoningUsdPerMTok: 5 })).toBe(60 * 50_000 + 40 * 5_000 + request);
    expect(cost({ outputTokens: 100 }, { reasoningUsdPerMTok: 5 })).toBeUndefined();
  });

  test('is each request of a server tool; one without a price makes it unknown', () => {
    expect(cost({ serverToolRequests: { searches: 3, others: 0 } })).toBe(3 * 10_000_000 + request);
    expect(cost({ serverToolRequests: { others: 1 } })).toBeUndefined();
    expect(cost({ serverToolRequests: { constructor: 1 } })).toBeUndefined();
  });

  test('is unknown where a lifetime has no price', () => {
    const usage = { inputTokens: 10, cacheWriteTokensByTtl: { short: 10 } };
    expect(cost(usage, {}, {})).toBeUndefined();
    expect(cost(usage, {}, { short: 1.5 })).toBe(10 * 18_000 + request);
  });

  test.each([
    [{ inputTokens: undefined }],
    [{ outputTokens: undefined }],
    [{ inputTokens: 10, cachedInputTokens: 11 }],
    [{ inputTokens: 10, cachedInputTokens: 6, cacheWriteTokens: 5 }],
    [{ inputTokens: 10, cacheWriteTokens: 5, cacheWriteTokensByTtl: { long: 6 } }],
    [{ inputTokens: 1.5 }],
    [{ inputTokens: -1 }],
    [{ outputTokens: 10, reasoningTokens: 11 }],
    [{ outputTokens: 10, audioOutputTokens: 11 }],
    [{ serverToolRequests: { searches: -1 } }],
  ])('is unknown where counts are missing or contradict each other: %j', (usage) => {
    expect(cost(usage as Partial<Usage>)).toBeUndefined();
  });

  test('never loses or adds a token: the charges are as many as the counts', () => {
    const shares = fc.tuple(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000), fc.nat(1_000), fc.nat(1_000));
    fc.assert(
      fc.property(shares, ([fresh, cached, long, short, outputTokens]) => {
        const inputTokens = fresh + cached + long + short;
        const [dated] = datedListsOf(price);
        const charges =
          dated &&
          chargesFor(
            {
              inputTokens,
              cachedInputTokens: cached,
              cacheWriteTokens: long + short,
              cacheWriteTokensByTtl: { long },
              outputTokens,
              provenance: 'reported',
            },
            dated.list,
            {},
          );
        const tokens = charges?.filter(({ unit }) => unit === 'token') ?? [];
        expect(tokens.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(inputTokens + outputTokens);
      }),
    );
  });
});

describe('money', () => {
  test('is exact: every price of a catalogue is a whole number', () => {
    expect(attoPerToken(0.000001)).toBe(1_000_000n);
    expect(attoPerToken(0.1) * 3n).toBe(attoPerToken(0.3));
    expect(attoOf(0.01)).toBe(10_000_000_000_000_000n);
    expect(usdOf(attoOf(0.25))).toBe(0.25);
    expect(times(attoPerToken(0.15), 5 / 3)).toBe(attoPerToken(0.25));
    expect(times(attoPerToken(4.4), 20 / 11)).toBe(attoPerToken(8));
  });

  test('is rounded once, at the end: to the nearest for what was, up for what may be', () => {
    expect(nearestNano(1_499_999_999n)).toBe(1);
    expect(nearestNano(1_500_000_000n)).toBe(2);
    expect(nanoUp(1n)).toBe(1);
    expect(nanoUp(1_000_000_000n)).toBe(1);
    expect(nanoUp(0n)).toBe(0);
    // A million calls at a third of a nano-USD each: what they come to depends on no order.
    expect(cost({ inputTokens: 1, outputTokens: 0 }, { inputUsdPerMTok: 0.0003, requestUsd: 0 })).toBe(0);
    expect(cost({ inputTokens: 5, outputTokens: 0 }, { inputUsdPerMTok: 0.0003, requestUsd: 0 })).toBe(2);
  });
});
