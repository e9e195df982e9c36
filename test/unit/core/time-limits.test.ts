import * as fc from 'fast-check';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, it } from 'vitest';
import { TimeLimits, type Limited } from '../../../src/core/time-limits.ts';

class Limit implements Limited {
  place = -1;
  limitAt: number;
  readonly expired: number[] = [];
  readonly #onExpire: () => void;

  constructor(limitAt: number, onExpire: () => void = () => {}) {
    this.limitAt = limitAt;
    this.#onExpire = onExpire;
  }

  expire(now: number): void {
    this.expired.push(now);
    this.#onExpire();
  }
}

describe('time limits', () => {
  it('end each at its time, whatever the order in which they began', async () => {
    const clock = manualClock();
    const limits = new TimeLimits(clock);
    const all = [30, 10, 20, 10].map((limitAt) => new Limit(limitAt));
    for (const limit of all) limits.start(limit);
    await clock.advance(100);
    expect(all.map(({ expired }) => expired)).toEqual([[30], [10], [20], [10]]);
  });

  it('do not end what was stopped, nor what never ends', async () => {
    const clock = manualClock();
    const limits = new TimeLimits(clock);
    const stopped = new Limit(10);
    limits.start(stopped);
    limits.stop(stopped);
    limits.stop(stopped);
    const endless = new Limit(Infinity);
    limits.start(endless);
    await clock.advance(1e9);
    expect([stopped.expired, endless.expired]).toEqual([[], []]);
    expect(clock.pending).toBe(0);
  });

  it('look again at what has moved, at the new time exactly', async () => {
    const clock = manualClock();
    const limits = new TimeLimits(clock);
    const limit = new Limit(10);
    limits.start(limit);
    await clock.advance(9);
    limit.limitAt = 19;
    await clock.advance(9);
    expect(limit.expired).toEqual([]);
    await clock.advance(1);
    expect(limit.expired).toEqual([19]);
  });

  it('share one timer, however many there are and of whatever length', async () => {
    const clock = manualClock();
    const limits = new TimeLimits(clock);
    const all = Array.from({ length: 10_000 }, (_, index) => new Limit(1_000 + ((index * 7_919) % 5_000)));
    for (const limit of all) limits.start(limit);
    expect(clock.pending).toBe(1);
    for (const limit of all) limits.stop(limit);
    expect(clock.pending).toBe(1);
    await clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });

  it('may be started and stopped by what ends', async () => {
    const clock = manualClock();
    const limits = new TimeLimits(clock);
    const later = new Limit(20);
    const neighbour = new Limit(10);
    const first = new Limit(10, () => {
      limits.stop(neighbour);
      limits.start(later);
    });
    limits.start(first);
    limits.start(neighbour);
    await clock.advance(100);
    expect([first.expired, neighbour.expired, later.expired]).toEqual([[10], [], [20]]);
  });

  it('count anew when they are started again', async () => {
    const clock = manualClock();
    const limits = new TimeLimits(clock);
    const limit = new Limit(50);
    limits.start(limit);
    limit.limitAt = 20;
    limits.start(limit);
    await clock.advance(100);
    expect(limit.expired).toEqual([20]);
  });

  it('agree with a plain list, through any starts, stops and moves', async () => {
    const step = fc.record({
      what: fc.constantFrom('start', 'stop', 'move', 'wait'),
      which: fc.nat(11),
      ms: fc.nat(60),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const clock = manualClock();
        const limits = new TimeLimits(clock);
        const all = Array.from({ length: 12 }, () => new Limit(Infinity));
        const expected = all.map((): number[] => []);
        const running = new Set<number>();
        for (const { what, which, ms } of steps) {
          const limit = all[which];
          if (limit === undefined) continue;
          if (what === 'start') {
            limit.limitAt = clock.now() + ms + 1;
            limits.start(limit);
            running.add(which);
          } else if (what === 'stop') {
            limits.stop(limit);
            running.delete(which);
          } else if (what === 'move') limit.limitAt += ms;
          else {
            await clock.advance(ms);
            for (const index of running) {
              const { limitAt = Infinity } = all[index] ?? {};
              if (limitAt > clock.now()) continue;
              expected[index]?.push(limitAt);
              running.delete(index);
            }
          }
        }
        expect(all.map(({ expired }) => expired)).toEqual(expected);
        expect(all.filter(({ place }) => place >= 0)).toHaveLength(running.size);
      }),
      { numRuns: 200 },
    );
  });
});
