import { expect, test } from 'vitest';
import type { Bucket } from '../../../src/core/state.ts';
import { MemoryLedger } from '../../../src/state/memory/memory-ledger.ts';
import { manualClock } from '../../../src/testing/manual-clock.ts';

const daily = (key: string): Bucket => ({ key, capacity: 100, refillPerMs: 100 / 86_400_000 });

test('buckets that are full again are let go of', async () => {
  const clock = manualClock();
  const ledger = new MemoryLedger(clock);
  for (let key = 0; key < 10_000; key++) ledger.take([{ bucket: daily(`early ${key}`), amount: 1 }]);
  await clock.advance(86_400_000);
  for (let key = 0; key < 10; key++) ledger.take([{ bucket: daily(`late ${key}`), amount: 1 }]);
  expect(ledger.size).toBeLessThanOrEqual(10);
});

test('of very many that are in use those that are nearest to being full begin anew', () => {
  const ledger = new MemoryLedger(manualClock());
  for (let key = 0; key < 300_000; key++)
    ledger.take([{ bucket: daily(`user ${key}`), amount: key % 1_000 === 0 ? 50 : 1 }]);
  expect(ledger.size).toBeLessThanOrEqual(100_000);
  for (let key = 0; key < 300_000; key += 1_000) expect(ledger.level(daily(`user ${key}`))).toBe(50);
});

test('a paused bucket is kept', () => {
  const ledger = new MemoryLedger(manualClock());
  ledger.learn(daily('paused'), { pauseMs: 1_000 });
  for (let key = 0; key < 20_000; key++) ledger.level(daily(`full ${key}`));
  expect(ledger.size).toBeLessThanOrEqual(20_000);
  expect(ledger.take([{ bucket: daily('paused'), amount: 1 }])).toMatchObject({ ok: false, waitMs: 1_000 });
});
