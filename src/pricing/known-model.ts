import type { PricedModel, UsageBound } from '../core/pricing.ts';
import type { Usage } from '../core/usage.ts';
import { larger, nanoUp, nearestNano, times } from './atto-usd.ts';
import { chargesFor, own, sumOf, type Charge, type Lifetimes } from './charges.ts';
import type { RegionRow, TierRow } from './overlay/rows.ts';
import type { PriceList, UnitPrices } from './price-list.ts';
import { isAnywhere, isLeftToProject, isStandard, listAt, scaledList } from './service-tiers.ts';

/** What the price of a model is made of, at one time. */
export interface ModelTerms {
  /** At the standard tier. */
  readonly list: PriceList;
  readonly tiers: readonly TierRow[];
  /** It costs the same at whatever tier, and in whatever region. */
  readonly atEveryTier: boolean;
  /** The tiers that the account can be billed at unasked; `undefined`: all that the model has. */
  readonly accountTiers: readonly string[] | undefined;
  readonly regions: readonly RegionRow[];
  readonly lifetimes: Lifetimes;
}

/** Facts of a model that have nothing to do with its price. */
export interface ModelLimits {
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly topTokensPerSecond: number;
}

/** A model whose price is known. */
export class KnownModel implements PricedModel {
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly topTokensPerSecond: number;
  readonly priced = true;
  readonly #terms: ModelTerms;
  /** By tier and region. There are few. */
  readonly #lists = new Map<string, PriceList | undefined>();
  readonly #dearest = new WeakMap<PriceList, readonly Dearest[]>();

  constructor(terms: ModelTerms, limits: ModelLimits) {
    this.#terms = terms;
    this.contextTokens = limits.contextTokens;
    this.maxOutputTokens = limits.maxOutputTokens;
    this.topTokensPerSecond = limits.topTokensPerSecond;
  }

  cost(usage: Usage): number | undefined {
    const charges = this.charges(usage);
    return charges && nearestNano(sumOf(charges));
  }

  /** What the cost is made of. */
  charges(usage: Usage): readonly Charge[] | undefined {
    const list = this.listFor(usage.serviceTier, usage.inferenceGeo);
    return list && chargesFor(usage, list, this.#terms.lifetimes);
  }

  bound(usage: UsageBound): number | undefined {
    const { serverToolRequests = {}, serviceTier } = usage;
    const inputTokens = Math.ceil(usage.inputTokens);
    const outputTokens = Math.ceil(usage.outputTokens);
    if (!isCount(inputTokens) || !isCount(outputTokens)) return undefined;
    const lists = this.#listsThatMayHold(serviceTier);
    if (lists === undefined) return undefined;
    let most = 0n;
    for (const list of lists) most = larger(most, this.#mostTokens(list, inputTokens, outputTokens));
    const { request, serverTools } = this.#terms.list;
    most += request;
    for (const [name, count] of Object.entries(serverToolRequests)) {
      if (count === 0) continue;
      const price = own(serverTools, name);
      if (price === undefined || !isCount(Math.ceil(count))) return undefined;
      most += BigInt(Math.ceil(count)) * price;
    }
    return nanoUp(most);
  }

  /** The prices that such a request can be billed by. `undefined` where it asks for a tier that has no price. */
  #listsThatMayHold(asked: string | undefined): readonly PriceList[] | undefined {
    // A request may be served at the standard tier where the one it asks for has no room.
    const tiers = isLeftToProject(asked) ? this.#unaskedTiers() : [asked, undefined];
    const regions = [undefined, ...this.#terms.regions.map(({ region }) => region)];
    const lists = tiers.flatMap((tier) => regions.map((region) => this.listFor(tier, region)));
    const known = lists.filter((list) => list !== undefined);
    return known.length < lists.length ? undefined : known;
  }

  #unaskedTiers(): readonly (string | undefined)[] {
    const { tiers, accountTiers } = this.#terms;
    if (accountTiers !== undefined) return accountTiers;
    const unasked = tiers.filter((row) => row.unasked).flatMap((row) => row.tiers);
    return [undefined, ...unasked];
  }

  /** The price at a tier and in a region; `undefined` where it is not known. */
  listFor(tier: string | undefined, region: string | undefined): PriceList | undefined {
    const { list, atEveryTier } = this.#terms;
    if (atEveryTier || (isStandard(tier) && isAnywhere(region))) return list;
    const key = `${tier ?? ''} ${region ?? ''}`;
    if (this.#lists.has(key)) return this.#lists.get(key);
    const made = this.#makeList(tier, region);
    // Providers name tiers and regions: what they have not told of is not kept.
    if (made !== undefined) this.#lists.set(key, made);
    return made;
  }

  #makeList(tier: string | undefined, region: string | undefined): PriceList | undefined {
    const { list, tiers, regions } = this.#terms;
    const factor = isAnywhere(region) ? 1 : regions.find((each) => each.region === region)?.factor;
    if (factor === undefined) return undefined;
    if (isStandard(tier)) return scaledList(list, factor);
    const row = tiers.find((each) => tier !== undefined && each.tiers.includes(tier));
    return row && scaledList(listAt(list, row), factor);
  }

  #mostTokens(list: PriceList, inputTokens: number, outputTokens: number): bigint {
    let dearest = this.#dearest.get(list);
    if (dearest === undefined) {
      dearest = dearestOf(list, this.#terms.lifetimes);
      this.#dearest.set(list, dearest);
    }
    let most = 0n;
    for (const { above, upTo, input, output } of dearest) {
      if (inputTokens <= above) break;
      const sum = BigInt(Math.min(inputTokens, upTo)) * input + BigInt(outputTokens) * output;
      most = larger(most, sum);
    }
    return most;
  }
}

/** The dearest rates for prompts of more than `above` tokens and at most `upTo`. */
interface Dearest {
  readonly above: number;
  readonly upTo: number;
  readonly input: bigint;
  readonly output: bigint;
}

function dearestOf({ base, above }: PriceList, lifetimes: Lifetimes): readonly Dearest[] {
  // A request without input still has output.
  const steps = [{ inputTokens: -1, prices: base }, ...above];
  const factors = lifetimes === 'any' ? [] : Object.values(lifetimes);
  return steps.map(({ inputTokens, prices }, index) => ({
    above: inputTokens,
    upTo: steps[index + 1]?.inputTokens ?? Number.MAX_SAFE_INTEGER,
    input: dearest([
      prices.input,
      prices.cachedInput,
      prices.cacheWrite,
      ...Object.values(prices.cacheWriteByTtl),
      ...factors.map((factor) => times(prices.cacheWrite ?? prices.input, factor)),
      prices.audioInput,
      prices.imageInput,
    ]),
    output: dearest([prices.output, prices.audioOutput, prices.imageOutput, prices.reasoning]),
  }));
}

function dearest(prices: readonly UnitPrices['output'][]): bigint {
  let most = 0n;
  for (const price of prices) if (price !== undefined) most = larger(most, price);
  return most;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
