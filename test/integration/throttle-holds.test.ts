import { setImmediate as turn } from 'node:timers/promises';
import { fallback, memoryState, throttle, type Interceptor, type State, type Throttle } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { governed, openai, readAll, rejection, sdks, settledOnce, type Governed } from './governed.ts';

/** How the limits that were stated for a provider stand. */
async function standing(rule: Throttle, provider: string) {
  const found = (await rule.status()).find(({ limiter }) => limiter === provider);
  if (found === undefined) throw new Error(`Nothing is known of ${provider}.`);
  return found;
}

describe.each(sdks)('what an attempt holds of its limits ($name)', (sdk) => {
  const target = sdk.name;

  test.each<[string, object, (stream: AsyncIterable<unknown>, abort: () => void) => Promise<unknown>]>([
    ['is read to its end', {}, (stream) => readAll(stream)],
    ['is left by its reader', {}, (stream) => readOne(stream)],
    ['breaks', { cutAfterEvents: 3 }, (stream) => rejection(readAll(stream))],
    [
      'is aborted',
      { firstEventDelayMs: 60_000 },
      async (stream, abort) => {
        const read = readAll(stream).catch(() => undefined);
        abort();
        await read;
      },
    ],
  ])('a stream holds its slot until it %s', async (_how, script, finish) => {
    const rule = throttle({ [target]: { concurrency: 1 } });
    const world = governed({ interceptors: [rule] });
    const controller = new AbortController();
    world.provider.next({ text: ['a ', 'b ', 'c '], ...script });
    const stream = await sdk.stream(world.llm, { signal: controller.signal, maxRetries: 0 });
    const next = sdk.create(world.llm);
    await world.clock.advance(10);
    expect(await standing(rule, target)).toMatchObject({ running: 1, waiting: 1 });
    expect(world.provider.requests).toHaveLength(1);
    await finish(stream, () => controller.abort());
    await world.clock.advance(10);
    expect(world.provider.requests).toHaveLength(2);
    await next;
    expect(await standing(rule, target)).toMatchObject({ running: 0, waiting: 0 });
    await settledOnce(world, 2);
  });

  test('a caller who gives up while it waits leaves its place in the queue to another', async () => {
    const rule = throttle({ [target]: { concurrency: 1 } }, { maxQueue: 1 });
    const world = governed({ interceptors: [rule] });
    world.provider.next({ latencyMs: 1_000 });
    const controller = new AbortController();
    const first = sdk.create(world.llm);
    const left = rejection(sdk.create(world.llm, { signal: controller.signal }));
    await world.clock.advance(10);
    expect((await standing(rule, target)).waiting).toBe(1);
    controller.abort();
    expect(await left).toBeInstanceOf(sdk.APIUserAbortError);
    expect((await standing(rule, target)).waiting).toBe(0);
    const third = sdk.create(world.llm);
    await world.clock.advance(990);
    await Promise.all([first, third]);
    expect(world.provider.requests).toHaveLength(2);
    await settledOnce(world, 3);
  });

  test('a wait that a provider asks for holds for all, and answers to what was under way do not prolong it', async () => {
    const rule = throttle();
    const world = governed({ interceptors: [rule] });
    const refuses = { status: 429, headers: { 'retry-after': '10' } };
    world.provider.next(refuses, { ...refuses, latencyMs: 5_000 });
    const failed = [sdk, sdk].map(({ create }) => rejection(create(world.llm, { maxRetries: 0 }, 'm')));
    await world.clock.advance(5_000);
    await Promise.all(failed);
    const next = sdk.create(world.llm, {}, 'm');
    await world.clock.advance(4_999);
    expect(await standing(rule, `${target}/m`)).toMatchObject({ pausedForMs: 1, waiting: 1 });
    expect(world.provider.requests).toHaveLength(2);
    await world.clock.advance(1);
    expect(world.provider.requests).toHaveLength(3);
    await next;
    await settledOnce(world, 3);
  });

  test('an answer draws the tokens that it reports, a failed attempt none, and both a request', async () => {
    const rule = throttle({ [target]: { tokensPerMinute: 10_000, requestsPerMinute: 100 } });
    const world = governed({ interceptors: [rule] });
    const left = async () => {
      const { tokensPerMinute, requestsPerMinute } = (await standing(rule, target)).limits;
      return [tokensPerMinute?.left, requestsPerMinute?.left];
    };
    world.provider.next({ status: 500, latencyMs: 1 }, { usage: { inputTokens: 300, outputTokens: 40 } });
    const failed = rejection(sdk.create(world.llm, { maxRetries: 0 }));
    await turn();
    expect((await left())[0]).toBeLessThan(9_950);
    await world.clock.advance(1);
    await failed;
    expect(await left()).toEqual([10_000, expect.closeTo(99, 1)]);
    await sdk.create(world.llm);
    expect(await left()).toEqual([9_660, expect.closeTo(98, 1)]);
    await settledOnce(world, 2);
  });

  test.each([
    ['soon after it was sent', 5_000, 20_000],
    ['after the bucket had been full for long', 59_000, 60_000],
  ])(
    'an answer that comes late does not bring back what others have taken %s',
    async (_when, takenAfterMs, latencyMs) => {
      const rule = throttle();
      const world = governed({ interceptors: [rule] });
      const headers = (remaining: number) =>
        target === 'openai'
          ? { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': String(remaining) }
          : {
              'anthropic-ratelimit-requests-limit': '60',
              'anthropic-ratelimit-requests-remaining': String(remaining),
            };
      world.provider.next({ headers: headers(59) });
      await sdk.create(world.llm, {}, 'm');
      await world.clock.advance(10_000);
      world.provider.next({ headers: headers(59), latencyMs });
      const late = sdk.create(world.llm, { timeout: 120_000 }, 'm');
      await world.clock.advance(takenAfterMs);
      const burst = 50;
      for (let call = 1; call <= burst; call++) {
        world.provider.next({ headers: headers(60 - call) });
        await sdk.create(world.llm, {}, 'm');
      }
      await world.clock.advance(latencyMs - takenAfterMs);
      await late;
      // What the burst left, and one a second.
      expect((await standing(rule, `${target}/m`)).limits.requestsPerMinute?.left).toBeLessThanOrEqual(
        60 - burst + (latencyMs - takenAfterMs) / 1_000,
      );
      await settledOnce(world, burst + 2);
    },
  );
});

test('a route moves on where the turn that was free is gone when the call gets there', async () => {
  const slow: Interceptor = {
    name: 'slow',
    stage: 'spend',
    async intercept(call, next) {
      await turn();
      return next(call);
    },
  };
  const world = governed({
    interceptors: [slow, throttle({ openai: { concurrency: 1 } })],
    routes: { smart: fallback('openai/gpt', 'backup/gpt') },
  });
  world.provider.always({ latencyMs: 1_000 });
  const calls = [openai.create(world.llm, {}, 'smart'), openai.create(world.llm, {}, 'smart')];
  for (let turns = 0; turns < 20; turns++) await turn();
  expect(world.provider.requests.map(({ url }) => new URL(url).host).toSorted()).toEqual([
    'api.openai.com',
    'backup.test',
  ]);
  await world.clock.advance(1_000);
  await Promise.all(calls);
  await settledOnce(world, 2);
  expect(world.errors).toEqual([]);
});

describe('with a state that others share', () => {
  /** Buckets that answer late, and slots that others hold. */
  function shared(options: { slots: number; asked?: () => Promise<void> }): State {
    const { ledger } = memoryState({ clock: manualClock() });
    return {
      name: 'shared',
      shared: true,
      ledger: {
        async take(takes) {
          await options.asked?.();
          return ledger.take(takes);
        },
        adjust: async (takes) => ledger.adjust(takes),
        learn: async (bucket, facts) => ledger.learn(bucket, facts),
        level: async (bucket) => ledger.level(bucket),
      },
      limiters: {
        limiter: () => ({
          start: async () => {
            if (options.slots === 0) return undefined;
            options.slots--;
            return () => void options.slots++;
          },
        }),
      },
    };
  }

  const waits = async (world: Governed, signal: AbortSignal) => {
    const failed = rejection(openai.create(world.llm, { signal }));
    await world.clock.advance(10);
    return failed;
  };

  test('an attempt that gets no slot gives back what it took from the buckets', async () => {
    const rule = throttle({ openai: { requestsPerMinute: 10, concurrency: 1 } });
    const world = governed({ interceptors: [rule], state: shared({ slots: 0 }) });
    const controller = new AbortController();
    const failed = waits(world, controller.signal);
    await world.clock.advance(5_000);
    expect((await standing(rule, 'openai')).limits.requestsPerMinute?.left).toBe(10);
    controller.abort();
    expect(await failed).toBeInstanceOf(openai.APIUserAbortError);
    expect(world.provider.requests).toHaveLength(0);
    await settledOnce(world);
  });

  test('one that is aborted while the store is asked gives back all that it is then given', async () => {
    const rule = throttle({ openai: { requestsPerMinute: 10, concurrency: 1 } });
    const answer = Promise.withResolvers<void>();
    const slots = { slots: 1, asked: () => answer.promise };
    const world = governed({ interceptors: [rule], state: shared(slots) });
    const controller = new AbortController();
    const failed = waits(world, controller.signal);
    await world.clock.advance(10);
    controller.abort();
    expect(await failed).toBeInstanceOf(openai.APIUserAbortError);
    answer.resolve();
    await turn();
    expect(slots.slots).toBe(1);
    const { running, waiting, limits } = await standing(rule, 'openai');
    expect([running, waiting, limits.requestsPerMinute?.left]).toEqual([0, 0, 10]);
    expect(world.provider.requests).toHaveLength(0);
    await settledOnce(world);
  });
});

/** Takes one event and leaves. */
async function readOne(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _event of stream) break;
}
