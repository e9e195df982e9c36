import { compareMeans, kindOfSet, Matching, oddsEvidence } from 'managed-llm';
import { derived, seeded, type Random } from '../availability/random.ts';

/** What came of simulated experiments, each looked at after every call. */
export interface Runs {
  readonly of: string;
  readonly isDifferent: boolean;
  /** Whether the level holds there. */
  readonly isBound: boolean;
  readonly runs: number;
  /** In how many the test ever said that the arms differ. */
  readonly decided: number;
  /** Of these, in how many the wrong one was said to be higher. */
  readonly wrongWay: number;
  /** Calls until it said so. `undefined`: in less than half of them it did. */
  readonly untilMedian: number | undefined;
}

export interface Sizes {
  readonly runs: number;
  readonly calls: number;
  /** Of experiments with a difference. */
  readonly effectRuns: number;
}

/** One call: its arm, and what was seen. Returns what the evidence says by then. */
type Look = (random: Random) => { readonly eValue: number; readonly points: 'up' | 'down' } | undefined;

/** More than any of these needs. */
const longest = 40_000;

export function rateRuns(sizes: Sizes, alpha: number, seed: number): readonly (() => Runs)[] {
  const alike = [
    [0.02, 0.5],
    [0.02, 0.9],
    [0.3, 0.5],
    [0.3, 0.1],
    [0.5, 0.5],
  ] as const;
  const different = [
    [0.02, 0.04, 0.5],
    [0.02, 0.04, 0.9],
    [0.1, 0.15, 0.5],
    [0.5, 0.6, 0.5],
  ] as const;
  return [
    ...alike.map(([rate, share]) => () => {
      const of = `rate ${rate}, ${told(share)}`;
      return simulate(of, sizes, alpha, seed, false, () => ratesThat(share, () => [rate, rate]));
    }),
    () =>
      simulate('rate 0.02 that comes to 0.2 and back', sizes, alpha, seed, false, () => {
        let calls = 0;
        return ratesThat(0.5, () => {
          const rate = calls++ % 1_000 < 500 ? 0.02 : 0.2;
          return [rate, rate];
        });
      }),
    ...different.map(([control, arm, share]) => () => {
      const of = `rate ${control} and ${arm}, ${told(share)}`;
      return simulate(of, sizes, alpha, seed, true, () => ratesThat(share, () => [control, arm]));
    }),
    () => ({
      ...simulate(`${byUser}, every call`, sizes, alpha, seed, false, () => ratesOfUsers(false)),
      isBound: false,
    }),
    () => simulate(`${byUser}, the first of each`, sizes, alpha, seed, false, () => ratesOfUsers(true)),
  ];
}

export function meanRuns(sizes: Sizes, alpha: number, seed: number): readonly (() => Runs)[] {
  const values = {
    normal: (random: Random) => 10 + normal(random),
    exponential: (random: Random) => -Math.log(1 - random()),
    'lognormal, sigma 1': (random: Random) => Math.exp(normal(random)),
  };
  return [
    ...Object.entries(values).flatMap(([name, value]) =>
      [0.5, 0.9].map((share) => () => {
        const of = `mean, ${name}, ${told(share)}`;
        return simulate(of, sizes, alpha, seed, false, () => meansThat(share, value, 1));
      }),
    ),
    () =>
      simulate('mean, lognormal, a tenth more', sizes, alpha, seed, true, () =>
        meansThat(0.5, values['lognormal, sigma 1'], 1.1),
      ),
    () =>
      simulate('mean, exponential, a fifth more', sizes, alpha, seed, true, () =>
        meansThat(0.5, values.exponential, 1.2),
      ),
  ];
}

function simulate(
  of: string,
  { runs, calls, effectRuns }: Sizes,
  alpha: number,
  seed: number,
  isDifferent: boolean,
  make: () => Look,
): Runs {
  const until: number[] = [];
  let wrongWay = 0;
  const times = isDifferent ? effectRuns : runs;
  for (let run = 0; run < times; run++) {
    const random = seeded(derived(seed, of, run));
    const look = make();
    for (let call = 1; call <= (isDifferent ? longest : calls); call++) {
      const evidence = look(random);
      if (evidence === undefined || evidence.eValue < 1 / alpha) continue;
      until.push(call);
      if (evidence.points === 'down') wrongWay++;
      break;
    }
  }
  const untilMedian = until.toSorted((a, b) => a - b)[Math.ceil(times / 2) - 1];
  return { of, isDifferent, isBound: true, runs: times, decided: until.length, wrongWay, untilMedian };
}

/** @param control the control's share of the calls */
function ratesThat(control: number, ratesNow: () => readonly [number, number]): Look {
  const evidence = setsOf(control);
  return (random) => {
    const isControl = random() < control;
    const [ofControl, ofArm] = ratesNow();
    return evidence(isControl, random() < (isControl ? ofControl : ofArm));
  };
}

const callsOfEach = 50;
const byUser = `rate of users, 0.1 or 0.5, ${callsOfEach} calls each`;

/** Users that stay with their arm and have a rate of their own, twenty at a time. */
function ratesOfUsers(firstAlone: boolean): Look {
  const evidence = setsOf(0.5);
  const atOnce = 20;
  let left = 0;
  let users: readonly { readonly isControl: boolean; readonly rate: number }[] = [];
  return (random) => {
    if (left === 0) {
      left = callsOfEach * atOnce;
      users = Array.from({ length: atOnce }, () => ({
        isControl: random() < 0.5,
        rate: random() < 0.5 ? 0.1 : 0.5,
      }));
    }
    const isFirst = left > (callsOfEach - 1) * atOnce;
    const { isControl, rate } = users[left-- % atOnce] ?? { isControl: true, rate: 0 };
    return isFirst || !firstAlone ? evidence(isControl, random() < rate) : undefined;
  };
}

function setsOf(control: number): (isControl: boolean, is: boolean) => ReturnType<Look> {
  const matching = new Matching(control / (1 - control));
  const counts: Record<string, number> = {};
  return (isControl, is) => {
    const set = matching.add(isControl, is);
    if (set === undefined) return undefined;
    const kind = kindOfSet(set);
    counts[kind] = (counts[kind] ?? 0) + 1;
    return oddsEvidence(counts);
  };
}

function meansThat(control: number, value: (random: Random) => number, times: number): Look {
  const sides = [0, 1].map(() => ({ n: 0, sum: 0, squares: 0 }));
  const [ofControl, ofArm] = sides as [(typeof sides)[number], (typeof sides)[number]];
  return (random) => {
    const isControl = random() < control;
    const seen = value(random) * (isControl ? 1 : times);
    const side = isControl ? ofControl : ofArm;
    side.n++;
    side.sum += seen;
    side.squares += seen ** 2;
    return compareMeans(ofControl, ofArm, 0.05);
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function told(control: number): string {
  return `${Math.round(100 * control)}:${Math.round(100 - 100 * control)}`;
}
