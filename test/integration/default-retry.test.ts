import { setImmediate as turn } from 'node:timers/promises';
import { Anthropic } from '@anthropic-ai/sdk';
import type { Interceptor } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { afterEach, describe, expect, test, vi } from 'vitest';

import {
  governed,
  openai,
  rejection,
  sdks,
  settledOnce,
  theOnlyCall,
  type RequestOptions,
  type Sdk,
} from './governed.ts';

type Script = Parameters<ReturnType<typeof standIn>['always']>[0];

const startedAt = Date.UTC(2026, 10, 23);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** When the bare SDK sends its requests, in milliseconds after the first, and how it ends. */
async function bare(sdk: Sdk, script: Script, options: RequestOptions, random: number) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: startedAt });
  vi.spyOn(Math, 'random').mockReturnValue(random);
  const provider = standIn().always(script);
  const times: number[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    times.push(Date.now() - startedAt);
    return provider.fetch(input, init);
  };
  const clients = {
    openai: new OpenAI({ apiKey: 'test', fetch }),
    anthropic: new Anthropic({ apiKey: 'test', fetch }),
  };
  const end: { how?: string } = {};
  void sdk.create({ clients }, options).then(
    () => (end.how = 'answered'),
    (error: Error) => (end.how = error.constructor.name),
  );
  for (let round = 0; round < 100 && end.how === undefined; round += 1) {
    await turn();
    await turn();
    await vi.advanceTimersToNextTimerAsync();
  }
  vi.useRealTimers();
  vi.restoreAllMocks();
  return { times, ended: end.how, retryCounts: retryCounts(provider.requests) };
}

/** The same through the chain, on the manual clock. */
async function throughTheChain(sdk: Sdk, script: Script, options: RequestOptions, random: number) {
  const world = governed({ random: () => random });
  world.provider.always(script);
  let ended: string | undefined;
  void sdk.create(world.llm, options).then(
    () => (ended = 'answered'),
    (error: Error) => (ended = error.constructor.name),
  );
  await world.clock.runAll();
  await theOnlyCall(world);
  return {
    times: world.provider.requests.map((request) => request.startedAt - startedAt),
    ended,
    retryCounts: retryCounts(world.provider.requests),
  };
}

const retryCounts = (requests: ReturnType<typeof standIn>['requests']) =>
  requests.map(({ headers }) => headers['x-stainless-retry-count']);

const headers = (given: Record<string, string>, status = 429): Script => ({ status, headers: given });

describe.each(sdks)('without `retry()` in the list, calls are repeated as bare $name repeats them', (sdk) => {
  const rows: [string, Script, RequestOptions?][] = [
    ['a 500', { status: 500 }],
    ['a 503, five times', { status: 503 }, { maxRetries: 5 }],
    ['a 529, never', { status: 529 }, { maxRetries: 0 }],
    ['a 408', { status: 408 }],
    ['a 409', { status: 409 }],
    ['a 429 without headers', { status: 429 }],
    ['a 400', { status: 400 }],
    ['a 401', { status: 401 }],
    ['a 404', { status: 404 }],
    ['no connection', { connectionError: true }],
    ['a timeout', { hang: true }, { timeout: 100 }],
    ['retry-after: 3', headers({ 'retry-after': '3' })],
    ['retry-after: 0', headers({ 'retry-after': '0' })],
    ['retry-after: 60', headers({ 'retry-after': '60' })],
    ['retry-after: 90, more than a minute', headers({ 'retry-after': '90' })],
    ['retry-after: -5', headers({ 'retry-after': '-5' })],
    ['retry-after: soon', headers({ 'retry-after': 'soon' })],
    ['retry-after-ms: 250', headers({ 'retry-after-ms': '250' })],
    ['retry-after-ms before retry-after', headers({ 'retry-after-ms': '250', 'retry-after': '7' })],
    ['retry-after as a date', headers({ 'retry-after': new Date(startedAt + 30_000).toUTCString() })],
    ['retry-after as a date gone by', headers({ 'retry-after': new Date(startedAt - 5_000).toUTCString() })],
    ['retry-after on a 500', headers({ 'retry-after': '2' }, 500)],
    ['x-should-retry: true on a 400', headers({ 'x-should-retry': 'true' }, 400)],
    ['x-should-retry: false on a 500', headers({ 'x-should-retry': 'false' }, 500)],
  ];

  test.each(rows)('%s', async (_what, script, options = {}) => {
    const wanted = await bare(sdk, script, options, 0.4);
    expect(wanted.times.length).toBeGreaterThan(0);
    expect(await throughTheChain(sdk, script, options, 0.4)).toEqual(wanted);
  });

  test('the longest wait of its own is 8 s, less up to a quarter', async () => {
    const full = await throughTheChain(sdk, { status: 500 }, { maxRetries: 6 }, 0);
    expect(full.times).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 23_500]);
    const less = await throughTheChain(sdk, { status: 500 }, { maxRetries: 1 }, 1);
    expect(less.times).toEqual([0, 375]);
  });
});

describe.each(sdks)('the default retry ($name)', (sdk) => {
  test('every pass is an attempt that all attempt stages see', async () => {
    const seen: unknown[] = [];
    const sees: Interceptor = {
      name: 'sees',
      stage: 'send',
      async intercept(call, next) {
        const reply = await next(call);
        seen.push([call.attempt, reply.status]);
        return reply;
      },
    };
    const world = governed({ interceptors: [sees] });
    world.provider.next({ status: 503 }, { status: 429 });
    const reply = sdk.create(world.llm);
    await world.clock.runAll();
    await reply;
    expect(seen).toEqual([
      [1, 503],
      [2, 429],
      [3, 200],
    ]);
    const { receipt } = await theOnlyCall(world);
    expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'finished']);
    expect(receipt.attempts.map(({ startedAt: at }) => at - receipt.startedAt)).toEqual([0, 500, 1_500]);
  });

  test('an abort during the wait ends the call at once', async () => {
    const world = governed();
    world.provider.always({ status: 429, headers: { 'retry-after': '30' } });
    const controller = new AbortController();
    const failed = rejection(sdk.create(world.llm, { signal: controller.signal }));
    await world.clock.advance(10_000);
    controller.abort();
    expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'aborted', durationMs: 10_000 });
    expect(receipt.attempts).toMatchObject([{ outcome: 'failed', status: 429 }]);
    await world.clock.runAll();
    expect(world.provider.requests).toHaveLength(1);
    expect(world.errors).toEqual([]);
  });

  test('a wait that would outlast the deadline is not begun: the provider’s own error comes at once', async () => {
    const world = governed();
    world.provider.always({ status: 429, headers: { 'retry-after': '30' } });
    const failed = rejection(sdk.create(world.llm.with({ deadlineMs: 10_000 })));
    await world.clock.advance(0);
    expect(await failed).toBeInstanceOf(sdk.RateLimitError);
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'failed', durationMs: 0 });
  });

  test('a client’s own `maxRetries` holds where the call says nothing, also through `withOptions`', async () => {
    const world = governed();
    world.provider.always({ status: 500 });
    const clients = {
      openai: world.llm.clients.openai.withOptions({ maxRetries: 1 }),
      anthropic: world.llm.clients.anthropic.withOptions({ maxRetries: 1 }),
    };
    const failed = rejection(sdk.create({ clients }));
    await world.clock.runAll();
    await failed;
    expect(world.provider.requests).toHaveLength(2);
    const more = rejection(sdk.create({ clients }, { maxRetries: 3 }));
    await world.clock.runAll();
    await more;
    expect(world.provider.requests).toHaveLength(2 + 4);
    await settledOnce(world, 2);
  });

  test('a stream that has begun is never repeated', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b '], inBandError: { afterEvents: 0 } });
    const failed = rejection(
      sdk.stream(world.llm).then(async (stream) => {
        for await (const _event of stream);
      }),
    );
    await world.clock.runAll();
    expect(await failed).toBeInstanceOf(sdk.APIError);
    expect(world.provider.requests).toHaveLength(1);
    await settledOnce(world);
  });

  test('a refusal of an interceptor is not repeated', async () => {
    let refusals = 0;
    const world = governed({
      interceptors: [
        {
          name: 'refuses',
          stage: 'pace',
          intercept() {
            refusals += 1;
            throw new Error('no');
          },
        },
      ],
    });
    const failed = rejection(sdk.create(world.llm));
    await world.clock.runAll();
    await failed;
    expect(refusals).toBe(1);
  });

  test('any interceptor in the `retry` stage replaces it', async () => {
    const own: Interceptor = {
      name: 'own-retry',
      stage: 'retry',
      intercept: (call, next) => next(call),
    };
    const world = governed({ interceptors: [own] });
    world.provider.always({ status: 500 });
    const failed = rejection(sdk.create(world.llm, { maxRetries: 5 }));
    await world.clock.runAll();
    await failed;
    expect(world.provider.requests).toHaveLength(1);
  });
});

test('an upload whose body is a stream is never repeated', async () => {
  const world = governed();
  world.provider.always({ status: 500 });
  const upload = world.llm.clients.openai.post('/files', {
    body: new Blob(['content']).stream(),
    headers: { 'content-type': 'application/octet-stream' },
  });
  const failed = rejection(upload as Promise<unknown>);
  await world.clock.runAll();
  expect(await failed).toBeInstanceOf(openai.InternalServerError);
  expect(world.provider.requests).toHaveLength(1);
});

test('an upload of a file is repeated, and arrives whole each time', async () => {
  const world = governed();
  world.provider.next({ status: 500 });
  const file = new File(['{"a":1}\n'], 'data.jsonl');
  const upload = world.llm.clients.openai.files.create({ file, purpose: 'batch' });
  await world.clock.runAll();
  await upload;
  expect(world.provider.requests.map(({ bodyText }) => bodyText.includes('{"a":1}'))).toEqual([true, true]);
});
