import { loadCatalogue } from '../../../src/pricing/load-catalogue.ts';
import { ModelOverTime, resolveModel } from '../../../src/pricing/resolve-model.ts';
import type { PricedModel } from '../../../src/core/pricing.ts';
import type { ModelFacts } from '../../../src/pricing/models-option.ts';

/** The real one: the installed data and the overlay. */
export const catalogue = await loadCatalogue((thrown) => {
  throw thrown;
});

export const november = Date.UTC(2026, 10, 23);

/** A model as a target of a provider would have it. */
export function modelAt(
  seller: string,
  model: string,
  { facts = {}, at = november }: { readonly facts?: ModelFacts; readonly at?: number } = {},
): PricedModel {
  return new ModelOverTime(resolveModel(catalogue, { seller, model }, facts, false)).at(at);
}

/** All ids that have a price now, by provider. */
export const pricedIds: readonly (readonly [provider: string, id: string])[] = catalogue.providers.flatMap(
  (provider) =>
    catalogue
      .idsOf(provider)
      .filter((id) => modelAt(provider, id).priced)
      .map((id) => [provider, id] as const),
);
