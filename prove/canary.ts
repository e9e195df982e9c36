import {
  between,
  broken,
  brokenBesideSlow,
  clustered,
  doubled,
  half,
  harmless,
  later,
  mostCanaryCalls,
  saturated,
  slow,
  stormy,
  tripled,
  type Effect,
  type Ended,
} from './canary/effects.ts';
import { rollOutInFleet } from './canary/fleet.ts';
import { rollOut } from './canary/rollout.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';

/** How soon a canary that fails more often is rolled back, and what becomes of one that does not. */
export const proof: Proof = {
  name: 'canary',
  claim:
    'Of calls of which 2 % fail, a canary that fails twice as often is rolled back by itself in at least 95 of 100 cases within 5,000 of its calls; one that is harmless is rolled back in at most 1 of 100, and promoted in at least 95; in one process and in four that share Redis.',
  run,
};

const soon = 5_000;
/** A machine that is too busy for Redis to answer within its second: it costs counts, which a canary has to bear. */
const lostCounts = 'state-unreachable';

async function run({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const sizes = small ? { whole: 8, part: 2, fleet: 2 } : { whole: 200, part: 20, fleet: 200 };
  const single: readonly (readonly [Effect, number])[] = [
    [harmless, sizes.whole],
    [doubled, sizes.whole],
    [tripled, sizes.part],
    [broken, sizes.whole],
    [stormy, sizes.part],
    [later, sizes.part],
    [slow, sizes.part],
    [brokenBesideSlow, sizes.part],
    // What takes long, or is only shown.
    ...(small
      ? []
      : ([clustered, saturated, between, half] as const).map((effect): [Effect, number] => [
          effect,
          sizes.part,
        ])),
  ];
  const rows: ProofRow[] = [];
  const failures: string[] = [];
  let passed = 0;
  const judge = (processes: number, effect: Effect, ended: readonly Ended[]): void => {
    rows.push(rowOf(processes, effect, ended));
    const missed = missedBy(effect, ended, small);
    failures.push(...missed.map((what) => `${effect.of}, ${processes} processes: ${what}`));
    passed += effect.goal === undefined || missed.length > 0 ? 0 : 1;
  };
  const seeds = Array.from({ length: sizes.fleet }, (_, at) => seed + at);
  // Beside the others: these have processes of their own.
  const inFleet = rollOutInFleet([harmless, doubled], seeds, seed, log);
  for (const [effect, runs] of single) {
    const ended: Ended[] = [];
    for (let at = 0; at < runs; at++) ended.push(await rollOut(effect, seed + at));
    judge(1, effect, ended);
    log(effect.of);
  }
  const fleet = await inFleet;
  for (const [effect, ended] of fleet.ended) judge(4, effect, ended);
  failures.push(...fleet.toldWrong, ...fleet.errors.filter((code) => code !== lostCounts));
  const lost = fleet.errors.length;
  if (fleet.toldWrong.length === 0) passed++;
  return {
    sample:
      `${sizes.whole} canaries of each effect of the claim, ${sizes.part} of each other one, in one process with a clock ` +
      `that is driven; ${sizes.fleet} of each in four processes and real time; steps, guard and levels as by default`,
    rows,
    passed,
    failures,
    notes: [
      'calls until: of the canary, half of the time at most; that many times as many are of stable as the steps say',
      'between what is tolerated and what is harmful either may come',
      ...(lost > 0 ? [`reports of the four processes that Redis was too slow for some counts: ${lost}`] : []),
      ...(small ? ['few canaries: a goal is missed where chance alone would hardly miss it so'] : []),
    ],
  };
}

function rowOf(processes: number, { of, goal }: Effect, ended: readonly Ended[]): ProofRow {
  const [rolledBack, promoted] = [endedBy(ended, 'rolled-back'), endedBy(ended, 'promoted')];
  return {
    'the canary fails': of,
    processes,
    canaries: ended.length,
    'rolled back': rolledBack.length,
    [`within ${soon.toLocaleString('en-US')}`]: within(rolledBack),
    'calls until': medianOf(rolledBack),
    promoted: promoted.length,
    'calls until promoted': medianOf(promoted),
    goal: goal ?? 'none',
  };
}

function missedBy({ goal }: Effect, ended: readonly Ended[], small: boolean): readonly string[] {
  const count = ended.length;
  const rolledBack = endedBy(ended, 'rolled-back');
  const falsely =
    rolledBack.length > mostOf(0.01, count, small) ? [`${rolledBack.length} of ${count} rolled back`] : [];
  const isTooFew = (found: number): boolean => count - found > mostOf(0.05, count, small);
  switch (goal) {
    case 'rolled-back':
      return isTooFew(within(rolledBack))
        ? [`${within(rolledBack)} of ${count} rolled back within ${soon} calls`]
        : [];
    case 'promoted': {
      const promoted = endedBy(ended, 'promoted').length;
      return isTooFew(promoted)
        ? [...falsely, `${promoted} of ${count} promoted within ${mostCanaryCalls} calls`]
        : falsely;
    }
    case 'not-rolled-back':
      return falsely;
    case 'not-promoted': {
      const promoted = endedBy(ended, 'promoted').length;
      return promoted > mostOf(0.01, count, small) ? [`${promoted} of ${count} promoted`] : [];
    }
    default:
      return (goal satisfies undefined) ?? [];
  }
}

/** How many may differ from a goal. Of few, three standard errors more: the claim is about many. */
function mostOf(share: number, count: number, small: boolean): number {
  return share * count + (small ? 3 * Math.sqrt(share * (1 - share) * count) : 0);
}

function endedBy(ended: readonly Ended[], phase: string): readonly Ended[] {
  return ended.filter((one) => one.phase === phase);
}

function within(ended: readonly Ended[]): number {
  return ended.filter(({ canaryCalls }) => canaryCalls <= soon).length;
}

function medianOf(ended: readonly Ended[]): number | string {
  const calls = ended.map(({ canaryCalls }) => canaryCalls).toSorted((a, b) => a - b);
  return calls[Math.ceil(calls.length / 2) - 1] ?? '–';
}
