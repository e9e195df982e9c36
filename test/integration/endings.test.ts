import { setImmediate as turn } from 'node:timers/promises';
import { ManagedLLM, ManagedLLMError, provider, type Interceptor } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import { governed, readAll, rejection, sdks, theOnlyCall, type Sdk } from './governed.ts';

const model = (sdk: Sdk) => ({
  provider: sdk.name,
  model: sdk.name === 'openai' ? 'gpt' : 'claude',
});

describe.each(sdks)('how every call through $name ends', (sdk) => {
  test('a plain reply: finished, with what it used', async () => {
    const world = governed();
    world.provider.next({ text: 'Good day', usage: { inputTokens: 7, outputTokens: 3 } });
    expect(sdk.text(await sdk.create(world.llm))).toBe('Good day');
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({
      outcome: 'finished',
      origin: 'provider',
      status: 200,
      stream: false,
      target: model(sdk),
      usage: { inputTokens: 7, outputTokens: 3, provenance: 'reported' },
      error: undefined,
    });
    expect(receipt.attempts).toHaveLength(1);
    expect(settlement.billed).toEqual([
      expect.objectContaining({ target: model(sdk), outcome: 'finished', usage: receipt.usage }),
    ]);
    expect(world.errors).toEqual([]);
  });

  test('a stream read to its end: finished, with what it used', async () => {
    const world = governed();
    world.provider.next({ text: ['one ', 'two'], usage: { inputTokens: 7, outputTokens: 2 } });
    expect((await readAll(await sdk.stream(world.llm))).length).toBeGreaterThan(2);
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({
      outcome: 'finished',
      origin: 'provider',
      stream: true,
      target: model(sdk),
      usage: { inputTokens: 7, outputTokens: 2, provenance: 'reported' },
      error: undefined,
    });
    expect(receipt.firstEventMs).toBe(0);
    expect(settlement.billed).toHaveLength(1);
    expect(world.errors).toEqual([]);
    expect(world.provider.requests[0]?.outcome).toBe('finished');
  });

  test('an early break: abandoned, and the provider stops', async () => {
    const world = governed();
    world.provider.next({ text: Array.from({ length: 100 }, (_, index) => `${index} `) });
    for await (const _event of await sdk.stream(world.llm)) break;
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'abandoned', origin: 'provider', error: undefined });
    expect(settlement.billed).toMatchObject([{ outcome: 'abandoned', target: model(sdk) }]);
    expect(world.provider.requests[0]).toMatchObject({ outcome: 'cancelled' });
    expect(world.provider.requests[0]?.eventsProduced).toBeLessThan(20);
    expect(world.errors).toEqual([]);
  });

  test('the caller aborts before calling: the SDK refuses as ever and no call is made', async () => {
    const world = governed();
    const error = await rejection(sdk.create(world.llm, { signal: AbortSignal.abort() }));
    expect(error).toBeInstanceOf(sdk.APIUserAbortError);
    await world.llm.idle();
    expect(world.provider.requests).toHaveLength(0);
    expect(world.receipts.filter(({ outcome }) => outcome !== 'aborted')).toEqual([]);
    expect(world.errors).toEqual([]);
  });

  test('the caller aborts while the provider works: aborted', async () => {
    const world = governed();
    world.provider.next({ hang: true });
    const controller = new AbortController();
    const failed = rejection(sdk.create(world.llm, { signal: controller.signal }));
    await world.clock.advance(10);
    controller.abort();
    expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'aborted', error: { kind: 'aborted' }, durationMs: 10 });
    expect(receipt.attempts).toMatchObject([{ outcome: 'aborted', target: model(sdk) }]);
    expect(settlement.billed).toMatchObject([
      { outcome: 'aborted', usage: undefined, costNanoUsd: undefined },
    ]);
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(world.errors).toEqual([]);
  });

  test('the caller aborts in the middle of a stream: aborted', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b ', 'c '], betweenEventsMs: 100 });
    const controller = new AbortController();
    const stream = await sdk.stream(world.llm, { signal: controller.signal });
    const reading = readAll(stream).catch((error: unknown) => error);
    await world.clock.advance(250);
    controller.abort();
    await reading;
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'aborted', origin: 'provider', durationMs: 250 });
    expect(settlement.billed).toMatchObject([{ outcome: 'aborted' }]);
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(world.errors).toEqual([]);
  });

  test('the caller aborts a stream that nobody is reading at that moment: aborted at once', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b ', 'c '] });
    const controller = new AbortController();
    await sdk.stream(world.llm, { signal: controller.signal });
    controller.abort();
    const { receipt } = await theOnlyCall(world);
    expect(receipt.outcome).toBe('aborted');
    expect(world.errors).toEqual([]);
  });

  test('the caller aborts while queued: aborted, and nothing was ever sent', async () => {
    const world = governed({ interceptors: [queue()] });
    const controller = new AbortController();
    const failed = rejection(sdk.create(world.llm, { signal: controller.signal }));
    await world.clock.advance(30);
    controller.abort();
    expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'aborted', origin: 'none', attempts: [], durationMs: 30 });
    expect(settlement.billed).toEqual([]);
    expect(world.provider.requests).toHaveLength(0);
    expect(world.errors).toEqual([]);
  });

  test('the caller aborts while an interceptor ignores the signal: aborted at once all the same', async () => {
    let release: () => void = () => {};
    const stubborn: Interceptor = {
      name: 'stubborn',
      stage: 'shape',
      async intercept(call, next) {
        await new Promise<void>((resolve) => (release = resolve));
        return next(call);
      },
    };
    const world = governed({ interceptors: [stubborn] });
    const controller = new AbortController();
    const failed = rejection(sdk.create(world.llm, { signal: controller.signal }));
    await world.clock.advance(5);
    controller.abort();
    expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
    await world.llm.idle();
    expect(world.receipts).toMatchObject([{ outcome: 'aborted' }]);
    release();
    await turn();
    expect(world.provider.requests).toHaveLength(0);
    expect(world.receipts).toHaveLength(1);
  });

  test('an attempt passes its time limit: timed-out, and the SDK raises its own timeout', async () => {
    const world = governed();
    world.provider.next({ latencyMs: 1_000 });
    const failed = rejection(sdk.create(world.llm, { timeout: 100, maxRetries: 0 }));
    await world.clock.advance(100);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'timed-out', durationMs: 100, error: { kind: 'timeout' } });
    expect(receipt.attempts).toMatchObject([{ outcome: 'timed-out' }]);
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(world.errors).toEqual([]);
  });

  test('waiting in a queue does not count against the time limit of an attempt', async () => {
    const world = governed({ interceptors: [queue(60_000)] });
    world.provider.next({ latencyMs: 50 });
    const reply = sdk.create(world.llm, { timeout: 100 });
    await world.clock.advance(60_050);
    await reply;
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'finished', durationMs: 60_050 });
  });

  test('the deadline passes while the provider works: timed-out', async () => {
    const world = governed();
    world.provider.next({ hang: true });
    const failed = rejection(sdk.create(world.llm.with({ deadlineMs: 500 })));
    await world.clock.advance(500);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'timed-out', durationMs: 500 });
    expect(receipt.attempts).toMatchObject([{ outcome: 'timed-out' }]);
    expect(world.errors).toEqual([]);
  });

  test('the deadline passes while queued: timed-out, and nothing was ever sent', async () => {
    const world = governed({ interceptors: [queue()] });
    const failed = rejection(sdk.create(world.llm.with({ deadlineMs: 500 })));
    await world.clock.advance(500);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'timed-out', attempts: [] });
    expect(world.provider.requests).toHaveLength(0);
    expect(world.errors).toEqual([]);
  });

  test('the deadline passes in the middle of a stream: timed-out, and the reader gets an error, not an end', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b ', 'c '], betweenEventsMs: 100 });
    const failed = rejection(sdk.stream(world.llm.with({ deadlineMs: 250 })).then(readAll));
    await world.clock.advance(250);
    const error = await failed;
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'time-limit' });
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'timed-out', durationMs: 250 });
    expect(world.errors).toEqual([]);
  });

  test('the deadline is one for all retries together', async () => {
    const world = governed();
    world.provider.always({ status: 500, latencyMs: 400 });
    const failed = rejection(sdk.create(world.llm.with({ deadlineMs: 1_000 }), { maxRetries: 10 }));
    await world.clock.advance(1_000);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'timed-out', durationMs: 1_000 });
    expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'timed-out']);
    expect(world.errors).toEqual([]);
  });

  test('a provider error: failed, as the class the bare SDK raises, untouched', async () => {
    const world = governed();
    world.provider.next({ status: 429, error: { message: 'slow down' } });
    const error = await rejection(sdk.create(world.llm, { maxRetries: 0 }));
    expect(error).toBeInstanceOf(sdk.RateLimitError);
    expect(String(error)).toContain('slow down');
    expect(ManagedLLMError.from(error)).toBeUndefined();
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({
      outcome: 'failed',
      origin: 'provider',
      status: 429,
      error: { kind: 'rate-limit' },
    });
    expect(receipt.attempts).toMatchObject([{ outcome: 'failed', status: 429 }]);
    // The provider's own words may repeat the prompt.
    expect(JSON.stringify(receipt)).not.toContain('slow down');
    expect(settlement.billed).toEqual([]);
  });

  test('a provider error on a stream request: failed, before anything was handed on', async () => {
    const world = governed();
    world.provider.next({ status: 500 });
    const error = await rejection(sdk.stream(world.llm, { maxRetries: 0 }));
    expect(error).toBeInstanceOf(sdk.InternalServerError);
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'failed', status: 500 });
  });

  test('no connection: failed, and the SDK raises its own connection error', async () => {
    const world = governed();
    world.provider.next({ connectionError: true });
    const error = await rejection(sdk.create(world.llm, { maxRetries: 0 }));
    expect(error).toBeInstanceOf(sdk.APIConnectionError);
    expect(error).not.toBeInstanceOf(sdk.APIConnectionTimeoutError);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'failed', error: { kind: 'connection' }, status: undefined });
  });

  test('a plain reply that breaks off in its body: failed as a connection error', async () => {
    const world = governed();
    world.provider.next({ text: 'long enough', cutAfterBytes: 20, chunking: 8 });
    const error = await rejection(sdk.create(world.llm, { maxRetries: 0 }));
    expect(String((error as Error).cause)).toBe('TypeError: terminated');
    expect((await theOnlyCall(world)).receipt).toMatchObject({
      outcome: 'failed',
      error: { kind: 'connection' },
    });
  });

  test('a stream whose connection breaks: failed, and the reader gets what the transport threw', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b ', 'c '], cutAfterEvents: 3 });
    const error = await rejection(sdk.stream(world.llm).then(readAll));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('terminated');
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'failed', error: { kind: 'connection' } });
    expect(settlement.billed).toMatchObject([{ outcome: 'failed' }]);
  });

  test('a stream that ends without its terminal event: failed, and the reader gets an error, not an end', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b '], endWithoutTerminal: true });
    const error = await rejection(sdk.stream(world.llm).then(readAll));
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'stream-cut' });
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'failed', error: { kind: 'cut', code: 'stream-cut' } });
  });

  test('an error inside a stream, with nothing to move on to: failed, raised by the SDK as the provider sent it', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b '], inBandError: { afterEvents: 2, message: 'overloaded here' } });
    const error = await rejection(sdk.stream(world.llm).then(readAll));
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(String(error)).toContain('overloaded here');
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'provider-failure',
      details: { target: `${sdk.name}/${model(sdk).model}` },
    });
    expect((await theOnlyCall(world)).receipt.outcome).toBe('failed');
  });

  test('a stream that nobody reads: abandoned after `unreadStreamMs`, and the provider stops', async () => {
    const world = governed({ unreadStreamMs: 5_000 });
    world.provider.next({ text: ['a ', 'b '] });
    const stream = await sdk.stream(world.llm);
    await world.clock.advance(4_999);
    expect(world.receipts).toEqual([]);
    await world.clock.advance(1);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'abandoned', durationMs: 5_000 });
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(ManagedLLMError.from(await rejection(readAll(stream)))).toMatchObject({ code: 'time-limit' });
    expect(world.errors).toEqual([]);
  });

  test('a stream that is read slowly but steadily is not taken for abandoned', async () => {
    const world = governed({ unreadStreamMs: 5_000 });
    world.provider.next({ text: ['a ', 'b ', 'c ', 'd '], betweenEventsMs: 4_000 });
    const reading = sdk.stream(world.llm).then(readAll);
    await world.clock.advance(60_000);
    await reading;
    expect((await theOnlyCall(world)).receipt.outcome).toBe('finished');
  });

  test('a stream that is dropped unread: abandoned once it is collected', async () => {
    const world = governed({ unreadStreamMs: false });
    world.provider.next({ text: ['a ', 'b '] });
    const drop = async () => {
      await sdk.stream(world.llm);
    };
    await drop();
    for (let round = 0; round < 200 && world.receipts.length === 0; round += 1) {
      globalThis.gc?.();
      await turn();
    }
    expect((await theOnlyCall(world)).receipt.outcome).toBe('abandoned');
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });
});

test('a provider that never sends the terminal event can be declared so: its streams finish', async () => {
  const server = standIn().always({ text: ['a ', 'b '], endWithoutTerminal: true });
  const client = () => new OpenAI({ apiKey: 'test', fetch: server.fetch });
  const llm = new ManagedLLM({
    providers: { strict: client(), lax: provider(client(), { quirks: { mayEndWithoutTerminal: true } }) },
  });
  const outcomes: string[] = [];
  llm.on('call:end', ({ outcome }) => outcomes.push(outcome));
  const ask = async (governed: OpenAI) =>
    readAll(await governed.chat.completions.create({ model: 'gpt', messages: [], stream: true }));
  await ask(llm.clients.lax);
  await rejection(ask(llm.clients.strict));
  expect(outcomes).toEqual(['finished', 'failed']);
});

/** Keeps every attempt waiting. */
function queue(ms = Infinity): Interceptor {
  let clock: Parameters<NonNullable<Interceptor['attach']>>[0]['clock'] | undefined;
  return {
    name: 'queue',
    stage: 'pace',
    attach(host) {
      clock = host.clock;
    },
    async intercept(call, next) {
      await new Promise<void>((resolve, reject) => {
        const timer = ms === Infinity ? undefined : clock?.setTimeout(resolve, ms);
        call.signal.addEventListener('abort', () => {
          if (timer !== undefined) clock?.clearTimeout(timer);
          reject(call.signal.reason);
        });
      });
      return next(call);
    },
  };
}
