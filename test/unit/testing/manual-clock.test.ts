import { expect, test } from 'vitest';

import { manualClock } from 'managed-llm/testing';

test('timers fire in order of time, then of setting, and promises run between them', async () => {
  const clock = manualClock(100);
  const log: string[] = [];
  const note = (text: string) => {
    log.push(`${text}@${clock.now()}`);
    void Promise.resolve().then(() => log.push(`after ${text}`));
  };
  clock.setTimeout(() => note('late'), 20);
  clock.setTimeout(() => note('early'), 10);
  clock.setTimeout(() => note('early too'), 10);
  await clock.advance(15);
  expect(log).toEqual(['early@110', 'after early', 'early too@110', 'after early too']);
  expect(clock.now()).toBe(115);
  expect(clock.pending).toBe(1);
  await clock.advance(5);
  expect(log.at(-1)).toBe('after late');
});

test('timers that are set on the way fire if they fall due, and cleared ones never', async () => {
  const clock = manualClock();
  const fired: number[] = [];
  const cleared = clock.setTimeout(() => fired.push(-1), 5);
  clock.setTimeout(() => {
    fired.push(clock.now());
    clock.clearTimeout(cleared);
    clock.setTimeout(() => fired.push(clock.now()), 3);
  }, 4);
  await clock.advance(10);
  expect(fired).toEqual([4, 7]);
});

test('runAll goes on until nothing is pending, and tells when that never happens', async () => {
  const clock = manualClock();
  let rounds = 0;
  const renew = () => {
    rounds += 1;
    if (rounds < 5) clock.setTimeout(renew, 1_000);
  };
  renew();
  await clock.runAll();
  expect([rounds, clock.now(), clock.pending]).toEqual([5, 4_000, 0]);
  const forever = () => void clock.setTimeout(forever, 1);
  forever();
  await expect(clock.runAll(100)).rejects.toThrow('100 timers fired');
});

test('time does not run backwards', async () => {
  await expect(manualClock().advance(-1)).rejects.toThrow(RangeError);
});
