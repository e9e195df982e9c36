import {
  compareMeans,
  kindOfSet,
  Matching,
  meanOf,
  oddsEvidence,
  rateOf,
  type MatchedSet,
  type Moments,
  type SetCounts,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/testing/seeded-random.ts';

/** The probability of a set of one call and `m` others, each so with probability `rate`, of which some tell nothing. */
function setsOf(m: number, rate: number): readonly { readonly set: MatchedSet; readonly likely: number }[] {
  const found: { set: MatchedSet; likely: number }[] = [];
  for (let calls = 0; calls < 2 ** (m + 1); calls++) {
    const all = Array.from({ length: m + 1 }, (_, index) => (calls >> index) % 2 === 1);
    const positives = all.filter(Boolean).length;
    const likely = rate ** positives * (1 - rate) ** (m + 1 - positives);
    found.push({ set: { size: m, positives, single: all[0] === true }, likely });
  }
  return found;
}

const isTelling = ({ size, positives }: MatchedSet): boolean => positives > 0 && positives <= Math.abs(size);

describe('evidence from matched sets', () => {
  test.each([
    [1, 0.5],
    [1, 0.02],
    [3, 0.3],
    [-3, 0.3],
    [8, 0.01],
  ])('is expected to stay as it is where the arm makes no difference (%i, %f)', (size, rate) => {
    const before: SetCounts = { '1:1:1': 7, '1:1:0': 3, '4:2:1': 2 };
    const now = oddsEvidence(before).eValue;
    let expected = 0;
    for (const { set, likely } of setsOf(Math.abs(size), rate)) {
      const kind = kindOfSet({ ...set, size });
      const after = isTelling(set) ? { ...before, [kind]: (before[kind] ?? 0) + 1 } : before;
      expected += likely * oddsEvidence(after).eValue;
    }
    expect(expected).toBeCloseTo(now, 9);
  });

  test('grows with a difference, points where it is, and says the same of both sides', () => {
    const up = oddsEvidence({ '1:1:1': 60, '1:1:0': 20 });
    expect(up.eValue).toBeGreaterThan(1_000);
    expect(up.points).toBe('up');
    const mirrored = oddsEvidence({ '-1:1:0': 60, '-1:1:1': 20 });
    expect(mirrored.points).toBe('up');
    expect(mirrored.eValue).toBeCloseTo(up.eValue, 6);
    expect(oddsEvidence({ '1:1:1': 20, '1:1:0': 60 }).points).toBe('down');
  });

  test('is none of no sets, and stays a number of very many', () => {
    expect(oddsEvidence({})).toEqual({ eValue: 1, points: 'up' });
    expect(oddsEvidence({ '1:1:1': 1e6 }).eValue).toBe(1e300);
  });
});

describe('matching', () => {
  test('makes pairs of calls that came about the same time', () => {
    const matching = new Matching(1);
    expect(matching.add(true, true)).toBeUndefined();
    expect(matching.add(false, false)).toEqual({ size: 1, positives: 1, single: false });
    expect(matching.add(false, true)).toBeUndefined();
    expect(matching.add(true, false)).toEqual({ size: 1, positives: 1, single: true });
  });

  test('leaves out sets whose calls are all alike', () => {
    const matching = new Matching(1);
    for (const is of [true, false])
      for (const isControl of [true, false]) expect(matching.add(isControl, is)).toBeUndefined();
  });

  test('gives a call of the rarer side as many others as there are, eight at most', () => {
    const sizes = (ratio: number, isControl: boolean): number | undefined => {
      const matching = new Matching(ratio);
      for (let more = 0; more < 20; more++) matching.add(isControl, false);
      return matching.add(!isControl, true)?.size;
    };
    expect([sizes(1, true), sizes(4, true), sizes(99, true)]).toEqual([1, 4, 8]);
    expect([sizes(1 / 3, false), sizes(0.01, false)]).toEqual([-3, -8]);
  });

  test('takes the newest, and lets go of what has waited for long', () => {
    const matching = new Matching(1);
    matching.add(true, true);
    matching.add(true, false);
    expect(matching.add(false, true)).toEqual({ size: 1, positives: 1, single: true });
    for (let more = 0; more < 16; more++) matching.add(true, false);
    for (let more = 0; more < 16; more++) expect(matching.add(false, false)).toBeUndefined();
    expect(matching.add(false, false)).toBeUndefined();
  });
});

describe('an interval of a rate', () => {
  test('holds all shares that what was seen does not refute, and is wider than one for a single look', () => {
    const { mean, low, high } = rateOf(20, 1_000, 0.05) ?? expect.fail();
    expect(mean).toBe(0.02);
    // Wilson's, which holds for one look alone, is 0.013 to 0.031.
    expect(low).toBeCloseTo(0.0073, 4);
    expect(high).toBeCloseTo(0.0421, 4);
  });

  test('reaches to the end where nothing or everything was so', () => {
    expect(rateOf(0, 50, 0.05)).toMatchObject({ mean: 0, low: 0 });
    expect(rateOf(50, 50, 0.05)).toMatchObject({ mean: 1, high: 1 });
    expect(rateOf(0, 0, 0.05)).toBeUndefined();
  });

  test('has the true share in it at all times together, as often as it says', () => {
    const random = seededRandom(8);
    let missed = 0;
    for (let run = 0; run < 200; run++) {
      let positives = 0;
      for (let calls = 1; calls <= 300; calls++) {
        positives += Number(random() < 0.3);
        const { low = 0, high = 1 } = rateOf(positives, calls, 0.1) ?? {};
        if (low <= 0.3 && high >= 0.3) continue;
        missed++;
        break;
      }
    }
    expect(missed / 200).toBeLessThanOrEqual(0.1);
  });
});

const momentsOf = (values: readonly number[]): Moments => ({
  n: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  squares: values.reduce((sum, value) => sum + value ** 2, 0),
});

describe('means', () => {
  const values = Array.from({ length: 400 }, (_, index) => 100 + (index % 10));

  test('of few calls have no bounds, and of none are none', () => {
    expect(meanOf(momentsOf([1, 2, 3]), 0.05)).toEqual({ mean: 2, sd: 1, low: undefined, high: undefined });
    expect(meanOf(momentsOf([]), 0.05)).toBeUndefined();
    expect(compareMeans(momentsOf([1]), momentsOf([2]), 0.05)).toEqual({
      difference: 1,
      low: undefined,
      high: undefined,
      eValue: 1,
      points: 'up',
    });
  });

  test('that differ are told apart, by an interval that leaves out 0 exactly when the evidence is enough', () => {
    const others = momentsOf(values);
    for (const shift of [0, 0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 2, -2]) {
      const compared = compareMeans(others, momentsOf(values.map((value) => value + shift)), 0.05);
      const { eValue, low = 0, high = 0, points } = compared ?? expect.fail();
      expect(eValue >= 20).toBe(low > 0 || high < 0);
      if (shift !== 0) expect(points).toBe(shift > 0 ? 'up' : 'down');
    }
  });

  test('without any variance are told apart at once, and stay numbers', () => {
    const constant = (value: number): Moments => momentsOf(Array.from({ length: 300 }, () => value));
    expect(compareMeans(constant(1), constant(1), 0.05)?.eValue).toBeLessThan(1);
    expect(compareMeans(constant(1), constant(2), 0.05)?.eValue).toBe(1e300);
  });
});
