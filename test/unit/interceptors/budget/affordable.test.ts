import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { affordable, type Purse } from '../../../../src/interceptors/budget/affordable.ts';

interface Terms {
  readonly left: number;
  readonly reserved?: number;
  readonly perToken?: number;
  readonly base?: number;
  readonly lowers?: boolean;
}

const purse = ({ left, reserved = 0, perToken = 1, base = 0, lowers = true }: Terms): Purse => ({
  lowers,
  asks: (limit = 0) => ({ nanoUsd: base + perToken * limit, tokens: 0 }),
  left: { nanoUsd: left, tokens: Infinity },
  reserved: { nanoUsd: reserved, tokens: 0 },
});

describe('what an attempt may have', () => {
  test('is what it asks for, where all have it', () => {
    expect(affordable([purse({ left: 100 }), purse({ left: 200 })], 100, 10)).toEqual({
      kind: 'now',
      limit: 100,
    });
    expect(affordable([], 100, 10)).toEqual({ kind: 'now', limit: 100 });
    expect(affordable([purse({ left: 5, base: 5 })], undefined, 0)).toEqual({
      kind: 'now',
      limit: undefined,
    });
  });

  test('is the highest output limit that all have, others’ reservations apart', () => {
    const tight = purse({ left: 60, base: 10 });
    expect(affordable([purse({ left: 90 }), tight], 100, 10)).toEqual({ kind: 'now', limit: 50 });
    const taken = purse({ left: 90, reserved: 80 });
    expect(affordable([taken, tight], 100, 10)).toEqual({ kind: 'later', limit: 50, blocking: [taken] });
  });

  test('is nothing where one has too little for the least, or does not lower', () => {
    const poor = purse({ left: 9 });
    expect(affordable([purse({ left: 100 }), poor], 100, 10)).toEqual({ kind: 'never', purse: poor });
    const stiff = purse({ left: 60, lowers: false });
    expect(affordable([stiff], 100, 10)).toEqual({ kind: 'never', purse: stiff });
  });

  test('is asked of those that do not lower at the limit that the others have lowered it to', () => {
    const stiff = purse({ left: 60, lowers: false });
    expect(affordable([stiff, purse({ left: 50 })], 100, 10)).toEqual({ kind: 'now', limit: 50 });
  });

  test('is what costs nothing, also of those that are overdrawn', () => {
    const overdrawn = purse({ left: -5, perToken: 0 });
    expect(affordable([overdrawn], 100, 10)).toEqual({ kind: 'now', limit: 100 });
  });

  test('never is more than anybody has, and one token more would be', () => {
    const terms = fc.record({
      left: fc.integer({ min: -100, max: 5_000 }),
      reserved: fc.integer({ min: 0, max: 2_000 }),
      perToken: fc.integer({ min: 0, max: 7 }),
      base: fc.integer({ min: 0, max: 500 }),
      lowers: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(terms, { maxLength: 4 }),
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 1, max: 300 }),
        (all, asked, wanted) => {
          const least = Math.min(asked, wanted);
          const purses = all.map(purse);
          const found = affordable(purses, asked, least);
          const fits = (each: Purse, limit: number | undefined, isBeside: boolean): boolean => {
            const { nanoUsd } = each.asks(limit);
            const { left, reserved } = each;
            return nanoUsd === 0 || nanoUsd <= left.nanoUsd - (isBeside ? reserved.nanoUsd : 0);
          };
          if (found.kind === 'never') {
            expect(fits(found.purse, found.purse.lowers ? least : asked, false)).toBe(false);
            return;
          }
          const { limit = NaN } = found;
          expect(limit).toBeGreaterThanOrEqual(least);
          expect(limit).toBeLessThanOrEqual(asked);
          for (const each of purses) expect(fits(each, limit, false)).toBe(true);
          if (limit < asked) expect(purses.some((each) => !fits(each, limit + 1, false))).toBe(true);
          expect(purses.every((each) => fits(each, limit, true))).toBe(found.kind === 'now');
        },
      ),
    );
  });
});
