import { rateOf } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { shareEvidence, type Failing } from '../../../src/canaries/share-evidence.ts';
import { rateEvidence } from '../../../src/experiments/rate.ts';

/** What evidence is expected to come to with one failing subject more, if the canary's rate is so many times stable's. */
function expected(
  of: 'above' | 'below',
  before: Failing,
  ratio: number,
  [tolerated, harmful]: readonly [number, number],
): number {
  const odds = (ratio * before.percent) / (100 - before.percent);
  const ofCanary = odds / (1 + odds);
  const after = (more: Partial<Failing>) => shareEvidence({ ...before, ...more }, tolerated, harmful)[of];
  return (
    ofCanary * after({ canary: before.canary + 1 }) + (1 - ofCanary) * after({ stable: before.stable + 1 })
  );
}

const shares = [1, 5, 50, 90] as const;
const limits = [
  [1, 2],
  [1.3, 1.7],
  [1, 50],
] as const;
const cases = shares.flatMap((percent) =>
  limits.map(([tolerated, harmful]) => ({ percent, tolerated, harmful })),
);

describe('evidence of a ratio, from whose arm subjects are that failed', () => {
  test.each(cases)(
    'is expected to stay as it is at the ratio itself ($percent %, $tolerated and $harmful)',
    ({ percent, tolerated, harmful }) => {
      const before = { canary: 7, stable: 11, percent };
      const now = shareEvidence(before, tolerated, harmful);
      const ratios = [tolerated, harmful] as const;
      expect(expected('above', before, tolerated, ratios) / now.above).toBeCloseTo(1, 8);
      expect(expected('below', before, harmful, ratios) / now.below).toBeCloseTo(1, 8);
    },
  );

  test.each(cases)(
    'is expected to fall beyond it ($percent %, $tolerated and $harmful)',
    ({ percent, tolerated, harmful }) => {
      const before = { canary: 7, stable: 11, percent };
      const now = shareEvidence(before, tolerated, harmful);
      const ratios = [tolerated, harmful] as const;
      for (const less of [0.99, 0.5, 0.1])
        expect(expected('above', before, tolerated * less, ratios)).toBeLessThan(now.above);
      for (const more of [1.01, 2, 10])
        expect(expected('below', before, harmful * more, ratios)).toBeLessThan(now.below);
    },
  );

  test('grows with what is seen, on the side that it is seen on, in parts of the share', () => {
    const worse = shareEvidence({ canary: 20, stable: 95, percent: 5 }, 1, 2);
    expect(worse.above).toBeGreaterThan(1_000);
    expect(worse.below).toBeLessThan(0.01);
    const alike = shareEvidence({ canary: 20, stable: 380, percent: 5 }, 1, 2);
    expect(alike.above).toBeLessThan(1);
    expect(alike.below).toBeGreaterThan(50);
    expect(shareEvidence({ canary: 0, stable: 0, percent: 5 }, 1, 2)).toEqual({ above: 1, below: 1 });
    expect(shareEvidence({ canary: 1e6, stable: 0, percent: 5 }, 1, 2).above).toBe(1e300);
  });

  test('is enough after a few subjects where all of a small canary fail', () => {
    expect(shareEvidence({ canary: 3, stable: 1, percent: 5 }, 1, 2).above).toBeLessThan(300);
    expect(shareEvidence({ canary: 6, stable: 2, percent: 5 }, 1, 2).above).toBeGreaterThan(300);
  });
});

describe('evidence of a rate', () => {
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
