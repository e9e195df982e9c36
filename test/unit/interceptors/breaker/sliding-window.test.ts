import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { SlidingWindow } from '../../../../src/interceptors/breaker/sliding-window.ts';

interface Counted {
  readonly at: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

/** What the ring stands for: a list of everything, looked through each time. */
function naive(counted: readonly Counted[], now: number, windowMs: number) {
  const sliceOf = (at: number) => Math.floor(at / (windowMs / 10));
  const kept = counted.filter(({ at }) => sliceOf(at) > sliceOf(now) - 10);
  return {
    calls: kept.length,
    failures: kept.filter(({ failed }) => failed).length,
    slow: kept.filter(({ slow }) => slow).length,
  };
}

const seen = ({ calls, failures, slow }: SlidingWindow) => ({ calls, failures, slow });

const steps = fc.array(
  fc.record({
    afterMs: fc.oneof(
      fc.nat({ max: 200 }),
      fc.nat({ max: 5_000 }),
      fc.constantFrom(100, 900, 1_000, 1_001, 30_000),
    ),
    failed: fc.boolean(),
    slow: fc.boolean(),
  }),
  { maxLength: 200 },
);

test('holds what a list of all calls would, whatever the times between them', () => {
  fc.assert(
    fc.property(
      steps,
      fc.constantFrom(1, 7, 1_000, 30_000),
      fc.constantFrom(0, -12_345, 1_790_000_000_123),
      (made, windowMs, startedAt) => {
        const window = new SlidingWindow(windowMs);
        const counted: Counted[] = [];
        let now = startedAt;
        for (const { afterMs, failed, slow } of made) {
          now += afterMs;
          window.advance(now);
          expect(seen(window)).toEqual(naive(counted, now, windowMs));
          counted.push({ at: now, failed, slow });
          window.count(now, failed, slow);
          expect(seen(window)).toEqual(naive(counted, now, windowMs));
        }
      },
    ),
  );
});

test('remembers a call for at least nine tenths of the window, and never for longer than all of it', () => {
  fc.assert(
    fc.property(fc.nat({ max: 100_000 }), fc.nat({ max: 20_000 }), (countedAt, later) => {
      const window = new SlidingWindow(10_000);
      window.count(countedAt, true, false);
      window.advance(countedAt + later);
      if (later <= 9_000) expect(window.failures).toBe(1);
      if (later >= 10_000) expect(window.failures).toBe(0);
    }),
  );
});

test('a clock that is set back loses no calls, and one set back by more than the window begins anew', () => {
  const window = new SlidingWindow(10_000);
  window.count(50_000, true, false);
  window.count(48_000, false, true);
  expect(seen(window)).toEqual({ calls: 2, failures: 1, slow: 1 });
  window.count(20_000, false, false);
  expect(seen(window)).toEqual({ calls: 1, failures: 0, slow: 0 });
});

test('ratios are of the calls in the window, and 0 without any', () => {
  const window = new SlidingWindow(10_000);
  expect([window.failureRatio, window.slowRatio]).toEqual([0, 0]);
  window.count(0, true, false);
  window.count(0, false, true);
  window.count(0, true, false);
  window.count(0, false, false);
  expect([window.failureRatio, window.slowRatio]).toEqual([0.5, 0.25]);
  window.clear();
  expect([window.calls, window.failureRatio, window.slowRatio]).toEqual([0, 0, 0]);
});
