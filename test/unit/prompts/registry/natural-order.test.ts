import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { naturally } from '../../../../src/prompts/registry/natural-order.ts';

describe('versions are ordered as people count', () => {
  test.each([
    [
      ['10', '2', '1'],
      ['1', '2', '10'],
    ],
    [
      ['1.10', '1.9', '2.0', '1'],
      ['1', '1.9', '1.10', '2.0'],
    ],
    [
      ['v10', 'v9'],
      ['v9', 'v10'],
    ],
    [
      ['2026-12-01', '2026-2-01', '2025-12-31'],
      ['2025-12-31', '2026-2-01', '2026-12-01'],
    ],
    [
      ['draft-1', '99999999999999999999998', '99999999999999999999997', 'a'],
      ['99999999999999999999997', '99999999999999999999998', 'a', 'draft-1'],
    ],
    [
      ['b', 'a', '1'],
      ['1', 'a', 'b'],
    ],
    [
      ['1', '01'],
      ['01', '1'],
    ],
  ])('%j', (given, ordered) => {
    expect(given.toSorted(naturally)).toEqual(ordered);
  });

  test('in one order, whatever they are called', () => {
    const name = fc.string({ unit: fc.constantFrom('0', '1', '9', '.', 'a', 'v', '-'), maxLength: 6 });
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(naturally(a, b))).toBe(-Math.sign(naturally(b, a)) || 0);
        if (naturally(a, b) <= 0 && naturally(b, c) <= 0) expect(naturally(a, c)).toBeLessThanOrEqual(0);
        expect(naturally(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
