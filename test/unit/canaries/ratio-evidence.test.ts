import { rateOf } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { kindOfSet, ratioEvidence, type SetCounts } from '../../../src/experiments/odds-evidence.ts';
import { rateEvidence } from '../../../src/experiments/rate.ts';

/** The single call of a set is so with this probability, if the arm's odds are so many times the control's. */
function likelihood(size: number, positives: number, ratio: number): number {
  const all = Math.abs(size) + 1;
  const odds = size > 0 ? ratio : 1 / ratio;
  return (positives * odds) / (positives * odds + all - positives);
}

/** What evidence is expected to come to with one set more. */
function expected(
  of: 'above' | 'below',
  [size, positives, ratio]: readonly [number, number, number],
  [tolerated, harmful]: readonly [number, number],
  before: SetCounts,
): number {
  const so = likelihood(size, positives, ratio);
  return [true, false].reduce((sum, single) => {
    const kind = kindOfSet({ size, positives, single });
    const after = { ...before, [kind]: (before[kind] ?? 0) + 1 };
    return sum + (single ? so : 1 - so) * ratioEvidence(after, tolerated, harmful)[of];
  }, 0);
}

const before: SetCounts = { '1:1:1': 7, '1:1:0': 3, '8:2:1': 2, '-3:1:0': 1 };
const sets = [
  [1, 1],
  [3, 2],
  [-3, 2],
  [8, 1],
  [8, 7],
] as const;
const limits = [
  [1, 2],
  [1.3, 1.7],
  [1, 50],
] as const;
const cases = sets.flatMap(([size, positives]) =>
  limits.map(([tolerated, harmful]) => ({ size, positives, tolerated, harmful })),
);

describe('evidence of a ratio, from matched sets', () => {
  test.each(cases)(
    'is expected to stay as it is at the ratio itself ($size:$positives, $tolerated and $harmful)',
    ({ size, positives, tolerated, harmful }) => {
      const now = ratioEvidence(before, tolerated, harmful);
      const ratios = [tolerated, harmful] as const;
      expect(expected('above', [size, positives, tolerated], ratios, before)).toBeCloseTo(now.above, 8);
      expect(expected('below', [size, positives, harmful], ratios, before)).toBeCloseTo(now.below, 8);
    },
  );

  test.each(cases)(
    'is expected to fall beyond it ($size:$positives, $tolerated and $harmful)',
    ({ size, positives, tolerated, harmful }) => {
      const now = ratioEvidence(before, tolerated, harmful);
      const ratios = [tolerated, harmful] as const;
      for (const less of [0.99, 0.5, 0.1])
        expect(expected('above', [size, positives, tolerated * less], ratios, before)).toBeLessThan(
          now.above,
        );
      for (const more of [1.01, 2, 10])
        expect(expected('below', [size, positives, harmful * more], ratios, before)).toBeLessThan(now.below);
    },
  );

  test('grows with what is seen, on the side that it is seen on, whichever side is the single call', () => {
    for (const [more, less] of [
      ['1:1:1', '1:1:0'],
      ['-1:1:0', '-1:1:1'],
    ] as const) {
      const worse = ratioEvidence({ [more]: 60, [less]: 15 }, 1, 2);
      expect(worse.above).toBeGreaterThan(10_000);
      expect(worse.below).toBeLessThan(0.01);
      const alike = ratioEvidence({ [more]: 50, [less]: 50 }, 1, 2);
      expect(alike.above).toBeLessThan(1);
      expect(alike.below).toBeGreaterThan(100);
    }
    expect(ratioEvidence({}, 1, 2)).toEqual({ above: 1, below: 1 });
    expect(ratioEvidence({ '1:1:1': 1e6 }, 1, 2).above).toBe(1e300);
  });
});

describe('evidence of a share', () => {
  test('has passed 1 / alpha where the bounds leave the share, and nowhere else', () => {
    for (const [positives, calls] of [
      [0, 5],
      [3, 20],
      [20, 20],
      [60, 1_000],
    ] as const)
      for (const alpha of [0.2, 0.01]) {
        const { low, high } = rateOf(positives, calls, alpha) ?? expect.fail();
        for (const share of [0.001, 0.05, 0.2, 0.7, 0.99]) {
          const { eValue, points } = rateEvidence(positives, calls, share);
          expect(eValue >= 1 / alpha).toBe(share <= low || share >= high);
          expect(points).toBe(positives / calls >= share ? 'up' : 'down');
        }
      }
  });

  test('grows with how many were so beyond the share: that is what percentiles go by', () => {
    for (const calls of [1, 20, 200])
      for (let positives = 1; positives <= calls; positives++) {
        const [less, more] = [positives - 1, positives].map((so) => rateEvidence(so, calls, 0.05));
        if (less?.points === 'up') expect(more?.eValue).toBeGreaterThan(less.eValue);
        if (more?.points === 'down') expect(more.eValue).toBeLessThan(less?.eValue ?? 0);
      }
  });
});
