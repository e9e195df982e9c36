import assert from 'node:assert/strict';

import type { Bucket, Take, Taken } from '../../core/state.ts';
import type { Check, Scene } from './scene.ts';

/** What every ledger has to do. */
export const ledgerChecks: readonly Check[] = [
  ['a bucket is full at first, and says what is left in it', fullAtFirst],
  ['takes from all buckets or from none, and says which one lets it wait', allOrNothing],
  ['lets through after the announced wait, and not much before', announcedWait],
  ['lets through more than a bucket holds when that is full, and overdraws it', overdraft],
  ['adjusts without asking, never above the capacity', adjusting],
  ['refills evenly, up to the capacity', refilling],
  ['learns what is left, and never that there is more', learning],
  ['takes off what was taken since it was so, where the state is shared', learningLate],
  ['lets nobody take while a bucket is paused, the longest pause counting', pausing],
  ['goes on by the limits given last', changedLimits],
  ['keeps small and large numbers as they are', precision],
  ['tells keys apart, whatever they are made of', keys],
  ['tells stores apart', stores],
  ['gives the last unit to one of 50 that ask at once', lastUnit],
  ['agrees with a naive model, whatever is asked', model],
  ['gives no more than capacity and refill allow, in any stretch of time', neverOversold],
];

/** Refills so slowly that the time a test takes does not show. */
function still(key: string, capacity: number): Bucket {
  return { key, capacity, refillPerMs: 1e-12 };
}

function near(actual: number, expected: number, tolerance = 1e-6): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected}, got ${actual}`);
}

function refused(taken: Taken): Extract<Taken, { readonly ok: false }> {
  if (taken.ok) assert.fail('expected a refusal');
  return taken;
}

async function fullAtFirst(scene: Scene): Promise<void> {
  const { ledger } = await scene.ledger();
  const bucket = still('a', 10);
  near(await ledger.level(bucket), 10);
  const taken = await ledger.take([{ bucket, amount: 4 }]);
  assert.equal(taken.ok, true);
  near(taken.levels[0] ?? NaN, 6);
  near(await ledger.level(bucket), 6);
}

async function allOrNothing(scene: Scene): Promise<void> {
  const { ledger } = await scene.ledger();
  const [first, second, third] = [still('first', 10), still('second', 3), still('third', 5)];
  await ledger.take([{ bucket: third, amount: 5 }]);
  const asked = [first, second, third].map((bucket) => ({ bucket, amount: 3 }));
  const { index, waitMs, levels } = refused(await ledger.take(asked));
  assert.equal(index, 2);
  assert.ok(waitMs > 0);
  for (const [at, expected] of [10, 3, 0].entries()) near(levels[at] ?? NaN, expected);
  for (const [at, bucket] of [first, second, third].entries())
    near(await ledger.level(bucket), [10, 3, 0][at] ?? NaN);
  await ledger.adjust([{ bucket: third, amount: -5 }]);
  const taken = await ledger.take(asked);
  assert.equal(taken.ok, true);
  for (const [at, expected] of [7, 0, 2].entries()) near(taken.levels[at] ?? NaN, expected);
}

async function announcedWait(scene: Scene): Promise<void> {
  const { ledger, store } = await scene.ledger();
  const bucket = { key: 'a', capacity: 10, refillPerMs: 0.05 };
  const from = scene.latestMs;
  await ledger.take([{ bucket, amount: 10 }]);
  const { waitMs, index } = refused(await ledger.take([{ bucket, amount: 4 }]));
  const elapsed = scene.latestMs - from;
  assert.equal(index, 0);
  assert.ok(waitMs <= 81 && waitMs >= 79 - elapsed, `announced ${waitMs} ms for what takes 80`);
  await scene.pass(store, waitMs);
  assert.equal((await ledger.take([{ bucket, amount: 4 }])).ok, true, 'the announced wait was too short');
}

async function overdraft(scene: Scene): Promise<void> {
  const { ledger, store } = await scene.ledger();
  const bucket = { key: 'a', capacity: 10, refillPerMs: 0.5 };
  assert.equal((await ledger.take([{ bucket, amount: 25 }])).ok, true);
  assert.ok((await ledger.level(bucket)) < 0);
  const { waitMs } = refused(await ledger.take([{ bucket, amount: 25 }]));
  assert.ok(waitMs <= 51, `announced ${waitMs} ms for what takes 50`);
  await scene.pass(store, waitMs);
  assert.equal((await ledger.take([{ bucket, amount: 25 }])).ok, true);
}

async function adjusting(scene: Scene): Promise<void> {
  const { ledger } = await scene.ledger();
  const [bucket, other] = [still('a', 10), still('b', 10)];
  await ledger.adjust([
    { bucket, amount: 13 },
    { bucket: other, amount: 2 },
  ]);
  near(await ledger.level(bucket), -3);
  near(await ledger.level(other), 8);
  await ledger.adjust([{ bucket, amount: -5 }]);
  near(await ledger.level(bucket), 2);
  await ledger.adjust([{ bucket, amount: -50 }]);
  near(await ledger.level(bucket), 10);
  await ledger.adjust([{ bucket: still('new', 4), amount: -1 }]);
  near(await ledger.level(still('new', 4)), 4);
}

async function refilling(scene: Scene): Promise<void> {
  const { ledger, store } = await scene.ledger();
  const bucket = { key: 'a', capacity: 20, refillPerMs: 0.1 };
  await ledger.take([{ bucket, amount: 20 }]);
  const from = scene.latestMs;
  await scene.pass(store, 60);
  const level = await ledger.level(bucket);
  // The take may have come some time before its answer.
  assert.ok(level >= 6 - 0.2, `${level} after 60 ms of 0.1 each`);
  assert.ok(level <= (scene.latestMs - from + 20) * 0.1, `${level} is more than has come back`);
  await scene.pass(store, 250);
  near(await ledger.level(bucket), 20);
}

async function learning(scene: Scene): Promise<void> {
  const { ledger } = await scene.ledger();
  const bucket = still('a', 10);
  await ledger.learn(bucket, { atMost: 4 });
  near(await ledger.level(bucket), 4);
  await ledger.learn(bucket, { atMost: 9 });
  near(await ledger.level(bucket), 4);
  await ledger.learn(bucket, { atMost: 0 });
  refused(await ledger.take([{ bucket, amount: 1 }]));
  await ledger.learn(bucket, {});
  near(await ledger.level(bucket), 0);
}

async function learningLate(scene: Scene): Promise<void> {
  const store = await scene.store();
  const [one, other] = [await store.connect(), await store.connect()];
  const bucket = still('a', 100);
  const taken = await one.ledger.take([
    { bucket: still('b', 10), amount: 1 },
    { bucket, amount: 10 },
  ]);
  assert.ok(taken.ok);
  assert.equal(taken.marks !== undefined, one.shared, 'only a shared state gives marks');
  if (taken.marks === undefined) return;
  const mark = taken.marks[1] ?? NaN;
  await other.ledger.take([{ bucket, amount: 25 }]);
  await other.ledger.adjust([{ bucket, amount: -5 }]);
  // It holds 70; where 80 were left at the mark, 60 are now.
  await one.ledger.learn(bucket, { atMost: 95, mark });
  near(await one.ledger.level(bucket), 70);
  await one.ledger.learn(bucket, { atMost: 80, mark });
  near(await one.ledger.level(bucket), 60);
  await one.ledger.learn(bucket, { atMost: 80, mark });
  near(await one.ledger.level(bucket), 60);
}

async function pausing(scene: Scene): Promise<void> {
  const { ledger, store } = await scene.ledger();
  const elsewhere = (await store.connect()).ledger;
  const bucket = still('a', 10);
  await ledger.learn(bucket, { pauseMs: 60 });
  await elsewhere.learn(bucket, { pauseMs: 10 });
  const from = scene.latestMs;
  const { waitMs, index } = refused(await elsewhere.take([{ bucket, amount: 1 }]));
  assert.equal(index, 0);
  assert.ok(waitMs <= 60 && waitMs >= 59 - (scene.latestMs - from) - 20, `a wait of ${waitMs} ms`);
  near(await ledger.level(bucket), 10);
  await scene.pass(store, waitMs);
  assert.equal((await elsewhere.take([{ bucket, amount: 1 }])).ok, true);
}

async function changedLimits(scene: Scene): Promise<void> {
  const { ledger } = await scene.ledger();
  await ledger.take([{ bucket: still('a', 10), amount: 2 }]);
  near(await ledger.level(still('a', 5)), 5);
  await ledger.take([{ bucket: still('a', 5), amount: 1 }]);
  near(await ledger.level(still('a', 20)), 4);
}

async function precision(scene: Scene): Promise<void> {
  const { ledger } = await scene.ledger();
  const large = still('large', 1e12);
  await ledger.take([{ bucket: large, amount: 123_456_789.125 }]);
  near(await ledger.level(large), 1e12 - 123_456_789.125, 1e-3);
  const small = still('small', 1);
  for (let count = 0; count < 10; count += 1)
    assert.equal((await ledger.take([{ bucket: small, amount: 0.1 }])).ok, true, `take ${count + 1} of 0.1`);
  near(await ledger.level(small), 0);
  refused(await ledger.take([{ bucket: small, amount: 0.1 }]));
}

async function keys(scene: Scene): Promise<void> {
  const { ledger } = await scene.ledger();
  const names = ['a', 'A', 'a:', 'a b', '{a}', '}{', 'a%3A', '*', '\u00e4', 'a\u0308', '"a"', '', ' '];
  for (const [index, name] of names.entries())
    await ledger.take([{ bucket: still(name, 100), amount: index + 1 }]);
  for (const [index, name] of names.entries()) near(await ledger.level(still(name, 100)), 100 - index - 1);
}

async function stores(scene: Scene): Promise<void> {
  const [one, other] = [await scene.ledger(), await scene.ledger()];
  const bucket = still('a', 10);
  await one.ledger.take([{ bucket, amount: 10 }]);
  near(await other.ledger.level(bucket), 10);
  await other.ledger.learn(bucket, { pauseMs: 60_000 });
  await one.ledger.adjust([{ bucket, amount: -10 }]);
  assert.equal((await one.ledger.take([{ bucket, amount: 1 }])).ok, true);
}

async function lastUnit(scene: Scene): Promise<void> {
  const store = await scene.store();
  const states = await Promise.all(Array.from({ length: 5 }, () => store.connect()));
  const [bucket, other] = [still('a', 7), still('b', 100)];
  await states[0]?.ledger.take([{ bucket, amount: 6 }]);
  const takes = [
    { bucket: other, amount: 1 },
    { bucket, amount: 1 },
  ];
  const taken = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => states[index % states.length]?.ledger.take(takes)),
  );
  assert.equal(taken.filter((each) => each?.ok === true).length, 1);
  near((await states[1]?.ledger.level(bucket)) ?? NaN, 0);
  near((await states[2]?.ledger.level(other)) ?? NaN, 99);
}

/** Time stands still, as far as it shows, so that every level can be foretold. */
async function model(scene: Scene): Promise<void> {
  const { random } = scene;
  for (let round = 0; round < 30; round += 1) {
    const store = await scene.store();
    const ledgers = [(await store.connect()).ledger, (await store.connect()).ledger];
    const buckets = Array.from({ length: 3 }, (_, index) =>
      still(`b${index}`, 1 + Math.floor(random() * 20)),
    );
    const levels = buckets.map(({ capacity }) => capacity);
    for (let step = 0; step < 30; step += 1) {
      const ledger = ledgers[step % 2];
      assert.ok(ledger);
      const picked = buckets.map((_, index) => index).filter(() => random() < 0.6);
      const takes: Take[] = [];
      for (const index of picked) {
        const bucket = buckets[index];
        assert.ok(bucket);
        takes.push({ bucket, amount: Math.floor(random() * 30 - 5) / 2 });
      }
      const move = (): void => {
        for (const [at, index] of picked.entries()) {
          const { bucket, amount = 0 } = takes[at] ?? {};
          levels[index] = Math.min(bucket?.capacity ?? 0, (levels[index] ?? 0) - amount);
        }
      };
      const dice = random();
      if (takes.length > 0 && dice < 0.6) {
        const passes = takes.every(
          ({ bucket, amount }, at) =>
            Math.min(amount, bucket.capacity) <= (levels[picked[at] ?? -1] ?? 0) + 1e-9,
        );
        const taken = await ledger.take(takes);
        assert.equal(taken.ok, passes, `round ${round}, step ${step}`);
        if (passes) move();
        for (const [at, index] of picked.entries()) near(taken.levels[at] ?? NaN, levels[index] ?? NaN);
      } else if (takes.length > 0 && dice < 0.85) {
        await ledger.adjust(takes);
        move();
      } else {
        const [bucket] = buckets;
        assert.ok(bucket);
        const atMost = Math.floor(random() * bucket.capacity);
        await ledger.learn(bucket, { atMost });
        levels[0] = Math.min(levels[0] ?? 0, atMost);
      }
    }
    for (const [index, bucket] of buckets.entries())
      near((await ledgers[0]?.level(bucket)) ?? NaN, levels[index] ?? NaN);
  }
}

async function neverOversold(scene: Scene): Promise<void> {
  const { random } = scene;
  const store = await scene.store();
  const states = await Promise.all(Array.from({ length: 4 }, () => store.connect()));
  const bucket = { key: 'a', capacity: 40, refillPerMs: 0.4 };
  const grants: { readonly amount: number; readonly from: number; readonly to: number }[] = [];
  for (let round = 0; round < 40; round += 1) {
    await Promise.all(
      states.flatMap(({ ledger }) =>
        Array.from({ length: 3 }, async () => {
          const amount = 1 + Math.floor(random() * 12);
          const from = scene.latestMs;
          const taken = await ledger.take([{ bucket, amount }]);
          if (taken.ok) grants.push({ amount, from, to: scene.latestMs });
        }),
      ),
    );
    await scene.pass(store, 1 + Math.floor(random() * 12));
  }
  for (const [index, { from }] of grants.entries()) {
    let sum = 0;
    let until = from;
    for (const { amount, to } of grants.slice(index)) {
      sum += amount;
      until = Math.max(until, to);
      const allowed = bucket.capacity + (until - from) * bucket.refillPerMs;
      assert.ok(sum <= allowed + 1e-6, `${sum} within ${until - from} ms, where ${allowed} are allowed`);
    }
  }
  // Twelve ask in every round for more than comes back meanwhile: nearly all of it is taken.
  const total = grants.reduce((sum, { amount }) => sum + amount, 0);
  const passed = (grants.at(-1)?.to ?? 0) - (grants[0]?.from ?? 0);
  const least = Math.min(40 + passed * bucket.refillPerMs, 40 * 4 * 3) * 0.6;
  assert.ok(total >= least, `only ${total} given in ${passed} ms`);
}
