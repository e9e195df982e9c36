import { Assignment } from 'managed-llm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const users = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);

const assigned = (weights: Readonly<Record<string, number>>, seed = 'tone'): readonly string[] => {
  const assignment = new Assignment(
    Object.entries(weights).map(([name, weight]) => ({ name, weight })),
    seed,
  );
  return users.map((user) => assignment.armOf(user) ?? 'none');
};

const share = (arms: readonly string[], arm: string): number =>
  arms.filter((each) => each === arm).length / arms.length;

describe('subjects', () => {
  test('come to the same arm in every process, whatever the order of the arms', () => {
    expect(assigned({ a: 1, b: 2 })).toEqual(assigned({ b: 2, a: 1 }));
  });

  test('come to arms by their weights; none to one of 0', () => {
    const arms = assigned({ a: 6, b: 3, c: 1, d: 0 });
    expect(share(arms, 'a')).toBeCloseTo(0.6, 1);
    expect(share(arms, 'b')).toBeCloseTo(0.3, 1);
    expect(share(arms, 'c')).toBeCloseTo(0.1, 1);
    expect(share(arms, 'd')).toBe(0);
  });

  test('come to none where all weights are 0', () => {
    expect(new Set(assigned({ a: 0, b: 0 }))).toEqual(new Set(['none']));
  });

  test('of one experiment say nothing about their arm in another', () => {
    const [one, other] = [assigned({ a: 1, b: 1 }), assigned({ a: 1, b: 1 }, 'length')];
    const both = one.filter((arm, index) => arm === 'a' && other[index] === 'a').length / users.length;
    expect(Math.abs(both - 0.25)).toBeLessThan(0.012);
  });
});

describe('when a weight changes', () => {
  test('subjects leave an arm that gets less, and come to one that gets more, and no others move', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 2, maxLength: 5 }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (weights, changed) => {
          const before = Object.fromEntries(weights.map((weight, index) => [`arm${index}`, weight]));
          const [from, to] = [assigned(before), assigned({ ...before, arm0: changed })];
          const grows = changed > (weights[0] ?? 0);
          for (const [index, arm] of from.entries())
            if (arm !== to[index]) expect(grows ? to[index] : arm).toBe('arm0');
        },
      ),
      { numRuns: 20 },
    );
  });

  test('an arm that comes takes its share from each of the others, and gives it back when it goes', () => {
    const [without, withIt] = [assigned({ a: 1, b: 1 }), assigned({ a: 1, b: 1, c: 2 })];
    const moved = without.filter((arm, index) => arm !== withIt[index]);
    expect(moved.length / users.length).toBeCloseTo(0.5, 1);
    expect(withIt.every((arm, index) => arm === 'c' || arm === without[index])).toBe(true);
  });
});
