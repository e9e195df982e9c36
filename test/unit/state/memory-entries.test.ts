import { expect, test } from 'vitest';
import { MemoryEntries } from '../../../src/state/memory/memory-entries.ts';
import { manualClock } from '../../../src/testing/manual-clock.ts';

test('of 10,000 entries that are kept for good, the one that was not asked for the longest makes room', () => {
  const entries = new MemoryEntries<number>(manualClock());
  for (let key = 0; key < 10_000; key++) entries.set(`${key}`, key, undefined);
  expect(entries.get('0')).toBe(0);
  entries.set('1', 100, undefined);
  entries.set('new', -1, undefined);
  const gone = Array.from({ length: 10_000 }, (_, key) => key).filter(
    (key) => entries.get(`${key}`) === undefined,
  );
  expect(gone).toEqual([2]);
  expect(entries.get('1')).toBe(100);
});

test('entries with a time, 100,000 at most, displace their like and none that is kept for good', () => {
  const entries = new MemoryEntries<number>(manualClock());
  entries.set('for good', 1, undefined);
  for (let key = 0; key < 100_001; key++) entries.set(`${key}`, key, 1_000);
  expect(entries.get('for good')).toBe(1);
  expect(entries.get('0')).toBeUndefined();
  expect(entries.get('1')).toBe(1);
});

test('an entry is there until its time is over, by what was said last', async () => {
  const clock = manualClock();
  const entries = new MemoryEntries<string>(clock);
  entries.set('short', 'kept', 1_000);
  entries.set('for good', 'kept', 1_000);
  entries.set('for good', 'kept', undefined);
  entries.set('no longer', 'kept', undefined);
  entries.set('no longer', 'kept', 1_000);
  await clock.advance(999);
  expect(['short', 'for good', 'no longer'].map((key) => entries.get(key))).toEqual(['kept', 'kept', 'kept']);
  await clock.advance(1);
  expect(['short', 'for good', 'no longer'].map((key) => entries.get(key))).toEqual([
    undefined,
    'kept',
    undefined,
  ]);
});
