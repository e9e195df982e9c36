import * as z from 'zod/mini';
import type { Capabilities, Capability } from './core/capabilities.ts';
import { invalidOption, parseOptions } from './core/parse-options.ts';
import type { Retirement } from './core/retirement.ts';
import { parseModels, type ModelsOption } from './pricing/models-option.ts';
import { modelQuery } from './pricing/price-of.ts';
import { askedOfModels } from './routes/pick-options.ts';

/** Where something is known from. */
export interface ModelSource {
  readonly what: 'price' | 'capabilities' | 'snapshots';
  /** The page or the package that says so; `models` for what you said. */
  readonly source: string;
  /** The day it was read; `undefined` for what you said. */
  readonly asOf: string | undefined;
}

/** What is known of a model. */
export interface ModelEntry {
  /** The target that `models` names it by, `provider/model`; `undefined`: it is not named there one by one. */
  readonly target: string | undefined;
  /** The provider of the catalogue; `undefined`: only you know it. */
  readonly provider: string | undefined;
  /** Its own id there; of what only you know, as you named it. */
  readonly id: string;
  readonly capabilities: Capabilities;
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** At the standard service tier, for prompts of ordinary length. `priceOf` tells all of a price. */
  readonly inputUsdPerMTok: number | undefined;
  readonly outputUsdPerMTok: number | undefined;
  /** Dated ids that it can be pinned to, the oldest first. Empty where none is known. */
  readonly snapshots: readonly string[];
  /**
   * When the very id that was asked for ends; `undefined`: nothing is announced that is known. At its maker: of a target whose
   * provider is yours it is what you say, since clouds and gateways have days of their own.
   */
  readonly retirement: Retirement | undefined;
  readonly sources: readonly ModelSource[];
}

/** How a model is looked up. */
export interface ModelQuery {
  /** As the option `models` of `ManagedLLM`: deployments, fine-tuned models, prices of your own. */
  readonly models?: ModelsOption;
  /** When. Epoch milliseconds or a date. Default: now. */
  readonly at?: number | Date;
}

/** Which models are looked for. What is not known of a model fails what is asked of it. */
export interface ModelSearch extends ModelQuery {
  /** Of this provider of the catalogue alone, e.g. `anthropic`; for what is yours, that of the model it `is`. Default: any. */
  readonly provider?: string;
  readonly requires?: readonly Capability[];
  readonly minContextTokens?: number;
  readonly minOutputTokens?: number;
  readonly maxInputUsdPerMTok?: number;
  readonly maxOutputUsdPerMTok?: number;
}

const querySchema = z.strictObject(modelQuery);
const searchSchema = z.strictObject({ ...modelQuery, provider: z.optional(z.string()), ...askedOfModels });

/**
 * What is known of a model, with where that is known from. Loads the catalogue when first asked, from the disk alone.
 *
 * @param model as `priceOf` takes it: an id, `provider/model`, or a target that `models` speaks of
 * @returns `undefined` where nothing is known of it
 * @throws `invalid-options` with the path of what is wrong
 * @example
 * ```ts
 * const known = await modelOf('claude-haiku-4-5');
 * console.log(known?.capabilities.vision, known?.snapshots, known?.retirement?.retiresAt);
 * ```
 */
export async function modelOf(model: string, options: ModelQuery = {}): Promise<ModelEntry | undefined> {
  if (typeof model !== 'string' || model === '') throw invalidOption('modelOf', 'takes the id of a model');
  const { models, at = Date.now() } = parseOptions(querySchema, options, 'modelOf') as ModelQuery;
  if (models !== undefined) parseModels(models, undefined);
  const { entryOf } = await import('./model-entries.ts');
  return entryOf(model, models, Number(at));
}

/**
 * The models that fit: of the catalogue, those whose capabilities are known, and those that `models` names one by one. What
 * has ended is not among them. The cheapest first, by a million tokens each way; what has no known price comes last.
 *
 * @throws `invalid-options` with the path of what is wrong, and for a provider that the catalogue does not have
 * @example
 * ```ts
 * const [cheapest] = await findModels({ requires: ['vision', 'tools'], minContextTokens: 200_000 });
 * ```
 */
export async function findModels(search: ModelSearch = {}): Promise<readonly ModelEntry[]> {
  const {
    models,
    at = Date.now(),
    provider,
    ...rules
  } = parseOptions(searchSchema, search, 'findModels') as ModelSearch;
  if (models !== undefined) parseModels(models, undefined);
  const { entriesThatFit } = await import('./model-entries.ts');
  return entriesThatFit(rules, provider, models, Number(at));
}
