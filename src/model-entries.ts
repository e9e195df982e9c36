import { invalidOption, nearestOf } from './core/parse-options.ts';
import { daysUntil } from './core/retirement.ts';
import type { ModelEntry, ModelSource } from './models.ts';
import type { Catalogue } from './pricing/catalogue.ts';
import { loadCatalogue } from './pricing/load-catalogue.ts';
import { named } from './pricing/look-up.ts';
import { statedTargets, type ModelsOption } from './pricing/models-option.ts';
import { retirementOf } from './pricing/retirements.ts';
import { lackOf, type PickRules } from './routes/lacks.ts';

/** What is known of a model that somebody asked for by name. Without the price data it rejects. */
export async function entryOf(
  name: string,
  models: ModelsOption | undefined,
  at: number,
): Promise<ModelEntry | undefined> {
  return entryIn(await theCatalogue(), name, models, at);
}

/** Those that a rule would let pass, the cheapest first. */
export async function entriesThatFit(
  rules: PickRules,
  provider: string | undefined,
  models: ModelsOption | undefined,
  at: number,
): Promise<readonly ModelEntry[]> {
  const catalogue = await theCatalogue();
  if (provider !== undefined && !catalogue.has(provider))
    throw invalidOption('findModels.provider', unknownProvider(provider, catalogue.providers));
  const clock = { now: () => at };
  const names = new Set([...catalogue.described, ...statedTargets(models ?? {})]);
  const fitting = [...names].flatMap((name) => {
    const entry = entryIn(catalogue, name, models, at);
    if (entry === undefined || (provider !== undefined && entry.provider !== provider)) return [];
    const traits = { ...entry, region: undefined, retiresAt: entry.retirement?.retiresAt };
    return lackOf(rules, noNeeds, traits, clock) === undefined ? [entry] : [];
  });
  return fitting.toSorted((a, b) => compared(usdOf(a), usdOf(b)));
}

function unknownProvider(provider: string, known: readonly string[]): string {
  const nearest = nearestOf(provider, known);
  return `is ${JSON.stringify(provider)}, which the catalogue does not have: ${
    nearest === undefined ? `it has ${known.join(', ')}` : `did you mean \`${nearest}\`?`
  }`;
}

const noNeeds = { capabilities: [], inputTokens: 0, outputTokens: undefined };

function compared(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function usdOf({ inputUsdPerMTok = Infinity, outputUsdPerMTok = Infinity }: ModelEntry): number {
  return inputUsdPerMTok + outputUsdPerMTok;
}

function theCatalogue(): Promise<Catalogue> {
  return loadCatalogue((thrown) => {
    throw thrown;
  });
}

function entryIn(
  catalogue: Catalogue,
  name: string,
  models: ModelsOption | undefined,
  at: number,
): ModelEntry | undefined {
  const { model, seller, isTarget, facts, over } = named(catalogue, name, models, false);
  const { found, source } = over.resolved;
  const isStated = models !== undefined && Object.hasOwn(models, name);
  const end = retirementOf(isTarget ? seller : found?.provider, model, facts);
  if (found === undefined && !isStated && end === undefined) return undefined;
  return {
    target: isStated ? name : undefined,
    provider: found?.provider ?? seller,
    id: found?.id ?? model,
    ...over.traitsAt(at),
    snapshots: found?.snapshots?.ids ?? [],
    retirement: end && { ...end, daysLeft: daysUntil(end.retiresAt, at) },
    sources: [
      ...(source === undefined ? [] : [told('price', source)]),
      ...(found?.abilities ?? []).map((row) => told('capabilities', row)),
      ...(facts.capabilities === undefined ? [] : [told('capabilities', 'models')]),
      ...(found?.snapshots === undefined ? [] : [told('snapshots', found.snapshots)]),
    ],
  };
}

function told(
  what: ModelSource['what'],
  from: 'models' | { readonly source: string; readonly asOf: string },
): ModelSource {
  return from === 'models'
    ? { what, source: 'models', asOf: undefined }
    : { what, source: from.source, asOf: from.asOf };
}
