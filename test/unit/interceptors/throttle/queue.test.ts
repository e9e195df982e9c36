import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { wait } from '../../../../src/core/clock.ts';
import { Admission } from '../../../../src/interceptors/throttle/admission.ts';
import type { Lane } from '../../../../src/interceptors/throttle/lane.ts';
import { asking, scene, type Scene } from './scene.ts';

/** Enters under a name, which is told when its turn has come. */
function entering({ enter, lane: find }: Scene, log: string[], lane: Lane = find()) {
  return (name: string, tokens = 0, priority = 1) => {
    void enter(lane, asking(tokens), priority).then((result) => {
      log.push(result instanceof Admission ? name : `${name} ${result.because}`);
    });
  };
}

test('those of one class go in the order of their coming', async () => {
  const world = scene({ p: { requestsPerMinute: 60 } });
  const log: string[] = [];
  const enter = entering(world, log);
  for (let call = 0; call < 60; call++) enter('first');
  for (const name of ['a', 'b', 'c']) enter(name);
  await world.clock.advance(0);
  expect(log).toHaveLength(60);
  await world.clock.advance(1_000);
  expect(log.slice(60)).toEqual(['a']);
  await world.clock.advance(2_000);
  expect(log.slice(60)).toEqual(['a', 'b', 'c']);
});

test('a class of priority is a third of the longest wait ahead of the next, and no more', async () => {
  const world = scene({ p: { requestsPerMinute: 1 } }, { maxWaitMs: 600_000 });
  const log: string[] = [];
  const enter = entering(world, log);
  enter('now');
  enter('batch', 0, 2);
  await world.clock.advance(10_000);
  enter('normal', 0, 1);
  enter('interactive', 0, 0);
  await world.clock.advance(391_000);
  expect(log).toEqual(['now', 'interactive', 'normal', 'batch']);

  enter('old batch', 0, 2);
  enter('one more', 0, 0);
  await world.clock.advance(410_000);
  log.length = 0;
  enter('old batch', 0, 2);
  await world.clock.advance(401_000);
  log.length = 0;
  // Taken now, so that the others wait.
  enter('now');
  enter('batch', 0, 2);
  for (let minute = 0; minute < 7; minute++) {
    await world.clock.advance(59_000);
    enter(`interactive ${minute}`, 0, 0);
    await world.clock.advance(1_000);
  }
  expect(log.indexOf('batch')).toBeGreaterThan(3);
  expect(log.indexOf('batch')).toBeLessThanOrEqual(8);
});

test('small calls pass a big one that waits for tokens, together up to what it asks for', async () => {
  const world = scene({ p: { tokensPerMinute: 6_000 } }, { maxWaitMs: 600_000 });
  const log: string[] = [];
  const enter = entering(world, log);
  enter('first', 5_000);
  enter('big', 3_000);
  for (let call = 0; call < 60; call++) enter('small', 100);
  await world.clock.advance(0);
  // What was left went to small ones.
  expect(log).toEqual(['first', ...Array.from({ length: 10 }, () => 'small')]);
  await world.clock.advance(60_000);
  const smallBefore = log.indexOf('big') - 1;
  expect(smallBefore).toBe(30);
});

test('a call that fits is not held back by one that waits for another limit', async () => {
  const world = scene({ 'p/slow': { requestsPerMinute: 1 }, p: { requestsPerMinute: 100 } });
  const log: string[] = [];
  const slow = entering(world, log, world.lane('slow'));
  const quick = entering(world, log, world.lane('quick'));
  slow('slow 1');
  slow('slow 2');
  quick('quick 1');
  quick('quick 2');
  await world.clock.advance(0);
  expect(log).toEqual(['slow 1', 'quick 1', 'quick 2']);
});

test('whoever has waited too long is told so, at that time, and others behind it go on', async () => {
  const world = scene({ p: { concurrency: 1 } }, { maxWaitMs: 5_000 });
  const log: string[] = [];
  const enter = entering(world, log);
  const running = await world.enter(world.lane(), asking());
  enter('a');
  await world.clock.advance(3_000);
  enter('b');
  await world.clock.advance(1_999);
  expect(log).toEqual([]);
  await world.clock.advance(1);
  expect(log).toEqual(['a waited']);
  if (running instanceof Admission) running.cancel();
  await world.clock.advance(0);
  expect(log).toEqual(['a waited', 'b']);
  expect(world.clock.pending).toBe(0);
});

test('one timer serves all who wait', async () => {
  const world = scene({ p: { requestsPerMinute: 1 } });
  const enter = entering(world, []);
  for (let call = 0; call < 500; call++) enter('x', 0, call % 3);
  await world.clock.advance(0);
  expect(world.lane().queue.size).toBe(499);
  expect(world.clock.pending).toBe(1);
});

test('an abort takes a call out at once and lets those behind it go', async () => {
  const world = scene({ p: { tokensPerMinute: 6_000 } }, { maxWaitMs: 600_000 });
  const lane = world.lane();
  const log: string[] = [];
  const enter = entering(world, log);
  enter('first', 5_900);
  const abort = new AbortController();
  const waiting = world.enter(lane, asking(6_000), 1, abort.signal);
  enter('behind', 6_000);
  await world.clock.advance(58_000);
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(lane.queue.size).toBe(1);
  await world.clock.advance(1_000);
  expect(log).toEqual(['first', 'behind']);
  await expect(world.enter(lane, asking(6_000), 1, abort.signal)).rejects.toThrow('enough');
  expect(lane.queue.size).toBe(0);
  expect(world.clock.pending).toBe(0);
});

test('fifty that race for one slot have it one after another', async () => {
  const world = scene({ p: { concurrency: 1 } });
  const lane = world.lane();
  let running = 0;
  let most = 0;
  let done = 0;
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      const admission = await world.enter(lane, asking());
      if (!(admission instanceof Admission)) return;
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done++;
      admission.cancel();
      admission.cancel();
    }),
  );
  expect([most, done, lane.running]).toEqual([1, 50, 0]);
});

/** A bucket as it should be. */
class NaiveBucket {
  level: number;
  readonly capacity: number;
  readonly #perMs: number;
  #at: number;

  constructor(capacity: number, at: number) {
    this.level = capacity;
    this.capacity = capacity;
    this.#perMs = capacity / 60_000;
    this.#at = at;
  }

  refill(now: number): void {
    this.level = Math.min(this.capacity, this.level + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}

test('whatever comes when, nothing is oversold and nothing is lost', async () => {
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4_000 })),
      tokens: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 4_000 })),
      used: fc.double({ min: 0, max: 1.5, noNaN: true }),
      runsMs: fc.integer({ min: 0, max: 5_000 }),
      priority: fc.integer({ min: 0, max: 2 }),
      model: fc.constantFrom('m', 'n'),
      abortsAfterMs: fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined, freq: 4 }),
    }),
    { minLength: 1, maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(arrivals, async (calls) => {
      const world = scene(
        {
          p: { requestsPerMinute: 30, tokensPerMinute: 6_000, concurrency: 4 },
          'p/n': { tokensPerMinute: 2_000 },
        },
        { maxWaitMs: 3_600_000 },
      );
      const { clock } = world;
      const start = clock.now();
      const requests = new NaiveBucket(30, start);
      const tokens = new NaiveBucket(6_000, start);
      const tokensOfN = new NaiveBucket(2_000, start);
      const bucketsOf = (model: string) => (model === 'n' ? [tokens, tokensOfN] : [tokens]);
      let running = 0;
      let ended = 0;
      const take = (bucket: NaiveBucket, amount: number) => {
        bucket.refill(clock.now());
        expect(bucket.level).toBeGreaterThanOrEqual(Math.min(amount, bucket.capacity) - 1e-6);
        bucket.level -= amount;
      };
      const all = calls.map(
        async ({ tokens: amount, used, runsMs, priority, model, abortsAfterMs }, index) => {
          await wait(
            clock,
            calls.slice(0, index + 1).reduce((sum, call) => sum + call.afterMs, 0),
          );
          const abort = new AbortController();
          if (abortsAfterMs !== undefined) clock.setTimeout(() => abort.abort(), abortsAfterMs);
          const lane = world.lane(model);
          const admission = await world
            .enter(lane, asking(amount), priority, abort.signal)
            .catch(() => undefined);
          if (!(admission instanceof Admission)) {
            expect(abort.signal.aborted).toBe(true);
            ended++;
            return;
          }
          take(requests, 1);
          for (const bucket of bucketsOf(model)) take(bucket, amount);
          running++;
          expect(running).toBeLessThanOrEqual(4);
          await wait(clock, runsMs);
          running--;
          ended++;
          const drawn = Math.round(amount * used);
          for (const bucket of bucketsOf(model)) {
            bucket.refill(clock.now());
            bucket.level = Math.min(bucket.capacity, bucket.level + amount - drawn);
          }
          settle(admission, drawn);
        },
      );
      await clock.runAll();
      await Promise.all(all);
      expect(ended).toBe(calls.length);
      expect(running).toBe(0);
      for (const model of ['m', 'n']) expect(world.lane(model).isIdle).toBe(true);
    }),
    { numRuns: 60 },
  );
});

/** Ends as an attempt does that came to so many tokens. */
function settle(admission: Admission, tokens: number): void {
  const listeners: ((settlement: never) => void)[] = [];
  admission.follow({
    headers: new Headers(),
    onSettled: (listener: (settlement: never) => void) => void listeners.push(listener),
  } as never);
  for (const listener of listeners)
    listener({
      origin: 'provider',
      outcome: 'finished',
      status: 200,
      usage: { inputTokens: tokens, outputTokens: 0, provenance: 'reported' },
      startedAt: 0,
      settledAt: 0,
    } as never);
}
