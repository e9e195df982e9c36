import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RetryBudget } from '../../../../src/interceptors/retry/retry-budget.ts';

const taken = (budget: RetryBudget, now: number, tries: number) =>
  Array.from({ length: tries }, () => budget.take(now)).filter(Boolean).length;

describe('the budget of repeats', () => {
  test('lets a lone caller repeat ten times, and once a second after that', () => {
    const budget = new RetryBudget('a/b', 0.1);
    budget.earn(0);
    expect(taken(budget, 0, 50)).toBe(10);
    expect(taken(budget, 999, 50)).toBe(1);
    expect(taken(budget, 10_999, 50)).toBe(10);
    expect(taken(budget, 1_000_000, 50)).toBe(10);
  });

  test('grows with the share of the calls, up to a hundred', () => {
    const budget = new RetryBudget('a/b', 0.1);
    for (let call = 0; call < 500; call++) budget.earn(0);
    expect(budget.left(0)).toBe(60);
    for (let call = 0; call < 5_000; call++) budget.earn(0);
    expect(taken(budget, 0, 1_000)).toBe(100);
  });

  test('counts what it allowed and what it did not', () => {
    const budget = new RetryBudget('a/b', 0);
    budget.earn(0);
    taken(budget, 0, 13);
    expect(budget).toMatchObject({ target: 'a/b', firstAttempts: 1, repeats: 10, denied: 3 });
  });

  test('`false` allows all', () => {
    const budget = new RetryBudget('a/b', false);
    expect(taken(budget, 0, 1_000)).toBe(1_000);
    expect(budget.left(0)).toBe(Infinity);
  });

  test('repeats never exceed what is saved, the share of the calls and a repeat a second, over any stretch of time', () => {
    const steps = fc.array(
      fc.record({ afterMs: fc.nat({ max: 5_000 }), calls: fc.nat({ max: 200 }), tries: fc.nat({ max: 60 }) }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (made, share) => {
        const budget = new RetryBudget('a/b', share);
        const books: { at: number; calls: number; repeats: number }[] = [];
        let now = 0;
        for (const { afterMs, calls, tries } of made) {
          now += afterMs;
          for (let call = 0; call < calls; call++) budget.earn(now);
          books.push({ at: now, calls, repeats: taken(budget, now, tries) });
        }
        for (let from = 0; from < books.length; from++) {
          const stretch = books.slice(from);
          for (let to = 1; to <= stretch.length; to++) {
            const part = stretch.slice(0, to);
            const sum = (key: 'calls' | 'repeats') => part.reduce((total, row) => total + row[key], 0);
            const seconds = ((part.at(-1)?.at ?? 0) - (books[from - 1]?.at ?? 0)) / 1_000;
            const saved = from === 0 ? 10 : 100;
            expect(sum('repeats')).toBeLessThanOrEqual(saved + share * sum('calls') + seconds + 1e-6);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a clock that is set back takes nothing away', () => {
    const budget = new RetryBudget('a/b', 0.1);
    expect(taken(budget, 100_000, 5)).toBe(5);
    expect(budget.left(0)).toBe(5);
  });
});
