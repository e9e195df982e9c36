import type { Capabilities } from '../core/capabilities.ts';
import type { ModelTraits, PricedModel } from '../core/pricing.ts';
import { attoOf, usdPerMTok } from './atto-usd.ts';
import type { Catalogue, CatalogueModel } from './catalogue.ts';
import type { Lifetimes } from './charges.ts';
import { KnownModel, type ModelLimits } from './known-model.ts';
import type { ModelFacts } from './models-option.ts';
import type { RegionRow, Sourced, TierRow } from './overlay/rows.ts';
import { datedListsOf, mapValues } from './own-price.ts';
import { indexAt, type DatedPriceList } from './price-list.ts';
import { discounted } from './service-tiers.ts';

/** Where a model was asked for. */
export interface AskedModel {
  /** The catalogue's provider that the target's provider is; `undefined`: none that is known. */
  readonly seller: string | undefined;
  readonly model: string;
}

/** What a target is, with its price over time. */
export interface ResolvedModel {
  /** The model of the catalogue that it is, where it is one. */
  readonly found: CatalogueModel | undefined;
  /** `free`: nothing costs anything; `undefined`: not known. */
  readonly prices: readonly DatedPriceList[] | 'free' | undefined;
  readonly source: Sourced | 'models' | undefined;
  readonly tiers: readonly TierRow[];
  readonly atEveryTier: boolean;
  readonly accountTiers: readonly string[] | undefined;
  readonly regions: readonly RegionRow[];
  readonly lifetimes: Lifetimes;
  readonly limits: ModelLimits;
  readonly capabilities: Capabilities;
}

/** The fastest that a model is taken to generate, where nothing says better. Tokens a second. */
const topTokensPerSecond = 500;

/** What a target is by what was said of it (`models`) and by the catalogue. */
export function resolveModel(
  catalogue: Catalogue,
  asked: AskedModel,
  facts: ModelFacts,
  allowPrefixMatch: boolean,
): ResolvedModel {
  // What is asked for in the end is what is billed.
  const { pin } = facts;
  const pinned =
    pin === undefined ? undefined : identify(catalogue, { ...asked, model: pin }, undefined, false);
  const found = pinned ?? identify(catalogue, asked, facts.is, allowPrefixMatch);
  const capabilities = { ...found?.capabilities, ...facts.capabilities };
  const { price, discount = 0 } = facts;
  const limits: ModelLimits = {
    contextTokens: facts.contextTokens ?? found?.contextTokens,
    maxOutputTokens: facts.maxOutputTokens ?? found?.maxOutputTokens,
    topTokensPerSecond: facts.outputTokensPerSecond ?? topTokensPerSecond,
  };
  const accountTiers = facts.serviceTiers;
  const ofOwn = facts.is === undefined || found === undefined;
  const factor = 1 - discount;
  const reduced = (lists: readonly DatedPriceList[]): readonly DatedPriceList[] =>
    lists.map((each) => ({ ...each, list: discounted(each.list, factor) }));
  if (price !== undefined) {
    return {
      found,
      prices: price === 0 ? 'free' : reduced(datedListsOf(price)),
      source: 'models',
      tiers: ofOwn ? [] : found.tiers,
      atEveryTier: ofOwn,
      accountTiers,
      regions: ofOwn ? [] : found.regions,
      lifetimes: 'any',
      limits,
      capabilities,
    };
  }
  const tools = mapValues(found?.tools ?? {}, attoOf);
  return {
    found,
    prices:
      found?.prices &&
      reduced(
        found.prices.map((each) => ({
          ...each,
          list: { ...each.list, serverTools: { ...tools, ...each.list.serverTools } },
        })),
      ),
    source: found?.source,
    tiers: found?.tiers ?? [],
    atEveryTier: false,
    accountTiers,
    regions: found?.regions ?? [],
    lifetimes: found?.lifetimes ?? {},
    limits,
    capabilities,
  };
}

/** The model of the catalogue that a target is. */
export function identify(
  catalogue: Catalogue,
  { seller, model }: AskedModel,
  is: string | undefined,
  allowPrefixMatch: boolean,
): CatalogueModel | undefined {
  if (is === undefined) {
    // A fine-tuned model has a price of its own, and its id says only what it was made from.
    if (seller === undefined || model.startsWith('ft:')) return undefined;
    return catalogue.find(seller, model, allowPrefixMatch);
  }
  const { provider, id } = splitId(catalogue, is);
  if (provider !== undefined) return catalogue.find(provider, id === '*' ? model : id, allowPrefixMatch);
  return (
    (seller === undefined ? undefined : catalogue.find(seller, id, false)) ??
    catalogue.findAnywhere(id, allowPrefixMatch)
  );
}

/** `openai/gpt-5` is a model of a provider where the catalogue has that provider; many ids have slashes of their own. */
export function splitId(
  catalogue: Catalogue,
  text: string,
): { readonly provider: string | undefined; readonly id: string } {
  const slash = text.indexOf('/');
  const provider = text.slice(0, Math.max(slash, 0));
  return slash > 0 && catalogue.has(provider)
    ? { provider, id: text.slice(slash + 1) }
    : { provider: undefined, id: text };
}

/** Nothing is billed, whatever is used. */
class FreeModel implements PricedModel {
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly topTokensPerSecond: number;
  readonly priced = true;

  constructor({ contextTokens, maxOutputTokens, topTokensPerSecond: top }: ModelLimits) {
    this.contextTokens = contextTokens;
    this.maxOutputTokens = maxOutputTokens;
    this.topTokensPerSecond = top;
  }

  cost(): number {
    return 0;
  }

  bound(): number {
    return 0;
  }
}

/** A target's model at any time; what it is made of is kept. */
export class ModelOverTime {
  readonly resolved: ResolvedModel;
  readonly #unknown: PricedModel;
  readonly #known: (KnownModel | undefined)[] = [];
  readonly #free: FreeModel | undefined;

  constructor(resolved: ResolvedModel) {
    this.resolved = resolved;
    this.#unknown = Object.freeze({
      ...resolved.limits,
      priced: false,
      cost: () => undefined,
      bound: () => undefined,
    });
    this.#free = resolved.prices === 'free' ? new FreeModel(resolved.limits) : undefined;
  }

  at(at: number): PricedModel {
    return this.#free ?? this.knownAt(at) ?? this.#unknown;
  }

  /** What routes pick by, but for what the price catalogue does not know. */
  traitsAt(at: number): Omit<ModelTraits, 'region' | 'retiresAt'> {
    const { limits, capabilities } = this.resolved;
    const { contextTokens, maxOutputTokens } = limits;
    const rates = this.#free === undefined ? this.knownAt(at)?.listFor(undefined, undefined)?.base : 'free';
    if (rates === undefined || rates === 'free') {
      const usd = rates === undefined ? undefined : 0;
      return { capabilities, contextTokens, maxOutputTokens, inputUsdPerMTok: usd, outputUsdPerMTok: usd };
    }
    return {
      // What has a price of its own when it was cached is cached.
      capabilities:
        rates.cachedInput === undefined ? capabilities : { 'prompt-caching': true, ...capabilities },
      contextTokens,
      maxOutputTokens,
      inputUsdPerMTok: usdPerMTok(rates.input),
      outputUsdPerMTok: usdPerMTok(rates.output ?? 0n),
    };
  }

  /** `undefined` where the price is not known then, and for what is free. */
  knownAt(at: number): KnownModel | undefined {
    const { prices, limits, capabilities: _capabilities, ...rest } = this.resolved;
    if (prices === undefined || prices === 'free') return undefined;
    const index = indexAt(prices, at);
    const dated = index === undefined ? undefined : prices[index];
    if (index === undefined || dated === undefined) return undefined;
    return (this.#known[index] ??= new KnownModel({ list: dated.list, ...rest }, limits));
  }
}
