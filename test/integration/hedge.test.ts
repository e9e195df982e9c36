import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

import {
  balance,
  fallback,
  hedge,
  ManagedLLMError,
  type HedgeOptions,
  type Interceptor,
  type Readiness,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';

import {
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  settledOnce,
  theOnlyCall,
  type Governed,
  type Sdk,
  type TestOptions,
} from './governed.ts';

const tried = ({ provider }: Governed) => provider.requests.map(({ model }) => model);

function world(
  sdk: Sdk,
  terms: HedgeOptions = { afterMs: 100, maxExtra: 1 },
  options: TestOptions = {},
): Governed {
  const routes = { fast: hedge(`${sdk.name}/one`, `${sdk.name}/two`, terms) };
  return governed({ routes, ...options });
}

const outcomes = async (w: Governed) =>
  (await theOnlyCall(w)).receipt.attempts.map(({ target, outcome }) => [target.model, outcome]);

/** Answers that differ by their model, each with its own script. */
function script(w: Governed, one: object, two: object): void {
  w.provider
    .when({ model: 'one' }, { text: ['one'], ...one })
    .when({ model: 'two' }, { text: ['two'], ...two });
}

describe.each(sdks)('hedge ($name)', (sdk) => {
  const ask = {
    plain: async (w: Governed, options = {}) =>
      sdk.text(await sdk.create(w.llm, { maxRetries: 0, ...options }, 'fast')),
    stream: async (w: Governed, options = {}) => {
      const told = JSON.stringify(
        await readAll(await sdk.stream(w.llm, { maxRetries: 0, ...options }, 'fast')),
      );
      return ['one', 'two'].filter((text) => told.includes(`"${text}"`)).join();
    },
  };
  const kinds = ['plain', 'stream'] as const;

  test.each(kinds)(
    'a first that answers in time is alone: no second, nothing left to fire (%s)',
    async (kind) => {
      const w = world(sdk);
      script(w, { latencyMs: 99 }, {});
      const asked = ask[kind](w);
      await w.clock.advance(99);
      expect(await asked).toBe('one');
      await w.clock.advance(10_000);
      expect(tried(w)).toEqual(['one']);
      expect(await outcomes(w)).toEqual([['one', 'finished']]);
    },
  );

  test.each(kinds)(
    'the second answers first: the first is aborted at once and told as discarded (%s)',
    async (kind) => {
      const w = world(sdk);
      script(w, { latencyMs: 10_000 }, { latencyMs: 50 });
      const asked = ask[kind](w);
      await w.clock.advance(150);
      expect(await asked).toBe('two');
      expect(
        w.provider.requests.map(({ startedAt }) => startedAt - (w.provider.requests[0]?.startedAt ?? 0)),
      ).toEqual([0, 100]);
      expect(w.provider.requests[0]?.cancelled).toBe(true);
      const { receipt } = await theOnlyCall(w);
      expect(receipt.attempts.map(({ target, outcome }) => [target.model, outcome])).toEqual([
        ['one', 'discarded'],
        ['two', 'finished'],
      ]);
      expect(receipt).toMatchObject({
        outcome: 'finished',
        target: { model: 'two' },
        facts: { route: { path: 'fast.second', first: false } },
      });
      expect(w.errors).toEqual([]);
    },
  );

  test.each(kinds)('the first answers after all: the second is aborted (%s)', async (kind) => {
    const w = world(sdk);
    script(w, { latencyMs: 150 }, { latencyMs: 10_000 });
    const asked = ask[kind](w);
    await w.clock.advance(150);
    expect(await asked).toBe('one');
    const { receipt } = await theOnlyCall(w);
    expect(receipt.attempts.map(({ target, outcome }) => [target.model, outcome])).toEqual([
      ['one', 'finished'],
      ['two', 'discarded'],
    ]);
    expect(receipt).toMatchObject({
      target: { model: 'one' },
      facts: { route: { path: 'fast.primary', first: true } },
    });
    expect(w.errors).toEqual([]);
  });

  test.each(kinds)('both answer in the same moment: one is taken, neither twice (%s)', async (kind) => {
    const w = world(sdk);
    script(w, { latencyMs: 150 }, { latencyMs: 50 });
    const asked = ask[kind](w);
    await w.clock.advance(150);
    expect(['one', 'two']).toContain(await asked);
    await settledOnce(w);
    expect(w.errors).toEqual([]);
  });

  test('a stream counts from its first content, not from its start', async () => {
    const w = world(sdk);
    script(w, { firstEventDelayMs: 0, betweenEventsMs: 200 }, {});
    const asked = ask.stream(w);
    await w.clock.advance(5_000);
    expect(await asked).toBe('two');
    expect(await outcomes(w)).toEqual([
      ['one', 'discarded'],
      ['two', 'finished'],
    ]);
  });

  test.each(kinds)('a first that fails before the delay is followed at once (%s)', async (kind) => {
    const w = world(sdk, { afterMs: 100, maxExtra: 0.001 });
    script(w, { latencyMs: 10, status: 500 }, {});
    // The only one that may be at first is spent by a call before.
    const before = sdk.create(w.llm, { maxRetries: 0 }, 'fast');
    await w.clock.advance(10);
    await before;
    const asked = ask[kind](w);
    await w.clock.advance(10);
    expect(await asked).toBe('two');
    expect((await settledOnce(w, 2))[1]?.attempts.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'finished',
    ]);
  });

  test.each(kinds)('a first that fails while the second runs leaves it running (%s)', async (kind) => {
    const w = world(sdk);
    script(w, { latencyMs: 150, status: 400 }, { latencyMs: 100 });
    const asked = ask[kind](w);
    await w.clock.advance(200);
    expect(await asked).toBe('two');
    expect(await outcomes(w)).toEqual([
      ['one', 'failed'],
      ['two', 'finished'],
    ]);
  });

  test.each(kinds)('a second that fails leaves the first running (%s)', async (kind) => {
    const w = world(sdk);
    script(w, { latencyMs: 300 }, { latencyMs: 10, status: 500 });
    const asked = ask[kind](w);
    await w.clock.advance(300);
    expect(await asked).toBe('one');
    expect(await outcomes(w)).toEqual([
      ['one', 'finished'],
      ['two', 'failed'],
    ]);
  });

  test.each([
    ['the first before the second begins', 10, 10],
    ['the first, then the second', 150, 100],
    ['the second, then the first', 300, 10],
  ])('both fail, %s: the last failure, with both behind it', async (_what, one, two) => {
    const w = world(sdk);
    script(w, { latencyMs: one, status: 500 }, { latencyMs: two, status: 503 });
    const failed = rejection(ask.plain(w));
    await w.clock.advance(1_000);
    const error = await failed;
    expect(error).toMatchObject({ status: one === 300 ? 500 : 503 });
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'all-targets-failed' });
    expect((await outcomes(w)).map(([, outcome]) => outcome)).toEqual(['failed', 'failed']);
  });

  test('a failure that another target would have too is told at once', async () => {
    const w = world(sdk);
    script(w, { status: 400 }, {});
    expect(await rejection(ask.plain(w))).toMatchObject({ status: 400 });
    expect(tried(w)).toEqual(['one']);
  });

  test.each(kinds)('the caller’s abort ends both (%s)', async (kind) => {
    for (const at of [0, 50, 100, 150]) {
      const w = world(sdk);
      script(w, { hang: true }, { hang: true });
      const controller = new AbortController();
      const failed = rejection(ask[kind](w, { signal: controller.signal }));
      await w.clock.advance(at);
      controller.abort();
      expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
      await w.clock.advance(1_000);
      expect(tried(w)).toEqual(at < 100 ? ['one'] : ['one', 'two']);
      expect(w.provider.requests.every(({ cancelled }) => cancelled)).toBe(true);
      expect((await theOnlyCall(w)).receipt.outcome).toBe('aborted');
      expect(w.errors).toEqual([]);
    }
  });

  test('an abort while the winner’s stream is read ends it', async () => {
    const w = world(sdk);
    script(w, { hang: true }, { text: 'word '.repeat(50), betweenEventsMs: 100 });
    const controller = new AbortController();
    const stream = sdk.stream(w.llm, { signal: controller.signal, maxRetries: 0 }, 'fast');
    await w.clock.advance(1_000);
    const rest = readAll(await stream).catch((error: unknown) => error);
    controller.abort();
    await rest;
    const { receipt } = await theOnlyCall(w);
    expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['discarded', 'aborted']);
  });

  test('the deadline ends both', async () => {
    const w = world(sdk);
    script(w, { hang: true }, { hang: true });
    const failed = rejection(sdk.create(w.llm.with({ deadlineMs: 500 }), { maxRetries: 0 }, 'fast'));
    await w.clock.advance(500);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    expect((await theOnlyCall(w)).receipt.outcome).toBe('timed-out');
  });

  test('the call settles after what lost, also where that is slow to notice', async () => {
    let let_go = (): void => {};
    const slow: Interceptor = {
      name: 'slow-to-notice',
      stage: 'pace',
      async intercept(call, next) {
        const reply = await next(call);
        if (call.target?.model === 'one') await new Promise<void>((resolve) => (let_go = resolve));
        return reply;
      },
    };
    const w = world(sdk, { afterMs: 100, maxExtra: 1 }, { interceptors: [slow] });
    script(w, { latencyMs: 10_000 }, {});
    const asked = ask.plain(w);
    await w.clock.advance(100);
    expect(await asked).toBe('two');
    await w.clock.advance(0);
    expect(w.receipts).toHaveLength(0);
    let_go();
    await settledOnce(w);
    expect(w.errors).toEqual([]);
  });

  test('a second that is not ready, or not ready any more, is not asked', async () => {
    let state: Readiness = { ok: true };
    const readiness: Interceptor = {
      name: 'readiness',
      stage: 'pace',
      ready: ({ model }) => (model === 'two' ? state : { ok: true }),
      intercept: (call, next) => next(call),
    };
    const w = world(sdk, { afterMs: 100, maxExtra: 1 }, { interceptors: [readiness] });
    script(w, { latencyMs: 500 }, {});
    const asked = ask.plain(w);
    await w.clock.advance(50);
    state = { ok: false, reason: 'circuit is open' };
    await w.clock.advance(450);
    expect(await asked).toBe('one');
    expect(tried(w)).toEqual(['one']);
  });

  test('a first that is not ready leaves the second to begin', async () => {
    const readiness: Interceptor = {
      name: 'readiness',
      stage: 'pace',
      ready: ({ model }) => (model === 'one' ? { ok: false, reason: 'circuit is open' } : { ok: true }),
      intercept: (call, next) => next(call),
    };
    const w = world(sdk, { afterMs: 100, maxExtra: 1 }, { interceptors: [readiness] });
    expect(await ask.plain(w).then(() => tried(w))).toEqual(['two']);
  });
});

test('a winner that breaks later has not failed together with what lost', async () => {
  const w = world(openai);
  script(w, { latencyMs: 10_000 }, { text: ['a ', 'b '], cutAfterEvents: 2 });
  const read = rejection(openai.stream(w.llm, { maxRetries: 0 }, 'fast').then(readAll));
  await w.clock.advance(100);
  expect(ManagedLLMError.from(await read)?.code).not.toBe('all-targets-failed');
  expect(await outcomes(w)).toEqual([
    ['one', 'discarded'],
    ['two', 'failed'],
  ]);
});

test('a race inside a race tells the place of the one that answered', async () => {
  const inner = hedge('openai/one', 'openai/two', { afterMs: 100, maxExtra: 1 });
  const w = governed({ routes: { fast: hedge(inner, 'openai/three', { afterMs: 10_000 }) } });
  script(w, { latencyMs: 200 }, { latencyMs: 5_000 });
  const asked = openai.create(w.llm, {}, 'fast');
  await w.clock.advance(200);
  expect(openai.text(await asked)).toBe('one');
  expect(tried(w)).toEqual(['one', 'two']);
  const { receipt } = await theOnlyCall(w);
  expect(receipt.target?.model).toBe('one');
  expect(receipt.facts.route?.path).toBe('fast.primary.primary');
});

describe('how often hedge hedges', () => {
  test('`maxExtra` of the calls, and one more', async () => {
    const w = world(openai, { afterMs: 10, maxExtra: 0.1 });
    script(w, { latencyMs: 20 }, { latencyMs: 1_000 });
    for (let call = 0; call < 50; call++) {
      const asked = openai.create(w.llm, {}, 'fast');
      await w.clock.advance(20);
      await asked;
    }
    expect(tried(w).filter((model) => model === 'two')).toHaveLength(6);
    await settledOnce(w, 50);
  });

  test('after its own p95: none before twenty calls were seen, then the slow ones', async () => {
    const w = world(openai, { after: 'p95', maxExtra: 1 });
    let latencyMs = 100;
    w.provider.when({ model: 'one' }, () => ({ latencyMs })).when({ model: 'two' }, { latencyMs: 10 });
    const ask = async () => {
      const asked = openai.create(w.llm, {}, 'fast');
      await w.clock.advance(5_000);
      await asked;
    };
    latencyMs = 4_000;
    await ask();
    latencyMs = 100;
    for (let call = 0; call < 39; call++) await ask();
    expect(tried(w)).not.toContain('two');
    latencyMs = 4_000;
    await ask();
    expect(tried(w).at(-1)).toBe('two');
    const [one, two] = w.provider.requests.slice(-2);
    expect((two?.startedAt ?? 0) - (one?.startedAt ?? 0)).toBeLessThan(111);
  });

  test('not for a request that can be sent but once', async () => {
    const w = world(openai);
    w.provider.always({ latencyMs: 500 });
    const body = new Blob([JSON.stringify({ model: 'fast', messages: [] })]).stream();
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    };
    const sent = w.llm.fetch('openai')('https://api.openai.com/v1/chat/completions', init);
    await w.clock.advance(500);
    await (await sent).text();
    expect(w.provider.requests).toHaveLength(1);
  });

  test.each([
    [{}, 'hedge'],
    [{ afterMs: 5, after: 'p95' }, 'hedge'],
    [{ afterMs: 0 }, 'hedge.afterMs'],
    [{ after: 'p99' }, 'hedge.after'],
    [{ afterMs: 5, maxExtra: 0 }, 'hedge.maxExtra'],
    [{ afterMs: 5, maxExtra: 1.1 }, 'hedge.maxExtra'],
    [{ afterMs: 5, maxextra: 1 }, 'hedge'],
  ])('options are checked: %j', (options, path) => {
    expect(() => hedge('openai/a', 'openai/b', options as HedgeOptions)).toThrow(
      expect.objectContaining({ code: 'invalid-options', details: { path } }),
    );
  });
});

test('hedge inside fallback, fallback inside hedge: both lose, the rest goes on', async () => {
  const w = governed({
    routes: {
      all: fallback(
        hedge(fallback('openai/a', 'openai/b'), 'backup/c', { afterMs: 100, maxExtra: 1 }),
        'backup/d',
      ),
    },
  });
  w.provider
    .when({ model: 'a' }, { status: 500 })
    .when({ model: 'b' }, { latencyMs: 200, status: 500 })
    .when({ model: 'c' }, { latencyMs: 50, status: 500 });
  const asked = openai.create(w.llm, { maxRetries: 0 }, 'all');
  await w.clock.advance(1_000);
  await asked;
  expect(tried(w)).toEqual(['a', 'b', 'c', 'd']);
  expect((await theOnlyCall(w)).receipt.attempts.map(({ outcome }) => outcome)).toEqual([
    'failed',
    'failed',
    'failed',
    'finished',
  ]);
  expect(w.errors).toEqual([]);
});

describe.each(sdks)('a stream that is dropped unread is abandoned once it is collected ($name)', (sdk) => {
  const { name } = sdk;

  test.each([
    ['from the first of a hedge', () => hedge(`${name}/two`, `${name}/one`, { afterMs: 100, maxExtra: 1 })],
    ['from the second of a hedge', () => hedge(`${name}/one`, `${name}/two`, { afterMs: 100, maxExtra: 1 })],
    [
      'through rules three deep',
      () => fallback(`${name}/fails`, balance([fallback(`${name}/two`)], { by: 'latency' })),
    ],
  ])('%s', async (_what, route) => {
    const w = governed({ unreadStreamMs: false, routes: { all: route() } });
    w.provider
      .when({ model: 'one' }, { hang: true })
      .when({ model: 'fails' }, { status: 500 })
      .when({ model: 'two' }, { text: ['a ', 'b '] });
    const drop = async (): Promise<void> => {
      const asked = sdk.stream(w.llm, { maxRetries: 0 }, 'all');
      await w.clock.advance(100);
      await asked;
    };
    await drop();
    for (let round = 0; round < 200 && w.receipts.length === 0; round += 1) {
      globalThis.gc?.();
      await turn();
    }
    expect((await theOnlyCall(w)).receipt.outcome).toBe('abandoned');
  });
});

test('what a call listens to is let go of with it', async () => {
  const w = world(openai);
  script(w, { latencyMs: 150 }, { latencyMs: 20 });
  const { signal } = new AbortController();
  for (let call = 0; call < 20; call++) {
    const asked = openai.create(w.llm, { signal, maxRetries: 0 }, 'fast');
    await w.clock.advance(150);
    await asked;
  }
  await settledOnce(w, 20);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  // The one that all attempts share for their time limits.
  expect(w.clock.pending).toBe(1);
});
