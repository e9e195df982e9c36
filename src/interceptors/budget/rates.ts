import type { PricedModel, UsageBound } from '../../core/pricing.ts';
import type { Usage } from '../../core/usage.ts';
import type { OnUnknownPrice, StatedPrice } from './ceiling-options.ts';

/** What usage comes to in money. */
export type Rates = Pick<PricedModel, 'cost' | 'bound'>;

/** Nothing costs anything. */
export const nothing: Rates = { cost: () => 0, bound: () => 0 };

const statedRates = new WeakMap<StatedPrice, Rates>();

/** By what an attempt is counted at a target; `undefined`: its price is not known, and it is to be refused. */
export function ratesOf(model: PricedModel, onUnknownPrice: OnUnknownPrice): Rates | undefined {
  if (model.priced) return model;
  if (onUnknownPrice === 'refuse') return undefined;
  if (onUnknownPrice === 'zero') return nothing;
  const known = statedRates.get(onUnknownPrice);
  if (known !== undefined) return known;
  const rates = new FlatRates(onUnknownPrice);
  statedRates.set(onUnknownPrice, rates);
  return rates;
}

/** A USD per million tokens is 1,000 nano-USD a token. */
const nanoPerToken = 1_000;

/** By a price that was stated for tokens alone. */
class FlatRates implements Rates {
  readonly #input: number;
  readonly #output: number;
  readonly #cachedInput: number;
  readonly #cacheWrite: number;

  constructor(price: StatedPrice) {
    this.#input = price.inputUsdPerMTok * nanoPerToken;
    this.#output = price.outputUsdPerMTok * nanoPerToken;
    this.#cachedInput = (price.cachedInputUsdPerMTok ?? price.inputUsdPerMTok) * nanoPerToken;
    this.#cacheWrite = (price.cacheWriteUsdPerMTok ?? price.inputUsdPerMTok) * nanoPerToken;
  }

  cost(usage: Usage): number | undefined {
    if (asksOfTools(usage.serverToolRequests)) return undefined;
    const { inputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0, outputTokens = 0 } = usage;
    const fresh = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens);
    const cached = cachedInputTokens * this.#cachedInput + cacheWriteTokens * this.#cacheWrite;
    return Math.round(fresh * this.#input + cached + outputTokens * this.#output);
  }

  bound({ inputTokens, outputTokens, serverToolRequests }: UsageBound): number | undefined {
    if (asksOfTools(serverToolRequests)) return undefined;
    const dearest = Math.max(this.#input, this.#cachedInput, this.#cacheWrite);
    // Rounding in binary must not take off the last nano-USD.
    return Math.ceil(inputTokens * dearest + outputTokens * this.#output - 1e-6);
  }
}

/** Tools that providers run are billed by the request. */
function asksOfTools(requests: Usage['serverToolRequests']): boolean {
  return requests !== undefined && Object.values(requests).some((count) => count > 0);
}
