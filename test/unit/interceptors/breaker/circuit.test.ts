import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Circuit, type CircuitLimits, type Permit } from '../../../../src/interceptors/breaker/circuit.ts';
import type { CircuitChange } from '../../../../src/interceptors/breaker/health-change.ts';
import type { Verdict } from '../../../../src/interceptors/breaker/verdict.ts';

const limits: CircuitLimits = {
  failureRatio: 0.5,
  windowMs: 10_000,
  minCalls: 4,
  slowCallMs: Infinity,
  slowCallRatio: 0.5,
  cooldownMs: 1_000,
  maxCooldownMs: 5_000,
};

const healthy: Verdict = { failed: false, slow: false };
const failure: Verdict = { failed: true, slow: false };
const slow: Verdict = { failed: false, slow: true };

function made(changes: Partial<CircuitLimits> = {}, random = 0) {
  const told: Omit<CircuitChange, 'shadow'>[] = [];
  const circuit = new Circuit(
    { provider: 'openai', model: 'gpt' },
    { ...limits, ...changes },
    { random: () => random, changed: (change) => told.push(change) },
  );
  const call = (verdict: Verdict | undefined, now: number): boolean => {
    const permit = circuit.enter(now);
    if (permit !== undefined) circuit.leave(permit, verdict, now);
    return permit !== undefined;
  };
  return { circuit, told, call };
}

describe('a closed circuit', () => {
  test('opens at the ratio, and not before there are enough calls', () => {
    const { circuit, call } = made();
    for (let at = 0; at < 3; at++) call(failure, at);
    expect(circuit.isClosed).toBe(true);
    call(failure, 3);
    expect(circuit.stateAt(3)).toBe('open');
  });

  test('opens also when the call that makes them enough was a healthy one', () => {
    const { circuit, call } = made();
    for (const verdict of [failure, failure, failure, healthy]) call(verdict, 0);
    expect(circuit.stateAt(0)).toBe('open');
  });

  test('stays closed below the ratio', () => {
    const { circuit, call } = made();
    for (let round = 0; round < 50; round++) {
      call(healthy, 0);
      call(failure, 0);
      call(healthy, 0);
    }
    expect(circuit.isClosed).toBe(true);
  });

  test('opens for slow calls only where slow ones are looked at', () => {
    const without = made();
    const with_ = made({ slowCallMs: 100, slowCallRatio: 0.75 });
    for (const verdict of [slow, slow, healthy, slow]) {
      without.call(verdict, 0);
      with_.call(verdict, 0);
    }
    expect(without.circuit.isClosed).toBe(true);
    expect(with_.circuit.stateAt(0)).toBe('open');
  });

  test('calls without a verdict count for nothing', () => {
    const { circuit, call } = made();
    for (let at = 0; at < 100; at++) call(undefined, at);
    for (let at = 0; at < 3; at++) call(failure, at);
    expect(circuit.isClosed).toBe(true);
    expect(circuit.windowAt(100).calls).toBe(3);
  });
});

describe('an open circuit', () => {
  const opened = (changes: Partial<CircuitLimits> = {}, random = 0, last: Verdict = failure) => {
    const world = made(changes, random);
    for (const verdict of [failure, failure, failure, last]) world.call(verdict, 0);
    return world;
  };

  test('lets nobody through until its cooldown is over, then one at a time', () => {
    const { circuit } = opened();
    expect(circuit.enter(999)).toBeUndefined();
    expect(circuit.waitMs(400)).toBe(600);
    const probe = circuit.enter(1_000);
    expect(probe?.kind).toBe('probe');
    expect(circuit.enter(1_000)).toBeUndefined();
    expect(circuit.waitMs(1_000)).toBeUndefined();
    expect(circuit.stateAt(1_000)).toBe('half-open');
  });

  test('closes by a healthy probe, with an empty window and the first cooldown', () => {
    const { circuit, call } = opened();
    call(failure, 1_000);
    call(healthy, 3_000);
    expect(circuit.isClosed).toBe(true);
    expect(circuit.windowAt(3_000).calls).toBe(0);
    for (let round = 0; round < 4; round++) call(failure, 3_000);
    expect(circuit.nextProbeAt).toBe(4_000);
    call(failure, 4_000);
    expect(circuit.nextProbeAt).toBe(6_000);
  });

  test('opens for twice as long with each probe that fails, up to the longest, less up to a quarter', () => {
    for (const random of [0, 0.8]) {
      const { circuit, call } = opened({}, random);
      const waits: number[] = [];
      let now = 0;
      for (let round = 0; round < 5; round++) {
        waits.push((circuit.nextProbeAt ?? 0) - now);
        now = circuit.nextProbeAt ?? 0;
        call(failure, now);
      }
      const less = 1 - random * 0.25;
      expect(waits).toEqual([1_000, 2_000 * less, 4_000 * less, 5_000 * less, 5_000 * less]);
    }
  });

  test('stays open as long as the provider asked, though an hour at most', () => {
    expect(opened({}, 0, { ...failure, retryAfterMs: 30_000 }).circuit.nextProbeAt).toBe(30_000);
    expect(opened({}, 0, { ...failure, retryAfterMs: 10 }).circuit.nextProbeAt).toBe(1_000);
    expect(opened({}, 0, { ...failure, retryAfterMs: Infinity }).circuit.nextProbeAt).toBe(3_600_000);
  });

  test('a probe without a verdict leaves its place to the next', () => {
    const { circuit, call, told } = opened();
    call(undefined, 1_000);
    expect(circuit.stateAt(1_000)).toBe('half-open');
    expect(circuit.enter(1_000)?.kind).toBe('probe');
    expect(told.map(({ to }) => to)).toEqual(['open', 'half-open']);
  });

  test('a slow probe is no better than one that fails', () => {
    const { circuit, call } = opened({ slowCallMs: 100 });
    call(slow, 1_000);
    expect(circuit.stateAt(1_000)).toBe('open');
  });

  test('a clock that is set back makes it wait anew, not for as long as that', () => {
    const { circuit } = opened();
    const setBack = -3_600_000;
    expect(circuit.waitMs(setBack)).toBe(1_000);
    expect(circuit.enter(setBack + 999)).toBeUndefined();
    expect(circuit.nextProbeAt).toBe(setBack + 1_000);
    expect(circuit.enter(setBack + 1_000)?.kind).toBe('probe');
  });

  test('a probe that is out for too long is replaced, and decides nothing when it comes back', () => {
    const { circuit } = opened();
    const lost = circuit.enter(1_000);
    expect(circuit.enter(60_999)).toBeUndefined();
    const next = circuit.enter(61_000);
    expect(next?.kind).toBe('probe');
    circuit.leave(lost as Permit, failure, 61_001);
    expect(circuit.stateAt(61_001)).toBe('half-open');
    circuit.leave(next as Permit, healthy, 61_002);
    expect(circuit.isClosed).toBe(true);
  });

  test('what was let through before a change says nothing about what is now', () => {
    const { circuit, call } = made();
    const early = Array.from({ length: 8 }, () => circuit.enter(0) as Permit);
    for (let round = 0; round < 4; round++) call(failure, 0);
    for (const permit of early.slice(0, 4)) circuit.leave(permit, healthy, 500);
    expect(circuit.stateAt(500)).toBe('open');
    call(healthy, 1_000);
    for (const permit of early.slice(4)) circuit.leave(permit, failure, 1_001);
    expect(circuit.isClosed).toBe(true);
    expect(circuit.windowAt(1_001).calls).toBe(0);
  });

  test('tells each change with what had been seen, after it has happened', () => {
    const { told, call } = opened();
    call(failure, 1_000);
    call(healthy, 3_000);
    expect(told).toMatchObject([
      { from: 'closed', to: 'open', at: 0, calls: 4, failureRatio: 1, nextProbeAt: 1_000 },
      { from: 'open', to: 'half-open', at: 1_000, nextProbeAt: undefined },
      { from: 'half-open', to: 'open', at: 1_000, nextProbeAt: 3_000 },
      { from: 'open', to: 'half-open', at: 3_000 },
      { from: 'half-open', to: 'closed', at: 3_000, nextProbeAt: undefined },
    ]);
  });
});

test('whatever calls do and in whatever order they end: one probe at a time, no pass while not closed', () => {
  const step = fc.record({
    afterMs: fc.nat({ max: 1_500 }),
    enters: fc.nat({ max: 4 }),
    leaves: fc.array(
      fc.record({ which: fc.nat(), verdict: fc.constantFrom(healthy, failure, slow, undefined) }),
      { maxLength: 4 },
    ),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { circuit, told } = made({ slowCallMs: 100, maxCooldownMs: 1e12 });
      const out: Permit[] = [];
      let now = 0;
      for (const { afterMs, enters, leaves } of steps) {
        now += afterMs;
        for (let round = 0; round < enters; round++) {
          const before = circuit.stateAt(now);
          const permit = circuit.enter(now);
          if (permit === undefined) expect(before).not.toBe('closed');
          else {
            expect(permit.kind).toBe(before === 'closed' ? 'pass' : 'probe');
            out.push(permit);
          }
        }
        expect(out.filter(({ kind }) => kind === 'probe').length).toBeLessThanOrEqual(1);
        for (const { which, verdict } of leaves) {
          const [permit] = out.splice(which % Math.max(1, out.length), 1);
          if (permit !== undefined) circuit.leave(permit, verdict, now);
        }
      }
      // Every change begins where the last one ended.
      expect(told.slice(1).map(({ from }) => from)).toEqual(told.slice(0, -1).map(({ to }) => to));
    }),
  );
});
