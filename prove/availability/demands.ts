import type { ProofRow } from '../proof.ts';
import { permitted, priorities, satisfy, type Demand, type Satisfaction } from './demand.ts';
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
  const durationMs = (small ? 4 : 60) * 60_000;
  return plans.map((plan) => ({ ...plan, seed: derived(seed, plan.name), durationMs }));
}

/**
 * Starved is who, asking all the time, has no answer for so long (ten times the longest wait for one turn), or less than
 * this part of what each caller would get if all got the same.
 */
const starvedAfterMs = 300_000;
const starvedBelow = 0.25;

/** The same demand comes to the same end each time, also with more turns of the event loop in between. */
export async function checkDemandAgain(demand: Demand, goals: Goals): Promise<void> {
  const shorter = { ...demand, durationMs: 120_000 };
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
  const callers = priorities.reduce((sum, priority) => sum + demand.callers[priority], 0);
  const equalShare = governed.counts.answered / callers;
  for (const priority of priorities) {
    const longestWait = governed.longestWaitMs[priority];
    goals.that(
      longestWait <= starvedAfterMs,
      `${name}: a caller of priority ${priority} had no answer for ${Math.round(longestWait / 1000)} s, ` +
        `${starvedAfterMs / 1000} are allowed`,
    );
    const fewest = governed.fewest[priority];
    goals.that(
      fewest >= equalShare * starvedBelow,
      `${name}: a caller of priority ${priority} had ${fewest} answers, an equal share is ${equalShare.toFixed(0)}`,
    );
  }
  return [rowOf(demand, 'bare', alone), rowOf(demand, 'ours', governed)];
}

function rowOf(demand: Demand, side: string, found: Satisfaction): ProofRow {
  const { counts, longestWaitMs, answered, fewest } = found;
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
    'fewest by one': `${fewest.interactive} ${fewest.normal} ${fewest.batch}`,
  };
}
