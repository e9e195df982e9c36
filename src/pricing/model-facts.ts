import type { ModelFacts, ModelsOption } from './models-option.ts';

/** A string is short for what it is. */
export function factsByName(models: ModelsOption): ReadonlyMap<string, ModelFacts> {
  return new Map(
    Object.entries(models).flatMap(([name, given]): [string, ModelFacts][] =>
      given === undefined ? [] : [[name, typeof given === 'string' ? { is: given } : given]],
    ),
  );
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

/** What is said of one model goes before what is said of all. What it costs is said in one place. */
function mergedFacts(given: readonly ModelFacts[]): ModelFacts {
  return given.reduceRight<ModelFacts>((general, special) => {
    if (special.is === undefined && special.price === undefined) return { ...general, ...special };
    const { is: _is, price: _price, ...rest } = general;
    return { ...rest, ...special };
  }, {});
}
