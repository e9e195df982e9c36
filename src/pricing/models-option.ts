import * as z from 'zod/mini';
import { capabilityNames, type Capabilities } from '../core/capabilities.ts';
import { invalidOption, nearestOf, parseOptions } from '../core/parse-options.ts';
import { mostUsd } from '../core/nano-usd.ts';
import type { Target } from '../core/target.ts';
import { checkSuccessors } from './successors.ts';

/** What one kind of consumption costs. USD per million tokens unless named otherwise; at least 0. */
export interface Rates {
  readonly inputUsdPerMTok: number;
  readonly outputUsdPerMTok: number;
  /** Read from the provider's prompt cache. Default: the input price. */
  readonly cachedInputUsdPerMTok?: number;
  /** Written to the provider's prompt cache, whatever the lifetime. Default: the input price. */
  readonly cacheWriteUsdPerMTok?: number;
  /**
   * Cache writes whose lifetime has a price of its own, by the name of its count in `Usage.cacheWriteTokensByTtl`, e.g.
   * `ephemeral_1h_input_tokens`. Those not named here cost `cacheWriteUsdPerMTok`.
   */
  readonly cacheWriteUsdPerMTokByTtl?: Readonly<Record<string, number>>;
  /** Default: none; what reports audio tokens then has no known cost. */
  readonly audioInputUsdPerMTok?: number;
  /** Default: none; what reports audio tokens then has no known cost. */
  readonly audioOutputUsdPerMTok?: number;
  /** Default: the input price. */
  readonly imageInputUsdPerMTok?: number;
  /** Pictures that are generated. Default: none; what reports them then has no known cost. */
  readonly imageOutputUsdPerMTok?: number;
  /** Default: the output price. */
  readonly reasoningUsdPerMTok?: number;
}

/** Rates for prompts that are longer than so many tokens. They then hold for the whole request. */
export interface RatesAbove extends Rates {
  /** Input tokens, cached ones included; a prompt of exactly so many is not above. */
  readonly inputTokens: number;
}

/** A price of your own: of a contract, a gateway, a machine of yours. */
export interface Price extends Rates {
  /** For each request, beside its tokens. USD. Default 0. */
  readonly requestUsd?: number;
  /**
   * USD for each request of a server tool, by its name in `Usage.serverToolRequests`, e.g. `web_search_requests`. One that is
   * used without a price here makes the cost unknown.
   */
  readonly serverToolUsd?: Readonly<Record<string, number>>;
  /** For long prompts. In any order. */
  readonly above?: readonly RatesAbove[];
}

/** A price that holds from a day on. */
export interface DatedPrice extends Price {
  /** The day it begins, at midnight UTC: `2026-12-01`. */
  readonly from: string;
}

/** What is known of a target's model. What is left out is as the catalogue has it. */
export interface ModelFacts {
  /**
   * What it is, for deployments, fine-tuned models and gateways: a model of the catalogue by its exact id, `gpt-5.6-sol`, or
   * with the catalogue's provider before it, `openai/gpt-5.6-sol`; with `*` for its model, `azure/*`, the model of the same id there.
   * Without a provider it is looked for at the target's own, then everywhere (see `priceOf`).
   */
  readonly is?: string;
  /**
   * What you pay. `0`: nothing, whatever is used. A list: by day, what is before the first day is not known. Without `is` it
   * holds at every service tier; with `is`, the tiers of that model cost as many times more or less.
   */
  readonly price?: 0 | Price | readonly DatedPrice[];
  /** The share of the price that you do not pay, 0 to 1: `0.15` for 15 % off. Of all that is billed. Default 0. */
  readonly discount?: number;
  /** The context window, in tokens. */
  readonly contextTokens?: number;
  /** The most that one answer may have, in tokens. */
  readonly maxOutputTokens?: number;
  /** The fastest it generates, in tokens a second: bounds what an attempt that was stopped can have cost. Default 500. */
  readonly outputTokensPerSecond?: number;
  /**
   * The service tiers that the account can be billed at when a request does not ask for one, e.g. `['default']`. Narrows what
   * strict budgets reserve. Default: each that the model has and that a project can be set to.
   */
  readonly serviceTiers?: readonly string[];
  /**
   * The dated snapshot that is asked for where this alias is: `gpt-5.4-mini-2026-03-17`. Targets, limits and budgets know the
   * alias; receipts tell both (`facts.pin`). What a provider serves instead is told once through `onError`. Only for one
   * model by its name; what passes through as it is (token counts, pictures, batches) and requests of `llm.fetch` go to the
   * model that they name. One that nobody knows is told of likewise. Default: as the provider has it.
   */
  readonly pin?: string;
  /** What it can and what it cannot, one by one: goes before what is known of `is`. What is left out is as it is there. */
  readonly capabilities?: Capabilities;
  /** Where it runs, in a word of yours, for `pick({ region })`: `eu`. Default: not known. */
  readonly region?: string;
  /**
   * The first day that it is not served any more, `2026-12-11`; `false`: it has no end, whatever its provider has announced
   * for others. Default: what is known of it, or of the model that it is made from.
   */
  readonly retiresAt?: string | false;
  /**
   * What to ask instead then, for the warning: a model of the same provider, or `provider/model`; not this one, nor one whose
   * own successor leads back to it. Default: what the provider recommends, where that is known.
   */
  readonly successor?: string;
}

/** What targets are, by `provider/model`, or `provider/*` for all of a provider. A string is short for `{ is }`. */
export type ModelsOption<T extends string = string> = { readonly [Name in T]?: string | ModelFacts };

/** How prices are found. */
export interface PricesOptions {
  /**
   * Takes prices of models whose id only begins like, or resembles, the one asked for, as the catalogue's rules have it. They
   * can be wrong: a new model may cost more than the one that it is taken for. Default `false`: such a price is unknown.
   */
  readonly allowPrefixMatch?: boolean;
}

const usd = z.number().check(z.gte(0), z.lte(mostUsd));
const tokens = z.int().check(z.gte(1));
const rates = {
  inputUsdPerMTok: usd,
  outputUsdPerMTok: usd,
  cachedInputUsdPerMTok: z.optional(usd),
  cacheWriteUsdPerMTok: z.optional(usd),
  cacheWriteUsdPerMTokByTtl: z.optional(z.record(z.string(), usd)),
  audioInputUsdPerMTok: z.optional(usd),
  audioOutputUsdPerMTok: z.optional(usd),
  imageInputUsdPerMTok: z.optional(usd),
  imageOutputUsdPerMTok: z.optional(usd),
  reasoningUsdPerMTok: z.optional(usd),
};
const price = {
  ...rates,
  requestUsd: z.optional(usd),
  serverToolUsd: z.optional(z.record(z.string(), usd)),
  above: z.optional(z.array(z.strictObject({ ...rates, inputTokens: z.int().check(z.gte(0)) }))),
};

/** Schema of {@link Price}. */
export const priceSchema = z.strictObject(price);

const datedPriceSchema = z.strictObject({ ...price, from: z.string() });

const aShare = z.custom<number>(
  (value) => typeof value === 'number' && value >= 0 && value <= 1,
  'must be a share, 0 to 1: 0.15 is 15 %',
);

const name = z.string().check(z.minLength(1));

const modelFactsSchema = z.strictObject({
  is: z.optional(name),
  price: z.optional(z.unknown()),
  discount: z.optional(aShare),
  contextTokens: z.optional(tokens),
  maxOutputTokens: z.optional(tokens),
  outputTokensPerSecond: z.optional(z.number().check(z.positive())),
  serviceTiers: z.optional(z.array(name).check(z.minLength(1))),
  pin: z.optional(name),
  capabilities: z.optional(
    z.strictObject(Object.fromEntries(capabilityNames.map((each) => [each, z.optional(z.boolean())]))),
  ),
  region: z.optional(name),
  retiresAt: z.optional(
    z.custom(
      (value) => value === false || (typeof value === 'string' && dayOf(value) !== undefined),
      'must be a day, `2026-12-11`, or false',
    ),
  ),
  successor: z.optional(name),
});

/** Schema of {@link PricesOptions}. */
export const pricesSchema = z.strictObject({ allowPrefixMatch: z.optional(z.boolean()) });

/**
 * Checks the option `models`. Throws `invalid-options` with the path of what is wrong.
 *
 * @param providers names that there are; `undefined`: any
 */
export function parseModels(models: ModelsOption, providers: readonly string[] | undefined): void {
  parseOptions(z.record(z.string(), z.unknown()), models, 'models');
  for (const [name, given] of Object.entries(models)) {
    const path = `models.${name}`;
    checkName(path, name, providers);
    if (typeof given === 'string') {
      if (given === '') throw invalidOption(path, 'is empty: name a model, or give its facts');
      continue;
    }
    const { price: own, pin } = parseOptions(modelFactsSchema, given as ModelFacts, path);
    if (pin !== undefined && name.endsWith('/*'))
      throw invalidOption(`${path}.pin`, 'is for one model: write `provider/model`');
    if (own !== undefined && own !== 0) parsePrice(own, `${path}.price`);
  }
  checkSuccessors(models, providers);
}

/**
 * What was said that a target is, without a provider before it; `undefined`: nothing, or the model that it names.
 *
 * @param pool that the target's provider is a member of
 */
export function statedModel(
  models: ModelsOption,
  { provider, model }: Target,
  pool: string | undefined,
): string | undefined {
  const names = [`${provider}/${model}`, `${pool}/${model}`, `${provider}/*`, `${pool}/*`];
  for (const name of names) {
    const given = Object.hasOwn(models, name) ? models[name] : undefined;
    const is = typeof given === 'string' ? given : given?.is;
    if (is !== undefined) return is.endsWith('*') ? undefined : is;
  }
  return undefined;
}

/** The targets that are named one by one. */
export function statedTargets(models: ModelsOption): readonly string[] {
  return Object.keys(models).filter((name) => models[name] !== undefined && !name.endsWith('/*'));
}

function parsePrice(own: Price | readonly DatedPrice[], path: string): void {
  if (!Array.isArray(own)) {
    if (typeof own === 'number')
      throw invalidOption(
        path,
        `is ${String(own)}: only 0 says it all, else give \`{ inputUsdPerMTok, outputUsdPerMTok }\``,
      );
    parseOptions(priceSchema, own as Price, path);
    return;
  }
  const dated = own as readonly DatedPrice[];
  if (dated.length === 0) throw invalidOption(path, 'is empty: give at least one price');
  for (const [index, each] of dated.entries()) {
    parseOptions(datedPriceSchema, each, `${path}.${index}`);
    if (dayOf(each.from) === undefined)
      throw invalidOption(`${path}.${index}.from`, 'must be a day, `2026-12-01`');
  }
}

/** First millisecond of a day, UTC; `undefined` for what is no day. */
export function dayOf(text: string): number | undefined {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(at) || !new Date(at).toISOString().startsWith(text) ? undefined : at;
}

function checkName(path: string, name: string, providers: readonly string[] | undefined): void {
  const slash = name.indexOf('/');
  const provider = slash < 0 ? name : name.slice(0, slash);
  if (slash < 0 && providers !== undefined && !providers.includes(name))
    throw invalidOption(
      path,
      `names no provider: write \`${providers[0] ?? 'provider'}/${name}\`, with the name that the client has in \`providers\``,
    );
  if (slash <= 0 || slash === name.length - 1)
    throw invalidOption(
      path,
      `names no model: write \`${provider || 'provider'}/model\` or \`${provider || 'provider'}/*\``,
    );
  if (providers === undefined || providers.includes(provider)) return;
  const nearest = nearestOf(provider, providers);
  throw invalidOption(
    path,
    `is of no provider: ${nearest === undefined ? `there are ${providers.join(', ')}` : `did you mean \`${nearest}${name.slice(slash)}\`?`}`,
  );
}
