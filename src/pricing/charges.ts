import type { Usage } from '../core/usage.ts';
import { times } from './atto-usd.ts';
import { pricesFor, type PriceList } from './price-list.ts';

/** One line of what a request is billed for. */
export interface Charge {
  /** `input` or another kind of tokens, `request`, or the name of a server tool's count. */
  readonly what: string;
  readonly unit: 'token' | 'request';
  readonly quantity: number;
  /** For one, as in `atto-usd.ts`. */
  readonly price: bigint;
}

/**
 * What cache writes of a lifetime cost that has no price of its own: by the name of its count, how many times the price of
 * cache writes. `any`: every one costs just that.
 */
export type Lifetimes = Readonly<Record<string, number>> | 'any';

/**
 * What usage is billed for, by one price. `undefined` where a count is missing that is billed, where there is a count that the
 * price has no rate for, or where the counts contradict each other.
 */
export function chargesFor(
  usage: Usage,
  list: PriceList,
  factorOf: Lifetimes,
): readonly Charge[] | undefined {
  const { inputTokens } = usage;
  if (inputTokens === undefined || !isConsistent(usage)) return undefined;
  const prices = pricesFor(list, inputTokens);
  const charges: Charge[] = [];
  let isKnown = true;
  const add = (what: string, quantity: number, price: bigint | undefined): void => {
    if (quantity === 0) return;
    if (quantity < 0 || price === undefined) isKnown = false;
    else charges.push({ what, unit: 'token', quantity, price });
  };

  let fresh = inputTokens;
  const share = (what: string, quantity: number | undefined, price: bigint | undefined): void => {
    if (quantity === undefined) return;
    fresh -= quantity;
    add(what, quantity, price);
  };
  const { cachedInputTokens = 0, audioInputTokens = 0, imageInputTokens = 0 } = usage;
  const lifetimes = Object.entries(usage.cacheWriteTokensByTtl ?? {}).filter(([, count]) => count > 0);
  const namedWrites = lifetimes.reduce((sum, [, count]) => sum + count, 0);
  const writes = usage.cacheWriteTokens ?? namedWrites;
  const imagesApart = prices.imageInput !== undefined;
  // How much of what was read from the cache or written to it was sound or pictures is not told.
  if (cachedInputTokens + writes > 0 && (audioInputTokens > 0 || (imagesApart && imageInputTokens > 0)))
    return undefined;

  share('cachedInput', cachedInputTokens, prices.cachedInput ?? prices.input);
  const plainWrite = prices.cacheWrite ?? prices.input;
  for (const [name, count] of lifetimes) {
    const factor = factorOf === 'any' ? 1 : own(factorOf, name);
    const usual = factor === undefined ? undefined : times(plainWrite, factor);
    share(`cacheWrite.${name}`, count, own(prices.cacheWriteByTtl, name) ?? usual);
  }
  share('cacheWrite', writes - namedWrites, plainWrite);
  share('audioInput', audioInputTokens, prices.audioInput);
  if (imagesApart) share('imageInput', imageInputTokens, prices.imageInput);
  add('input', fresh, prices.input);

  const { outputTokens = 0, audioOutputTokens = 0, imageOutputTokens = 0, reasoningTokens } = usage;
  const isOutputBilled = prices.output !== undefined && prices.output > 0n;
  if (usage.outputTokens === undefined && isOutputBilled) return undefined;
  let plainOutput = outputTokens - audioOutputTokens - imageOutputTokens;
  add('audioOutput', audioOutputTokens, prices.audioOutput);
  add('imageOutput', imageOutputTokens, prices.imageOutput);
  if (prices.reasoning !== undefined) {
    if (reasoningTokens === undefined && outputTokens > 0) return undefined;
    plainOutput -= reasoningTokens ?? 0;
    add('reasoning', reasoningTokens ?? 0, prices.reasoning);
  }
  add('output', plainOutput, prices.output);

  if (list.request > 0n) charges.push({ what: 'request', unit: 'request', quantity: 1, price: list.request });
  for (const [name, count] of Object.entries(usage.serverToolRequests ?? {})) {
    if (count === 0) continue;
    const price = own(list.serverTools, name);
    if (price === undefined) return undefined;
    charges.push({ what: name, unit: 'request', quantity: count, price });
  }
  return isKnown ? charges : undefined;
}

/** Names come from providers' answers: `constructor` is none of ours. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** What it comes to, exactly. */
export function sumOf(charges: readonly Charge[]): bigint {
  return charges.reduce((sum, { quantity, price }) => sum + BigInt(quantity) * price, 0n);
}

const counts = [
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'audioInputTokens',
  'audioOutputTokens',
  'imageInputTokens',
  'imageOutputTokens',
] as const satisfies readonly (keyof Usage)[];

/** Whether every count is one, and no share is more than what it is a share of. */
function isConsistent(usage: Usage): boolean {
  const { cacheWriteTokensByTtl: ttl = {}, serverToolRequests = {} } = usage;
  const all = [
    ...counts.map((name) => usage[name]),
    ...Object.values(ttl),
    ...Object.values(serverToolRequests),
  ];
  if (!all.every((count) => count === undefined || isCount(count))) return false;
  const { inputTokens = Infinity, outputTokens = Infinity, cachedInputTokens = 0 } = usage;
  const named = Object.values(ttl).reduce((sum, count) => sum + count, 0);
  const { cacheWriteTokens = named } = usage;
  const ofInput = [cachedInputTokens + cacheWriteTokens, usage.audioInputTokens, usage.imageInputTokens];
  const ofOutput = [usage.audioOutputTokens, usage.imageOutputTokens, usage.reasoningTokens];
  return (
    named <= cacheWriteTokens &&
    ofInput.every((share = 0) => share <= inputTokens) &&
    ofOutput.every((share = 0) => share <= outputTokens)
  );
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
