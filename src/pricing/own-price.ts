import { attoOf, attoPerToken } from './atto-usd.ts';
import { dayOf, type DatedPrice, type Price, type Rates } from './models-option.ts';
import type { DatedPriceList, PriceList, UnitPrices } from './price-list.ts';

/** A price as users state it, in our units. */
export function datedListsOf(price: Price | readonly DatedPrice[]): readonly DatedPriceList[] {
  if (!isDated(price)) return [{ list: listOf(price) }];
  return price
    .map((each) => ({ from: dayOf(each.from), list: listOf(each) }))
    .toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0));
}

function isDated(price: Price | readonly DatedPrice[]): price is readonly DatedPrice[] {
  return Array.isArray(price);
}

function listOf({ above = [], requestUsd = 0, serverToolUsd = {}, ...rates }: Price): PriceList {
  return {
    base: unitPrices(rates),
    above: above
      .map((each) => ({ inputTokens: each.inputTokens, prices: unitPrices(each) }))
      .toSorted((a, b) => a.inputTokens - b.inputTokens),
    request: attoOf(requestUsd),
    serverTools: mapValues(serverToolUsd, attoOf),
  };
}

function unitPrices(rates: Rates): UnitPrices {
  const optional = (usdPerMTok: number | undefined): bigint | undefined =>
    usdPerMTok === undefined ? undefined : attoPerToken(usdPerMTok);
  return {
    input: attoPerToken(rates.inputUsdPerMTok),
    output: attoPerToken(rates.outputUsdPerMTok),
    cachedInput: optional(rates.cachedInputUsdPerMTok),
    cacheWrite: optional(rates.cacheWriteUsdPerMTok),
    cacheWriteByTtl: mapValues(rates.cacheWriteUsdPerMTokByTtl ?? {}, attoPerToken),
    audioInput: optional(rates.audioInputUsdPerMTok),
    audioOutput: optional(rates.audioOutputUsdPerMTok),
    imageInput: optional(rates.imageInputUsdPerMTok),
    imageOutput: optional(rates.imageOutputUsdPerMTok),
    reasoning: optional(rates.reasoningUsdPerMTok),
  };
}

/** The same keys with other values. */
export function mapValues<T, U>(
  table: Readonly<Record<string, T>>,
  map: (value: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, map(value)]));
}
