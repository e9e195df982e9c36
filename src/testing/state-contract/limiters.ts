import assert from 'node:assert/strict';

import type { Check, Scene } from './scene.ts';

/** What limiters have to do, where a state has them. */
export const limiterChecks: readonly Check[] = [
  ['starts no more than the limit, however many ask and wherever', slots],
  ['gives a slot that is freed to one that waits, also elsewhere', freedSlot],
  ['stops waiting when the time is up, and keeps nothing', gaveUp],
  ['frees a slot once, however often it is ended', endedTwice],
];

async function slots(scene: Scene): Promise<void> {
  const limiters = await scene.limiters(4, 5);
  let open = 0;
  let most = 0;
  let started = 0;
  const all = Promise.withResolvers<void>();
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const end = await limiters[index % limiters.length]?.start(20_000);
      assert.ok(end, 'did not start in 20 s');
      started += 1;
      open += 1;
      most = Math.max(most, open);
      // The first ones hold on until there are as many as there may be.
      if (open === 5) all.resolve();
      await all.promise;
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      end();
    }),
  );
  assert.equal(started, 60);
  assert.equal(most, 5);
}

async function freedSlot(scene: Scene): Promise<void> {
  const [one, other] = await scene.limiters(2, 1);
  assert.ok(one && other);
  const end = await one.start(0);
  assert.ok(end);
  assert.equal(await other.start(0), undefined);
  const waiting = other.start(20_000);
  end();
  const next = await waiting;
  assert.ok(next);
  assert.equal(await one.start(0), undefined);
  next();
}

async function gaveUp(scene: Scene): Promise<void> {
  const [one, other] = await scene.limiters(2, 1);
  assert.ok(one && other);
  const end = await one.start(0);
  const late = await Promise.all(Array.from({ length: 10 }, () => other.start(1)));
  assert.deepEqual(late, Array.from({ length: 10 }));
  end?.();
  const next = await one.start(20_000);
  assert.ok(next, 'those who gave up hold the slot');
  next();
}

async function endedTwice(scene: Scene): Promise<void> {
  const [limiter] = await scene.limiters(1, 2);
  assert.ok(limiter);
  const [first, second] = [await limiter.start(0), await limiter.start(0)];
  assert.ok(first && second);
  first();
  first();
  const third = await limiter.start(20_000);
  assert.ok(third);
  assert.equal(await limiter.start(0), undefined);
  second();
  third();
}
