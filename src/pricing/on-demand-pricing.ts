import type { ModelTraits, PricedModel, Pricing } from '../core/pricing.ts';
import type { CallSettings } from '../core/settings.ts';
import type { Target } from '../core/target.ts';
import type { LoadedPricing } from './loaded-pricing.ts';
import type { ModelsOption, PricesOptions } from './models-option.ts';

/** What prices have to know of providers. */
export interface PricedProviders {
  /**
   * Base URL of a provider by its name; `undefined`: not known, or not one.
   *
   * @param settings of whoever asks, where each caller has a client: then of that client
   */
  origin(provider: string, settings?: CallSettings): string | undefined;
  /** The pool that a provider is a member of. */
  poolOf(provider: string): string | undefined;
}

/** Tells of a fault that must not hurt a call. */
export type Report = (thrown: unknown, context: string) => void;

const noProviders: PricedProviders = { origin: () => undefined, poolOf: () => undefined };

/** Nothing is known of it. */
export const unpriced: PricedModel = Object.freeze({
  contextTokens: undefined,
  maxOutputTokens: undefined,
  topTokensPerSecond: 500,
  priced: false,
  cost: () => undefined,
  bound: () => undefined,
});

/** Likewise, of what routes pick by. */
const traitless: ModelTraits = Object.freeze({
  capabilities: {},
  contextTokens: undefined,
  maxOutputTokens: undefined,
  inputUsdPerMTok: undefined,
  outputUsdPerMTok: undefined,
  region: undefined,
  retiresAt: undefined,
});

/** Prices of the catalogue and of the option `models`. Both are looked at, and the catalogue is read, when first asked for. */
export class OnDemandPricing implements Pricing {
  readonly #models: ModelsOption;
  readonly #report: Report;
  readonly #providers: PricedProviders;
  readonly #options: PricesOptions;
  #loading: Promise<void> | undefined;
  #prices: LoadedPricing | undefined;
  loaded = false;

  constructor(
    models: ModelsOption,
    report: Report,
    providers: PricedProviders = noProviders,
    options: PricesOptions = {},
  ) {
    this.#models = models;
    this.#report = report;
    this.#providers = providers;
    this.#options = options;
  }

  load(): Promise<void> {
    return (this.#loading ??= this.#load());
  }

  model(target: Target, at: number, settings?: CallSettings): PricedModel {
    return this.#prices?.model(target, at, settings) ?? unpriced;
  }

  traits(target: Target, at: number, settings?: CallSettings): ModelTraits {
    return this.#prices?.traits(target, at, settings) ?? traitless;
  }

  async #load(): Promise<void> {
    try {
      const { LoadedPricing: Loaded } = await import('./loaded-pricing.ts');
      this.#prices = await Loaded.load(this.#models, this.#report, this.#providers, this.#options);
    } catch (thrown) {
      this.#report(thrown, 'loading prices');
    }
    this.loaded = true;
  }
}
