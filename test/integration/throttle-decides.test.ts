import { fallback, limit, ManagedLLM, ManagedLLMError, memoryState, throttle, type State } from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { governed, openai, rejection, sdks, settledOnce, theOnlyCall, type Governed } from './governed.ts';

describe.each(sdks)('what throttle decides ($name)', (sdk) => {
  const target = sdk.name;

  test('a call that finds the queue full is refused at once, with when to ask again', async () => {
    const world = governed({
      interceptors: [throttle({ [target]: { requestsPerMinute: 1 } }, { maxQueue: 2, maxWaitMs: 200_000 })],
    });
    const calls = Array.from({ length: 3 }, () => sdk.create(world.llm));
    const error = await rejection(sdk.create(world.llm));
    expect(error).toBeInstanceOf(sdk.RateLimitError);
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'throttled',
      status: 429,
      retryable: true,
      details: { because: 'queue-full', waiting: 2, limiter: target, limit: 'requestsPerMinute', value: 1 },
    });
    expect(ManagedLLMError.from(error)?.retryAfterMs).toBeGreaterThan(50_000);
    await world.clock.advance(120_000);
    await Promise.all(calls);
    expect(world.provider.requests).toHaveLength(3);
    await settledOnce(world, 4);
  });

  test('with `maxQueue: 0` nobody waits', async () => {
    const world = governed({
      interceptors: [throttle({ [target]: { requestsPerMinute: 1 } }, { maxQueue: 0 })],
    });
    await sdk.create(world.llm);
    const error = ManagedLLMError.from(await rejection(sdk.create(world.llm)));
    expect(error).toMatchObject({ code: 'throttled', details: { because: 'would-wait' } });
    await settledOnce(world, 2);
  });

  test('a wait that cannot end in time is not begun', async () => {
    const world = governed({ interceptors: [throttle({ [target]: { requestsPerMinute: 1 } })] });
    await sdk.create(world.llm);
    const hopeless = ManagedLLMError.from(await rejection(sdk.create(world.llm)));
    expect(hopeless).toMatchObject({ code: 'throttled', retryAfterMs: 60_000 });
    await world.clock.advance(45_000);
    const late = sdk.create(world.llm);
    const pressed = await rejection(sdk.create(world.llm.with({ deadlineMs: 10_000 })));
    expect(ManagedLLMError.from(pressed)).toMatchObject({ code: 'throttled' });
    await world.clock.advance(15_000);
    await late;
    await settledOnce(world, 4);
  });

  test('the call’s deadline ends its wait', async () => {
    const world = governed({ interceptors: [throttle({ [target]: { concurrency: 1 } })] });
    world.provider.next({ latencyMs: 20_000 });
    const first = sdk.create(world.llm);
    const second = rejection(sdk.create(world.llm.with({ deadlineMs: 5_000 })));
    await world.clock.advance(5_000);
    await second;
    expect(world.provider.requests).toHaveLength(1);
    await world.clock.advance(15_000);
    await first;
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ outcome }) => outcome).toSorted()).toEqual(['finished', 'timed-out']);
  });

  test('in shadow it holds back nothing and notes what it would have done', async () => {
    const rule = throttle({ [target]: { requestsPerMinute: 1, concurrency: 1 } }, { shadow: true });
    const world = governed({ interceptors: [rule] });
    await sdk.create(world.llm);
    await sdk.create(world.llm);
    expect(world.provider.requests).toHaveLength(2);
    const receipts = await settledOnce(world, 2);
    expect(receipts[0]?.facts.shadow).toBeUndefined();
    expect(receipts[1]?.facts.shadow).toEqual([
      {
        interceptor: 'throttle',
        decision: 'throttled',
        details: { limiter: target, limit: 'requestsPerMinute', value: 1, waitMs: 60_000 },
      },
    ]);
    const [status] = await rule.status();
    expect(status).toMatchObject({ limiter: target, running: 0, concurrency: 1, waiting: 0 });
    expect(status?.limits.requestsPerMinute).toMatchObject({ limit: 1, left: -1, stated: 1 });
  });

  test('operations without a dialect draw requests and no tokens', async () => {
    const rule = throttle({ [target]: { requestsPerMinute: 5, tokensPerMinute: 100 } });
    const world = governed({ interceptors: [rule] });
    await world.llm.clients[target].models.list();
    await world.llm.clients[target].models.list();
    const [status] = await rule.status();
    // A page of a list passes by the clients' own way of listing, which is governed as well.
    expect(status?.limits.requestsPerMinute?.left).toBe(3);
    expect(status?.limits.tokensPerMinute?.left).toBe(100);
  });

  test.each([
    ['bucket', { requestsPerMinute: 1 }],
    ['slot', { concurrency: 1 }],
  ] as const)('while another target is ready a route does not wait for a %s', async (_kind, limits) => {
    const rule = throttle({ [target]: limits });
    const world = governed({
      interceptors: [rule],
      routes: { smart: fallback(`${target}/m`, 'backup/m') },
    });
    world.provider.always({ latencyMs: 1_000 });
    const calls = [sdk.create(world.llm, {}, 'smart'), sdk.create(world.llm, {}, 'smart')];
    // What translates for the other target is loaded when it is first needed.
    let answered = 0;
    for (const call of calls) void call.then(() => answered++);
    while (answered < calls.length) await world.clock.advance(1_000);
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ target: served }) => served?.provider).toSorted()).toEqual(
      [target, 'backup'].toSorted(),
    );
    expect(receipts.every(({ facts }) => facts.queuedMs === undefined)).toBe(true);
    expect((await rule.status())[0]?.running).toBe(0);
  });

  test('where all targets are used up, it waits', async () => {
    const world = governed({
      interceptors: [throttle({ [target]: { requestsPerMinute: 6 }, backup: { requestsPerMinute: 6 } })],
      routes: { smart: fallback(`${target}/m`, 'backup/m') },
    });
    const calls = Array.from({ length: 14 }, () => sdk.create(world.llm, {}, 'smart'));
    await world.clock.advance(9_000);
    expect(world.provider.requests).toHaveLength(12);
    await world.clock.advance(11_000);
    await Promise.all(calls);
    await settledOnce(world, 14);
  });
});

test('providers that there are not are refused, with the nearest', () => {
  const make = (limits: Parameters<typeof throttle>[0]) => () =>
    new ManagedLLM({
      providers: { azure: new OpenAI({ apiKey: 'test', fetch: standIn().fetch }) },
      interceptors: [throttle(limits)],
    });
  expect(make({ azur: { concurrency: 1 } })).toThrow(
    '`throttle.azur` is of no provider: did you mean `azure`?',
  );
  expect(make({ 'azur/m': { concurrency: 1 } })).toThrow('`throttle.azur/m` is of no provider');
  expect(make({ 'azure/': { concurrency: 1 } })).toThrow('`throttle.azure/` names no model');
  expect(make({ 'azure/org/m': { concurrency: 1 } })).not.toThrow();
});

test.each([
  [{ openai: { requestsPerMinute: 0 } }, {}, '`throttle.openai.requestsPerMinute` must be more than 0.'],
  [
    { openai: { concurency: 1 } },
    {},
    '`throttle.openai` has no option `concurency`. Did you mean `concurrency`?',
  ],
  [{ openai: {} }, {}, '`throttle.openai` states no limit'],
  [{}, { maxqueue: 1 }, '`throttle` has no option `maxqueue`. Did you mean `maxQueue`?'],
  [{}, { adaptive: false }, '`throttle.adaptive` is false and no limit is stated'],
  [{ openai: { concurrency: 1 } }, { maxQueue: 0, maxWaitMs: 1 }, '`throttle.maxQueue` is 0'],
])('throttle(%j, %j) is refused', (limits, options, message) => {
  expect(() => throttle(...([limits, options] as Parameters<typeof throttle>))).toThrow(message);
});

test('a limit of a caller’s own client counts by its key', async () => {
  const clock = manualClock();
  const provider = standIn({ clock });
  const rule = limit({ per: 'credential', requestsPerMinute: 1 });
  const llm = new ManagedLLM({
    providers: {
      byo: () => new OpenAI({ apiKey: 'own', fetch: provider.fetch, maxRetries: 0 }),
      ours: new OpenAI({ apiKey: 'ours', fetch: provider.fetch, maxRetries: 0 }),
    },
    clock,
    interceptors: [rule],
  });
  const ask = (tenant: string, name: 'byo' | 'ours') =>
    llm.with({ tenant }).clients[name].responses.create({ model: 'm', input: 'Hi' });
  await ask('a', 'byo');
  await ask('b', 'byo');
  await ask('a', 'ours');
  await rejection(ask('a', 'byo'));
  expect(ManagedLLMError.from(await rejection(ask('b', 'ours')))).toMatchObject({
    code: 'limit-exceeded',
    details: { per: 'credential', window: 'requestsPerMinute', limit: 1, resetAt: 60_000 },
  });
  expect(await rule.status({ provider: 'ours' })).toMatchObject({
    requestsPerMinute: { left: 0, resetAt: 60_000 },
  });
  expect(provider.requests).toHaveLength(3);
});

describe('while the store of a shared state cannot be asked', () => {
  /** A state whose store can be taken away. */
  function failing(now: () => number): State & { down: boolean; asked: number } {
    const { ledger } = memoryState({ clock: { ...manualClock(), now } });
    const state = {
      name: 'shared',
      shared: true,
      down: false,
      asked: 0,
      ledger: {
        take: async (takes: Parameters<typeof ledger.take>[0]) => {
          state.asked++;
          if (state.down) throw new Error('away');
          return ledger.take(takes);
        },
        adjust: async (takes: Parameters<typeof ledger.adjust>[0]) => {
          if (state.down) throw new Error('away');
          await ledger.adjust(takes);
        },
        learn: async () => {},
        level: async (bucket: Parameters<typeof ledger.level>[0]) => ledger.level(bucket),
      },
    };
    return state;
  }

  test('each process keeps to the limits by itself, no call is lost, and it is told once until it can be asked again', async () => {
    const state = failing(() => world.clock.now());
    const world: Governed = governed({
      interceptors: [throttle({ openai: { requestsPerMinute: 6 } })],
      state,
    });
    await Promise.all([openai.create(world.llm), openai.create(world.llm)]);
    state.down = true;
    // The own buckets know what was taken before.
    const calls = Array.from({ length: 6 }, () => openai.create(world.llm));
    await world.clock.advance(100);
    expect(world.provider.requests).toHaveLength(6);
    await world.clock.advance(20_000);
    expect(world.provider.requests).toHaveLength(8);
    await Promise.all(calls);
    expect(world.errors.map(({ code }) => code)).toEqual(['interceptor-fault']);
    // Once a second is enough to find out.
    expect(state.asked).toBeLessThan(30);
    state.down = false;
    await world.clock.advance(2_000);
    await openai.create(world.llm);
    state.down = true;
    await world.clock.advance(20_000);
    await openai.create(world.llm);
    expect(world.errors).toHaveLength(2);
    await settledOnce(world, 10);
  });

  test('`limit` counts by itself', async () => {
    const state = failing(() => world.clock.now());
    const world: Governed = governed({ interceptors: [limit({ per: 'user', requestsPerMinute: 2 })], state });
    const llm = world.llm.with({ user: 'alice' });
    await openai.create(llm);
    state.down = true;
    await openai.create(llm);
    expect(ManagedLLMError.from(await rejection(openai.create(llm)))?.code).toBe('limit-exceeded');
    expect(world.errors).toHaveLength(1);
    await settledOnce(world, 3);
  });
});

test('a limit in shadow refuses nothing', async () => {
  const world = governed({ interceptors: [limit({ per: 'user', requestsPerDay: 1, shadow: true })] });
  await openai.create(world.llm);
  const { receipt } = await theOnlyCall(world);
  expect(receipt.facts.shadow).toEqual([
    {
      interceptor: 'limit-per-user',
      decision: 'caller-required',
      details: { per: 'user', name: 'limit-per-user' },
    },
  ]);
});
