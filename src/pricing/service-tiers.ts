import { times } from './atto-usd.ts';
import type { TierRow } from './overlay/rows.ts';
import { mapValues } from './own-price.ts';
import type { PriceList, UnitPrices } from './price-list.ts';

/**
 * Names of the tier that is served where nothing else is asked for: OpenAI's `default` and `auto`, Anthropic's `standard` and
 * `standard_only`, Groq's `on_demand`.
 */
const standardTiers = new Set(['default', 'auto', 'standard', 'standard_only', 'on_demand']);

/** Whether a tier is the standard one. Nothing said is the standard one, too. */
export function isStandard(tier: string | undefined): boolean {
  return tier === undefined || standardTiers.has(tier);
}

/** Whether a request leaves it to its project which tier it is served at. */
export function isLeftToProject(tier: string | undefined): boolean {
  return tier === undefined || tier === 'auto';
}

/** What Anthropic says where a request was served in no region in particular, and of models that know of none. */
const anywhere = new Set(['global', 'not_available']);

/** Whether a region is none with a price of its own. Nothing said is none, too. */
export function isAnywhere(region: string | undefined): boolean {
  return region === undefined || anywhere.has(region);
}

/** The same list at a tier. Prompts too long for the tier cost what they do without it. */
export function listAt(
  list: PriceList,
  { factor, upToInputTokens }: Pick<TierRow, 'factor' | 'upToInputTokens'>,
): PriceList {
  const base = scaled(list.base, factor);
  if (upToInputTokens === undefined)
    return {
      ...list,
      base,
      above: list.above.map((each) => ({ ...each, prices: scaled(each.prices, factor) })),
    };
  const shorter = list.above.filter(({ inputTokens }) => inputTokens < upToInputTokens);
  const longer = list.above.filter(({ inputTokens }) => inputTokens > upToInputTokens);
  const atLimit = list.above.findLast(({ inputTokens }) => inputTokens <= upToInputTokens);
  return {
    ...list,
    base,
    above: [
      ...shorter.map((each) => ({ ...each, prices: scaled(each.prices, factor) })),
      { inputTokens: upToInputTokens, prices: atLimit?.prices ?? list.base },
      ...longer,
    ],
  };
}

/** Every kind of tokens, so many times the price. */
export function scaledList(list: PriceList, factor: number): PriceList {
  return factor === 1 ? list : listAt(list, { factor });
}

/** All that is billed, so many times the price. */
export function discounted(list: PriceList, factor: number): PriceList {
  if (factor === 1) return list;
  return {
    ...scaledList(list, factor),
    request: times(list.request, factor),
    serverTools: mapValues(list.serverTools, (usd) => times(usd, factor)),
  };
}

function scaled(prices: UnitPrices, factor: number): UnitPrices {
  const optional = (price: bigint | undefined): bigint | undefined =>
    price === undefined ? undefined : times(price, factor);
  return {
    input: times(prices.input, factor),
    output: optional(prices.output),
    cachedInput: optional(prices.cachedInput),
    cacheWrite: optional(prices.cacheWrite),
    cacheWriteByTtl: mapValues(prices.cacheWriteByTtl, (price) => times(price, factor)),
    audioInput: optional(prices.audioInput),
    audioOutput: optional(prices.audioOutput),
    imageInput: optional(prices.imageInput),
    imageOutput: optional(prices.imageOutput),
    reasoning: optional(prices.reasoning),
  };
}
