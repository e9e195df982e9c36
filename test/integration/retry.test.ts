import {
  fallback,
  hedge,
  ManagedLLMError,
  retry,
  timeLimits,
  type Call,
  type Interceptor,
  type Reply,
} from 'managed-llm';
import { describeInterceptorContract } from 'managed-llm/testing';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  anthropic,
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  settledOnce,
  theOnlyCall,
  type Governed,
  type TestOptions,
} from './governed.ts';

// It is loaded at the first failure, and no manual clock waits for that.
beforeAll(() => import('../../src/interceptors/retry/repeat.ts'));

const sentAt = ({ provider }: Governed): number[] => {
  const first = provider.requests[0]?.startedAt ?? 0;
  return provider.requests.map(({ startedAt }) => startedAt - first);
};

/** A code that goes before the status beside it, 429. */
const emptyAccount = 'insufficient_quota';

/** Stands inside `retry` and notes every call that comes by. */
function seeing(seen: Call[]): Interceptor {
  return {
    name: 'seeing',
    stage: 'send',
    intercept(call, next) {
      seen.push(call);
      return next(call);
    },
  };
}

/** Runs until nothing waits any more, and gives what the call rejected with. */
async function failing(world: Governed, call: Promise<unknown>): Promise<unknown> {
  const failed = rejection(call);
  await world.clock.runAll();
  return failed;
}

describe.each(sdks)('`retry()` ($name)', (sdk) => {
  const world = (options?: Parameters<typeof retry>[0], more: TestOptions = {}): Governed =>
    governed({ ...more, interceptors: [retry(options), ...(more.interceptors ?? [])] });

  describe('what is repeated', () => {
    test.each([
      ['a 500', { status: 500 }],
      ['a 503', { status: 503 }],
      ['a 429', { status: 429 }],
      ['a 408', { status: 408 }],
      ['a 409', { status: 409 }],
      ['no connection', { connectionError: true }],
      ['an attempt that passes its limit', { hang: true }],
      ['x-should-retry: true on a 400', { status: 400, headers: { 'x-should-retry': 'true' } }],
    ])('%s, until it is well', async (_what, script) => {
      const w = world();
      w.provider.next(script, script, { text: 'well' });
      const reply = sdk.create(w.llm, { timeout: 100 });
      await w.clock.runAll();
      expect(sdk.text(await reply)).toBe('well');
      const { receipt } = await theOnlyCall(w);
      expect(receipt.attempts).toHaveLength(3);
      expect(receipt.attempts[2]?.outcome).toBe('finished');
      expect(w.errors).toEqual([]);
    });

    test.each([
      ['a 400', { status: 400 }],
      ['a 401', { status: 401 }],
      ['a 404', { status: 404 }],
      [
        'an empty account',
        { status: 429, error: { code: emptyAccount, details: { error_code: emptyAccount } } },
      ],
      ['x-should-retry: false on a 500', { status: 500, headers: { 'x-should-retry': 'false' } }],
    ])('not %s, which comes as it is', async (_what, script) => {
      const w = world();
      w.provider.always(script);
      const error = await failing(w, sdk.create(w.llm));
      expect(error).toBeInstanceOf(sdk.APIError);
      expect(ManagedLLMError.from(error)).toBeUndefined();
      expect(w.provider.requests).toHaveLength(1);
      await settledOnce(w);
    });

    test('not what an interceptor refuses, unless it says that asking again may help', async () => {
      const asked: string[] = [];
      const refusing = (name: string, retryable: boolean): Interceptor => ({
        name,
        stage: 'pace',
        intercept() {
          asked.push(name);
          throw new ManagedLLMError({ code: 'refused', message: 'No.', retryable });
        },
      });
      for (const [name, retryable] of [
        ['final', false],
        ['later', true],
      ] as const) {
        const w = world({}, { interceptors: [refusing(name, retryable)] });
        await failing(w, sdk.create(w.llm));
        expect(w.provider.requests).toHaveLength(0);
      }
      expect(asked).toEqual(['final', 'later', 'later', 'later']);
    });

    test('not what `shouldRetry` declines; it is asked only about what would be repeated', async () => {
      const asked: unknown[] = [];
      const shouldRetry = (error: { kind: string }, call: Call): boolean => {
        asked.push([error.kind, call.target?.model]);
        return error.kind !== 'overloaded';
      };
      const w = world({ shouldRetry });
      w.provider.next({ status: 500 }, { status: 529 });
      expect(await failing(w, sdk.create(w.llm, {}, 'm'))).toBeInstanceOf(sdk.APIError);
      w.provider.next({ status: 400 });
      await failing(w, sdk.create(w.llm, {}, 'm'));
      expect(asked).toEqual([
        ['server', 'm'],
        ['overloaded', 'm'],
      ]);
    });

    test('nothing where `shouldRetry` throws, which is reported', async () => {
      const w = world({
        shouldRetry() {
          throw new Error('broken');
        },
      });
      w.provider.always({ status: 500 });
      expect(await failing(w, sdk.create(w.llm))).toBeInstanceOf(sdk.InternalServerError);
      expect(w.provider.requests).toHaveLength(1);
      expect(w.errors.map(({ message }) => message)).toEqual([
        'A fault in `shouldRetry` of `retry` was caught.',
      ]);
    });
  });

  describe('how often', () => {
    test.each([
      ['three times at first', undefined, {}, 3],
      ['as `maxAttempts` says, the first included', { maxAttempts: 5 }, {}, 5],
      ['never more than a call allows itself', undefined, { maxRetries: 1 }, 2],
      ['not at all where a call wants no repeats', undefined, { maxRetries: 0 }, 1],
      ['no more for a call that allows itself more', { maxAttempts: 2 }, { maxRetries: 9 }, 2],
      ['once', { maxAttempts: 1 }, {}, 1],
      ['no more than a call may have in all', { maxAttempts: 9, maxAttemptsPerCall: 4 }, {}, 4],
    ] as const)('%s', async (_what, options, request, times) => {
      const w = world(options);
      w.provider.always({ status: 500 });
      expect(await failing(w, sdk.create(w.llm, request))).toBeInstanceOf(sdk.InternalServerError);
      expect(w.provider.requests).toHaveLength(times);
      await settledOnce(w);
    });

    test('a client’s own default lowers nothing', async () => {
      const w = world();
      w.provider.always({ status: 500 });
      const clients = {
        openai: w.llm.clients.openai.withOptions({ maxRetries: 0 }),
        anthropic: w.llm.clients.anthropic.withOptions({ maxRetries: 0 }),
      };
      await failing(w, sdk.create({ clients }));
      expect(w.provider.requests).toHaveLength(3);
    });

    test('attempts are counted up from 1', async () => {
      const seen: Call[] = [];
      const w = world({}, { interceptors: [seeing(seen)] });
      w.provider.always({ status: 500 });
      await failing(w, sdk.create(w.llm));
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    });
  });

  describe('when', () => {
    test('after anything up to a limit that doubles', async () => {
      const w = world({ maxAttempts: 6, maxDelayMs: 3_000 }, { random: () => 0.5 });
      w.provider.always({ status: 500 });
      await failing(w, sdk.create(w.llm));
      expect(sentAt(w)).toEqual([0, 250, 750, 1_750, 3_250, 4_750]);
    });

    test('at once where the draw is 0, without a timer', async () => {
      const w = world();
      w.provider.next({ status: 500 }, { status: 500 });
      await sdk.create(w.llm);
      expect(sentAt(w)).toEqual([0, 0, 0]);
    });

    test.each([
      ['3 s', { 'retry-after': '3' }, 3_000],
      ['a minute', { 'retry-after': '60' }, 60_000],
      ['250 ms', { 'retry-after-ms': '250' }, 250],
      ['nothing', { 'retry-after': '0' }, 0],
    ])('after the wait that the provider asked for: %s', async (_what, headers, ms) => {
      const w = world({}, { random: () => 0.9 });
      w.provider.next({ status: 429, headers });
      const reply = sdk.create(w.llm);
      await w.clock.runAll();
      await reply;
      expect(sentAt(w)).toEqual([0, ms]);
    });

    test('by its own rule where the provider’s wait has gone by already', async () => {
      const w = world({}, { random: () => 0.5 });
      w.provider.next({ status: 429, headers: { 'retry-after': '-3' } });
      const reply = sdk.create(w.llm);
      await w.clock.runAll();
      await reply;
      expect(sentAt(w)).toEqual([0, 250]);
    });

    test('a wait longer than a minute is kept to if the deadline allows it', async () => {
      const w = world();
      w.provider.next({ status: 429, headers: { 'retry-after': '90' } });
      const reply = sdk.create(w.llm.with({ deadlineMs: 91_000 }));
      await w.clock.runAll();
      await reply;
      expect(sentAt(w)).toEqual([0, 90_000]);
    });

    test('a wait longer than a minute is not begun where no deadline says that it is worth it', async () => {
      const w = world();
      w.provider.always({ status: 429, headers: { 'retry-after': '61' } });
      const failed = rejection(sdk.create(w.llm));
      await w.clock.advance(0);
      expect(await failed).toBeInstanceOf(sdk.RateLimitError);
      expect(sentAt(w)).toEqual([0]);
    });

    test('… nor after a repeat, whose error says what would help', async () => {
      const w = world();
      w.provider.next({ status: 500 }).always({ status: 429, headers: { 'retry-after': '61' } });
      const managed = ManagedLLMError.from(await failing(w, sdk.create(w.llm)));
      expect(managed?.details['stopped']).toBe('long-wait');
      expect(managed?.message).toMatch(/minute.*`deadlineMs`/s);
      expect(w.provider.requests).toHaveLength(2);
    });

    test('a wait that would pass the deadline is not begun: the provider’s own error comes at once', async () => {
      const w = world();
      w.provider.always({ status: 429, headers: { 'retry-after': '90' } });
      const failed = rejection(sdk.create(w.llm.with({ deadlineMs: 90_000 })));
      await w.clock.advance(0);
      expect(await failed).toBeInstanceOf(sdk.RateLimitError);
      expect((await theOnlyCall(w)).receipt).toMatchObject({ outcome: 'failed', durationMs: 0 });
    });
  });

  describe('what the application gets', () => {
    test('the provider’s own last error, and behind it every attempt', async () => {
      const w = world();
      w.provider.next({ status: 429 }, { status: 500 }, { status: 503, error: { message: 'GPUs melt' } });
      const error = await failing(w, sdk.create(w.llm, {}, 'm'));
      expect(error).toBeInstanceOf(sdk.InternalServerError);
      expect(error).toMatchObject({ status: 503 });
      expect(String(error)).toContain('GPUs melt');
      const behind = ManagedLLMError.from(error);
      const target = `${sdk.name}/m`;
      expect(behind).toMatchObject({
        code: 'all-attempts-failed',
        retryable: true,
        details: {
          target,
          stopped: 'max-attempts',
          failures: [
            { target, status: 429, kind: 'rate-limit' },
            { target, status: 500, kind: 'server' },
            { target, status: 503, kind: 'overloaded' },
          ],
        },
      });
      expect(behind?.message).toContain('3 attempts at');
      expect(behind?.message).not.toContain('GPUs melt');
      expect((await theOnlyCall(w)).receipt.attempts.map(({ status }) => status)).toEqual([429, 500, 503]);
    });

    test('a time limit at last stays the SDK’s own', async () => {
      const w = world();
      w.provider.next({ status: 500 }, { status: 500 }, { hang: true });
      expect(await failing(w, sdk.create(w.llm, { timeout: 100 }))).toBeInstanceOf(
        sdk.APIConnectionTimeoutError,
      );
      expect((await theOnlyCall(w)).receipt.outcome).toBe('timed-out');
    });

    test('no connection at last stays the SDK’s own, with every attempt behind it', async () => {
      const w = world({ maxAttempts: 2 });
      w.provider.always({ connectionError: true });
      const error = await failing(w, sdk.create(w.llm));
      expect(error).toBeInstanceOf(sdk.APIConnectionError);
      expect(ManagedLLMError.from(error)?.details['failures']).toHaveLength(2);
    });

    test('the provider’s answer, not the refusal of its repeat, which comes behind it', async () => {
      let sent = 0;
      const full: Interceptor = {
        name: 'full',
        stage: 'pace',
        intercept(call, next) {
          if (sent++ === 0) return next(call);
          throw new ManagedLLMError({ code: 'refused', status: 402, message: '`full`: nothing is left.' });
        },
      };
      const w = world({}, { interceptors: [full] });
      w.provider.always({ status: 429 });
      const error = await failing(w, sdk.create(w.llm));
      expect(error).toBeInstanceOf(sdk.RateLimitError);
      expect(ManagedLLMError.from(error)).toMatchObject({
        code: 'all-attempts-failed',
        details: { stopped: 'refused', failures: [{ status: 429 }] },
      });
      expect(ManagedLLMError.from(error)?.message).toContain('`full`: nothing is left.');
      await settledOnce(w);
      expect(w.errors).toEqual([]);
    });

    test('… also where that refusal was repeated itself', async () => {
      let attempts = 0;
      const full: Interceptor = {
        name: 'full',
        stage: 'pace',
        intercept(call, next) {
          if (attempts++ === 0) return next(call);
          throw new ManagedLLMError({ code: 'refused', status: 429, message: 'Full.', retryable: true });
        },
      };
      const w = world({}, { interceptors: [full] });
      w.provider.always({ status: 503 });
      const error = await failing(w, sdk.create(w.llm));
      expect(attempts).toBe(3);
      expect(error).toMatchObject({ status: 503 });
      expect(ManagedLLMError.from(error)).toMatchObject({
        code: 'all-attempts-failed',
        details: { stopped: 'refused', failures: [{ status: 503 }] },
      });
    });
  });

  describe('streams', () => {
    test('an error before the content is repeated, and the reader sees the next one whole', async () => {
      const w = world();
      w.provider.next(
        { text: ['never '], inBandError: { afterEvents: sdk.name === 'openai' ? 0 : 1 } },
        { text: ['never '], cutAfterEvents: 0 },
        { text: ['a ', 'b '] },
      );
      const events = JSON.stringify(await readAll(await sdk.stream(w.llm)));
      expect(events).toMatch(/a .*b /);
      expect(events).not.toContain('never');
      const { receipt } = await theOnlyCall(w);
      expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'finished']);
      expect(w.errors).toEqual([]);
    });

    test('one that breaks after its content has begun is not', async () => {
      const w = world();
      w.provider.always({ text: ['a ', 'b ', 'c '], cutAfterEvents: 4 });
      await rejection(sdk.stream(w.llm).then(readAll));
      expect(w.provider.requests).toHaveLength(1);
      expect((await theOnlyCall(w)).receipt.outcome).toBe('failed');
    });

    test('are held back only while another attempt is possible', async () => {
      const seen: Call[] = [];
      const w = world({}, { interceptors: [seeing(seen)] });
      w.provider.always({ text: ['x '], inBandError: { afterEvents: 0 } });
      await failing(w, sdk.stream(w.llm).then(readAll));
      expect(seen.map(({ peek }) => peek)).toEqual([true, true, false]);
      seen.length = 0;
      await failing(w, sdk.stream(w.llm, { maxRetries: 0 }).then(readAll));
      await sdk.create(w.llm);
      expect(seen.map(({ peek }) => peek)).toEqual([false, false]);
    });

    test('the last one is held back where the route wants it so', async () => {
      const seen: Call[] = [];
      const peeking: Interceptor = {
        name: 'peeking',
        stage: 'retry',
        intercept: (call, next) => next(call.with({ peek: true })),
      };
      const w = governed({ interceptors: [peeking, retry({ maxAttempts: 2 }), seeing(seen)] });
      w.provider.always({ status: 500 });
      await failing(w, sdk.stream(w.llm));
      expect(seen.map(({ peek }) => peek)).toEqual([true, true]);
    });

    test('an error first in the last one is raised as it came', async () => {
      const w = world({ maxAttempts: 2 });
      w.provider.always({ inBandError: { afterEvents: 0, message: 'overloaded here' } });
      const error = await failing(w, sdk.stream(w.llm).then(readAll));
      expect(error).toBeInstanceOf(sdk.APIError);
      expect(String(error)).toContain('overloaded here');
      await settledOnce(w);
    });

    test.each([
      ['once', 1_050, 1],
      ['twice', 2_600, 2],
    ])(
      'that pass `firstEventMs` %s are told as what the SDK calls too long',
      async (_often, deadlineMs, times) => {
        const w = world({}, { random: () => 0.5, interceptors: timeLimits({ firstEventMs: 1_000 }) });
        w.provider.always({ text: ['late '], firstEventDelayMs: 10_000 });
        const llm = w.llm.with({ deadlineMs });
        expect(await failing(w, sdk.stream(llm).then(readAll))).toBeInstanceOf(sdk.APIConnectionTimeoutError);
        expect(w.provider.requests).toHaveLength(times);
        await settledOnce(w);
      },
    );

    test('that think longer than `unreadStreamMs` are waited for, not left unread', async () => {
      const w = world({}, { unreadStreamMs: 30_000 });
      w.provider.always({ text: ['late '], firstEventDelayMs: 90_000 });
      const events = sdk.stream(w.llm).then(readAll);
      await w.clock.runAll();
      expect(JSON.stringify(await events)).toContain('late ');
      expect((await theOnlyCall(w)).receipt.outcome).toBe('finished');
    });

    test('the SDK’s own limit ends with the headers, as bare, though the stream is held back', async () => {
      const w = world();
      w.provider.always({ text: ['late '], firstEventDelayMs: 10_000 });
      const events = sdk.stream(w.llm, { timeout: 1_000 }).then(readAll);
      await w.clock.runAll();
      expect(JSON.stringify(await events)).toContain('late ');
      expect(w.provider.requests).toHaveLength(1);
    });
  });

  describe('aborts', () => {
    test('during the wait: at once, and nothing more is sent', async () => {
      const w = world();
      w.provider.always({ status: 429, headers: { 'retry-after': '30' } });
      const controller = new AbortController();
      const failed = rejection(sdk.create(w.llm, { signal: controller.signal }));
      await w.clock.advance(10_000);
      controller.abort();
      expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
      const { receipt } = await theOnlyCall(w);
      expect(receipt).toMatchObject({ outcome: 'aborted', durationMs: 10_000 });
      await w.clock.runAll();
      expect(w.provider.requests).toHaveLength(1);
      expect(w.clock.pending).toBe(0);
      expect(w.errors).toEqual([]);
    });

    test('at every moment of three attempts and their waits, plain and streamed', async () => {
      for (const kind of ['create', 'stream'] as const) {
        for (let at = 0; at <= 420; at += 20) {
          const w = world({ baseDelayMs: 100 }, { random: () => 0.5 });
          w.provider.next(
            { status: 500, latencyMs: 100 },
            { connectionError: true, latencyMs: 100 },
            { text: ['a ', 'b '], latencyMs: 30, betweenEventsMs: 20 },
          );
          const controller = new AbortController();
          const call =
            kind === 'create'
              ? sdk.create(w.llm, { signal: controller.signal })
              : sdk.stream(w.llm, { signal: controller.signal }).then(readAll);
          const ended = call.then(
            () => 'answered',
            (error: unknown) => error,
          );
          await w.clock.advance(at);
          controller.abort();
          await w.clock.runAll();
          const end = await ended;
          const [receipt] = await settledOnce(w);
          // Both SDKs end a stream that its reader aborts without a word.
          if (end === 'answered') expect(['finished', 'aborted']).toContain(receipt?.outcome);
          else expect(receipt?.outcome).toBe('aborted');
          expect(w.clock.pending).toBe(0);
          expect(w.errors).toEqual([]);
        }
      }
    });

    test('by the deadline during an attempt', async () => {
      const w = world({}, { random: () => 0.5 });
      w.provider.always({ status: 500, latencyMs: 400 });
      expect(await failing(w, sdk.create(w.llm.with({ deadlineMs: 1_000 })))).toBeInstanceOf(
        sdk.APIConnectionTimeoutError,
      );
      expect((await theOnlyCall(w)).receipt).toMatchObject({ outcome: 'timed-out', durationMs: 1_000 });
    });
  });

  test('a storm is not answered with a multiple of the calls', async () => {
    const rule = retry();
    const w = governed({ interceptors: [rule], random: () => 0.5 });
    w.provider.always({ status: 503 });
    const calls = Array.from({ length: 400 }, () => rejection(sdk.create(w.llm, {}, 'm')));
    await w.clock.advance(999);
    await Promise.all(calls);
    // 10 that it holds at first, and a tenth of 400 calls.
    const repeats = w.provider.requests.length - 400;
    expect(repeats).toBe(50);
    const status = rule.status(`${sdk.name}/m`);
    expect(status).toMatchObject({ firstAttempts: 400, repeats, repeatsLeft: 0 });
    expect(status?.denied).toBeGreaterThan(300);
    expect(rule.status()).toEqual([status]);
    expect(rule.status('openai/other')).toBeUndefined();
    await settledOnce(w, 400);
  });

  test('`retryBudget: false` repeats them all', async () => {
    const w = world({ retryBudget: false, maxAttempts: 2 });
    w.provider.always({ status: 503 });
    const calls = Array.from({ length: 100 }, () => rejection(sdk.create(w.llm)));
    await w.clock.runAll();
    await Promise.all(calls);
    expect(w.provider.requests).toHaveLength(200);
  });
});

describe('`retry()` and routes', () => {
  test('returns at once while the route has another target that is ready, and repeats at the last', async () => {
    const w = governed({
      interceptors: [retry()],
      routes: { smart: fallback('openai/a', 'openai/b', 'openai/c') },
    });
    w.provider.always({ status: 429, headers: { 'retry-after': '30' } });
    const error = await failing(w, openai.create(w.llm, {}, 'smart'));
    expect(error).toBeInstanceOf(openai.RateLimitError);
    expect(w.provider.requests.map(({ model }) => model)).toEqual(['a', 'b', 'c', 'c', 'c']);
    expect(sentAt(w)).toEqual([0, 0, 0, 30_000, 60_000]);
    const behind = ManagedLLMError.from(error);
    expect(behind).toMatchObject({ code: 'all-targets-failed', cause: { code: 'all-attempts-failed' } });
    expect(behind?.details['failures']).toHaveLength(5);
    await settledOnce(w);
    expect(w.errors).toEqual([]);
  });

  test.each([
    ['`retry()`', [retry()]],
    ['the SDK’s own', []],
  ] as const)('what `on` stops the route at is repeated in place, by %s', async (_by, interceptors) => {
    const w = governed({
      interceptors,
      routes: { smart: fallback('openai/a', 'openai/b', { on: { server: 'stop' } }) },
    });
    w.provider.next({ status: 500 }).always({ text: 'well' });
    const reply = openai.create(w.llm, {}, 'smart');
    await w.clock.runAll();
    expect(openai.text(await reply)).toBe('well');
    expect(w.provider.requests.map(({ model }) => model)).toEqual(['a', 'a']);
    await settledOnce(w);
  });

  test('what `on` leads on from is not repeated, in its own rule nor in one round it', async () => {
    const inner = fallback('openai/a', { on: { 'rate-limit': 'openai/large' } });
    const w = governed({
      interceptors: [retry()],
      routes: {
        own: inner,
        round: fallback(fallback('openai/a', { on: { 'rate-limit': 'stop' } }), 'openai/b'),
      },
    });
    w.provider.when({ model: 'a' }, { status: 429, headers: { 'retry-after': '30' } });
    await openai.create(w.llm, {}, 'own');
    await openai.create(w.llm, {}, 'round');
    expect(w.provider.requests.map(({ model }) => model)).toEqual(['a', 'large', 'a', 'b']);
  });

  test.each([
    ['`retry()`', [retry()]],
    ['the SDK’s own', []],
  ] as const)(
    'a target whose others went down while it was asked is repeated by %s',
    async (_by, interceptors) => {
      let isUp = true;
      const health: Interceptor = {
        name: 'health',
        stage: 'health',
        ready: ({ model }) => (model === 'a' || isUp ? { ok: true } : { ok: false, reason: 'down' }),
        intercept: (call, next) => next(call),
      };
      const w = governed({
        interceptors: [...interceptors, health],
        routes: { smart: fallback('openai/a', 'openai/b') },
      });
      w.provider.next({ status: 500, latencyMs: 1_000 }).always({ text: 'well' });
      const reply = openai.create(w.llm, {}, 'smart');
      await w.clock.advance(10);
      isUp = false;
      await w.clock.runAll();
      expect(openai.text(await reply)).toBe('well');
      expect(w.provider.requests.map(({ model }) => model)).toEqual(['a', 'a']);
    },
  );

  test('a target that alone is ready is repeated', async () => {
    const notReady: Interceptor = {
      name: 'not-ready',
      stage: 'health',
      ready: ({ model }) => (model === 'a' ? { ok: true } : { ok: false, reason: 'closed for the day' }),
      intercept: (call, next) => next(call),
    };
    const w = governed({
      interceptors: [retry(), notReady],
      routes: { smart: fallback('openai/a', 'openai/b') },
    });
    w.provider.next({ status: 500 }, { status: 500 }, { text: 'well' });
    expect(openai.text(await openai.create(w.llm, {}, 'smart'))).toBe('well');
    expect(w.provider.requests.map(({ model }) => model)).toEqual(['a', 'a', 'a']);
  });

  test('races, repeats and fallbacks together make no more attempts than the call may', async () => {
    for (const maxAttemptsPerCall of [1, 2, 3, 5, 6]) {
      const w = governed({
        interceptors: [retry({ maxAttempts: 4, maxAttemptsPerCall, baseDelayMs: 100 })],
        random: () => 0.5,
        routes: {
          smart: fallback(
            hedge('openai/a', 'backup/b', { afterMs: 30, maxExtra: 1 }),
            'openai/c',
            'openai/d',
          ),
        },
      });
      w.provider.always({ status: 500, latencyMs: 50 });
      expect(await failing(w, openai.create(w.llm, {}, 'smart'))).toBeInstanceOf(openai.APIError);
      expect(w.provider.requests).toHaveLength(maxAttemptsPerCall);
      await settledOnce(w);
      expect(w.errors).toEqual([]);
    }
  });

  test('says that no target is ready once the call has made all its attempts', async () => {
    const rule = retry({ maxAttemptsPerCall: 2 });
    const said: unknown[] = [];
    const asking: Interceptor = {
      name: 'asking',
      stage: 'send',
      intercept(call, next) {
        said.push(rule.ready?.({ provider: 'openai', model: 'x' }, call));
        return next(call).then((reply: Reply) => {
          said.push(rule.ready?.({ provider: 'openai', model: 'x' }, call));
          return reply;
        });
      },
    };
    const w = governed({ interceptors: [rule, asking] });
    w.provider.always({ status: 500 });
    await failing(w, openai.create(w.llm));
    const no = { ok: false, reason: 'maxAttemptsPerCall of 2 is reached' };
    expect(said).toEqual([{ ok: true }, { ok: true }, { ok: true }, no]);
  });

  test('no more targets are asked than the call has attempts', async () => {
    const w = governed({
      interceptors: [retry({ maxAttemptsPerCall: 2, maxAttempts: 1 })],
      routes: { smart: fallback('openai/a', 'openai/b', 'openai/c') },
    });
    w.provider.always({ status: 500 });
    expect(await failing(w, openai.create(w.llm, {}, 'smart'))).toBeInstanceOf(openai.APIError);
    expect(w.provider.requests.map(({ model }) => model)).toEqual(['a', 'b']);
    await settledOnce(w);
    expect(w.errors).toEqual([]);
  });

  test('nor for whoever does not ask whether it is ready', async () => {
    const stubborn: Interceptor = {
      name: 'stubborn',
      stage: 'retry',
      async intercept(call, next) {
        for (let round = 0; round < 3; round++) (await next(call)).discard();
        return next(call);
      },
    };
    const w = governed({ interceptors: [stubborn, retry({ maxAttempts: 1, maxAttemptsPerCall: 2 })] });
    w.provider.always({ status: 500 });
    const error = await rejection(openai.create(w.llm, {}, 'm'));
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'attempt-limit',
      status: 503,
      details: { attempts: 2, maxAttemptsPerCall: 2 },
    });
    expect(w.provider.requests).toHaveLength(2);
    await settledOnce(w);
  });

  test('targets have budgets of their own', async () => {
    const rule = retry({ maxAttempts: 100, maxAttemptsPerCall: 100 });
    const w = governed({ interceptors: [rule] });
    w.provider.always({ status: 500 });
    await rejection(openai.create(w.llm, {}, 'one'));
    expect(rule.status('openai/one')).toMatchObject({ repeats: 10, denied: 1, repeatsLeft: 0 });
    await rejection(openai.create(w.llm, {}, 'two'));
    expect(rule.status('openai/two')).toMatchObject({ repeats: 10 });
    expect(rule.status()).toHaveLength(2);
  });

  test('a racer that is stopped while it waits stops alone', async () => {
    const controller = new AbortController();
    const racing: Interceptor = {
      name: 'racing',
      stage: 'retry',
      async intercept(call, next) {
        const loser = next(call.with({ signal: controller.signal }));
        const winner = await next(call.with({ attempt: 10 }));
        controller.abort();
        const lost = await loser;
        expect(lost.error?.kind).toBe('aborted');
        lost.discard();
        return winner;
      },
    };
    const w = governed({ interceptors: [racing, retry()] });
    w.provider.next({ status: 429, headers: { 'retry-after': '30' } }, { text: 'won', latencyMs: 1_000 });
    const reply = openai.create(w.llm);
    await w.clock.advance(1_000);
    expect(openai.text(await reply)).toBe('won');
    await settledOnce(w);
    await w.clock.runAll();
    expect(w.provider.requests).toHaveLength(2);
    expect(w.errors).toEqual([]);
  });
});

test('an upload whose body is a stream is never repeated', async () => {
  const w = governed({ interceptors: [retry()] });
  w.provider.always({ status: 500 });
  const upload = w.llm.clients.openai.post('/files', {
    body: new Blob(['content']).stream(),
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(await failing(w, upload)).toBeInstanceOf(openai.InternalServerError);
  expect(w.provider.requests).toHaveLength(1);
});

test('the neutral API rejects with every attempt', async () => {
  const w = governed({ interceptors: [retry()] });
  w.provider.always({ status: 500 });
  expect(await failing(w, w.llm.chat({ model: 'anthropic/claude', messages: 'Hi' }))).toMatchObject({
    code: 'all-attempts-failed',
    details: { target: 'anthropic/claude', status: 500, kind: 'server', failures: [{}, {}, {}] },
  });
});

test('a call that answers at once pays for no repeats: the very call goes on', async () => {
  const outer: Call[] = [];
  const inner: Call[] = [];
  const w = governed({
    interceptors: [{ ...seeing(outer), name: 'outer', stage: 'retry' }, retry(), seeing(inner)],
  });
  await anthropic.create(w.llm);
  expect(inner[0]).toBe(outer[0]);
});

test.each([
  [{ maxAttempts: 0 }, '`retry.maxAttempts` must be at least 1.'],
  [{ maxAttempts: 1.5 }, '`retry.maxAttempts` must be an integer.'],
  [{ retryBudget: 2 }, '`retry.retryBudget` must be'],
  [{ maxAttemps: 2 }, '`retry` has no option `maxAttemps`. Did you mean `maxAttempts`?'],
  [{ shouldRetry: true }, '`retry.shouldRetry` must be a function.'],
])('refuses the options %j', (options, message) => {
  expect(() => retry(options as never)).toThrow(
    expect.objectContaining({
      code: 'invalid-options',
      message: expect.stringContaining(message) as unknown,
    }) as Error,
  );
});

describeInterceptorContract(
  { test },
  { name: 'retry', make: () => retry(), badOptions: [() => retry({ maxDelayMs: -1 })] },
);
