import * as z from 'zod/mini';
import { mostUsd } from '../../core/nano-usd.ts';

/** A price for models that have none, in USD per million tokens: at least 0. */
export interface StatedPrice {
  readonly inputUsdPerMTok: number;
  readonly outputUsdPerMTok: number;
  /** Default: the input price. */
  readonly cachedInputUsdPerMTok?: number;
  /** Default: the input price. */
  readonly cacheWriteUsdPerMTok?: number;
}

/** What is done about attempts whose price is not known: refused, counted as nothing, or counted at this price. */
export type OnUnknownPrice = 'refuse' | 'zero' | StatedPrice;

/** How money is set aside for attempts before they are sent. */
export interface SetAsideOptions {
  /**
   * Most tokens of an answer where the request names no limit: put into the request, never more than the model writes, and
   * told in `receipt.facts.spend`. An integer, at least 1. Default 16,384.
   */
  readonly outputLimit?: number;
  /**
   * How long an attempt waits where only what others have set aside stands in its way; its deadline may be sooner.
   * Milliseconds, ≥ 0; 0: it is refused at once. Default 10,000.
   */
  readonly maxWaitMs?: number;
  /**
   * What requests cost as a whole that nothing else bounds, in USD: `{ 'images.generate': 0.2 }`. By the names that
   * `docs/budgets.md` lists, `responses.background`, or the path that a refusal tells.
   */
  readonly passthroughUsd?: Readonly<Record<string, number>>;
  /** Default `'refuse'`, with `unknown-price`. */
  readonly onUnknownPrice?: OnUnknownPrice;
}

/** How `maxCostUsd` is held, for all calls of a `ManagedLLM`. */
export type CeilingOptions = SetAsideOptions;

const usd = z.number().check(z.gte(0), z.lte(mostUsd));

const statedPriceSchema = z.strictObject({
  inputUsdPerMTok: usd,
  outputUsdPerMTok: usd,
  cachedInputUsdPerMTok: z.optional(usd),
  cacheWriteUsdPerMTok: z.optional(usd),
});

/** Members of a schema. */
export const setAsideShape = {
  outputLimit: z.optional(z.int().check(z.gte(1))),
  maxWaitMs: z.optional(z.number().check(z.gte(0))),
  passthroughUsd: z.optional(z.record(z.string(), usd)),
  onUnknownPrice: z.optional(z.union([z.enum(['refuse', 'zero']), statedPriceSchema])),
};

/** Schema of {@link CeilingOptions}. */
export const ceilingOptionsSchema = z.strictObject(setAsideShape);
