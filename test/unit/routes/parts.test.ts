import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { failureKinds, type CallError } from '../../../src/core/call-error.ts';
import { TargetLoad } from '../../../src/core/target-load.ts';
import type { Settlement } from '../../../src/core/settlement.ts';
import { Allowance } from '../../../src/routes/allowance.ts';
import { LatencyHistogram } from '../../../src/routes/latency-histogram.ts';
import { timeOfDay } from '../../../src/core/time-of-day.ts';

describe('a histogram of latencies', () => {
  test('says nothing before it has seen twenty', () => {
    const seen = new LatencyHistogram();
    for (let count = 0; count < 19; count++) seen.add(100);
    expect(seen.quantile(0.95)).toBeUndefined();
    seen.add(100);
    expect(seen.quantile(0.95)).toBeGreaterThanOrEqual(100);
  });

  test('is never below the true quantile, and above it by a tenth at most', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 600_000, noNaN: true }), { minLength: 20, maxLength: 900 }),
        fc.constantFrom(0.5, 0.9, 0.95, 1),
        (latencies, share) => {
          const seen = new LatencyHistogram();
          for (const ms of latencies) seen.add(ms);
          const sorted = latencies.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil(share * sorted.length - 1e-9) - 1] ?? NaN;
          const told = seen.quantile(share) ?? NaN;
          expect(told / exact).toBeGreaterThan(0.9999);
          expect(told / exact).toBeLessThan(1.1001);
        },
      ),
    );
  });

  test('forgets what was', () => {
    const seen = new LatencyHistogram();
    for (let count = 0; count < 5_000; count++) seen.add(10_000);
    for (let count = 0; count < 5_000; count++) seen.add(100);
    expect(seen.quantile(0.95)).toBeLessThan(111);
  });
});

describe('an allowance', () => {
  test('is never overdrawn: at most its share of what happened, and one more', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.array(fc.boolean(), { maxLength: 2_000 }),
        (share, wants) => {
          const allowance = new Allowance(share);
          let spent = 0;
          for (const [index, wanted] of wants.entries()) {
            allowance.earn();
            if (wanted && allowance.spend()) spent++;
            expect(spent).toBeLessThanOrEqual((index + 1) * share + 1 + 1e-6);
          }
        },
      ),
    );
  });

  test('a twentieth is one in twenty', () => {
    const allowance = new Allowance(0.05);
    const spent = Array.from({ length: 2_000 }, () => {
      allowance.earn();
      return allowance.spend();
    }).filter(Boolean);
    expect(spent).toHaveLength(101);
  });

  test('a quiet hour saves up ten', () => {
    const allowance = new Allowance(1);
    for (let call = 0; call < 1_000; call++) allowance.earn();
    expect(Array.from({ length: 20 }, () => allowance.spend()).filter(Boolean)).toHaveLength(10);
  });
});

describe('hours of a day', () => {
  const at = (time: string) => Date.parse(`2026-07-01T${time}:00Z`);

  test('from its first minute to before its last', () => {
    const within = timeOfDay({ from: '09:00', to: '17:30' }, 'between');
    expect(['08:59', '09:00', '17:29', '17:30'].map((time) => within(at(time)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('over midnight', () => {
    const within = timeOfDay({ from: '22:00', to: '06:00' }, 'between');
    expect(['21:59', '22:00', '00:00', '05:59', '06:00'].map((time) => within(at(time)))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  test('in a zone with summer time', () => {
    const within = timeOfDay({ from: '09:00', to: '10:00', timeZone: 'Europe/Berlin' }, 'between');
    expect(within(Date.parse('2026-07-01T07:30:00Z'))).toBe(true);
    expect(within(Date.parse('2026-01-01T07:30:00Z'))).toBe(false);
    expect(within(Date.parse('2026-01-01T08:30:00Z'))).toBe(true);
  });

  test.each([
    [{ from: '9:00', to: '10:00' }, 'between.from'],
    [{ from: '09:00', to: '24:00' }, 'between.to'],
    [{ from: '09:00', to: '09:00' }, 'between'],
    [{ from: '09:00', to: '10:00', timeZone: 'Berlin' }, 'between.timeZone'],
  ])('refuses %j', (given, path) => {
    expect(() => timeOfDay(given, 'between')).toThrow(
      expect.objectContaining({ code: 'invalid-options', details: { path } }),
    );
  });
});

describe('the load of a target', () => {
  const ended = (change: Partial<Settlement>): Settlement =>
    ({
      target: { provider: 'a', model: 'b' },
      outcome: 'finished',
      startedAt: 0,
      settledAt: 0,
      ...change,
    }) as Settlement;

  const failure = (kind: keyof typeof failureKinds) => ({ kind, ...failureKinds[kind] }) as CallError;

  test('rises to a slow answer at once, and falls slowly', () => {
    const load = new TargetLoad();
    expect(load.latencyMs(0)).toBeUndefined();
    load.ended(ended({ settledAt: 100 }), 100);
    expect(load.latencyMs(100)).toBe(100);
    load.ended(ended({ startedAt: 100, settledAt: 2_100 }), 2_100);
    expect(load.latencyMs(2_100)).toBe(2_000);
    load.ended(ended({ startedAt: 2_100, settledAt: 2_200 }), 2_200);
    expect(load.latencyMs(2_200)).toBeGreaterThan(1_900);
    expect(load.latencyMs(2_200 + 60_000)).toBeLessThan(10);
  });

  test('goes by the first event of a stream, not by its end', () => {
    const load = new TargetLoad();
    load.ended(ended({ firstEventAt: 50, settledAt: 9_000 }), 9_000);
    expect(load.latencyMs(9_000)).toBe(50);
  });

  test('one that fails at once is slow, whether it was known or not, until that is forgotten', () => {
    for (const known of [false, true]) {
      const load = new TargetLoad();
      if (known) load.ended(ended({ settledAt: 100 }), 100);
      load.ended(ended({ outcome: 'failed', error: failure('auth'), startedAt: 100, settledAt: 101 }), 101);
      expect(load.latencyMs(101)).toBe(10_000);
      expect(load.latencyMs(60_101)).toBeLessThan(100);
    }
  });

  test('a failure that is the request’s says nothing of the target', () => {
    for (const kind of ['invalid-request', 'content-policy', 'context-overflow'] as const) {
      const load = new TargetLoad();
      load.ended(ended({ outcome: 'failed', error: failure(kind), settledAt: 1 }), 1);
      expect(load.latencyMs(1)).toBeUndefined();
    }
  });

  test('one that was given up is slow', () => {
    const load = new TargetLoad();
    load.ended(ended({ settledAt: 100 }), 100);
    load.ended(ended({ outcome: 'discarded', startedAt: 101, settledAt: 801 }), 801);
    expect(load.latencyMs(801)).toBe(700);
  });

  test('a clock that is set back makes none fast', () => {
    const load = new TargetLoad();
    load.ended(ended({ startedAt: 3_600_000, settledAt: 100 }), 100);
    expect(load.latencyMs(100)).toBe(0);
  });

  test('counts what is under way, also what was refused before it was sent', () => {
    const load = new TargetLoad();
    load.began();
    load.began();
    load.ended(ended({ target: undefined, outcome: 'refused' }), 0);
    expect(load.inFlight).toBe(1);
    expect(load.latencyMs(0)).toBeUndefined();
  });
});
