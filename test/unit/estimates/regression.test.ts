import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Regression } from '../../../src/estimates/regression.ts';
import { seededRandom } from '../../../src/testing/seeded-random.ts';

const priors = [
  { weight: 10, doubt: 20 },
  { weight: 1, doubt: 0.2 },
];
const noise = 5;

function taught(count: number, seen: (length: number, index: number) => number, seed = 1): Regression {
  const regression = new Regression(priors);
  const random = seededRandom(seed);
  for (let index = 0; index < count; index++) {
    const length = 50 + 500 * random();
    regression.learn([1, length], seen(length, index), noise);
  }
  return regression;
}

describe('a regression', () => {
  it('believes its prior before it has seen anything', () => {
    expect(new Regression(priors).predict([1, 100])).toBe(110);
  });

  it('finds the weights that made what it sees', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 2.5, noNaN: true }),
        fc.integer({ min: 0, max: 200 }),
        fc.nat(),
        (slope, base, seed) => {
          const regression = taught(80, (length) => base + slope * length, seed);
          expect(regression.predict([1, 300])).toBeGreaterThan((base + slope * 300) * 0.9);
          expect(regression.predict([1, 300])).toBeLessThan((base + slope * 300) * 1.1);
        },
      ),
    );
  });

  it('is hardly moved by single values that are far off', () => {
    const regression = taught(100, (length, index) => (index % 10 === 9 ? 50 : 1) * (10 + length));
    expect(regression.predict([1, 300])).toBeGreaterThan(310 * 0.9);
    expect(regression.predict([1, 300])).toBeLessThan(310 * 1.15);
  });

  it('follows what has changed for good, within some values', () => {
    const regression = taught(200, (length, index) => (index < 180 ? 1 : 3) * (10 + length));
    expect(regression.predict([1, 300])).toBeGreaterThan(930 * 0.8);
  });

  it('stays finite, whatever it sees', () => {
    const value = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 60 }), (seen) => {
        const regression = new Regression(priors);
        for (const [length, tokens] of seen) regression.learn([1, length], tokens, noise);
        expect(Number.isFinite(regression.predict([1, 100]))).toBe(true);
      }),
    );
  });
});
