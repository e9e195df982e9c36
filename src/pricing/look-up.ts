import type { Usage } from '../core/usage.ts';
import { nearestNano, times, usdOf, usdPerMTok } from './atto-usd.ts';
import type { Catalogue } from './catalogue.ts';
import { sumOf, type Lifetimes } from './charges.ts';
import { loadCatalogue } from './load-catalogue.ts';
import { factsByName, factsFor } from './model-facts.ts';
import type { ModelFacts, ModelsOption, Price, Rates } from './models-option.ts';
import { mapValues } from './own-price.ts';
import type { PriceList, UnitPrices } from './price-list.ts';
import type { CostItem, ModelPrice, PriceSource, UsageCost } from './price-of.ts';
import { ModelOverTime, resolveModel } from './resolve-model.ts';

/** What is known of a model that somebody asked for by name. */
export interface LookedUp {
  toldPrice(serviceTier: string | undefined, inferenceGeo: string | undefined): ModelPrice | undefined;
  toldCost(usage: Usage): Omit<UsageCost, 'costUsd'> | undefined;
}

/** What models are that were asked for without `models`: whole logs are priced one row after another. */
const kept = new Map<string, Named>();

/** As many as are likely to be asked for. */
const keptNames = 1_000;

export interface Named {
  readonly model: string;
  /** The catalogue's provider, where one was named. */
  readonly seller: string | undefined;
  /** Whether a provider was named, the catalogue's or one of `models`. */
  readonly isTarget: boolean;
  /** What `models` says of it. */
  readonly facts: ModelFacts;
  readonly over: ModelOverTime;
}

/** A model by its name alone, or with a provider before it. Without the price data it rejects. */
export async function lookUp(
  name: string,
  models: ModelsOption | undefined,
  at: number,
  allowPrefixMatch: boolean,
): Promise<LookedUp> {
  const catalogue = await loadCatalogue((thrown) => {
    throw thrown;
  });
  const { model, over } = named(catalogue, name, models, allowPrefixMatch);
  const { found, source, limits, tiers, regions, prices, lifetimes } = over.resolved;
  const from: PriceSource = {
    provider: source === 'models' ? undefined : found?.provider,
    model: source === 'models' ? model : (found?.id ?? model),
    exact: source === 'models' || found?.exact !== false,
    source: source === 'models' ? source : (source?.source ?? ''),
    asOf: source === 'models' ? undefined : source?.asOf,
  };
  const known = over.knownAt(at);

  return {
    toldPrice(serviceTier, inferenceGeo) {
      const list = known?.listFor(serviceTier, inferenceGeo);
      if (list === undefined && prices !== 'free') return undefined;
      return {
        ...from,
        price: list === undefined ? 0 : priceOfList(list, lifetimes),
        serviceTiers: tiers.map(({ tiers: names, factor, upToInputTokens, source: page, asOf }) => ({
          names,
          factor,
          upToInputTokens,
          source: page,
          asOf,
        })),
        regions: regions.map(({ region, factor, source: page, asOf }) => ({
          names: [region],
          factor,
          upToInputTokens: undefined,
          source: page,
          asOf,
        })),
        contextTokens: limits.contextTokens,
        maxOutputTokens: limits.maxOutputTokens,
      };
    },

    toldCost(usage) {
      if (prices === 'free') return { ...from, costNanoUsd: 0, items: [] };
      const charges = known?.charges(usage);
      if (charges === undefined) return undefined;
      const items: readonly CostItem[] = charges.map(({ what, unit, quantity, price }) => ({
        what,
        unit,
        quantity,
        usd: usdOf(BigInt(quantity) * price),
      }));
      return { ...from, costNanoUsd: nearestNano(sumOf(charges)), items };
    },
  };
}

export function named(
  catalogue: Catalogue,
  name: string,
  models: ModelsOption | undefined,
  allowPrefixMatch: boolean,
): Named {
  const key = `${allowPrefixMatch} ${name}`;
  const known = models === undefined ? kept.get(key) : undefined;
  if (known !== undefined) return known;
  const { seller, model, facts, isTarget } = targetOf(catalogue, name, models ?? {});
  const over = new ModelOverTime(resolveModel(catalogue, { seller, model }, facts, allowPrefixMatch));
  const made: Named = { model, seller, isTarget, facts, over };
  if (models === undefined) {
    if (kept.size >= keptNames) kept.clear();
    kept.set(key, made);
  }
  return made;
}

/** `azure/chat-prod` where `models` speaks of it or the catalogue has that provider; else the whole is a model's id. */
function targetOf(catalogue: Catalogue, name: string, models: ModelsOption): Omit<Named, 'over'> {
  const table = factsByName(models);
  const slash = name.indexOf('/');
  const provider = name.slice(0, Math.max(slash, 0));
  const isKnown = catalogue.has(provider) || [...table.keys()].some((key) => key.startsWith(`${provider}/`));
  // An id by itself is looked for everywhere, as `is` is.
  if (slash <= 0 || !isKnown) return { seller: undefined, model: name, isTarget: false, facts: { is: name } };
  const model = name.slice(slash + 1);
  return {
    seller: catalogue.has(provider) ? provider : undefined,
    model,
    isTarget: true,
    facts: factsFor(table, [provider], model),
  };
}

function priceOfList({ base, above, request, serverTools }: PriceList, lifetimes: Lifetimes): Price {
  return {
    ...ratesOf(base, lifetimes),
    ...(request === 0n ? {} : { requestUsd: usdOf(request) }),
    ...(Object.keys(serverTools).length === 0 ? {} : { serverToolUsd: mapValues(serverTools, usdOf) }),
    ...(above.length === 0
      ? {}
      : { above: above.map(({ inputTokens, prices }) => ({ inputTokens, ...ratesOf(prices, lifetimes) })) }),
  };
}

function ratesOf(prices: UnitPrices, lifetimes: Lifetimes): Rates {
  const { input, output, cacheWrite = input } = prices;
  const usual = lifetimes === 'any' ? {} : mapValues(lifetimes, (factor) => times(cacheWrite, factor));
  const cacheWriteByTtl = { ...usual, ...prices.cacheWriteByTtl };
  const optional = <K extends keyof Rates>(name: K, price: bigint | undefined) =>
    price === undefined ? {} : { [name]: usdPerMTok(price) };
  return {
    inputUsdPerMTok: usdPerMTok(input),
    outputUsdPerMTok: usdPerMTok(output ?? 0n),
    ...optional('cachedInputUsdPerMTok', prices.cachedInput),
    ...optional('cacheWriteUsdPerMTok', prices.cacheWrite),
    ...(Object.keys(cacheWriteByTtl).length === 0
      ? {}
      : { cacheWriteUsdPerMTokByTtl: mapValues(cacheWriteByTtl, usdPerMTok) }),
    ...optional('audioInputUsdPerMTok', prices.audioInput),
    ...optional('audioOutputUsdPerMTok', prices.audioOutput),
    ...optional('imageInputUsdPerMTok', prices.imageInput),
    ...optional('imageOutputUsdPerMTok', prices.imageOutput),
    ...optional('reasoningUsdPerMTok', prices.reasoning),
  };
}
