import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import {
  fallback,
  ManagedLLM,
  ManagedLLMError,
  provider,
  type CallOptions,
  type ChatEvent,
  type ChatStream,
  type Interceptor,
} from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import { governed, readAll, rejection, theOnlyCall } from './governed.ts';
import { models, once, redactor, until } from './neutral.ts';

const text = (events: readonly unknown[]): string =>
  (events as readonly ChatEvent[]).map((event) => (event.type === 'text-delta' ? event.text : '')).join('');

const types = (events: readonly unknown[]): unknown[] =>
  (events as readonly ChatEvent[]).map(({ type }) => type);

const long = Array.from({ length: 100 }, (_, index) => `${index} `);

describe.each(models)('`stream` asks %s', (model) => {
  test('and its events are those of one format, from start to finish', async () => {
    const world = governed();
    world.provider.next({
      text: ['Good ', 'day'],
      toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' }, id: 'call_1' }],
      usage: { inputTokens: 7, outputTokens: 5 },
    });
    const events = await readAll(
      world.llm.stream({ model, messages: 'Hello', tools: [{ name: 'weather', parameters: {} }] }),
    );
    expect(types(events).at(0)).toBe('start');
    expect(text(events)).toBe('Good day');
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'tool-call',
        id: 'call_1',
        name: 'weather',
        arguments: { city: 'Oslo' },
      }),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'finish',
      stop: { reason: 'tool-calls' },
      usage: { inputTokens: 7, outputTokens: 5 },
    });
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({
      outcome: 'finished',
      stream: true,
      dialect: 'neutral',
      usage: { inputTokens: 7, outputTokens: 5 },
    });
    expect(world.provider.requests[0]?.outcome).toBe('finished');
    expect(world.errors).toEqual([]);
  });

  test('the whole reply is there after the loop, as `chat` would give it', async () => {
    const world = governed();
    world.provider.always({ reasoning: 'Be kind.', text: ['Good ', 'day'] });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    await readAll(stream);
    const streamed = await stream.reply;
    const plain = await world.llm.chat({ model, messages: 'Hello' });
    expect(streamed).toMatchObject({
      text: 'Good day',
      reasoning: 'Be kind.',
      stop: 'stop',
      content: plain.content,
    });
    expect(streamed.receipt).toEqual(world.receipts[0]);
    expect(streamed.message).toEqual(plain.message);
  });

  test('`reply` and `text` alone read it too', async () => {
    const world = governed();
    world.provider.always({ text: ['Good ', 'day'] });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    expect([await stream.text, (await stream.reply).text]).toEqual(['Good day', 'Good day']);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('finished');
  });

  test('`textStream` is its text in pieces', async () => {
    const world = governed();
    world.provider.always({ reasoning: 'Be kind.', text: ['Good ', 'day'] });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    expect(await readAll(stream.textStream)).toEqual(['Good ', 'day']);
    expect(await stream.text).toBe('Good day');
  });

  test('only when it is read: otherwise there is no call', async () => {
    const world = governed();
    void world.llm.stream({ model, messages: 'Hello' });
    void world.llm.stream({ model, messages: 'Hello' }).toResponse();
    for await (const _event of world.llm.stream({ model, messages: 'Hello' })) break;
    await theOnlyCall(world);
  });

  test('once, by one reader', async () => {
    const world = governed();
    const stream = world.llm.stream({ model, messages: 'Hello' });
    await stream.reply;
    await expect(readAll(stream)).rejects.toThrow(/read once/);
    expect(() => stream.toResponse()).toThrow(/read once/);
  });

  test('for who was asking where it was made', async () => {
    const world = governed();
    const stream = world.llm.run({ user: 'alice' }, () =>
      world.llm.with({ team: 'red' }).stream({ model, messages: 'Hello' }, { tags: { a: 'b' } }),
    );
    await world.llm.run({ user: 'bob' }, () => stream.text);
    expect((await theOnlyCall(world)).receipt.caller).toEqual({
      user: 'alice',
      team: 'red',
      tags: { a: 'b' },
    });
  });

  test('and interceptors change its text wherever it is cut', async () => {
    const world = governed({ interceptors: [redactor] });
    world.provider.next({ text: ['It is a sec', 'ret.'] });
    const stream = world.llm.stream({ model, messages: 'Tell the secret' });
    expect(text(await readAll(stream))).toBe('It is a [masked].');
    expect(await stream.text).toBe('It is a [masked].');
    expect(world.provider.requests[0]?.bodyText).not.toContain('secret');
  });

  test('an early break stops the provider and settles as abandoned', async () => {
    const world = governed();
    world.provider.next({ text: long });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    for await (const event of stream) if (event.type === 'text-delta') break;
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'abandoned', error: undefined });
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(world.provider.requests[0]?.eventsProduced).toBeLessThan(20);
    expect(await rejection(stream.reply)).toMatchObject({ name: 'AbortError' });
    expect(world.errors).toEqual([]);
  });

  test('a reader that leaves at the finish has got all of it', async () => {
    const world = governed();
    const stream = world.llm.stream({ model, messages: 'Hello' });
    for await (const event of stream) if (event.type === 'finish') break;
    expect(await stream.text).toBe('You said: Hello');
    expect((await theOnlyCall(world)).receipt.outcome).toBe('finished');
  });

  test('one that leaves while the provider has not answered yet stops it too', async () => {
    const world = governed();
    world.provider.next({ hang: true });
    const events = world.llm.stream({ model, messages: 'Hello' })[Symbol.asyncIterator]();
    const next = events.next();
    await until(() => world.provider.requests.length === 1);
    expect(await events.return?.()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect((await theOnlyCall(world)).receipt.outcome).toBe('aborted');
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test('one that leaves before it has read anything asks for nothing', async () => {
    const world = governed();
    const stream = world.llm.stream({ model, messages: 'Hello' });
    await stream[Symbol.asyncIterator]().return?.();
    expect(await rejection(stream.reply)).toMatchObject({ name: 'AbortError' });
    await world.llm.idle();
    expect(world.receipts).toEqual([]);
  });

  test('a failure before it begins is typed, for every way of reading', async () => {
    const world = governed({ interceptors: [once] });
    world.provider.always({ status: 404, error: { message: 'no', code: 'model_not_found' } });
    const ways: ((stream: ChatStream) => Promise<unknown>)[] = [
      readAll,
      (stream) => stream.reply,
      (stream) => stream.text,
      (stream) => readAll(stream.textStream),
    ];
    for (const read of ways) {
      expect(await rejection(read(world.llm.stream({ model, messages: 'Hello' })))).toMatchObject({
        code: 'provider-failure',
        details: { target: model, status: 404, kind: 'not-found' },
      });
    }
  });

  test('a failure inside it comes after what was read before, typed, and then it has ended', async () => {
    const world = governed();
    world.provider.next({
      text: ['Good ', 'day'],
      inBandError: { afterEvents: 4, message: 'You said: Hello' },
    });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    const events = stream[Symbol.asyncIterator]();
    const seen: unknown[] = [];
    const reading = (async () => {
      for (;;) seen.push((await events.next()).value);
    })();
    const error = await rejection(reading);
    expect(error).toMatchObject({
      code: 'provider-failure',
      details: { target: model, kind: model === 'openai/gpt' ? 'server' : 'overloaded' },
    });
    expect(String(error)).not.toContain('Hello');
    expect(types(seen)).toContain('text-delta');
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(await rejection(stream.reply)).toBe(error);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('failed');
  });

  test('one that ends without its end is an error, never a short answer', async () => {
    const world = governed();
    // A chat completion is whole when it has its finish reason.
    const unfinished = { events: [{ id: 'chatcmpl', choices: [{ index: 0, delta: { content: 'Good' } }] }] };
    world.provider.next({
      text: ['Good ', 'day'],
      endWithoutTerminal: true,
      ...(model === 'openai/gpt' ? unfinished : {}),
    });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    const error = await rejection(readAll(stream));
    expect(error).toMatchObject({ code: 'stream-cut' });
    expect(await rejection(stream.reply)).toBe(error);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('failed');
  });

  test('one whose connection breaks is a typed error, with the transport’s own as its cause', async () => {
    const world = governed();
    world.provider.next({ text: ['Good ', 'day', ' to', ' you'], cutAfterEvents: 4 });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    const error = await rejection(readAll(stream));
    expect(error).toMatchObject({ code: 'connection-failed', retryable: true, cause: expect.any(Error) });
    expect(await rejection(stream.reply)).toBe(error);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('failed');
  });

  test('a failure that its reader hears of need not be listened to at `reply` and `text` too', async () => {
    const world = governed();
    const unheard: unknown[] = [];
    const listener = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', listener);
    world.provider.next({ text: ['Good ', 'day', ' to', ' you'], cutAfterEvents: 4 });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    const events = stream[Symbol.asyncIterator]();
    void stream.reply;
    void stream.text;
    await rejection(readAll(events));
    for (let turns = 0; turns < 5; turns += 1) await turn();
    process.off('unhandledRejection', listener);
    expect(unheard).toEqual([]);
  });

  test('nothing listens to a signal that outlives it', async () => {
    const world = governed();
    const { signal } = new AbortController();
    await readAll(world.llm.stream({ model, messages: 'Hello' }, { signal }));
    for await (const _event of world.llm.stream({ model, messages: 'Hello' }, { signal })) break;
    await world.llm.idle();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('an interceptor that breaks it is named', async () => {
    const breaks: Interceptor = {
      name: 'breaks',
      stage: 'guard',
      async intercept(call, next) {
        const reply = await next(call);
        reply.events?.transform({
          event(event, emit) {
            if (call.dialect.stream.text(event).some((piece) => piece.text.includes('day')))
              throw new Error('no');
            emit(event);
          },
        });
        return reply;
      },
    };
    const world = governed({ interceptors: [breaks] });
    world.provider.next({ text: ['Good ', 'day'] });
    expect(await rejection(world.llm.stream({ model, messages: 'Hello' }).text)).toMatchObject({
      code: 'interceptor-fault',
      cause: expect.objectContaining({ message: 'no' }),
    });
    await theOnlyCall(world);
  });

  test('an abort rejects with the signal’s own reason: before, while it opens, inside it, and between two reads', async () => {
    const reason = new Error('changed my mind');
    const aborted = AbortSignal.abort(reason);
    const before = governed();
    expect(await rejection(before.llm.stream({ model, messages: 'Hello' }, { signal: aborted }).text)).toBe(
      reason,
    );
    expect(before.receipts).toEqual([]);

    const opening = governed();
    opening.provider.next({ hang: true });
    const first = new AbortController();
    const opened = rejection(
      readAll(opening.llm.stream({ model, messages: 'Hello' }, { signal: first.signal })),
    );
    await until(() => opening.provider.requests.length === 1);
    first.abort(reason);
    expect(await opened).toBe(reason);
    expect((await theOnlyCall(opening)).receipt.outcome).toBe('aborted');

    const inside = governed();
    inside.provider.next({ text: long, betweenEventsMs: 100 });
    const second = new AbortController();
    const stream = inside.llm.stream({ model, messages: 'Hello' }, { signal: second.signal });
    const reading = rejection(readAll(stream));
    await until(() => inside.provider.requests.length === 1);
    await inside.clock.advance(1_000);
    second.abort(reason);
    expect(await reading).toBe(reason);
    expect(await rejection(stream.reply)).toBe(reason);
    expect((await theOnlyCall(inside)).receipt.outcome).toBe('aborted');
    expect(inside.provider.requests[0]?.outcome).toBe('cancelled');

    const between = governed();
    between.provider.next({ text: long });
    const third = new AbortController();
    const paused = between.llm.stream({ model, messages: 'Hello' }, { signal: third.signal });
    const events = paused[Symbol.asyncIterator]();
    await events.next();
    third.abort(reason);
    expect((await theOnlyCall(between)).receipt.outcome).toBe('aborted');
    expect(await rejection(readAll(events))).toBe(reason);
  });

  test('a reader that pauses too long is an error when it comes back; the provider has been stopped', async () => {
    const world = governed({ unreadStreamMs: 5_000 });
    world.provider.next({ text: long });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    const events = stream[Symbol.asyncIterator]();
    await events.next();
    const whole = rejection(stream.reply);
    await world.clock.advance(5_000);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('abandoned');
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(await whole).toMatchObject({ name: 'AbortError' });
    expect(await rejection(readAll(events))).toMatchObject({ code: 'time-limit' });
  });

  test('a reader that is dropped lets go of the provider once it is collected', async () => {
    const world = governed({ unreadStreamMs: false });
    world.provider.next({ text: long });
    const drop = async () => {
      await world.llm.stream({ model, messages: 'Hello' })[Symbol.asyncIterator]().next();
    };
    await drop();
    for (let round = 0; round < 200 && world.receipts.length === 0; round += 1) {
      globalThis.gc?.();
      await turn();
    }
    expect((await theOnlyCall(world)).receipt.outcome).toBe('abandoned');
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test('a deadline inside it is a typed error', async () => {
    const world = governed();
    world.provider.next({ text: long, betweenEventsMs: 100 });
    const failed = rejection(readAll(world.llm.stream({ model, messages: 'Hello' }, { deadlineMs: 1_000 })));
    await until(() => world.provider.requests.length === 1);
    await world.clock.advance(1_000);
    expect(await failed).toMatchObject({ code: 'time-limit' });
    expect((await theOnlyCall(world)).receipt.outcome).toBe('timed-out');
  });
});

describe.each(models)('a `stream` of %s as a response', (model) => {
  test('is server-sent events that a browser reads, and the reply is there beside it', async () => {
    const world = governed();
    world.provider.next({ text: ['Good ', 'day'] });
    const stream = world.llm.stream({ model, messages: 'Hello' });
    const response = stream.toResponse({ status: 201, headers: { 'x-own': 'yes' } });
    const whole = stream.reply;
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-own')]).toEqual([
      201,
      'text/event-stream; charset=utf-8',
      'yes',
    ]);
    const frames = (await response.text()).trim().split('\n\n');
    const events = frames.map((frame) => {
      const [name, data, ...rest] = frame.split('\n');
      const json = JSON.parse(data?.replace(/^data: /, '') ?? '') as ChatEvent;
      expect([name, rest]).toEqual([`event: ${json.type}`, []]);
      return json;
    });
    expect(types(events).at(-1)).toBe('finish');
    expect(text(events)).toBe('Good day');
    expect((await whole).text).toBe('Good day');
  });

  test('a failure is its last event, in our words', async () => {
    const world = governed({ interceptors: [once] });
    world.provider.next({ status: 429, error: { message: 'You said: Hello' } });
    const response = world.llm.stream({ model, messages: 'Hello' }).toResponse();
    expect(response.status).toBe(200);
    const body = await response.text();
    expect(body).toMatch(/^event: error\ndata: \{"type":"error","error":\{.*"code":"provider-failure"/);
    expect(body).toContain('"retryable":true');
    expect(body).not.toContain('Hello');
  });

  test('a client that goes stops the provider', async () => {
    const world = governed();
    world.provider.next({ text: long });
    const body = world.llm.stream({ model, messages: 'Hello' }).toResponse().body;
    const reader = body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect((await theOnlyCall(world)).receipt.outcome).toBe('abandoned');
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test('is not read ahead of its client', async () => {
    const world = governed();
    world.provider.next({ text: long });
    const reader = world.llm.stream({ model, messages: 'Hello' }).toResponse().body?.getReader();
    for (let read = 0; read < 3; read += 1) await reader?.read();
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(world.provider.requests[0]?.eventsProduced).toBeLessThan(20);
    await reader?.cancel();
  });

  test('breaks off when the caller aborts', async () => {
    const world = governed();
    world.provider.next({ text: long });
    const controller = new AbortController();
    const response = world.llm
      .stream({ model, messages: 'Hello' }, { signal: controller.signal })
      .toResponse();
    const reader = response.body?.getReader();
    await reader?.read();
    const reason = new Error('gone');
    controller.abort(reason);
    const rest = (async () => {
      while ((await reader?.read())?.done === false);
    })();
    expect(await rejection(rest)).toBe(reason);
  });
});

describe('`stream` and the chain', () => {
  test('falls back before anything was handed on, from one provider to the other', async () => {
    const world = governed({ routes: { smart: fallback('openai/gpt', 'anthropic/claude') } });
    world.provider.when({ model: 'gpt' }, { text: ['never'], inBandError: { afterEvents: 0 } });
    const stream = world.llm.stream({ model: 'smart', messages: 'Hello' });
    expect(text(await readAll(stream))).toBe('You said: Hello');
    expect((await stream.reply).receipt.target).toEqual({ provider: 'anthropic', model: 'claude' });
  });

  test('takes a plain answer that an interceptor gives', async () => {
    const answers: Interceptor = {
      name: 'answers',
      stage: 'reuse',
      attach(host) {
        this.intercept = async (call) =>
          host.replies.body(
            call,
            {
              id: 'kept',
              model: 'kept',
              content: [{ type: 'text', text: 'As ever.' }],
              stop: { reason: 'stop' },
            },
            'cache',
          );
      },
      intercept: (call, next) => next(call),
    };
    const world = governed({ interceptors: [answers] });
    const stream = world.llm.stream({ model: 'openai/gpt', messages: 'Hello' });
    expect(types(await readAll(stream))).toEqual(['start', 'text-delta', 'part-end', 'finish']);
    expect((await stream.reply).receipt.origin).toBe('cache');
    expect(world.provider.requests).toEqual([]);
  });

  test('a server that may end without saying so has finished when it ends', async () => {
    const server = standIn().always({
      events: [{ id: 'chatcmpl', choices: [{ index: 0, delta: { content: 'Good' } }] }],
      endWithoutTerminal: true,
    });
    const client = new OpenAI({ apiKey: 'test', fetch: server.fetch });
    const llm = new ManagedLLM({
      providers: { lax: provider(client, { quirks: { mayEndWithoutTerminal: true } }) },
    });
    const stream = llm.stream({ model: 'lax/gpt', messages: 'Hello' });
    expect((await readAll(stream)).at(-1)).toMatchObject({ type: 'finish', stop: { reason: 'other' } });
    expect(await stream.reply).toMatchObject({
      text: 'Good',
      stop: 'other',
      receipt: { outcome: 'finished' },
    });
  });

  test('is strict about requests and settings', async () => {
    const { llm } = governed();
    const request = { model: 'openai/gpt', messages: 'Hi', maxSteps: 3 };
    expect(await rejection(llm.stream(request).text)).toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining('`stream` has no option `maxSteps`'),
    });
    const options = { usr: 'alice' } as CallOptions;
    expect(() => llm.stream({ model: 'openai/gpt', messages: 'Hi' }, options)).toThrow(ManagedLLMError);
  });
});
