import { unanswered } from './ask.ts';
import { nano } from './budgets.ts';
import { percent, usd, type Goals } from './goals.ts';
import type { Heat } from './heat.ts';
import { judgeCalls, leastUsed, untoldAbove } from './judge-calls.ts';
import { sizes, type Provider } from './plan.ts';

const providers = ['openai', 'anthropic'] as const satisfies readonly Provider[];

/** What has to hold after any race. */
export function judgeHeat(heat: Heat, goals: Goals): void {
  const { terms, billed, standing, ended } = heat;
  const name = nameOf(heat);
  const limit = nano(sizes[terms.size].limitUsd);
  goals.that(billed.nanoUsd <= limit, `${name}: ${usd(billed.nanoUsd - limit)} over the limit are billed`);
  goals.that(
    standing.nanoUsd <= limit,
    `${name}: the books count ${usd(standing.nanoUsd - limit)} over the limit`,
  );
  for (const { billed: spent, most } of heat.underCeilings)
    goals.that(spent <= most, `${name}: ${usd(spent - most)} over a ceiling are billed`);
  goals.that(heat.faults.length === 0, `${name}: ${heat.faults.length} faults: ${heat.faults[0]}`);
  goals.that(
    heat.exitCodes.every((code) => code === 0),
    `${name}: processes ended with ${heat.exitCodes.join(', ')}`,
  );
  goals.that((ended['answered'] ?? 0) > 0, `${name}: no call was answered`);
  // A store that is too busy to answer in time lets nothing through: then less was asked for.
  if (!(unanswered in heat.reasons))
    goals.that((ended['refused'] ?? 0) > 0, `${name}: nothing was refused, so nothing was shown`);
  // Nobody tells what the killed process has counted.
  const isKnown = (call: number): boolean => !terms.kills || heat.chargedByCall.has(call);
  judgeCalls(name, terms.course, heat, goals, isKnown);
  if (terms.kills) return;
  goals.that(standing.reservedNanoUsd === 0, `${name}: ${usd(standing.reservedNanoUsd)} are still set aside`);
  goals.that(
    standing.nanoUsd >= billed.nanoUsd,
    `${name}: the books are ${usd(billed.nanoUsd - standing.nanoUsd)} below the providers’`,
  );
  for (const provider of providers)
    goals.that(
      heat.apart[provider].nanoUsd >= heat.billedApart[provider].nanoUsd &&
        heat.apart[provider].reservedNanoUsd === 0,
      `${name}: ${provider} by itself is counted at ${usd(heat.apart[provider].nanoUsd)}, billed ${usd(heat.billedApart[provider].nanoUsd)}`,
    );
  if (terms.course === 'finish') judgeExact(heat, goals);
}

/**
 * Where calls end by themselves, the books are the providers', to the last nano-USD: but for those attempts whose
 * usage was not told, which are counted at a bound.
 */
function judgeExact(heat: Heat, goals: Goals): void {
  const { terms, billed, billedApart, standing, apart, reasons, untold } = heat;
  const name = nameOf(heat);
  const above = untoldAbove(heat);
  const difference = standing.nanoUsd - billed.nanoUsd;
  goals.that(difference === above, `${name}: the books differ by ${difference - above} nano-USD`);
  const differenceApart = providers.reduce(
    (sum, provider) => sum + apart[provider].nanoUsd - billedApart[provider].nanoUsd,
    0,
  );
  goals.that(
    differenceApart === above,
    `${name}: the books by provider differ by ${differenceApart - above}`,
  );
  if (untold.size === 0)
    goals.that(
      standing.tokens === billed.tokens,
      `${name}: the books differ by ${standing.tokens - billed.tokens} tokens`,
    );
  const failed = Object.keys(reasons).filter((why) => why !== unanswered);
  goals.that(failed.length === 0, `${name}: calls failed: ${JSON.stringify(reasons)}`);
  const used = billed.nanoUsd / nano(sizes[terms.size].limitUsd);
  if (!(unanswered in reasons))
    goals.that(used >= leastUsed, `${name}: only ${percent(used)} of the limit could be spent`);
}

export function nameOf({ terms }: Pick<Heat, 'terms'>): string {
  return `${terms.arena.name}, ${terms.kills ? 'one is killed' : terms.course}, seed ${terms.seed}`;
}
