import type { ProofRow } from '../proof.ts';
import { permitted, satisfy, type Demand, type Satisfaction } from './demand.ts';
import type { Goals } from './goals.ts';
import { derived } from './random.ts';
import { bare, oursAtOneTarget } from './sides.ts';
import { severalTurns } from './simulator.ts';

type Plan = Pick<Demand, 'name' | 'family' | 'allowance' | 'callers'>;

const few = { interactive: 8, normal: 8, batch: 8 };

/** All want several times what is allowed; in the last two, those who go first want it all for themselves. */
const plans: readonly Plan[] = [
  { name: 'tokens, openai', family: 'openai', allowance: { tokensPerMinute: 60_000 }, callers: few },
  { name: 'tokens, anthropic', family: 'anthropic', allowance: { tokensPerMinute: 60_000 }, callers: few },
  {
    name: 'tokens and requests',
    family: 'openai',
    allowance: { tokensPerMinute: 80_000, requestsPerMinute: 1_000 },
    callers: few,
  },
  { name: 'requests', family: 'openai', allowance: { requestsPerMinute: 200 }, callers: few },
  {
    name: 'tokens, many urgent callers',
    family: 'openai',
    allowance: { tokensPerMinute: 60_000 },
    callers: { interactive: 40, normal: 8, batch: 8 },
  },
  {
    name: 'requests, many urgent callers',
    family: 'openai',
    allowance: { requestsPerMinute: 200 },
    callers: { interactive: 60, normal: 8, batch: 8 },
  },
];

export function demandsFor(seed: number, small: boolean): readonly Demand[] {
  const durationMs = (small ? 6 : 60) * 60_000;
  return plans.map((plan) => ({ ...plan, seed: derived(seed, plan.name), durationMs }));
}

/** Longest time for which anybody who asks may be without an answer. */
const starvedAfterMs = 120_000;

/** The same demand comes to the same end each time, also with more turns of the event loop in between. */
export async function checkDemandAgain(demand: Demand, goals: Goals): Promise<void> {
  const shorter = { ...demand, durationMs: 180_000 };
  const once = await satisfy(shorter, oursAtOneTarget);
  const again = await satisfy(shorter, oursAtOneTarget);
  const slower = await satisfy(shorter, oursAtOneTarget, severalTurns);
  goals.that(once.digest === again.digest, `${demand.name}: two runs of one demand differ`);
  goals.that(
    once.digest === slower.digest,
    `${demand.name}: more turns of the event loop change the outcome`,
  );
}

/** Lives through one demand on both sides; says what it came to. */
export async function judgeDemand(demand: Demand, goals: Goals): Promise<ProofRow[]> {
  const alone = await satisfy(demand, bare);
  const governed = await satisfy(demand, oursAtOneTarget);
  const { name } = demand;
  goals.that(governed.faults.length === 0, `${name}: faults of the chain: ${governed.faults[0]}`);
  goals.that(
    governed.tooManyLate === 0,
    `${name}: ${governed.tooManyLate} answers 429 after the first answer's headers, none is allowed`,
  );
  const share = governed.used / permitted(demand);
  goals.that(
    share >= 0.95,
    `${name}: ${(share * 100).toFixed(2)} % of what is allowed was used, 95 % was to be reached`,
  );
  for (const priority of ['interactive', 'normal', 'batch'] as const) {
    const longest = governed.longestWaitMs[priority];
    goals.that(
      longest <= starvedAfterMs && governed.fewest[priority] > 0,
      `${name}: a caller of priority ${priority} had no answer for ${Math.round(longest / 1000)} s, ` +
        `${starvedAfterMs / 1000} are allowed`,
    );
  }
  return [rowOf(demand, 'bare', alone), rowOf(demand, 'ours', governed)];
}

function rowOf(demand: Demand, side: string, found: Satisfaction): ProofRow {
  const { counts, longestWaitMs, answered } = found;
  const seconds = (ms: number): string => (ms / 1000).toFixed(0);
  return {
    schedules: `demand: ${demand.name}`,
    of: 1,
    side,
    calls: counts.answered + counts.cut + counts.failed + counts.refused,
    failed: counts.failed,
    'cut later': counts.cut,
    refused: counts.refused,
    '429s': found.tooMany,
    'of them late': found.tooManyLate,
    'used %': ((found.used / permitted(demand)) * 100).toFixed(2),
    'longest wait s': `${seconds(longestWaitMs.interactive)} ${seconds(longestWaitMs.normal)} ${seconds(longestWaitMs.batch)}`,
    answered: `${answered.interactive} ${answered.normal} ${answered.batch}`,
  };
}
