import { describe, expect, test } from 'vitest';
import type { CanaryDefinition, Guard } from '../../../src/canaries/definition.ts';
import { decide } from '../../../src/canaries/decide.ts';
import { begun } from '../../../src/canaries/document.ts';
import { judge } from '../../../src/canaries/judge.ts';
import { bucketOf, endOf, lastBucket } from '../../../src/canaries/latency-buckets.ts';
import { StepSums } from '../../../src/canaries/step-sums.ts';
import { seededRandom } from '../../../src/testing/seeded-random.ts';

const definitionOf = (guards: readonly Guard[], more: Partial<CanaryDefinition> = {}): CanaryDefinition => ({
  name: 'try',
  steps: [50],
  guards,
  minSamples: 1,
  alpha: 0.05,
  beta: 0.05,
  ...more,
});

/** Sums of calls of both arms, as they are counted. */
class Calls {
  readonly sums: Record<string, number> = {};

  latency(arm: string, ms: number, limitMs = Infinity): void {
    this.#add(`0/${arm}/latency/${bucketOf(ms)}`, 1);
    if (ms > limitMs) this.#add(`0/${arm}/latency/over`, 1);
  }

  value(arm: string, metric: string, value: number): void {
    this.#add(`0/${arm}/${metric}/n`, 1);
    this.#add(`0/${arm}/${metric}/sum`, value);
    this.#add(`0/${arm}/${metric}/squares`, value ** 2);
    this.#add(`0/${arm}/${metric}/cubes`, value ** 3);
    if (value === 0 || value === 1) this.#add(`0/${arm}/${metric}/either`, 1);
  }

  verdict(definition: CanaryDefinition): string | undefined {
    return judge(definition, new StepSums(this.sums, 0, 50))[0]?.verdict;
  }

  #add(field: string, amount: number): void {
    this.sums[field] = (this.sums[field] ?? 0) + amount;
  }
}

type Look = (random: () => number, calls: Calls) => void;

/** How often each end came, of runs that are looked at after every call. */
function endsOf(
  definition: CanaryDefinition,
  runs: number,
  most: number,
  look: Look,
): Record<string, number> {
  const ends: Record<string, number> = { breached: 0, held: 0, open: 0 };
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(1_000 + run);
    const calls = new Calls();
    let end = 'open';
    for (let call = 0; call < most && end === 'open'; call++) {
      look(random, calls);
      if (call % 100 === 0) end = calls.verdict(definition) ?? 'open';
    }
    ends[end] = (ends[end] ?? 0) + 1;
  }
  return ends;
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** The first call of a subject, answered or failed. */
function count(sums: Record<string, number>, arm: string, fails: boolean): void {
  const add = (field: string): void => {
    sums[`0/${arm}/${field}`] = (sums[`0/${arm}/${field}`] ?? 0) + 1;
  };
  add('error/n');
  if (!fails) return;
  add('error/sum');
  add('failing');
}

/** Times as they are: some take much longer. */
const times =
  (longer: number, limitMs?: number): Look =>
  (random, calls) => {
    const ms = 800 * Math.exp(0.5 * normal(random));
    if (random() < 0.5) calls.latency('canary', ms * longer, limitMs);
    else calls.latency('stable', ms, limitMs);
  };

const values =
  (metric: string, times_: number, less = 0): Look =>
  (random, calls) => {
    const value = Math.exp(0.5 * normal(random));
    if (random() < 0.5) calls.value('canary', metric, value * times_ - less);
    else calls.value('stable', metric, value);
  };

// Three standard errors above the level of 0.05, of 100 runs.
const byChance = 11;

describe('a 95th percentile compared with stable’s', () => {
  const guard = definitionOf([{ guard: 'p95LatencyMs', tolerated: 1.2, harmful: 1.5 }]);

  test('is hardly ever breached where it is as tolerated, nor held where it is harmful', () => {
    expect(endsOf(guard, 100, 2_000, times(1.2))['breached']).toBeLessThan(byChance);
    expect(endsOf(guard, 100, 2_000, times(1.5))['held']).toBeLessThan(byChance);
  });

  test('is breached where it is twice, and held where it is the same', () => {
    expect(endsOf(guard, 20, 8_000, times(2))).toMatchObject({ breached: 20 });
    expect(endsOf(guard, 20, 8_000, times(1))).toMatchObject({ held: 20 });
  });

  test('is not told by times that are all within the first bucket, or beyond the last', () => {
    const calls = new Calls();
    for (let call = 0; call < 2_000; call++) {
      calls.latency('canary', call % 2 === 0 ? 0 : 0.9);
      calls.latency('stable', 0);
    }
    expect(calls.verdict(guard)).toBe('open');
    const long = new Calls();
    for (let call = 0; call < 2_000; call++) {
      long.latency('canary', 40 * 3_600_000);
      long.latency('stable', 20 * 3_600_000);
    }
    expect(long.verdict(guard)).not.toBe('breached');
  });
});

test('a 95th percentile by itself is judged by how many take longer', () => {
  const guard = definitionOf([{ guard: 'p95LatencyMs', limit: 1_821 }]);
  // 95 of 100 take no longer than that.
  const ends = endsOf(guard, 100, 2_000, times(1, 1_821));
  expect(ends['breached']).toBeLessThan(byChance);
  expect(ends['held']).toBeLessThan(byChance);
  expect(endsOf(guard, 20, 4_000, times(1.5, 1_821))).toMatchObject({ breached: 20 });
  expect(endsOf(guard, 20, 4_000, times(0.7, 1_821))).toMatchObject({ held: 20 });
});

describe('means', () => {
  test('of costs go by how many times stable’s they are, or by a limit', () => {
    const ratio = definitionOf([{ guard: 'costUsd', tolerated: 1.2, harmful: 1.5 }]);
    expect(endsOf(ratio, 100, 2_000, values('costUsd', 1.2))['breached']).toBeLessThan(byChance);
    expect(endsOf(ratio, 100, 2_000, values('costUsd', 1.5))['held']).toBeLessThan(byChance);
    expect(endsOf(ratio, 20, 8_000, values('costUsd', 1.7))).toMatchObject({ breached: 20 });
    expect(endsOf(ratio, 20, 8_000, values('costUsd', 1))).toMatchObject({ held: 20 });
    const limit = definitionOf([{ guard: 'costUsd', limit: 1.5 }]);
    expect(endsOf(limit, 20, 4_000, values('costUsd', 1.7))).toMatchObject({ breached: 20 });
    expect(endsOf(limit, 20, 4_000, values('costUsd', 1))).toMatchObject({ held: 20 });
  });

  test('of scores go by how far below stable’s they are', () => {
    const loss = definitionOf([{ guard: 'score', tolerated: 0.1, harmful: 0.4 }]);
    expect(endsOf(loss, 100, 2_000, values('score', 1, 0.1))['breached']).toBeLessThan(byChance);
    expect(endsOf(loss, 100, 2_000, values('score', 1, 0.4))['held']).toBeLessThan(byChance);
    expect(endsOf(loss, 20, 8_000, values('score', 1, 0.5))).toMatchObject({ breached: 20 });
    expect(endsOf(loss, 20, 8_000, values('score', 1, 0))).toMatchObject({ held: 20 });
    expect(endsOf(loss, 20, 8_000, values('score', 1, -0.5))).toMatchObject({ held: 20 });
  });
});

describe('means of few values that are far from the others, or of none that differ', () => {
  test('say nothing where they differ by what adding up loses', () => {
    const loss = definitionOf([{ guard: 'score', tolerated: 0, harmful: 0.1 }]);
    const same: Look = (random, calls) => calls.value(random() < 0.5 ? 'canary' : 'stable', 'score', 0.9);
    expect(endsOf(loss, 50, 1_000, same)['breached']).toBe(0);
  });

  test('of thumbs that are nearly all up wait until bounds tell', () => {
    const loss = definitionOf([{ guard: 'score', tolerated: 0, harmful: 0.02 }]);
    const thumbs =
      (worse: number): Look =>
      (random, calls) =>
        random() < 0.5
          ? calls.value('canary', 'score', random() < worse ? 0 : 1)
          : calls.value('stable', 'score', 1);
    expect(endsOf(loss, 100, 2_000, thumbs(0.02))['held']).toBeLessThan(byChance);
    expect(endsOf(loss, 10, 4_000, thumbs(0))).toMatchObject({ held: 10 });
    expect(endsOf(loss, 10, 4_000, thumbs(0.2))).toMatchObject({ breached: 10 });
  });

  test('of thumbs that are alike hold nothing back', () => {
    const { sums } = new Calls();
    for (const arm of ['canary', 'stable'])
      Object.assign(sums, {
        [`0/${arm}/error/n`]: 5_000,
        [`0/${arm}/score/n`]: 5_000,
        [`0/${arm}/score/sum`]: 4_500,
        [`0/${arm}/score/squares`]: 4_500,
        [`0/${arm}/score/either`]: 5_000,
      });
    const loss = definitionOf([{ guard: 'score', tolerated: 0, harmful: 0.1 }]);
    expect(
      decide(begun({ definition: loss, by: 'user', changes: { stable: {}, canary: {} } }, 0), sums),
    ).toMatchObject({ to: 'promoted' });
  });

  test('of costs that are seldom thirty times as high wait for enough of these', () => {
    const guard = definitionOf([{ guard: 'costUsd', tolerated: 1, harmful: 1.5 }]);
    const dear =
      (share: number): Look =>
      (random, calls) =>
        random() < 0.5
          ? calls.value('canary', 'costUsd', random() < share ? 30 : 1)
          : calls.value('stable', 'costUsd', 1);
    expect(endsOf(guard, 100, 3_000, dear(0.02))['held']).toBeLessThan(byChance);
  });
});

describe('error rates', () => {
  const guard = definitionOf([{ guard: 'errorRate', tolerated: 1, harmful: 2 }]);
  const calls = (canary: readonly [number, number], stable: readonly [number, number]) => ({
    '0/canary/error/n': canary[0],
    '0/canary/error/sum': canary[1],
    '0/stable/error/n': stable[0],
    '0/stable/error/sum': stable[1],
  });
  const verdictOf = (sums: Record<string, number>) => judge(guard, new StepSums(sums, 0, 50))[0]?.verdict;

  test('are held where next to nothing fails, once that is known of enough calls', () => {
    expect(verdictOf(calls([300, 0], [300, 0]))).toBe('open');
    expect(verdictOf(calls([1_500, 0], [1_500, 0]))).toBe('held');
    expect(verdictOf(calls([5_000, 4], [5_000, 1]))).toBe('held');
    expect(verdictOf(calls([5_000, 100], [5_000, 10]))).toBe('breached');
  });

  test('are breached by what fails later on, where no first call has failed', () => {
    const sums = { ...calls([500, 0], [500, 0]), '0/canary/failing': 30, '0/stable/failing': 2 };
    expect(verdictOf(sums)).toBe('breached');
  });

  test('are not held while all fails in either arm: that tells nothing', () => {
    expect(verdictOf(calls([3_000, 3_000], [3_000, 3_000]))).toBe('open');
    expect(verdictOf(calls([3_000, 600], [3_000, 600]))).toBe('held');
  });

  test('are not held by an outage that both arms share', () => {
    expect(verdictOf(calls([170, 68], [170, 68]))).toBe('open');
    const harmful: Look = (random, { sums }) => {
      const arm = random() < 0.5 ? 'canary' : 'stable';
      const own = arm === 'canary' ? 0.04 : 0.02;
      const outage = (sums['0/canary/error/n'] ?? 0) + (sums['0/stable/error/n'] ?? 0) < 300 ? 0.4 : 0;
      count(sums, arm, random() < 1 - (1 - outage) * (1 - own));
    };
    expect(endsOf(guard, 100, 6_000, harmful)['held']).toBeLessThan(byChance);
  });

  test('are not breached where as many are refused, whatever they ask, in either arm', () => {
    const refusing: Look = (random, { sums }) => {
      const arm = random() < 0.5 ? 'canary' : 'stable';
      if (random() < 0.48) sums[`0/${arm}/failing`] = (sums[`0/${arm}/failing`] ?? 0) + 1;
      else count(sums, arm, false);
    };
    expect(endsOf(guard, 100, 3_000, refusing)['breached']).toBeLessThan(byChance);
  });

  test('are not held while calls of the canary are out that could be the harm', () => {
    const settled = calls([20_000, 400], [20_000, 400]);
    const out = (canary: number, stable: number) => ({
      ...settled,
      '0/canary/began': 20_000 + canary,
      '0/canary/calls': 20_000,
      '0/stable/began': 20_000 + stable,
      '0/stable/calls': 20_000,
    });
    expect(verdictOf(settled)).toBe('held');
    expect(verdictOf(out(400, 0))).toBe('open');
    expect(verdictOf(out(400, 400))).toBe('held');
  });

  test('are not held by first calls where later ones fail, nor where hardly a subject is left that has not failed', () => {
    const sums = calls([2_000, 40], [2_000, 40]);
    expect(verdictOf({ ...sums, '0/canary/failing': 430, '0/stable/failing': 420 })).toBe('held');
    expect(verdictOf({ ...sums, '0/canary/failing': 1_400, '0/stable/failing': 1_300 })).toBe('open');
  });

  test('are breached where nothing works, also while many calls of stable are out', () => {
    const sums = { ...calls([50, 50], [950, 0]), '0/canary/failing': 50 };
    const out = (open: number) => ({ ...sums, '0/stable/began': 950 + open, '0/stable/calls': 950 });
    for (const open of [0, 300, 900]) expect(verdictOf(out(open))).toBe('breached');
  });

  test('are not breached while calls of stable are out that fail as well, only later', () => {
    const sums = calls([1_000, 60], [1_000, 4]);
    expect(verdictOf(sums)).toBe('breached');
    expect(verdictOf({ ...sums, '0/stable/began': 1_090, '0/stable/calls': 1_000 })).toBe('open');
  });

  test('need more to be breached, the more guards and steps there are', () => {
    const sums = calls([400, 20], [400, 6]);
    const parts = [1, 2, 5].map(
      (steps) =>
        judge(
          { ...guard, steps: Array.from({ length: steps }, (_, at) => at + 1) },
          new StepSums(sums, 0, 50),
        )[0]?.towardsBreach ?? 0,
    );
    expect(parts[0]).toBeGreaterThan(parts[1] ?? 1);
    expect(parts[1]).toBeGreaterThan(parts[2] ?? 1);
  });

  test('say how many more calls are wanted, as far as that can be told', () => {
    const half = judge(guard, new StepSums(calls([400, 10], [400, 10]), 0, 50));
    expect(half[0]?.shown).toMatch(
      /^error rate 2\.5 % of 400 calls \(canary\), error rate 2\.5 % of 400 calls \(stable\); evidence against it 0 %, for it \d\d % of what is needed: about \d+ more calls of the canary at this rate$/,
    );
    const none = judge(guard, new StepSums({}, 0, 50));
    expect(none[0]?.shown).toBe(
      'error rate not known of 0 calls (canary), error rate not known of 0 calls (stable); evidence against it 0 %, for it 0 % of what is needed',
    );
  });
});

test('buckets of latency hold what is up to their end, and no more than 15 % shorter', () => {
  for (const ms of [0, 0.4, 1, 1.01, 7, 999.9, 60_000, 3_599_999]) {
    const bucket = bucketOf(ms);
    expect(endOf(bucket)).toBeGreaterThanOrEqual(ms);
    if (bucket > 0) expect(endOf(bucket - 1)).toBeLessThan(ms);
  }
  expect(bucketOf(1e12)).toBe(lastBucket);
  expect(bucketOf(3_600_000)).toBeLessThan(lastBucket);
});
