import type { Target } from '../core/target.ts';
import type { ModelFacts, ModelsOption } from './models-option.ts';
import type { PricedProviders } from './on-demand-pricing.ts';

/** A string is short for what it is. */
export function factsByName(models: ModelsOption): ReadonlyMap<string, ModelFacts> {
  return new Map(
    Object.entries(models).flatMap(([name, given]): [string, ModelFacts][] =>
      given === undefined ? [] : [[name, typeof given === 'string' ? { is: given } : given]],
    ),
  );
}

/** What is said of a target; what is said of a pool holds for its members. */
export function factsOf(
  table: ReadonlyMap<string, ModelFacts>,
  providers: Pick<PricedProviders, 'poolOf'>,
  { provider, model }: Target,
): ModelFacts {
  const pool = providers.poolOf(provider);
  return factsFor(table, pool === undefined ? [provider] : [provider, pool], model);
}

/** What is said of a model at providers: by its name, then of all models there. */
export function factsFor(
  table: ReadonlyMap<string, ModelFacts>,
  providers: readonly string[],
  model: string,
): ModelFacts {
  const given = [
    ...providers.map((name) => table.get(`${name}/${model}`)),
    ...providers.map((name) => table.get(`${name}/*`)),
  ];
  return mergedFacts(given.filter((facts) => facts !== undefined));
}

/**
 * What is said of one model goes before what is said of all. One that is said to be another has that one's price, not a
 * general one.
 */
function mergedFacts(given: readonly ModelFacts[]): ModelFacts {
  return given.reduceRight<ModelFacts>((general, special) => {
    const { price: _price, ...rest } = general;
    const kept = special.is === undefined ? general : rest;
    const capabilities = { ...general.capabilities, ...special.capabilities };
    const merged = { ...kept, ...special };
    return Object.keys(capabilities).length === 0 ? merged : { ...merged, capabilities };
  }, {});
}
