import type { Clock } from '../core/clock.ts';
import type { ModelTraits } from '../core/pricing.ts';
import { daysUntil } from '../core/retirement.ts';
import type { CallNeeds } from './call-needs.ts';
import type { PickOptions } from './pick-options.ts';

/** What a rule asks of models. */
export type PickRules = Omit<PickOptions, 'from' | 'onUnsupported'>;

/**
 * What a model lacks for a call, in a few words; `undefined`: nothing. What the rule asks has to be known; what the call needs
 * must not be known to be missing.
 */
export function lackOf(
  rules: PickRules,
  needs: CallNeeds,
  model: ModelTraits,
  clock: Pick<Clock, 'now'>,
): string | undefined {
  return ended(model, clock.now()) ?? lackOfRules(rules, model) ?? lackOfNeeds(needs, model);
}

function ended({ retiresAt }: ModelTraits, now: number): string | undefined {
  return retiresAt !== undefined && daysUntil(retiresAt, now) <= 0
    ? `it is not served any more since ${retiresAt} (\`retiresAt: false\` under \`models\`, if it is for you)`
    : undefined;
}

function lackOfRules(
  {
    requires = [],
    minContextTokens = 0,
    minOutputTokens = 0,
    maxInputUsdPerMTok = Infinity,
    maxOutputUsdPerMTok = Infinity,
    region,
  }: PickRules,
  {
    capabilities,
    contextTokens,
    maxOutputTokens,
    inputUsdPerMTok,
    outputUsdPerMTok,
    region: where,
  }: ModelTraits,
): string | undefined {
  for (const name of requires) {
    if (capabilities[name] === false) return `it has no ${name}`;
    if (capabilities[name] === undefined) return `whether it has ${name} is not known`;
  }
  return (
    below('context window', contextTokens, minContextTokens) ??
    below('longest answer', maxOutputTokens, minOutputTokens) ??
    above('input', inputUsdPerMTok, maxInputUsdPerMTok) ??
    above('output', outputUsdPerMTok, maxOutputUsdPerMTok) ??
    elsewhere(where, region)
  );
}

function lackOfNeeds(
  { capabilities: needed, inputTokens, outputTokens = 0 }: CallNeeds,
  { capabilities, contextTokens = Infinity, maxOutputTokens = Infinity }: ModelTraits,
): string | undefined {
  const missing = needed.find((name) => capabilities[name] === false);
  if (missing !== undefined) return `the call needs ${missing}, which it does not have`;
  if (inputTokens > contextTokens)
    return `the prompt has about ${inputTokens} tokens, and its context window ${contextTokens}`;
  if (outputTokens > maxOutputTokens)
    return `the call asks for up to ${outputTokens} tokens, and its longest answer has ${maxOutputTokens}`;
  if (inputTokens + outputTokens > contextTokens)
    return `the prompt has about ${inputTokens} tokens and its answer up to ${outputTokens}, and its context window ${contextTokens}`;
  return undefined;
}

function below(what: string, tokens: number | undefined, least: number): string | undefined {
  if (least === 0 || (tokens !== undefined && tokens >= least)) return undefined;
  return tokens === undefined
    ? `its ${what} is not known`
    : `its ${what} has ${tokens} tokens, and ${least} are asked`;
}

function above(what: string, usd: number | undefined, most: number): string | undefined {
  if (most === Infinity || (usd !== undefined && usd <= most)) return undefined;
  return usd === undefined
    ? 'its price is not known'
    : `a million ${what} tokens cost ${usd} USD, and ${most} are allowed`;
}

function elsewhere(where: string | undefined, region: PickRules['region']): string | undefined {
  if (region === undefined) return undefined;
  const allowed: readonly string[] = typeof region === 'string' ? [region] : region;
  if (where === undefined) return 'where it runs is not known';
  return allowed.includes(where) ? undefined : `it runs in ${where}, not in ${allowed.join(' or ')}`;
}
