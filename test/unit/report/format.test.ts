import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  count,
  countTicks,
  duration,
  durationTicks,
  evidence,
  money,
  Moments,
  moneyTicks,
  percent,
  percentTicks,
  plain as plainNumber,
  points,
  shortCount,
  signed,
} from '../../../src/report/format.ts';

const usd = (value: number): number => Math.round(value * 1e9);
/** With plain spaces, as it is easier to write. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test.each([
  [0, '$0'],
  [12_345.674, '$12,345.67'],
  [1, '$1.00'],
  [0.5, '$0.50'],
  [0.05, '$0.05'],
  [0.999_999_999, '$1.00'],
  [0.0457, '$0.046'],
  [0.0023, '$0.0023'],
  [0.000_000_012, '$0.000000012'],
  [0.999, '$1.00'],
  [-1_234.5, '-$1,234.50'],
])('$%d is told as %s', (value, text) => {
  expect(money(usd(value))).toBe(text);
});

test('money is never told as nothing where there is some, and never off by more than half of what is told last', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_000_000_000_000_000 }), (nanoUsd) => {
      const text = money(nanoUsd);
      const told = Number(text.replace(/[$,]/g, ''));
      const decimals = text.split('.')[1]?.length ?? 0;
      expect(told).toBeGreaterThan(0);
      expect(Math.abs(told - nanoUsd / 1e9)).toBeLessThanOrEqual(0.5001 * 10 ** -decimals);
    }),
  );
});

test.each([
  [0, 10, '0%'],
  [10, 10, '100%'],
  [1, 3, '33.3%'],
  [1, 100_000, '<0.1%'],
  [99_999, 100_000, '>99.9%'],
  [9_996, 10_000, '>99.9%'],
  [9_990, 10_000, '99.9%'],
  [102, 100, '102%'],
  [0, 0, '–'],
])('%d of %d are %s', (part, whole, text) => {
  expect(percent(part, whole)).toBe(text);
});

test.each([
  [undefined, '–'],
  [0, '0 ms'],
  [850.4, '850 ms'],
  [1_000, '1.0 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min'],
  [72_000, '1 min 12 s'],
  [3_600_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [86_400_000, '24 h'],
])('%s milliseconds are %s', (ms, text) => {
  expect(plain(duration(ms))).toBe(text);
});

test('a number and its unit stay on one line; where there are two, they may stand on two', () => {
  expect([850, 4_200, 60_000].map(duration).join('')).not.toMatch(/ /);
  expect(duration(7_500_000)).toBe('2\u00a0h 5\u00a0min');
});

test('counts are told in full or in three digits', () => {
  expect([count(1_234_567), shortCount(9_999), shortCount(12_345), shortCount(4_560_000)]).toEqual([
    '1,234,567',
    '9,999',
    '12.3K',
    '4.56M',
  ]);
});

describe('ticks of one axis', () => {
  test('are told alike', () => {
    const ticks = (values: readonly number[], tell: (value: number) => string) => values.map(tell).map(plain);
    expect(ticks([0, 0.05, 0.1], (value) => moneyTicks(usd(value), usd(0.05)))).toEqual([
      '$0',
      '$0.05',
      '$0.10',
    ]);
    expect(ticks([0, 250, 1_500], (value) => moneyTicks(usd(value), usd(250)))).toEqual([
      '$0',
      '$250',
      '$1,500',
    ]);
    expect(ticks([20_000, 40_000], (value) => moneyTicks(usd(value), usd(20_000)))).toEqual(['$20K', '$40K']);
    expect(ticks([0, 2.5, 5], (value) => moneyTicks(usd(value), usd(2.5)))).toEqual(['$0', '$2.50', '$5.00']);
    expect(ticks([0, 500, 1_000], (value) => durationTicks(value, 500))).toEqual(['0', '0.5 s', '1.0 s']);
    expect(ticks([0, 10_000], (value) => durationTicks(value, 10_000))).toEqual(['0', '10 s']);
    expect(ticks([0, 50, 100], (value) => percentTicks(value, 50))).toEqual(['0%', '50%', '100%']);
    expect(ticks([0, 2.5, 5], (value) => percentTicks(value, 2.5))).toEqual(['0.0%', '2.5%', '5.0%']);
    expect(ticks([0.25, 0.5], (value) => percentTicks(value, 0.25))).toEqual(['0.25%', '0.50%']);
    expect(ticks([0, 2_500_000], (value) => countTicks(value, 2_500_000))).toEqual(['0', '2.5M']);
  });

  test('are told apart, whatever lies between them', () => {
    const steps = fc.tuple(fc.constantFrom(1, 2, 2.5, 5), fc.integer({ min: 0, max: 14 }));
    fc.assert(
      fc.property(steps, ([digit, power]) => {
        const step = digit * 10 ** power;
        fc.pre(Number.isInteger(step));
        for (const tell of [moneyTicks, countTicks, durationTicks]) {
          const texts = Array.from({ length: 6 }, (_, index) => tell(index * step, step));
          expect(new Set(texts).size).toBe(6);
        }
      }),
    );
  });
});

test('moments are those of the time zone', () => {
  const newYear = Date.parse('2026-12-31T23:30:00Z');
  expect(new Moments('Europe/Berlin').minute(newYear)).toBe('1 Jan 2027, 00:30');
  expect(new Moments('UTC').day(newYear)).toBe('31 Dec 2026');
});

test.each([
  [0, '0.0 pp'],
  [0.012, '1.2 pp'],
  [0.5, '50.0 pp'],
  [0.0001, '0.01 pp'],
])('a difference of rates of %d is told as %s', (share, text) => {
  expect(plain(points(share))).toBe(text);
});

test('differences have their sign, but for none', () => {
  expect(signed(0.5, plainNumber)).toBe('+0.500');
  expect(signed(-12.34, plainNumber)).toBe('\u221212.3');
  expect(signed(0, plainNumber)).toBe('0.00');
});

test.each([
  [0.04, '0.0'],
  [1, '1.0'],
  [9.97, '10'],
  [20, '20'],
  [12_345, '12.3K'],
  [999_999, '1M'],
  [1e300, '>1M'],
  [Infinity, '>1M'],
])('evidence of %d is told as %s', (eValue, text) => {
  expect(evidence(eValue)).toBe(text);
});
