import { nano } from './budgets.ts';
import { percent, usd, type Goals } from './goals.ts';
import type { Heat } from './heat.ts';
import { sizes, type Provider } from './plan.ts';

/** Of the limit, at the end of a race whose calls have all ended by themselves. */
const leastUsed = 0.9;
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
  goals.that(heat.faults.length === 0, `${name}: ${heat.faults.length} faults: ${heat.faults[0]}`);
  goals.that(
    heat.exitCodes.every((code) => code === 0),
    `${name}: processes ended with ${heat.exitCodes.join(', ')}`,
  );
  goals.that((ended['refused'] ?? 0) > 0, `${name}: nothing was refused, so nothing was shown`);
  judgeCalls(heat, goals);
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
 * Where calls end by themselves, the books are the providers', to the last nano-USD: but for those attempts that lost a
 * race, which are counted at a bound.
 */
function judgeExact(heat: Heat, goals: Goals): void {
  const { terms, billed, billedApart, standing, apart, reasons, ended, outrun } = heat;
  const name = nameOf(heat);
  const above = [...outrun].reduce((sum, call) => sum + chargedAbove(heat, call), 0);
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
  if (outrun.size === 0)
    goals.that(
      standing.tokens === billed.tokens,
      `${name}: the books differ by ${standing.tokens - billed.tokens} tokens`,
    );
  // Nothing was sent for those whose store has not answered in time.
  const failed = Object.keys(reasons).filter((why) => why !== 'state-unreachable');
  goals.that(failed.length === 0, `${name}: calls failed: ${JSON.stringify(reasons)}`);
  const used = billed.nanoUsd / nano(sizes[terms.size].limitUsd);
  goals.that(used >= leastUsed, `${name}: only ${percent(used)} of the limit could be spent`);
  goals.that((ended['answered'] ?? 0) > 0, `${name}: no call was answered`);
}

/** No call is billed for more than was counted for it: what is right in sum may be wrong in its parts. */
function judgeCalls(heat: Heat, goals: Goals): void {
  const { terms, chargedByCall, billedByCall, outrun } = heat;
  for (const [call, billed] of billedByCall) {
    // Nobody tells what the killed process has counted.
    if (terms.kills && !chargedByCall.has(call)) continue;
    const above = chargedAbove(heat, call);
    const isExact = terms.course === 'finish' && !outrun.has(call);
    goals.that(
      isExact ? above === 0 : above >= 0,
      `${nameOf(heat)}: call ${call} is counted at ${billed + above}, and billed ${billed} nano-USD`,
    );
  }
}

/** By how much more a call was counted at than it is billed. */
export function chargedAbove({ chargedByCall, billedByCall }: Heat, call: number): number {
  return (chargedByCall.get(call) ?? 0) - (billedByCall.get(call) ?? 0);
}

export function nameOf({ terms }: Pick<Heat, 'terms'>): string {
  return `${terms.arena.name}, ${terms.kills ? 'one is killed' : terms.course}, seed ${terms.seed}`;
}
