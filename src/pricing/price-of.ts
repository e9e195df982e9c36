import * as z from 'zod/mini';
import { toUsd } from '../core/nano-usd.ts';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { Usage } from '../core/usage.ts';
import {
  parseModels,
  pricesSchema,
  type ModelsOption,
  type Price,
  type PricesOptions,
} from './models-option.ts';

/** How a price is looked up. */
export interface PriceQuery extends PricesOptions {
  /** As the option `models` of `ManagedLLM`: deployments, discounts, prices of your own. */
  readonly models?: ModelsOption;
  /** When. Epoch milliseconds or a date. Default: now. */
  readonly at?: number | Date;
}

/** How the price of a model is looked up. */
export interface ModelPriceQuery extends PriceQuery {
  /** At which service tier, e.g. `flex`. Default: the standard one. */
  readonly serviceTier?: string;
  /** In which region, as `Usage.inferenceGeo` names it. Default: none in particular. */
  readonly inferenceGeo?: string;
}

/** Something that changes the price of tokens. */
export interface PriceFactor {
  /** Names of a service tier, or of a region. */
  readonly names: readonly string[];
  /** How many times the price. */
  readonly factor: number;
  /** Prompts of more tokens cost what they do at the standard tier. */
  readonly upToInputTokens: number | undefined;
  readonly source: string;
  /** The day that it was read. */
  readonly asOf: string;
}

/** What is known of a price, and from where. */
export interface PriceSource {
  /** The provider of the catalogue whose price it is; `undefined`: your own. */
  readonly provider: string | undefined;
  /** The model that it is the price of. */
  readonly model: string;
  /** `false`: only the beginning of its id fits, or something like it; see `allowPrefixMatch`. */
  readonly exact: boolean;
  /** The page or the package that says so; `models` for what you said. */
  readonly source: string;
  /** The day it was read; `undefined` for what you said. */
  readonly asOf: string | undefined;
}

/** What a model costs. */
export interface ModelPrice extends PriceSource {
  /** In USD, discounts taken off. `0`: nothing, whatever is used. */
  readonly price: Price | 0;
  /** Service tiers whose price is known. */
  readonly serviceTiers: readonly PriceFactor[];
  /** Regions that cost more or less. */
  readonly regions: readonly PriceFactor[];
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** One line of what usage costs. */
export interface CostItem {
  /** `input`, `output` or another kind of tokens, `request`, or the name of a server tool's count. */
  readonly what: string;
  readonly unit: 'token' | 'request';
  readonly quantity: number;
  /** All of them together, in USD. */
  readonly usd: number;
}

/** What usage costs. */
export interface UsageCost extends PriceSource {
  readonly costUsd: number;
  /** The same in whole billionths of a USD, exactly. */
  readonly costNanoUsd: number;
  /** What it is made of. */
  readonly items: readonly CostItem[];
}

/** Schema of what models are asked for with: by which `models`, and when. */
export const modelQuery = {
  models: z.optional(z.unknown()),
  at: z.optional(
    z.custom(
      (value) => (typeof value === 'number' || value instanceof Date) && Number.isFinite(Number(value)),
      'must be a date, or milliseconds',
    ),
  ),
};
const query = { ...modelQuery, ...pricesSchema.shape };
const priceQuerySchema = z.strictObject(query);
const modelPriceQuerySchema = z.strictObject({
  ...query,
  serviceTier: z.optional(z.string()),
  inferenceGeo: z.optional(z.string()),
});

/**
 * What a model costs, with where that is known from. Loads the catalogue when first asked, from the disk alone.
 *
 * @param model a model's id, `gpt-6-luna`, which is looked for at its maker; with the catalogue's provider before it,
 *   `openai/gpt-6-luna`; or a target that `models` speaks of
 * @returns `undefined` where the price is not known
 * @throws `invalid-options` with the path of what is wrong
 * @example
 * ```ts
 * const known = await priceOf('gpt-6-luna');
 * if (known !== undefined && known.price !== 0) console.log(known.price.inputUsdPerMTok, known.source, known.asOf);
 * ```
 */
export async function priceOf(model: string, options: ModelPriceQuery = {}): Promise<ModelPrice | undefined> {
  parseOptions(modelPriceQuerySchema, options, 'priceOf');
  const { toldPrice } = await asked(model, 'priceOf', options);
  return toldPrice(options.serviceTier, options.inferenceGeo);
}

/**
 * What usage costs by a model's price, with what it is made of.
 *
 * @param usage as receipts have it: `inputTokens` includes what was read from a cache and written to one
 * @param model as {@link priceOf} takes it
 * @returns `undefined` where the price is not known, where the usage lacks a count or has one without a price, and where its
 *   counts contradict each other, such as more cached tokens than input
 * @throws `invalid-options` with the path of what is wrong
 * @example
 * ```ts
 * const cost = await costOf({ inputTokens: 1_200, cachedInputTokens: 1_000, outputTokens: 80 }, 'gpt-6-luna');
 * ```
 */
export async function costOf(
  usage: Omit<Usage, 'provenance'> & Partial<Pick<Usage, 'provenance'>>,
  model: string,
  options: PriceQuery = {},
): Promise<UsageCost | undefined> {
  parseOptions(priceQuerySchema, options, 'costOf');
  checkUsage(usage);
  const { toldCost } = await asked(model, 'costOf', options);
  const cost = toldCost({ provenance: 'reported', ...usage });
  return cost && { ...cost, costUsd: toUsd(cost.costNanoUsd) };
}

const countsOfSdks = ['prompt_tokens', 'completion_tokens', 'input_tokens', 'output_tokens'];

/** What an SDK has given is no usage with nothing in it: the two SDKs count cached tokens differently. */
function checkUsage(usage: object): void {
  if (typeof usage !== 'object' || usage === null || countsOfSdks.some((name) => Object.hasOwn(usage, name)))
    throw invalidOption(
      'costOf',
      'takes usage as receipts have it, `{ inputTokens, outputTokens }`, and then the id of a model',
    );
}

async function asked(model: string, path: string, { models, at = Date.now(), allowPrefixMatch }: PriceQuery) {
  if (typeof model !== 'string' || model === '') throw invalidOption(path, 'takes the id of a model');
  if (models !== undefined) parseModels(models, undefined);
  const { lookUp } = await import('./look-up.ts');
  return lookUp(model, models, Number(at), allowPrefixMatch ?? false);
}
