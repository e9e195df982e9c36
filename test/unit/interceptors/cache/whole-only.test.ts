import { manualClock } from 'managed-llm/testing';
import { expect, test } from 'vitest';
import { WholeOnly } from '../../../../src/interceptors/cache/items/whole-only.ts';

test('a hundred models are remembered, the latest, each for ten minutes since it was named last', async () => {
  const clock = manualClock(0);
  const models = new WholeOnly(clock);
  models.add('first');
  await clock.advance(599_999);
  expect(models.has('first')).toBe(true);
  models.add('first');
  await clock.advance(599_999);
  expect(models.has('first')).toBe(true);
  await clock.advance(1);
  expect(models.has('first')).toBe(false);
  for (let at = 0; at < 101; at++) models.add(`model ${at}`);
  expect([models.has('model 0'), models.has('model 1'), models.has('model 100')]).toEqual([
    false,
    true,
    true,
  ]);
});
