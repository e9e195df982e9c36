import { ManagedLLMError, fallback, timeLimits, type Interceptor } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
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
  type TestClients,
} from './governed.ts';
import { once, until } from './neutral.ts';

/** What a limit that was passed tells of itself. */
function passed(error: unknown): object {
  const managed = ManagedLLMError.from(error);
  expect(managed?.code).toBe('time-limit');
  expect(managed?.message).not.toMatch(/time[d ]*[- ]?out/i);
  return managed?.details ?? {};
}

/** A stream's items as they come, until it ends or fails. */
async function readWhile(stream: AsyncIterable<unknown>, items: unknown[]): Promise<unknown> {
  try {
    for await (const item of stream) items.push(item);
    return undefined;
  } catch (error) {
    return error;
  }
}

function limited(...options: Parameters<typeof timeLimits>): Governed {
  return governed({ interceptors: [once, ...timeLimits(...options)] });
}

describe.each(sdks)('limits of an attempt through $name', (sdk) => {
  const target = `${sdk.name}/${sdk.name === 'openai' ? 'gpt' : 'claude'}`;

  test('a plain reply that takes longer than `attemptMs`: the SDK raises its own error, and the provider stops', async () => {
    const world = limited({ attemptMs: 300 });
    world.provider.next({ latencyMs: 1_000 });
    const failed = rejection(sdk.create(world.llm));
    await world.clock.advance(299);
    expect(world.receipts).toEqual([]);
    await world.clock.advance(1);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'timed-out', durationMs: 300, error: { kind: 'timeout' } });
    expect(settlement.error?.managed).toMatchObject({
      code: 'time-limit',
      details: { limit: 'attemptMs', limitMs: 300, elapsedMs: 300 },
    });
    expect(settlement.error?.message).toBe(
      'The attempt had not ended after 300 ms, which is its limit. Raise `attemptMs` if it needs longer.',
    );
    expect(settlement.error).toMatchObject({ retryable: true, fallbackable: true, countsForBreaker: true });
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(world.errors).toEqual([]);
  });

  test('a provider that never answers is let go of by `attemptMs` and, for streams, by `firstEventMs`', async () => {
    for (const [ask, options, limit] of [
      [sdk.create, { attemptMs: 200, firstEventMs: 100 }, 'attemptMs'],
      [sdk.stream, { attemptMs: 200, firstEventMs: 100 }, 'firstEventMs'],
      [sdk.stream, { attemptMs: 50, firstEventMs: 100 }, 'attemptMs'],
    ] as const) {
      const world = limited(options);
      world.provider.next({ hang: true });
      const failed = rejection(ask(world.llm));
      await world.clock.advance(options[limit]);
      expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
      const { settlement } = await theOnlyCall(world);
      expect(settlement.error?.managed?.details).toEqual({
        limit,
        limitMs: options[limit],
        elapsedMs: options[limit],
      });
      expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    }
  });

  test('a stream whose first event takes longer than `firstEventMs`: an error inside it, with nothing before', async () => {
    const world = limited({ firstEventMs: 500 });
    world.provider.next({ text: ['a ', 'b '], firstEventDelayMs: 600 });
    const items: unknown[] = [];
    const read = sdk.stream(world.llm).then((stream) => readWhile(stream, items));
    await world.clock.advance(500);
    const error = await read;
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(passed(error)).toEqual({
      limit: 'firstEventMs',
      limitMs: 500,
      elapsedMs: 500,
      text: '',
      usage: undefined,
    });
    expect(items).toEqual([]);
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'timed-out', durationMs: 500 });
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test('a stream that goes silent for `betweenEventsMs`: an error inside it, with the text that came', async () => {
    const world = limited({ firstEventMs: 100, betweenEventsMs: 250 });
    world.provider.next({ text: ['one ', 'two ', 'three '], betweenEventsMs: 200 });
    world.provider.next({ text: ['one ', 'two ', 'three '], betweenEventsMs: 300 });
    const whole = sdk.stream(world.llm).then(readAll);
    await world.clock.advance(5_000);
    await whole;
    const items: unknown[] = [];
    const read = sdk.stream(world.llm).then((stream) => readWhile(stream, items));
    await world.clock.advance(5_000);
    const error = await read;
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(passed(error)).toMatchObject({ limit: 'betweenEventsMs', limitMs: 250, elapsedMs: 250, text: '' });
    const [finished, cut] = await settledOnce(world, 2);
    expect(finished?.outcome).toBe('finished');
    expect(cut).toMatchObject({ outcome: 'timed-out', durationMs: 250 });
    expect(world.provider.requests[1]?.outcome).toBe('cancelled');
  });

  test('… and after content that text is in the details', async () => {
    const world = limited({ betweenEventsMs: 250 });
    const items: unknown[] = [];
    const read = sdk.stream(silentAfter(world, 'two ')).then((stream) => readWhile(stream, items));
    await world.clock.advance(250);
    expect(passed(await read)).toMatchObject({ limit: 'betweenEventsMs', limitMs: 250, text: 'one two ' });
    expect(JSON.stringify(items)).toContain('two ');
    expect((await theOnlyCall(world)).receipt.outcome).toBe('timed-out');
  });

  test('a stream that goes on longer than `attemptMs`, however steadily: an error inside it', async () => {
    const world = limited({ attemptMs: 450 });
    world.provider.next({ text: Array.from({ length: 50 }, (_, at) => `${at} `), betweenEventsMs: 100 });
    const items: unknown[] = [];
    const read = sdk.stream(world.llm).then((stream) => readWhile(stream, items));
    await world.clock.advance(450);
    const error = await read;
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(passed(error)).toMatchObject({ limit: 'attemptMs', limitMs: 450 });
    expect(items.length).toBeGreaterThan(1);
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'timed-out', durationMs: 450 });
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test('a slow reader is not blamed for, nor saved by, what the provider does', async () => {
    const world = limited({ betweenEventsMs: 250 });
    world.provider.next({ text: ['a ', 'b ', 'c '] });
    const reading = (async () => {
      const items: unknown[] = [];
      for await (const item of await sdk.stream(world.llm)) {
        items.push(item);
        await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 10_000));
      }
      return items;
    })();
    await world.clock.advance(200_000);
    expect((await reading).length).toBeGreaterThan(2);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('finished');

    const again = limited({ betweenEventsMs: 250 });
    again.provider.next({ text: ['a ', 'b ', 'c '], betweenEventsMs: 260 });
    let readAt = 0;
    const blamed = (async () => {
      for await (const _ of await sdk.stream(again.llm)) {
        await new Promise<void>((resolve) => again.clock.setTimeout(resolve, 10_000));
        readAt = again.clock.now();
      }
    })().catch((error: unknown) => error);
    await again.clock.advance(200_000);
    expect(passed(await blamed)).toMatchObject({ limit: 'betweenEventsMs', elapsedMs: 250 });
    expect((await theOnlyCall(again)).settlement.settledAt).toBe(readAt + 250);
  });

  test('while a route holds a stream back, `firstEventMs` makes it move on', async () => {
    const world = governed({
      routes: { smart: fallback(target, 'backup/gpt') },
      interceptors: [once, ...timeLimits({}, { [target]: { firstEventMs: 400 } })],
    });
    world.provider.next({ text: ['never '], firstEventDelayMs: 60_000 }, { text: ['from the second'] });
    const read = sdk.stream(world.llm, {}, 'smart').then(readAll);
    await world.clock.advance(400);
    expect(JSON.stringify(await read)).toContain('from the second');
    const { receipt } = await theOnlyCall(world);
    expect(receipt.attempts).toMatchObject([
      { outcome: 'timed-out', durationMs: 400, error: { kind: 'timeout', code: 'time-limit' } },
      { outcome: 'finished', target: { provider: 'backup' } },
    ]);
  });

  test('when all targets of a route pass it, the SDK raises what it raises for one', async () => {
    const world = governed({
      // What a failure may yet lead to holds the last one back, too.
      routes: { smart: fallback(target, 'backup/gpt', { on: { server: 'openai/large' } }) },
      interceptors: [once, ...timeLimits({ firstEventMs: 400 })],
    });
    world.provider.always({ text: ['never '], firstEventDelayMs: 60_000 });
    const failed = rejection(sdk.stream(world.llm, {}, 'smart').then(readAll));
    await world.clock.advance(800);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    const { receipt } = await theOnlyCall(world);
    expect(receipt.outcome).toBe('timed-out');
  });

  test('while a route holds a stream back, its silences count too', async () => {
    const world = governed({
      routes: { smart: fallback(target, 'backup/gpt') },
      interceptors: [once, ...timeLimits({ betweenEventsMs: 400 })],
    });
    // The first event begins the answer and is no content.
    world.provider.next({ text: ['never '], betweenEventsMs: 1_000 }, { text: ['from the second'] });
    const read = sdk.stream(world.llm, {}, 'smart').then(readAll);
    await world.clock.advance(400);
    expect(JSON.stringify(await read)).toContain('from the second');
    expect((await theOnlyCall(world)).settlement.attempts[0]?.error?.managed?.details).toMatchObject({
      limit: 'betweenEventsMs',
      elapsedMs: 400,
    });
  });

  test('an abort at the very moment of a limit: one end, and the caller’s own', async () => {
    for (const aheadMs of [0, 1]) {
      const world = limited({ attemptMs: 300 });
      world.provider.next({ hang: true });
      const controller = new AbortController();
      world.clock.setTimeout(() => controller.abort(), 300 - aheadMs);
      const failed = rejection(sdk.create(world.llm, { signal: controller.signal }));
      await world.clock.advance(300);
      expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
      expect((await theOnlyCall(world)).receipt.outcome).toBe('aborted');
      expect(world.errors).toEqual([]);
    }
  });

  test('an abort inside a stream that is limited leaves nothing behind', async () => {
    for (const atMs of [0, 50, 100, 150, 199]) {
      const world = limited({ attemptMs: 10_000, firstEventMs: 10_000, betweenEventsMs: 200 });
      world.provider.next({ text: ['a ', 'b ', 'c '], firstEventDelayMs: 100, betweenEventsMs: 1_000 });
      const controller = new AbortController();
      const items: unknown[] = [];
      const read = sdk
        .stream(world.llm, { signal: controller.signal })
        .then((stream) => readWhile(stream, items))
        .catch((error: unknown) => error);
      await world.clock.advance(atMs);
      controller.abort();
      await read;
      expect((await theOnlyCall(world)).receipt.outcome).toBe('aborted');
      await world.clock.advance(20_000);
      expect(world.receipts).toHaveLength(1);
      expect(world.clock.pending).toBeLessThanOrEqual(1);
    }
  });
});

/** Clients of a provider that says `one two three`, and falls silent after this piece of it. */
function silentAfter({ llm }: Governed, piece: string): TestClients {
  const provider = standIn().always({ text: ['one ', 'two ', 'three '] });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await provider.fetch(input, init);
    const whole = await response.text();
    const said = whole.slice(0, whole.indexOf('\n\n', whole.indexOf(piece)) + 2);
    const body = new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode(said)) });
    return new Response(body, { headers: response.headers });
  };
  const { openai, anthropic } = llm.clients;
  return { clients: { openai: openai.withOptions({ fetch }), anthropic: anthropic.withOptions({ fetch }) } };
}

describe.each(sdks)('the limit of a whole call through $name', (sdk) => {
  const callMs = 1_000;
  const ofCall = { limit: 'callMs', limitMs: 1_000, elapsedMs: 1_000 };

  async function endedByIt(world: Governed, asked: Promise<unknown>): Promise<void> {
    const failed = rejection(asked);
    await world.clock.advance(999);
    expect(world.receipts).toEqual([]);
    await world.clock.advance(1);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'timed-out', durationMs: 1_000 });
    expect(settlement.error?.managed?.details).toMatchObject(ofCall);
    expect(settlement.error).toMatchObject({
      retryable: false,
      fallbackable: false,
      countsForBreaker: false,
    });
    expect(world.errors).toEqual([]);
  }

  test('ends it while it waits for its turn', async () => {
    const queue: Interceptor = {
      name: 'queue',
      stage: 'pace',
      intercept: (call) =>
        new Promise((_, reject) =>
          call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)),
        ),
    };
    const world = governed({ interceptors: [queue, ...timeLimits({ callMs })] });
    await endedByIt(world, sdk.create(world.llm));
    expect(world.provider.requests).toHaveLength(0);
  });

  test('ends it while it waits to repeat', async () => {
    const world = governed({ interceptors: [...timeLimits({ callMs })] });
    const wait: Interceptor = {
      name: 'wait',
      stage: 'retry',
      async intercept(call, next) {
        const reply = await next(call);
        reply.discard();
        await new Promise((_, reject) =>
          call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)),
        );
        return reply;
      },
    };
    const waiting = governed({ interceptors: [wait, ...timeLimits({ callMs })] });
    waiting.provider.next({ status: 500 });
    await endedByIt(waiting, sdk.create(waiting.llm));
    expect(waiting.provider.requests).toHaveLength(1);

    // The SDKs' own rule does not begin a wait that it could not end.
    world.provider.always({ status: 500, headers: { 'retry-after': '5' } });
    expect(await rejection(sdk.create(world.llm))).toBeInstanceOf(sdk.InternalServerError);
    expect(world.provider.requests).toHaveLength(1);
  });

  test('ends it in the middle of an attempt, and stops the provider', async () => {
    const world = governed({ interceptors: [...timeLimits({ callMs })] });
    world.provider.next({ hang: true });
    await endedByIt(world, sdk.create(world.llm));
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test('ends it inside a stream, with what came', async () => {
    const world = governed({ interceptors: [...timeLimits({ callMs })] });
    const items: unknown[] = [];
    const read = sdk.stream(silentAfter(world, 'one ')).then((stream) => readWhile(stream, items));
    await world.clock.advance(callMs);
    expect(passed(await read)).toMatchObject({ ...ofCall, text: 'one ' });
    expect((await theOnlyCall(world)).receipt.outcome).toBe('timed-out');
  });

  test('and a `deadlineMs`: the earlier holds, and says its name', async () => {
    for (const [deadlineMs, limit] of [
      [400, 'deadlineMs'],
      [4_000, 'callMs'],
    ] as const) {
      const world = governed({ interceptors: [...timeLimits({ callMs })] });
      world.provider.next({ hang: true });
      const failed = rejection(sdk.create(world.llm.with({ deadlineMs })));
      const limitMs = Math.min(deadlineMs, callMs);
      await world.clock.advance(limitMs);
      await failed;
      const { settlement } = await theOnlyCall(world);
      expect(settlement.error?.managed?.details).toEqual({ limit, limitMs, elapsedMs: limitMs });
      expect(settlement.error?.message).toBe(
        `The call had not ended after ${limitMs} ms, which is its limit. Raise \`${limit}\` if it needs longer.`,
      );
    }
  });

  test('is one for all its fallbacks', async () => {
    const world = governed({
      routes: { smart: fallback('openai/gpt', 'backup/gpt') },
      interceptors: [...timeLimits({ attemptMs: 700, callMs })],
    });
    world.provider.always({ hang: true });
    await endedByIt(world, sdk.create(world.llm, { maxRetries: 0 }, 'smart'));
    expect(world.receipts[0]?.attempts.map(({ durationMs }) => durationMs)).toEqual([700, 300]);
  });
});

describe('limits of many attempts', () => {
  test('share one timer among thousands of open streams, and none is left behind', async () => {
    const world = limited({
      connectMs: 500,
      firstEventMs: 5_000,
      betweenEventsMs: 7_000,
      attemptMs: 60_000,
      callMs: 90_000,
    });
    world.provider.always({ text: ['a ', 'b '], latencyMs: 0 });
    const streams = await Promise.all(Array.from({ length: 2_000 }, () => openai.stream(world.llm)));
    const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
    for (const iterator of iterators) await iterator.next();
    // One more sweeps streams that nobody reads.
    expect(world.clock.pending).toBeLessThanOrEqual(2);
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
    await world.llm.idle();
    await world.clock.runAll();
    expect(world.clock.pending).toBe(0);
    expect(world.receipts).toHaveLength(2_000);
    expect(world.receipts.every(({ outcome }) => outcome === 'abandoned')).toBe(true);
  });

  test('a length of time that many share ends each of them at its own time', async () => {
    const world = limited({ attemptMs: 1_000 });
    world.provider.always({ hang: true });
    const ends: number[] = [];
    for (let at = 0; at < 50; at++) {
      void rejection(openai.create(world.llm)).then(() => ends.push(world.clock.now()));
      await world.clock.advance(10);
    }
    const startedAt = world.clock.now() - 500;
    await world.clock.advance(1_000);
    expect(ends).toEqual(Array.from({ length: 50 }, (_, at) => startedAt + at * 10 + 1_000));
    await settledOnce(world, 50);
  });
});

describe('limits of neutral calls', () => {
  test('a chat and a stream reject with the error itself', async () => {
    const world = limited({ attemptMs: 300, betweenEventsMs: 100 });
    // What is loaded on first use takes as long as it takes.
    await world.llm.chat({ model: 'openai/gpt', messages: 'hello' });
    await world.llm.stream({ model: 'openai/gpt', messages: 'hello' }).text;
    world.provider.next({ hang: true });
    const failed = rejection(world.llm.chat({ model: 'openai/gpt', messages: 'hello' }));
    await until(() => world.provider.requests.length === 3);
    await world.clock.advance(300);
    expect(await failed).toMatchObject({ code: 'time-limit', details: { limit: 'attemptMs', limitMs: 300 } });

    world.provider.next({ text: ['one ', 'two '], betweenEventsMs: 150 });
    const items: unknown[] = [];
    const read = readWhile(world.llm.stream({ model: 'openai/gpt', messages: 'hello' }), items);
    await until(() => world.provider.requests.length === 4);
    await world.clock.advance(300);
    expect(await read).toMatchObject({
      code: 'time-limit',
      details: { limit: 'betweenEventsMs', limitMs: 100, text: '' },
    });
    await settledOnce(world, 4);
  });
});

describe('options of `timeLimits`', () => {
  test('stand for all, for a provider or for a target, the nearest first', async () => {
    const world = governed({
      interceptors: [
        once,
        ...timeLimits({ attemptMs: 100 }, { openai: { attemptMs: 200 }, 'openai/slow': { attemptMs: 300 } }),
      ],
    });
    world.provider.always({ hang: true });
    for (const [sdk, model, limitMs] of [
      [anthropic, 'claude', 100],
      [openai, 'gpt', 200],
      [openai, 'slow', 300],
    ] as const) {
      const failed = rejection(sdk.create(world.llm, {}, model));
      await world.clock.advance(limitMs);
      await failed;
    }
    expect((await settledOnce(world, 3)).map(({ durationMs }) => durationMs)).toEqual([100, 200, 300]);
  });

  test('that are wrong are refused, with the path', () => {
    const messageOf = (make: () => unknown): string => {
      try {
        make();
      } catch (error) {
        expect(ManagedLLMError.from(error)?.code).toBe('invalid-options');
        return (error as Error).message;
      }
      return expect.fail('nothing was thrown');
    };
    const wrong = { attemptMs: 0 };
    expect(messageOf(() => timeLimits(wrong))).toBe('`timeLimits.attemptMs` must be more than 0.');
    const unknown = { firstEvent: 5 };
    expect(messageOf(() => timeLimits(unknown as object))).toBe(
      '`timeLimits` has no option `firstEvent`. Did you mean `firstEventMs`?',
    );
    const misplaced: object = { callMs: 5 };
    expect(messageOf(() => timeLimits({}, { 'openai/gpt': misplaced }))).toBe(
      '`timeLimits.openai/gpt` has no option `callMs`. Known options: connectMs, firstEventMs, betweenEventsMs, attemptMs.',
    );
    expect(messageOf(() => timeLimits({}))).toMatch(/^`timeLimits` states no limit/);
    expect(
      messageOf(() => governed({ interceptors: [...timeLimits({}, { 'opnai/gpt': { attemptMs: 5 } })] })),
    ).toBe('`timeLimits.opnai/gpt` names no provider. Did you mean `openai/gpt`?');
    expect(
      messageOf(() => governed({ interceptors: [...timeLimits({}, { 'openai/': { attemptMs: 5 } })] })),
    ).toMatch(/names no model/);
  });
});
