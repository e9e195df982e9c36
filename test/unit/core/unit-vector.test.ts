import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { asCosine, unitOf } from '../../../src/core/unit-vector.ts';

test('what points somewhere points there still, and has length 1, however long it was', () => {
  const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 9 }), (vector): void => {
      const unit = unitOf(vector);
      if (vector.every((component) => component === 0)) {
        expect(unit).toBeUndefined();
        return;
      }
      expect(Math.hypot(...(unit ?? []))).toBeCloseTo(1, 5);
      const largest = Math.max(...vector.map(Math.abs));
      const largestInUnit = Math.max(...(unit ?? []).map(Math.abs));
      for (const [index, component] of vector.entries())
        expect((unit?.[index] ?? NaN) / largestInUnit).toBeCloseTo(component / largest, 5);
    }),
    { examples: [[[0]], [[-0, 0]], [[Number.MIN_VALUE]]] },
  );
});

test('nothing points where zeros, nothing, or what is no finite number points', () => {
  for (const vector of [[], [0], [-0, 0], [NaN, 1], [1, Infinity], [-Infinity], new Float32Array(3)])
    expect(unitOf(vector)).toBeUndefined();
});

test('a cosine is from -1 to 1, however it was computed', () => {
  expect([1.0000001, 1, 0.5, -1, -1.0000001].map(asCosine)).toEqual([1, 1, 0.5, -1, -1]);
});
