import type { Capability, Capabilities } from '../core/capabilities.ts';
import type { MatchLogic, ModelInfo, Provider } from '@pydantic/genai-prices';
import { listsOfModel } from './catalogue-price.ts';
import { hostMatches, providerOfUrl } from './origin.ts';
import type { Overlay, RegionRow, SnapshotRow, Sourced, TierRow } from './overlay/rows.ts';
import { datedListsOf } from './own-price.ts';
import type { DatedPriceList } from './price-list.ts';

/** What is known of a model at a provider of the catalogue. */
export interface CatalogueModel {
  /** The provider of the catalogue whose price it is. */
  readonly provider: string;
  /** The model of the catalogue whose price it is. */
  readonly id: string;
  /** Whether it is listed by this very id, rather than found by what its id begins with. */
  readonly exact: boolean;
  /** `undefined`: it is listed, but what it costs cannot be told from usage. */
  readonly prices: readonly DatedPriceList[] | undefined;
  /** Why `prices` are not there. */
  readonly withheld: string | undefined;
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly tiers: readonly TierRow[];
  readonly regions: readonly RegionRow[];
  /** USD for a request, where the price itself does not say it. */
  readonly tools: Readonly<Record<string, number>>;
  /** By the name of their count: how many times the price of cache writes. */
  readonly lifetimes: Readonly<Record<string, number>>;
  readonly capabilities: Capabilities;
  /** Where its capabilities are known from. */
  readonly abilities: readonly Sourced[];
  /** Its dated snapshots, the oldest first, where its own id is an alias. */
  readonly snapshots: SnapshotRow | undefined;
  readonly source: Sourced;
}

/** The models of one provider. */
interface ProviderModels {
  /** By id in lower case. */
  readonly byId: ReadonlyMap<string, Listed>;
  /** Ids with a date at their end that stand for a model, as the catalogue's rules have it. */
  readonly snapshots: readonly { readonly pattern: RegExp; readonly of: Listed }[];
}

interface Listed {
  readonly provider: string;
  readonly id: string;
  readonly model: ModelInfo | undefined;
  readonly prices: readonly DatedPriceList[] | undefined;
  readonly contextTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly source: Sourced;
}

/** Prices of models by provider: the data of `@pydantic/genai-prices`, and what the overlay adds to it. */
export class Catalogue {
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #overlay: Overlay;
  readonly #version: Sourced;
  /** By provider. Made when a provider is first asked for. */
  readonly #listed = new Map<string, ProviderModels>();
  readonly #origins = new Map<string, string | undefined>();

  /**
   * @param version what the data is and when it was made
   */
  constructor(providers: readonly Provider[], overlay: Overlay, version: Sourced) {
    this.#providers = new Map(providers.map((provider) => [provider.id, provider]));
    this.#overlay = overlay;
    this.#version = version;
  }

  /** The names of its providers. */
  get providers(): readonly string[] {
    const own = this.#overlay.models.map(({ provider }) => provider);
    return [...new Set([...this.#providers.keys(), ...own])];
  }

  has(provider: string): boolean {
    return this.#providers.has(provider) || this.#overlay.models.some((row) => row.provider === provider);
  }

  /** The provider that a base URL belongs to. Never by resemblance: another host, port or scheme is not it. */
  providerAt(baseURL: string): string | undefined {
    if (this.#origins.has(baseURL)) return this.#origins.get(baseURL);
    const found = this.#providerAt(baseURL);
    // There are as many as there are clients, but clients may be made for each caller.
    if (this.#origins.size >= 1_000) this.#origins.clear();
    this.#origins.set(baseURL, found);
    return found;
  }

  #providerAt(baseURL: string): string | undefined {
    if (!URL.canParse(baseURL)) return undefined;
    const url = new URL(baseURL);
    const row = this.#overlay.hosts.find(({ hosts }) => hosts.some((host) => hostMatches(url, host)));
    if (row !== undefined) return row.provider;
    const replaced = new Set(this.#overlay.hosts.map(({ provider }) => provider));
    return providerOfUrl(
      url,
      [...this.#providers.values()].filter(({ id }) => !replaced.has(id)),
    );
  }

  /** A model of a provider, or of those whose models it sells on. */
  find(provider: string, model: string, allowPrefixMatch: boolean): CatalogueModel | undefined {
    const asked = model.toLowerCase();
    const sellers = [provider, ...(this.#providers.get(provider)?.fallback_model_providers ?? [])];
    for (const seller of sellers) {
      const listed = this.#listedAs(seller, asked);
      if (listed !== undefined) return this.#told(listed, asked, true);
    }
    if (!allowPrefixMatch) return undefined;
    for (const seller of sellers) {
      const found = this.#providers.get(seller)?.models.find(({ match }) => matches(match, asked));
      const listed = found && this.#models(seller).byId.get(found.id.toLowerCase());
      if (listed !== undefined) return this.#told(listed, asked, false);
    }
    return undefined;
  }

  #listedAs(seller: string, asked: string): Listed | undefined {
    const { byId, snapshots } = this.#models(seller);
    return byId.get(asked) ?? snapshots.find(({ pattern }) => pattern.test(asked))?.of;
  }

  /**
   * A model by its id alone: the only provider that lists it, else, among several, the one that the catalogue holds to be
   * its maker.
   */
  findAnywhere(model: string, allowPrefixMatch: boolean): CatalogueModel | undefined {
    const asked = model.toLowerCase();
    const sellers = this.providers.filter((provider) => this.#listedAs(provider, asked) !== undefined);
    const [only] = sellers;
    if (sellers.length === 1 && only !== undefined) return this.find(only, model, false);
    const maker = [...this.#providers.values()].find(
      ({ model_match: match }) => match !== undefined && matches(match, asked),
    )?.id;
    if (maker === undefined) return undefined;
    return sellers.includes(maker) || (sellers.length === 0 && allowPrefixMatch)
      ? this.find(maker, model, allowPrefixMatch)
      : undefined;
  }

  /** The models whose capabilities are known: `provider/model`, each once. */
  get described(): readonly string[] {
    return [
      ...new Set(
        this.#overlay.abilities.flatMap(({ provider, ids }) => ids.map((id) => `${provider}/${id}`)),
      ),
    ];
  }

  /** All ids that a provider lists, in lower case. */
  idsOf(provider: string): readonly string[] {
    return [...this.#models(provider).byId.keys()];
  }

  #models(provider: string): ProviderModels {
    const known = this.#listed.get(provider);
    if (known !== undefined) return known;
    const made = this.#list(provider);
    this.#listed.set(provider, made);
    return made;
  }

  #list(provider: string): ProviderModels {
    const listed = new Map<string, Listed>();
    const add = (ids: readonly string[], entry: Listed): void => {
      for (const id of ids) {
        const key = id.toLowerCase();
        if (!listed.has(key)) listed.set(key, entry);
      }
    };
    const entries = (this.#providers.get(provider)?.models ?? []).map((model) => ({
      model,
      entry: this.#entryOf(provider, model),
    }));
    // A model's own id goes before another's further ids.
    for (const { model, entry } of entries) add([model.id], entry);
    for (const { model, entry } of entries) add(equalsIn(model.match), entry);
    for (const row of this.#overlay.models) {
      if (row.provider !== provider) continue;
      const { ids, price, contextTokens, maxOutputTokens } = row;
      const id = ids[0] ?? '';
      const prices = datedListsOf(price);
      add(ids, { provider, id, model: undefined, prices, contextTokens, maxOutputTokens, source: row });
    }
    for (const { model, ids, provider: seller } of this.#overlay.aliases) {
      const entry = seller === provider ? listed.get(model.toLowerCase()) : undefined;
      if (entry !== undefined) add(ids, entry);
    }
    const snapshots = entries.flatMap(({ model, entry }) =>
      snapshotsIn(model.match).map((pattern) => ({ pattern, of: entry })),
    );
    return { byId: listed, snapshots };
  }

  #entryOf(provider: string, model: ModelInfo): Listed {
    let prices: readonly DatedPriceList[] | undefined | 'unread' = 'unread';
    const source = this.#version;
    return {
      provider,
      id: model.id,
      model,
      // Few of the many models are ever asked for.
      get prices() {
        if (prices === 'unread') prices = listsOfModel(model);
        return prices;
      },
      contextTokens: model.context_window,
      maxOutputTokens: undefined,
      source,
    };
  }

  #told(listed: Listed, asked: string, exact: boolean): CatalogueModel {
    const { provider, id, prices, source } = listed;
    const { withheld, limits, tiers, regions, tools, lifetimes, abilities, snapshots } = this.#overlay;
    const isOfModel = (row: OverlayRow): boolean =>
      row.provider === provider && (row.ids === undefined || row.ids.includes(id));
    const known = abilities.filter(isOfModel);
    const why = withheld.find((row) => row.provider === provider && row.ids.includes(asked))?.why;
    const limit = (name: 'contextTokens' | 'maxOutputTokens'): number | undefined =>
      limits.find((row) => isOfModel(row) && row[name] !== undefined)?.[name] ?? listed[name];
    return {
      provider,
      id,
      exact,
      prices: why === undefined ? prices : undefined,
      withheld: why ?? (prices === undefined ? 'it is billed by what usage does not tell' : undefined),
      contextTokens: limit('contextTokens'),
      maxOutputTokens: limit('maxOutputTokens'),
      tiers: tiers.filter(isOfModel),
      regions: regions.filter(isOfModel),
      tools: Object.fromEntries(tools.filter(isOfModel).map(({ tool, usd }) => [tool, usd])),
      lifetimes: Object.fromEntries(
        lifetimes.filter(isOfModel).flatMap(({ names, factor }) => names.map((name) => [name, factor])),
      ),
      capabilities: capabilitiesOf(known),
      abilities: known,
      snapshots: snapshots.find((row) => row.provider === provider && row.model === id),
      source,
    };
  }
}

function capabilitiesOf(rows: Overlay['abilities']): Capabilities {
  const known: Partial<Record<Capability, boolean>> = {};
  for (const { has, lacks } of rows) {
    for (const name of has) known[name] = true;
    for (const name of lacks) known[name] = false;
  }
  return known;
}

/** What is said of some models of a provider, or of all. */
interface OverlayRow {
  readonly provider: string;
  readonly ids?: readonly string[];
}

/** The ids that a rule names in full. */
function equalsIn(match: MatchLogic): readonly string[] {
  if ('equals' in match) return [match.equals];
  return 'or' in match ? match.or.flatMap(equalsIn) : [];
}

const snapshotRule = /^\^(?:[\w/-]|\\\.|\\d\{\d+\})+\$$/;

/** The whole ids that a rule describes but for a date: `^gpt-6-sol-\\d{4}-\\d{2}-\\d{2}$`. */
function snapshotsIn(match: MatchLogic): readonly RegExp[] {
  if ('or' in match) return match.or.flatMap(snapshotsIn);
  return 'regex' in match && snapshotRule.test(match.regex) ? [new RegExp(match.regex)] : [];
}

/** As the catalogue itself matches. */
function matches(rule: MatchLogic, asked: string): boolean {
  if ('or' in rule) return rule.or.some((each) => matches(each, asked));
  if ('and' in rule) return rule.and.every((each) => matches(each, asked));
  if ('equals' in rule) return asked === rule.equals.toLowerCase();
  if ('starts_with' in rule) return asked.startsWith(rule.starts_with.toLowerCase());
  if ('ends_with' in rule) return asked.endsWith(rule.ends_with.toLowerCase());
  if ('contains' in rule) return asked.includes(rule.contains.toLowerCase());
  return new RegExp(rule.regex).test(asked);
}
