import { derived } from './availability/random.ts';
import { unanswered } from './race/ask.ts';
import { arenas, type Arena } from './race/arenas.ts';
import { nano } from './race/budgets.ts';
import { Goals, percent, usd } from './race/goals.ts';
import { runHeat, type Heat, type HeatTerms } from './race/heat.ts';
import { judgeHeat } from './race/judge-heat.ts';
import { judgeKilled, type Left } from './race/judge-killed.ts';
import { sizes } from './race/plan.ts';
import { joined } from './race/run-calls.ts';
import { judgeScopes, runScopes, sumOf, type Scopes } from './race/scopes.ts';
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
    'However many calls race for a budget or under a ceiling, on however many processes, whatever they really cost and ' +
    'however they end, the provider bills nothing over the limit, and the books are the provider’s.',
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
  const scopes: Scopes[] = [];
  const outcomes: Outcome[] = [];
  const lanes = [
    ...found.map((arena) => async () => void outcomes.push(...(await raceIn(arena, context, goals)))),
    async () => void scopes.push(...(await raceUnderCeilings(context, goals))),
  ];
  // Mostly they wait for answers. More of them would press the machine until answers come late.
  await inLanes(lanes, context.small ? lanes.length : 2);
  const all = outcomes.toSorted((one, other) => found.indexOf(one.arena) - found.indexOf(other.arena));
  const heats = all.flatMap((outcome) => outcome.heats);
  const requests = sumOf([...heats, ...scopes].map((each) => each.requests));
  return {
    sample:
      `${heats.length + scopes.length} races of ${size.calls} calls for $${size.limitUsd}: ` +
      `${((heats.length + scopes.length) * size.calls).toLocaleString('en-US')} calls, ` +
      `${requests.toLocaleString('en-US')} requests`,
    rows: [...all.map(rowOf), ...kinds.flatMap((kind) => scopeRows(kind, scopes))],
    passed: goals.met,
    failures: goals.missed,
    notes: [
      ...notes,
      ...explanations,
      `an input had up to ${figuresOf(heats)
        .most(({ mostInput }) => mostInput)
        .toFixed(1)} times as many tokens as a quarter of its characters`,
      `reservations of a process that was killed are lost after ${size.leaseMs / 1_000} s`,
    ],
  };
}

const explanations = [
  'of each row’s races the worst, but for counts, which are added up',
  'untold: calls of which an attempt lost a race or its connection before its usage was told; those alone are counted above what is billed',
  'under ceilings, streams whose readers stop are read on, unseen; elsewhere they are stopped',
  'store silent: calls that were let through to nobody, because the store had not answered in a second',
  'spent at first refusal: as that refusal tells it',
] as const;

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

/** The same with ceilings, in this process. */
async function raceUnderCeilings(
  { small, seed, log }: ProofContext,
  goals: Goals,
): Promise<readonly Scopes[]> {
  const all: Scopes[] = [];
  for (const { name, course, kills } of kinds) {
    if (kills) continue;
    for (let round = 0; round < (small ? 1 : 3); round += 1) {
      log(`ceilings, ${name}, round ${round + 1}`);
      const scopes = await runScopes(
        small ? 'small' : 'full',
        course,
        derived(seed, 'ceilings', name, round),
      );
      judgeScopes(scopes, goals);
      all.push(scopes);
    }
  }
  return all;
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
async function inLanes(jobs: readonly (() => Promise<void>)[], lanes: number): Promise<void> {
  const rest = jobs.values();
  const lane = async (): Promise<void> => {
    for (const job of rest) await job();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Of several races, the worst. */
function rowOf({ arena, kind, heats, left }: Outcome): ProofRow {
  const { most, least, sum } = figuresOf(heats);
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
    untold: sum(({ untold }) => untold.size),
    refused: sum(({ ended }) => ended['refused'] ?? 0),
    waited: sum(({ waited }) => waited),
    lowered: sum(({ lowered }) => lowered),
    'store silent': sum(({ reasons }) => reasons[unanswered] ?? 0),
    seconds: most(({ seconds }) => Math.round(seconds)),
  };
}

function scopeRows({ name, course, kills }: Kind, all: readonly Scopes[]): readonly ProofRow[] {
  const scopes = kills ? [] : all.filter((each) => each.course === course);
  if (scopes.length === 0) return [];
  const { most, least, sum } = figuresOf(scopes);
  const limit = nano(sizes[scopes[0]?.size ?? 'full'].limitUsd);
  const billed = ({ billedByCall }: Scopes): number => sumOf(billedByCall.values());
  return [
    {
      state: 'ceilings',
      calls: name,
      races: scopes.length,
      processes: 1,
      requests: sum(({ requests }) => requests),
      'over the limit, nano-USD': most((each) => Math.max(0, billed(each) - limit)),
      'books above the provider’s': usd(most((each) => sumOf(each.chargedByCall.values()) - billed(each))),
      'spent at first refusal': percent(least(({ outer }) => (outer.firstRefusal?.usedNanoUsd ?? 0) / limit)),
      'billed at the end': percent(least((each) => billed(each) / limit)),
      untold: sum(({ untold }) => untold.size),
      refused: sum(({ outer, inner }) => joined([outer, ...inner]).ended['refused'] ?? 0),
      waited: sum(({ waited }) => waited),
      lowered: sum(({ lowered }) => lowered),
      seconds: most(({ seconds }) => Math.round(seconds)),
    },
  ];
}

/** Figures of several races. */
function figuresOf<T>(races: readonly T[]) {
  return {
    most: (figure: (race: T) => number): number => Math.max(...races.map(figure)),
    least: (figure: (race: T) => number): number => Math.min(...races.map(figure)),
    sum: (figure: (race: T) => number): number => sumOf(races.map(figure)),
  };
}
