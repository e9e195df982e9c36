import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices';
import { attoOf, attoPerToken } from './atto-usd.ts';
import type { DatedPriceList, PriceList, UnitPrices } from './price-list.ts';

/**
 * Prices for what usage tells. One for anything else, such as films, seconds of sound or pages, can make a model cost more than
 * the rest of its price says. (Cached sound and cached pictures are not told either; usage that may hold some has no known
 * cost, see `charges.ts`.)
 */
const understood = new Set([
  'input_mtok',
  'output_mtok',
  'cache_read_mtok',
  'cache_write_mtok',
  'cache_write_1h_mtok',
  'input_audio_mtok',
  'output_audio_mtok',
  'cache_audio_read_mtok',
  'input_image_mtok',
  'cache_image_read_mtok',
  'output_image_mtok',
  'output_reasoning_mtok',
  'requests_kcount',
  'web_searches_kcount',
  'storage_searches_kcount',
]);

/** A price of the catalogue in our units; `undefined` where it is for something that usage does not tell. */
export function listsOfModel({ id, prices }: ModelInfo): readonly DatedPriceList[] | undefined {
  const conditional: readonly ConditionalPrice[] = Array.isArray(prices) ? prices : [{ prices }];
  const lists: DatedPriceList[] = [];
  for (const [index, each] of conditional.entries()) {
    const list = listOf(id, each.prices);
    if (list === undefined) return undefined;
    // The catalogue takes the first where no other holds.
    lists.push(index === 0 ? { list } : { ...whenOf(each.constraint), list });
  }
  return lists.length === 0 ? undefined : lists;
}

function whenOf(constraint: ConditionalPrice['constraint']): Omit<DatedPriceList, 'list'> {
  if (constraint === undefined) return {};
  return constraint.type === 'start_date'
    ? { from: Date.parse(constraint.start_date) }
    : { daily: { start: timeOfDay(constraint.start_time), end: timeOfDay(constraint.end_time) } };
}

/** `16:30:00Z`, `18:30:00+02:00`: milliseconds of the day in UTC. */
function timeOfDay(text: string): number {
  const dayMs = 86_400_000;
  return (Date.parse(`1970-01-01T${text}`) + dayMs) % dayMs;
}

function listOf(id: string, price: ModelPrice): PriceList | undefined {
  const keys = Object.keys(price).filter((key) => price[key] !== undefined);
  if (keys.some((key) => !understood.has(key) || (key.endsWith('_kcount') && typeof price[key] === 'object')))
    return undefined;
  // A model without any price is free only where its name says so.
  if (price['input_mtok'] === undefined && (keys.length > 0 || !id.endsWith(':free'))) return undefined;
  const starts = new Set<number>();
  for (const key of keys) {
    const value = price[key];
    if (typeof value === 'object') for (const { start } of value.tiers) starts.add(start);
  }
  return {
    base: unitPrices(price, 0),
    above: [...starts]
      .toSorted((a, b) => a - b)
      .map((inputTokens) => ({ inputTokens, prices: unitPrices(price, inputTokens + 1) })),
    request: perThousand(price, 'requests_kcount') ?? 0n,
    serverTools: defined({
      web_search_requests: perThousand(price, 'web_searches_kcount'),
      file_search_requests: perThousand(price, 'storage_searches_kcount'),
    }),
  };
}

function unitPrices(price: ModelPrice, inputTokens: number): UnitPrices {
  const rate = (key: string): bigint | undefined => {
    const usd = usdAt(price, key, inputTokens);
    return usd === undefined ? undefined : attoPerToken(usd);
  };
  const isFree = price['input_mtok'] === undefined;
  return {
    input: rate('input_mtok') ?? 0n,
    output: rate('output_mtok') ?? (isFree ? 0n : undefined),
    cachedInput: rate('cache_read_mtok'),
    cacheWrite: rate('cache_write_mtok'),
    cacheWriteByTtl: defined({ ephemeral_1h_input_tokens: rate('cache_write_1h_mtok') }),
    audioInput: rate('input_audio_mtok') ?? (isFree ? 0n : undefined),
    audioOutput: rate('output_audio_mtok') ?? (isFree ? 0n : undefined),
    imageInput: rate('input_image_mtok'),
    imageOutput: rate('output_image_mtok') ?? (isFree ? 0n : undefined),
    reasoning: rate('output_reasoning_mtok'),
  };
}

/** The whole request is billed at the tier that its prompt's length reaches: `start` is the last length that does not. */
function usdAt(price: ModelPrice, key: string, inputTokens: number): number | undefined {
  const value = price[key];
  if (typeof value !== 'object') return value;
  let usd = value.base;
  for (const tier of value.tiers.toSorted((a, b) => a.start - b.start))
    if (inputTokens > tier.start) usd = tier.price;
  return usd;
}

function perThousand(price: ModelPrice, key: string): bigint | undefined {
  const usd = usdAt(price, key, 0);
  return usd === undefined ? undefined : attoOf(usd) / 1_000n;
}

function defined<T>(table: Readonly<Record<string, T | undefined>>): Readonly<Record<string, T>> {
  const kept: Record<string, T> = {};
  for (const [key, value] of Object.entries(table)) if (value !== undefined) kept[key] = value;
  return kept;
}
