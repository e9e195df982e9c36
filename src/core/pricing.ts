import type { Capabilities } from './capabilities.ts';
import type { CallSettings } from './settings.ts';
import type { Target } from './target.ts';
import type { Usage } from './usage.ts';

/** Most that an attempt can be billed for, in what is counted. */
export interface UsageBound {
  /** Input tokens, those of images, files and server tools included. */
  readonly inputTokens: number;
  /** Output tokens, all answers together. */
  readonly outputTokens: number;
  /** Requests of server tools by name as in `Usage.serverToolRequests`. */
  readonly serverToolRequests?: Readonly<Record<string, number>>;
  /** The tier that the request asks for; `undefined`: whichever its project has. */
  readonly serviceTier?: string | undefined;
}

/** What is known of a target's model at one time. */
export interface PricedModel {
  /** `undefined` where it is not known. */
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** The fastest it generates, in tokens a second; bounds what an attempt that was stopped can have cost. */
  readonly topTokensPerSecond: number;
  /** Whether a price is known: all of what follows is `undefined` without one. */
  readonly priced: boolean;
  /**
   * What this usage costs, in whole nano-USD, to the nearest; by the provider's own rules for the tier that the usage says
   * was served. `undefined` where the price is not known, or where the usage has a count that it has no price for.
   */
  cost(usage: Usage): number | undefined;
  /** The most that such an attempt can be billed, at the dearest rate that each count may have. Whole nano-USD, rounded up. */
  bound(usage: UsageBound): number | undefined;
}

/** What is known of a target's model beside what it costs exactly: what routes pick by. */
export interface ModelTraits {
  readonly capabilities: Capabilities;
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /**
   * USD per million tokens, discounts taken off: at the standard service tier, for prompts of ordinary length. `undefined`
   * where the price is not known.
   */
  readonly inputUsdPerMTok: number | undefined;
  readonly outputUsdPerMTok: number | undefined;
  /** Where it runs, as the option `models` says. */
  readonly region: string | undefined;
  /** The first day that it is not served any more, `2026-12-11`; `undefined`: none is announced. */
  readonly retiresAt: string | undefined;
}

/** Prices of targets. Loaded when first needed. */
export interface Pricing {
  /** Whether prices are there. Until then nothing is priced. */
  readonly loaded: boolean;
  /** Loads what prices are made of. Never rejects: what cannot be loaded is reported, and what it held is unknown. */
  load(): Promise<void>;
  /**
   * @param at when the attempt began, for prices that change. Epoch milliseconds
   * @param settings who asks, for providers that are one client a caller: whose prices hold is told by that client. Default:
   * by what all clients made so far have in common
   */
  model(target: Target, at: number, settings?: CallSettings): PricedModel;
  /**
   * What is known of a target's model: nothing before prices are there.
   *
   * @param at when, for prices that change. Epoch milliseconds
   * @param settings as {@link Pricing.model} takes them
   */
  traits(target: Target, at: number, settings?: CallSettings): ModelTraits;
}
