import { derived } from './availability/random.ts';
import { arenas, type Arena } from './race/arenas.ts';
import { nano } from './race/budgets.ts';
import { Goals, percent, usd } from './race/goals.ts';
import { runHeat, type Heat, type HeatTerms } from './race/heat.ts';
import { judgeHeat } from './race/judge-heat.ts';
import { judgeKilled, type Left } from './race/judge-killed.ts';
import { sizes } from './race/plan.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';

/** A way to race: how calls end, and whether a process is killed meanwhile. */
const kinds = [
  { name: 'all finish', course: 'finish', kills: false },
  { name: 'many break', course: 'breaks', kills: false },
  { name: 'one is killed', course: 'finish', kills: true },
] as const;

type Kind = (typeof kinds)[number];

/** What came of the races of one kind in one store. */
interface Outcome {
  readonly arena: Arena;
  readonly kind: Kind;
  readonly heats: readonly Heat[];
  readonly left: readonly Left[];
}

export const proof: Proof = {
  name: 'race',
  claim:
    'However many calls race for a budget, on however many processes, whatever they really cost and however they end, ' +
    'the provider bills nothing over the limit, and the books are the provider’s.',
  run,
};

async function run(context: ProofContext): Promise<ProofResult> {
  const size = sizes[context.small ? 'small' : 'full'];
  const goals = new Goals();
  const notes: string[] = [];
  await using stack = new AsyncDisposableStack();
  const found: Arena[] = [];
  for (const open of arenas) {
    const arena = await open();
    if ('missing' in arena) {
      notes.push(`${arena.name} was left out: ${arena.missing}`);
      goals.that(process.env['CI'] === undefined, `${arena.name}: ${arena.missing}`);
    } else found.push(stack.use(arena));
  }
  const outcomes = await inLanes(found, context.small ? found.length : 2, (arena) =>
    raceIn(arena, context, goals),
  );
  const all = outcomes.flat();
  const heats = all.flatMap((outcome) => outcome.heats);
  const requests = heats.reduce((sum, heat) => sum + heat.requests, 0);
  return {
    sample:
      `${heats.length} races of ${size.calls} calls for $${size.limitUsd}: ` +
      `${(heats.length * size.calls).toLocaleString('en-US')} calls, ${requests.toLocaleString('en-US')} requests`,
    rows: all.map(rowOf),
    passed: goals.met,
    failures: goals.missed,
    notes,
  };
}

async function raceIn(
  arena: Arena,
  { small, seed, log }: ProofContext,
  goals: Goals,
): Promise<readonly Outcome[]> {
  const outcomes: (Omit<Outcome, 'left'> & { readonly left: Promise<readonly Left[]> })[] = [];
  for (const kind of kinds) {
    // What memory holds is gone with its process.
    if (kind.kills && !arena.shared) continue;
    const heats: Heat[] = [];
    const left: Promise<Left>[] = [];
    for (let round = 0; round < (small ? 1 : 3); round += 1) {
      log(`${arena.name}, ${kind.name}, round ${round + 1}`);
      const heat = await runHeat(termsOf(arena, kind, round, small, seed));
      judgeHeat(heat, goals);
      heats.push(heat);
      if (kind.kills) left.push(judgeKilled(heat, goals));
    }
    outcomes.push({ arena, kind, heats, left: Promise.all(left) });
  }
  // Leases end while others race.
  return Promise.all(outcomes.map(async (outcome) => ({ ...outcome, left: await outcome.left })));
}

function termsOf(arena: Arena, kind: Kind, round: number, small: boolean, seed: number): HeatTerms {
  return {
    arena,
    course: kind.course,
    kills: kind.kills,
    size: small ? 'small' : 'full',
    seed: derived(seed, arena.name, kind.name, round),
    budget: `${kind.name} ${round}`,
  };
}

/** Several at a time, in order. */
async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  run: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const rest = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of rest) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** Of several races, the worst. */
function rowOf({ arena, kind, heats, left }: Outcome): ProofRow {
  const most = (figure: (heat: Heat) => number): number => Math.max(...heats.map(figure));
  const least = (figure: (heat: Heat) => number): number => Math.min(...heats.map(figure));
  const sum = (figure: (heat: Heat) => number): number => heats.reduce((all, heat) => all + figure(heat), 0);
  const limit = nano(sizes[heats[0]?.terms.size ?? 'full'].limitUsd);
  const difference = (heat: Heat): number => heat.standing.nanoUsd - heat.billed.nanoUsd;
  const worstLeft = left.toSorted((one, other) => other.aboveNanoUsd - one.aboveNanoUsd)[0];
  return {
    state: arena.name,
    calls: kind.name,
    races: heats.length,
    processes: heats[0]?.processes ?? 0,
    requests: sum(({ requests }) => requests),
    'over the limit, nano-USD': most(({ billed }) => Math.max(0, billed.nanoUsd - limit)),
    'books above the provider’s':
      worstLeft === undefined
        ? usd(most(difference))
        : `${usd(worstLeft.aboveNanoUsd)} of ${usd(worstLeft.lostNanoUsd)} lost`,
    'spent at first refusal': percent(least(({ firstRefusal }) => (firstRefusal?.usedNanoUsd ?? 0) / limit)),
    'billed at the end': percent(least(({ billed }) => billed.nanoUsd / limit)),
    outrun: sum(({ outrun }) => outrun.size),
    refused: sum(({ ended }) => ended['refused'] ?? 0),
    waited: sum(({ waited }) => waited),
    lowered: sum(({ lowered }) => lowered),
    'store silent': sum(({ reasons }) => reasons['state-unreachable'] ?? 0),
    seconds: most(({ seconds }) => Math.round(seconds)),
  };
}
