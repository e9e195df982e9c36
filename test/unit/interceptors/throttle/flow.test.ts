import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Flow } from '../../../../src/interceptors/throttle/flow.ts';

test('knows what was added since any time, to a quarter of a second', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 900 }), amount: fc.nat(1_000) }), {
        maxLength: 200,
      }),
      fc.integer({ min: 0, max: 200_000 }),
      (steps, agoMs) => {
        const flow = new Flow();
        const added: { readonly at: number; readonly amount: number }[] = [];
        let now = 1_000_000;
        for (const { afterMs, amount } of steps) {
          now += afterMs;
          flow.add(amount, now);
          added.push({ at: now, amount });
        }
        const since = now - agoMs;
        const sum = (from: number) =>
          added.filter(({ at }) => at >= from).reduce((total, { amount }) => total + amount, 0);
        expect(flow.reaches(since)).toBe(true);
        expect(flow.since(since)).toBeGreaterThanOrEqual(sum(since));
        expect(flow.since(since)).toBeLessThanOrEqual(sum(since - 250));
      },
    ),
  );
});

test('keeps a minute at least, and no more than five hundred and twelve cells', () => {
  const flow = new Flow();
  for (let at = 0; at < 1_000_000; at += 250) flow.add(1, at);
  expect(flow.total).toBe(4_000);
  expect(flow.since(1_000_000 - 60_000)).toBe(240);
  expect(flow.reaches(1_000_000 - 60_000)).toBe(true);
  expect(flow.reaches(0)).toBe(false);
  expect(flow.since(0)).toBeLessThanOrEqual(512);
});

test('forgets what nobody will ask about', () => {
  const flow = new Flow();
  for (let at = 0; at < 10_000; at += 250) flow.add(1, at);
  flow.forget(9_000);
  expect(flow.since(9_000)).toBe(4);
  expect(flow.since(0)).toBe(4);
  expect(flow.total).toBe(40);
});
