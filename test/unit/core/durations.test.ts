import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Durations } from '../../../src/core/durations.ts';

const of = (all: readonly number[]): Durations => {
  const durations = new Durations();
  for (const ms of all) durations.add(ms);
  return durations;
};

test('a quantile is right to a hundredth, and never outside what there was', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.95, 0.99, 1),
      (all, share) => {
        const sorted = all.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(share * all.length - 1e-9) - 1] ?? NaN;
        const told = of(all).quantile(share) ?? NaN;
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(Math.max(0.5, exact * 0.0101 + 0.5));
        expect(told).toBeGreaterThanOrEqual(sorted[0] ?? NaN);
        expect(told).toBeLessThanOrEqual(sorted.at(-1) ?? NaN);
      },
    ),
  );
});

test('durations that were counted apart come to the same together', () => {
  const some = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 50 });
  fc.assert(
    fc.property(some, some, fc.constantFrom(0.5, 0.95, 1), (one, other, share) => {
      const together = of(one);
      together.addAll(of(other));
      expect(together.quantile(share)).toBe(of([...one, ...other]).quantile(share));
    }),
  );
});

test('one alone is told exactly, and of none nothing', () => {
  expect(of([1_234]).quantile(0.5)).toBe(1_234);
  expect(of([]).quantile(0.5)).toBeUndefined();
});

test('a million take the memory of a thousand', () => {
  const many = of(Array.from({ length: 1_000_000 }, (_, index) => index % 100_000));
  expect(many.quantile(0.5)).toBeGreaterThan(49_000);
  expect(many.quantile(0.5)).toBeLessThan(51_000);
});
