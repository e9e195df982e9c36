import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sideBySide } from '../../../../src/interceptors/cache/side-by-side.ts';

test('does so many at once, and gives what came of each in their order', async () => {
  let [open, most] = [0, 0];
  const results = await sideBySide([1, 2, 3, 4, 5, 6, 7], 3, async (value) => {
    most = Math.max(most, ++open);
    for (let left = 8 - value; left > 0; left--) await turn();
    open--;
    return value * 10;
  });
  expect(results).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(most).toBe(3);
  expect(await sideBySide([], 3, () => expect.fail('nothing to do'))).toEqual([]);
});

test('begins nothing more after a failure, which it gives', async () => {
  const begun: number[] = [];
  const failure = new Error('third');
  const done = sideBySide([1, 2, 3, 4, 5, 6], 2, async (value) => {
    begun.push(value);
    if (value === 3) throw failure;
    await turn();
  });
  await expect(done).rejects.toBe(failure);
  await turn();
  expect(begun).toEqual([1, 2, 3]);
});
