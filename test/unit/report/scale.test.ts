import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaleTo } from '../../../src/report/scale.ts';

test('a scale reaches what is shown, by few and even steps', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e18, noNaN: true }), (most) => {
      const { top, step, ticks } = scaleTo(most, false);
      expect(top).toBeGreaterThanOrEqual(most * (1 - 1e-6));
      expect(top).toBeLessThan(most + step * (1 + 1e-6));
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)).toBe(top);
    }),
  );
});

test('of whole things, ticks are whole', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (most) => {
      const { ticks, top } = scaleTo(most, true);
      expect(ticks.every(Number.isInteger)).toBe(true);
      expect(top).toBeGreaterThanOrEqual(most);
    }),
  );
});

test.each([
  [36.09, [0, 10, 20, 30, 40]],
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
])('up to %d', (most, ticks) => {
  expect(scaleTo(most, true).ticks).toEqual(ticks);
});
