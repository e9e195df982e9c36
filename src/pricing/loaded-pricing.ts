import { invalidOption } from '../core/parse-options.ts';
import type { ModelTraits, PricedModel } from '../core/pricing.ts';
import type { CallSettings } from '../core/settings.ts';
import type { Target } from '../core/target.ts';
import type { Catalogue } from './catalogue.ts';
import { loadCatalogue } from './load-catalogue.ts';
import { factsByName, factsOf } from './model-facts.ts';
import { dayOf, type ModelFacts, type ModelsOption, type PricesOptions } from './models-option.ts';
import type { PricedProviders, Report } from './on-demand-pricing.ts';
import { identify, ModelOverTime, resolveModel, type AskedModel } from './resolve-model.ts';
import { announcerAt, ownerOf, retirementOf } from './retirements.ts';

/** As many targets as are likely to be in use; names of models may come from users. */
const keptModels = 1_000;

/** A target's model, and what was found out about it. */
interface Kept {
  readonly over: ModelOverTime;
  readonly always: Pick<ModelTraits, 'region' | 'retiresAt'>;
  /** As it was at a time: by what its price was then. */
  readonly traits: Map<PricedModel, ModelTraits>;
}

/** Prices, once everything that they are made of is there. */
export class LoadedPricing {
  readonly #catalogue: Catalogue;
  readonly #facts: ReadonlyMap<string, ModelFacts>;
  readonly #providers: PricedProviders;
  readonly #allowPrefixMatch: boolean;
  readonly #kept = new Map<string, Kept>();

  constructor(
    catalogue: Catalogue,
    models: ModelsOption,
    providers: PricedProviders,
    { allowPrefixMatch = false }: PricesOptions,
  ) {
    this.#catalogue = catalogue;
    this.#facts = factsByName(models);
    this.#providers = providers;
    this.#allowPrefixMatch = allowPrefixMatch;
  }

  static async load(
    models: ModelsOption,
    report: Report,
    providers: PricedProviders,
    options: PricesOptions,
  ): Promise<LoadedPricing> {
    const loaded = new LoadedPricing(await loadCatalogue(report), models, providers, options);
    loaded.#checkNames(report);
    return loaded;
  }

  model(target: Target, at: number, settings?: CallSettings): PricedModel {
    return this.#model(target, settings).over.at(at);
  }

  traits(target: Target, at: number, settings?: CallSettings): ModelTraits {
    const { over, always, traits } = this.#model(target, settings);
    const priced = over.at(at);
    const known = traits.get(priced);
    if (known !== undefined) return known;
    const made = { ...over.traitsAt(at), ...always };
    traits.set(priced, made);
    return made;
  }

  #model({ provider, model }: Target, settings: CallSettings | undefined): Kept {
    // A provider that is one client a caller may have several base URLs, and none before it has made the first.
    const origin = this.#providers.origin(provider, settings);
    const seller = this.#sellerAt(origin);
    const announcer = announcerAt(origin);
    const key = `${provider}/${model} ${seller ?? ''} ${announcer ?? ''}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const facts = factsOf(this.#facts, this.#providers, { provider, model });
    const retirement = retirementOf(announcer, model, facts);
    const made: Kept = {
      over: new ModelOverTime(
        resolveModel(this.#catalogue, { seller, model }, facts, this.#allowPrefixMatch),
      ),
      always: { region: facts.region, retiresAt: retirement?.retiresAt },
      traits: new Map(),
    };
    if (this.#kept.size >= keptModels) this.#kept.delete(this.#kept.keys().next().value as string);
    this.#kept.set(key, made);
    return made;
  }

  #sellerAt(origin: string | undefined): string | undefined {
    return origin === undefined ? undefined : this.#catalogue.providerAt(origin);
  }

  #checkNames(report: Report): void {
    const tell = (path: string, fault: string | undefined): void => {
      if (fault !== undefined) report(invalidOption(path, fault), 'the option `models`');
    };
    for (const [name, { is, pin }] of this.#facts) {
      const slash = name.indexOf('/');
      const [provider, model] = [name.slice(0, slash), name.slice(slash + 1)];
      const origin = this.#providers.origin(provider);
      if (is !== undefined)
        tell(`models.${name}`, this.#faultOfIs({ seller: this.#sellerAt(origin), model }, is));
      if (pin !== undefined)
        tell(`models.${name}.pin`, this.#faultOfPin(ownerOf(origin), model, { is, pin }));
    }
  }

  #faultOfIs(asked: AskedModel, is: string): string | undefined {
    if (is.endsWith('/*') || identify(this.#catalogue, asked, is, this.#allowPrefixMatch) !== undefined)
      return undefined;
    return (
      `says \`${is}\`, which the price catalogue does not have: its price is not known. ` +
      'Give an id that it lists, or a `price`'
    );
  }

  /** At a provider's own hosts alone: elsewhere a pin may be the name of a deployment. Nor is every kind of model listed. */
  #faultOfPin(
    seller: string | undefined,
    model: string,
    { is, pin }: { readonly is: string | undefined; readonly pin: string },
  ): string | undefined {
    if (seller === undefined) return undefined;
    const alias = identify(this.#catalogue, { seller, model }, is, false);
    if (alias === undefined) return undefined;
    if (hasRealDay(pin) && this.#catalogue.find(seller, pin, false) !== undefined) return undefined;
    const known = alias.snapshots?.ids ?? [];
    const snapshots =
      known.length === 0 ? '' : `. The snapshots of \`${alias.id}\` that are known: ${known.join(', ')}`;
    return `is \`${pin}\`, which is no id of ${seller} that is known. It is asked for all the same${snapshots}`;
  }
}

/** Rules of the catalogue take any digits for a date. */
function hasRealDay(id: string): boolean {
  const digits = /-(\d{4})-?(\d{2})-?(\d{2})$/.exec(id);
  return digits === null || dayOf(digits.slice(1).join('-')) !== undefined;
}
