import { costOf, type Usage, type UsageCost } from 'managed-llm';
import { isSame } from './their-price.ts';

/** What was asked, and both answers. */
export interface Differing {
  readonly usage: Usage;
  /** As `costOf` takes it. */
  readonly model: string;
  readonly at: number;
  readonly ours: UsageCost;
  /** Nano-USD, or why there are none. */
  readonly theirs: number | string | undefined;
}

/**
 * Why a cost of ours is not what `calcPrice` makes of the same usage: a term that it does not know. It has to be the only
 * difference: without that term both have to come to the same. `undefined`: nothing explains it.
 */
export async function whyDifferent({
  usage,
  model,
  at,
  ours,
  theirs,
}: Differing): Promise<string | undefined> {
  if (ours.source !== '@pydantic/genai-prices')
    return 'it does not have the model; the price is a row of our own';
  if (typeof theirs !== 'number') return undefined;
  const { serviceTier, inferenceGeo, ...plain } = usage;
  const standard = await costOf(plain, model, { at });
  if (standard === undefined) return undefined;
  const tools = standard.items.filter(({ what, unit }) => unit === 'request' && what !== 'request');
  const withoutTools = standard.costNanoUsd - tools.reduce((sum, { usd }) => sum + usd * 1e9, 0);
  const reasons: string[] = [];
  if (serviceTier !== undefined && standard.costNanoUsd !== ours.costNanoUsd)
    reasons.push('it prices no service tier but the standard one');
  if (inferenceGeo !== undefined && standard.costNanoUsd !== ours.costNanoUsd)
    reasons.push('it prices no regions of Anthropic’s');
  if (!isSame(standard.costNanoUsd, theirs)) {
    if (!isSame(withoutTools, theirs)) return undefined;
    reasons.push('it has no price for searches with that model');
  }
  return reasons.length === 0 ? undefined : reasons.join('; ');
}
