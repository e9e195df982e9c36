import { Anthropic } from '@anthropic-ai/sdk';
import { fallback, ManagedLLM, ManagedLLMError, provider, type Interceptor } from 'managed-llm';
import type { ScriptedReply } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import {
  anthropic,
  governed,
  openai,
  readAll,
  rejection,
  settledOnce,
  theOnlyCall,
  type Governed,
  type Sdk,
  type TestOptions,
} from './governed.ts';

/** The same SDK's other dialect. */
const responses: Sdk = {
  ...openai,
  create: ({ clients }, options = {}, model = 'gpt') =>
    clients.openai.responses.create({ model, input: 'hello' }, options),
  stream: ({ clients }, options = {}, model = 'gpt') =>
    clients.openai.responses.create({ model, input: 'hello', stream: true }, options),
  text: (reply) => (reply as OpenAI.Responses.Response).output_text,
};

/** A caller's dialect, a target that speaks another, and what that target says of itself. */
interface Direction {
  readonly what: string;
  readonly sdk: Sdk;
  readonly provider: 'openai' | 'anthropic';
  readonly model: string;
  readonly path: string;
  /** In the target's own words. */
  readonly stop: string;
}

const directions: readonly Direction[] = [
  {
    what: 'chat completions → Anthropic',
    sdk: openai,
    provider: 'anthropic',
    model: 'anthropic/claude',
    path: '/v1/messages',
    stop: 'end_turn',
  },
  {
    what: 'Responses → Anthropic',
    sdk: responses,
    provider: 'anthropic',
    model: 'anthropic/claude',
    path: '/v1/messages',
    stop: 'end_turn',
  },
  {
    what: 'Messages → OpenAI',
    sdk: anthropic,
    provider: 'openai',
    model: 'openai/gpt',
    path: '/v1/chat/completions',
    stop: 'stop',
  },
];

const paths = ({ provider: standIn }: Governed) => standIn.requests.map(({ path }) => path);

describe.each(directions)('how every call ends: $what', ({ sdk, provider: name, model, path, stop }) => {
  const usage = { inputTokens: 7, outputTokens: 3 };
  const target = { provider: name, model: model.slice(name.length + 1) };

  test('a plain reply: finished, with what the target itself said of usage, stop and model', async () => {
    const world = governed();
    world.provider.next({ text: 'Good day', usage, model: 'the-very-model' });
    expect(sdk.text(await sdk.create(world.llm, {}, model))).toBe('Good day');
    const { receipt, settlement } = await theOnlyCall(world);
    expect(receipt).toMatchObject({
      outcome: 'finished',
      origin: 'provider',
      status: 200,
      target,
      servedModel: 'the-very-model',
      stopReason: stop,
      usage: { ...usage, provenance: 'reported' },
      error: undefined,
    });
    expect(settlement.billed).toMatchObject([{ target, outcome: 'finished', usage }]);
    expect(paths(world)).toEqual([path]);
    expect(world.errors).toEqual([]);
  });

  test('a stream read to its end: the same', async () => {
    const world = governed();
    world.provider.next({ text: ['Good ', 'day'], usage, model: 'the-very-model' });
    expect(JSON.stringify(await readAll(await sdk.stream(world.llm, {}, model)))).toContain('Good ');
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({
      outcome: 'finished',
      stream: true,
      target,
      servedModel: 'the-very-model',
      stopReason: stop,
      usage: { ...usage, provenance: 'reported' },
      firstEventMs: 0,
    });
    expect(world.provider.requests[0]?.outcome).toBe('finished');
    expect(world.errors).toEqual([]);
  });

  test('an early break: abandoned, and the provider stops', async () => {
    const world = governed();
    world.provider.next({ text: Array.from({ length: 100 }, (_, index) => `${index} `) });
    for await (const _event of await sdk.stream(world.llm, {}, model)) break;
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'abandoned', target });
    expect(world.provider.requests[0]).toMatchObject({ outcome: 'cancelled' });
    expect(world.provider.requests[0]?.eventsProduced).toBeLessThan(20);
    expect(world.errors).toEqual([]);
  });

  test('an abort before the call: nothing is sent', async () => {
    const world = governed();
    const error = await rejection(sdk.create(world.llm, { signal: AbortSignal.abort() }, model));
    expect(error).toBeInstanceOf(sdk.APIUserAbortError);
    await world.llm.idle();
    expect(world.provider.requests).toEqual([]);
    expect(world.receipts.filter(({ outcome }) => outcome !== 'aborted')).toEqual([]);
  });

  test('an abort while the provider works: aborted', async () => {
    const world = governed();
    world.provider.next({ hang: true });
    const controller = new AbortController();
    const failed = rejection(sdk.create(world.llm, { signal: controller.signal }, model));
    await world.clock.advance(10);
    controller.abort();
    expect(await failed).toBeInstanceOf(sdk.APIUserAbortError);
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({ outcome: 'aborted', error: { kind: 'aborted' }, durationMs: 10 });
    expect(receipt.attempts).toMatchObject([{ outcome: 'aborted', target }]);
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test('an abort inside a stream: aborted, and the provider stops', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b ', 'c '], betweenEventsMs: 100 });
    const controller = new AbortController();
    const stream = await sdk.stream(world.llm, { signal: controller.signal }, model);
    const reading = readAll(stream).catch((error: unknown) => error);
    await world.clock.advance(250);
    controller.abort();
    await reading;
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'aborted', durationMs: 250 });
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
    expect(world.errors).toEqual([]);
  });

  test('a time limit: the SDK’s own timeout', async () => {
    const world = governed();
    world.provider.always({ hang: true });
    const failed = rejection(sdk.create(world.llm, { timeout: 100, maxRetries: 0 }, model));
    await world.clock.advance(100);
    expect(await failed).toBeInstanceOf(sdk.APIConnectionTimeoutError);
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'timed-out', durationMs: 100 });
  });

  test('a deadline inside a stream: timed out', async () => {
    const world = governed();
    world.provider.next({ text: ['a ', 'b ', 'c '], betweenEventsMs: 100 });
    const reading = rejection(sdk.stream(world.llm.with({ deadlineMs: 150 }), {}, model).then(readAll));
    await world.clock.advance(150);
    await reading;
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'timed-out', durationMs: 150 });
    expect(world.provider.requests[0]?.outcome).toBe('cancelled');
  });

  test.each([
    [429, 'RateLimitError'],
    [500, 'InternalServerError'],
  ] as const)(
    'an error of status %d: the caller’s own class, with the provider’s words',
    async (status, name) => {
      const world = governed();
      world.provider.always({ status, error: { message: 'All our GPUs melt.' } });
      const error = await rejection(sdk.create(world.llm, { maxRetries: 0 }, model));
      expect(error).toBeInstanceOf(sdk[name]);
      expect(error).toMatchObject({ status });
      expect(String(error)).toContain('All our GPUs melt.');
      expect(ManagedLLMError.from(error)).toBeUndefined();
      expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'failed', status });
    },
  );

  test('the headers of a failure come through, so that its class reads them', async () => {
    const world = governed();
    world.provider.always({ status: 429, headers: { 'retry-after': '7', 'request-id': 'req_1' } });
    const error = (await rejection(sdk.create(world.llm, { maxRetries: 0 }, model))) as { headers: Headers };
    expect(error.headers.get('retry-after')).toBe('7');
  });

  test('an error inside a stream: the caller’s own class, with the provider’s words', async () => {
    const world = governed();
    world.provider.always({
      text: ['a ', 'b '],
      inBandError: { afterEvents: 4, message: 'All our GPUs melt.' },
    });
    const error = await rejection(sdk.stream(world.llm, {}, model).then(readAll));
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(String(error)).toContain('All our GPUs melt.');
    expect((await theOnlyCall(world)).receipt).toMatchObject({
      outcome: 'failed',
      error: { kind: name === 'openai' ? 'server' : 'overloaded' },
    });
  });

  test.each([
    ['that ends without its end', { text: ['a ', 'b '], endWithoutTerminal: true }],
    ['whose connection breaks', { text: ['a ', 'b '], cutAfterEvents: 4 }],
    ['that is cut in the middle of an event', { text: ['aaaa ', 'bbbb '], cutAfterBytes: 700 }],
  ])('a stream %s: failed, never taken for whole', async (_what, reply: ScriptedReply) => {
    const world = governed();
    world.provider.next(reply);
    await rejection(sdk.stream(world.llm, {}, model).then(readAll));
    expect((await theOnlyCall(world)).receipt.outcome).toBe('failed');
    expect(world.errors).toEqual([]);
  });

  test('an answer that is no JSON: tried again, then told as unreadable, in the caller’s own class', async () => {
    const world = governed();
    world.provider.always({ body: '<html>Hello</html>' });
    const failed = rejection(sdk.create(world.llm, { maxRetries: 1 }, model));
    await world.clock.advance(10_000);
    const error = await failed;
    expect(error).toBeInstanceOf(sdk.InternalServerError);
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'unreadable-answer', status: 502 });
    const { receipt } = await theOnlyCall(world);
    expect(receipt).toMatchObject({
      outcome: 'failed',
      error: { kind: 'server', code: 'unreadable-answer' },
    });
    expect(receipt.attempts).toHaveLength(2);
  });

  test.each([{}, [], null, 'Hello', { error: null }])(
    'JSON that is no answer, %j: never an empty answer',
    async (body) => {
      const world = governed();
      world.provider.always({ body: JSON.stringify(body) });
      const error = await rejection(sdk.create(world.llm, { maxRetries: 0 }, model));
      expect(error).toBeInstanceOf(sdk.InternalServerError);
      expect(ManagedLLMError.from(error)).toMatchObject({ code: 'unreadable-answer', status: 502 });
      expect((await theOnlyCall(world)).receipt.outcome).toBe('failed');
    },
  );

  test('a failure told under status 200: a failure, so that the next target is asked', async () => {
    const world = governed({ routes: { smart: fallback(`${name}/${target.model}`, 'backup/gpt') } });
    const body = JSON.stringify({ error: { message: 'Provider returned error', code: 429 } });
    world.provider.next({ body }, { text: 'Good day' });
    expect(sdk.text(await sdk.create(world.llm, { maxRetries: 0 }, 'smart'))).toBe('Good day');
    const { receipt } = await theOnlyCall(world);
    expect(receipt.attempts).toMatchObject([
      { outcome: 'failed', error: { kind: 'rate-limit' } },
      { outcome: 'finished' },
    ]);
  });

  test('a failure that passes: repeated as the SDK would, every pass an attempt', async () => {
    const world = governed();
    world.provider.next({ status: 500 }, { connectionError: true }, { text: 'at last' });
    const reply = sdk.create(world.llm, {}, model);
    await world.clock.advance(30_000);
    expect(sdk.text(await reply)).toBe('at last');
    const { receipt } = await theOnlyCall(world);
    expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'finished']);
    expect(paths(world)).toEqual([path, path, path]);
  });

  test('a reply that nobody reads: cancelled when its time is over', async () => {
    const world = governed({ unreadStreamMs: 1_000 });
    world.provider.next({ text: ['a ', 'b '] });
    const stream = await sdk.stream(world.llm, {}, model);
    await world.clock.advance(1_000);
    expect((await theOnlyCall(world)).receipt.outcome).toBe('abandoned');
    expect(stream).toBeDefined();
  });

  test('hooks tell the same as of any other call', async () => {
    const world = governed();
    const told: string[] = [];
    world.llm.on('call:start', ({ dialect, provider: client }) => told.push(`call ${client} ${dialect}`));
    world.llm.on('attempt:start', ({ target: to }) => told.push(`attempt ${to.provider}/${to.model}`));
    world.llm.on('stream:first-event', ({ target: to }) => told.push(`first ${to.provider}`));
    world.llm.on('attempt:end', ({ outcome }) => told.push(`attempt ${outcome}`));
    world.llm.on('call:end', ({ outcome }) => told.push(`call ${outcome}`));
    await readAll(await sdk.stream(world.llm, {}, model));
    await world.llm.idle();
    const dialect =
      sdk === anthropic ? 'anthropic-messages' : sdk === responses ? 'openai-responses' : 'openai-chat';
    expect(told).toEqual([
      `call ${sdk.name} ${dialect}`,
      `attempt ${model}`,
      `first ${name}`,
      'attempt finished',
      'call finished',
    ]);
  });

  test('however the target’s stream is cut into chunks, the caller gets the same events', async () => {
    const reply: ScriptedReply = {
      reasoning: 'Let me sée.',
      text: ['Grüße ', '🌍 ', 'end'],
      toolCalls: [{ name: 'look', arguments: { at: 'a\nb', n: 1 }, id: 'call_1' }],
    };
    const seen = new Set<string>();
    for (const chunking of ['event', 1, 3, 64, 'random', 'random'] as const) {
      const world = governed();
      world.provider.next({ ...reply, chunking, seed: seen.size + 3 });
      const events = await readAll(await sdk.stream(world.llm, {}, model));
      // What names this very call differs between two worlds, and nothing else may.
      const { receipt } = await theOnlyCall(world);
      seen.add(JSON.stringify(events).replaceAll(receipt.callId, 'call'));
    }
    expect(seen.size).toBe(1);
    expect([...seen][0]).toContain('🌍');
  });

  test('interceptors see the caller’s dialect alone, in the request, the reply and the stream', async () => {
    const kinds = new Set<string>();
    const shapes: string[] = [];
    const watches = (stage: 'shape' | 'send'): Interceptor => ({
      name: `watches-${stage}`,
      stage,
      async intercept(call, next) {
        kinds.add(call.dialect.id);
        expect(call.dialect.request.measure(call.body).characters).toBe('hello'.length);
        const reply = await next(call);
        if (reply.events === undefined) {
          const json = await reply.json();
          shapes.push(String(call.dialect.reply.usage(json)?.outputTokens));
        } else {
          let text = '';
          reply.events.observe((event) => {
            for (const piece of call.dialect.stream.text(event)) text += piece.text;
          });
          reply.onSettled(() => shapes.push(text));
        }
        return reply;
      },
    });
    const world = governed({ interceptors: [watches('shape'), watches('send')] });
    world.provider.always({ text: 'Good day', usage });
    await sdk.create(world.llm, {}, model);
    await readAll(await sdk.stream(world.llm, {}, model));
    await world.llm.idle();
    expect(kinds.size).toBe(1);
    expect(shapes.slice(0, 2)).toEqual(['3', '3']);
    expect(shapes.slice(2).every((text) => text.includes('Good day'))).toBe(true);
  });

  test('texts can be changed on the way out and on the way back, plain and streamed', async () => {
    const shouts: Interceptor = {
      name: 'shouts',
      stage: 'guard',
      async intercept(call, next) {
        const lens = call.dialect;
        const reply = await next(
          call.with({ body: lens.request.mapTexts(call.body, (text) => text.replace('hello', 'HELLO')) }),
        );
        if (reply.events === undefined)
          return reply.with({ json: lens.reply.mapTexts(await reply.json(), (text) => text.toUpperCase()) });
        let held = '';
        reply.events.mapText(() => ({
          push(text) {
            const out = held;
            held = text.toUpperCase();
            return out;
          },
          end: () => held,
        }));
        return reply;
      },
    };
    const world = governed({ interceptors: [shouts] });
    world.provider.always({ text: ['good ', 'day'] });
    expect(sdk.text(await sdk.create(world.llm, {}, model))).toBe('GOOD DAY');
    const streamed = JSON.stringify(await readAll(await sdk.stream(world.llm, {}, model)));
    expect(streamed).toContain('DAY');
    expect(streamed).not.toContain('day');
    expect(world.provider.requests.every(({ bodyText }) => bodyText.includes('HELLO'))).toBe(true);
    await settledOnce(world, 2);
  });
});

describe('a route over both providers', () => {
  const mixed = (options: TestOptions = {}) =>
    governed({
      routes: {
        'from-anthropic': fallback('anthropic/claude', 'openai/gpt'),
        'from-openai': fallback('openai/gpt', 'anthropic/claude'),
        strict: fallback('openai/gpt', { onUnsupported: 'refuse' }),
        'strict-first': fallback('openai/gpt', 'anthropic/claude', { onUnsupported: 'refuse' }),
      },
      ...options,
    });
  const servedBy = (world: Governed) => world.provider.requests.map(({ model }) => model);

  test('is not refused for hints: a cache mark, earlier thinking, a failed tool whose text says so', async () => {
    const world = mixed();
    const { response } = await world.llm.clients.anthropic.messages
      .create({
        model: 'strict',
        max_tokens: 10,
        tools: [{ name: 'look', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }],
        messages: [
          { role: 'user', content: 'Look.' },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'I look.', signature: 'c2lnbmVk' },
              { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
            ],
          },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: 'Too dark.' }],
          },
        ],
      })
      .withResponse();
    const { losses } = await world.llm.receipt(response);
    expect(losses.map(({ path }) => path).toSorted()).toEqual([
      'messages.1.content.0.reasoning',
      'messages.2.isError',
      'system_fingerprint',
      'tools.0.cache_control',
    ]);
  });

  test.each([openai, responses, anthropic])('moves on across dialects and back ($name)', async (sdk) => {
    for (const [route, first, second] of [
      ['from-anthropic', 'claude', 'gpt'],
      ['from-openai', 'gpt', 'claude'],
    ] as const) {
      const world = mixed();
      world.provider.when({ model: first }, { status: 529 }).when({ model: second }, { text: 'here' });
      expect(sdk.text(await sdk.create(world.llm, {}, route))).toBe('here');
      expect(servedBy(world)).toEqual([first, second]);
      const { receipt } = await theOnlyCall(world);
      expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'finished']);
      expect(receipt.durationMs).toBe(0);
    }
  });

  test.each([openai, responses, anthropic])(
    'peeks into streams of either dialect: nobody sees what failed ($name)',
    async (sdk) => {
      for (const [route, first] of [
        ['from-anthropic', 'claude'],
        ['from-openai', 'gpt'],
      ] as const) {
        const world = mixed();
        world.provider
          .when({ model: first }, { text: ['never '], inBandError: { afterEvents: first === 'gpt' ? 0 : 1 } })
          .always({ text: ['seen'] });
        const events = JSON.stringify(await readAll(await sdk.stream(world.llm, {}, route)));
        expect(events).toContain('seen');
        expect(events).not.toContain('never');
        const { receipt } = await theOnlyCall(world);
        expect(receipt.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'finished']);
        expect(world.errors).toEqual([]);
      }
    },
  );

  test.each([openai, responses, anthropic])(
    'that fails everywhere ends with the last provider’s words in the caller’s class ($name)',
    async (sdk) => {
      const world = mixed();
      world.provider
        .when({ model: 'claude' }, { status: 500, error: { message: 'first broke' } })
        .when({ model: 'gpt' }, { status: 429, error: { message: 'second is full' } });
      const error = await rejection(sdk.create(world.llm, { maxRetries: 0 }, 'from-anthropic'));
      expect(error).toBeInstanceOf(sdk.RateLimitError);
      expect(String(error)).toContain('second is full');
      expect(ManagedLLMError.from(error)?.code).toBe('all-targets-failed');
    },
  );

  const withTopK = {
    model: 'x',
    max_tokens: 9,
    top_k: 5,
    messages: [{ role: 'user' as const, content: 'a' }],
  };

  test('drops what has no place, and tells it item by item, for the attempt and for the call', async () => {
    const world = mixed();
    await world.llm.clients.anthropic.messages.create({ ...withTopK, model: 'openai/gpt' });
    const { receipt } = await theOnlyCall(world);
    expect(receipt.losses).toContainEqual({
      path: expect.stringMatching(/top_?k/i) as string,
      reason: expect.stringMatching(/\.$/) as string,
    });
    expect(receipt.attempts[0]?.losses).toEqual(receipt.losses);
    expect(JSON.stringify(world.provider.requests[0]?.body)).not.toMatch(/top_?k/i);
  });

  test.each([
    ['the call', 'openai/gpt', { onUnsupported: 'refuse' as const }],
    ['the route', 'strict', {}],
  ])('refuses it instead where %s says so: a 400, and nothing is sent', async (_who, model, settings) => {
    const world = mixed();
    const error = await rejection(
      world.llm.with(settings).clients.anthropic.messages.create({ ...withTopK, model }),
    );
    expect(error).toBeInstanceOf(anthropic.APIError);
    expect(error).toMatchObject({ status: 400 });
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'unsupported' });
    expect(String(error)).toMatch(/top_?k/i);
    expect(world.provider.requests).toEqual([]);
    expect((await theOnlyCall(world)).receipt).toMatchObject({ outcome: 'refused', attempts: [] });
  });

  test('lets the call’s word go before the route’s', async () => {
    const world = mixed();
    await world.llm
      .with({ onUnsupported: 'drop' })
      .clients.anthropic.messages.create({ ...withTopK, model: 'strict' });
    expect(servedBy(world)).toEqual(['gpt']);
  });

  test('moves on from a refusal to a target that has a place for it', async () => {
    const world = mixed();
    await world.llm.clients.anthropic.messages.create({ ...withTopK, model: 'strict-first' });
    expect(servedBy(world)).toEqual(['claude']);
    expect((await theOnlyCall(world)).receipt.losses).toEqual([]);
  });

  test('refuses nothing where nothing is lost', async () => {
    const world = mixed();
    await anthropic.create(world.llm, {}, 'strict');
    await readAll(await anthropic.stream(world.llm, {}, 'strict'));
    expect(servedBy(world)).toEqual(['gpt', 'gpt']);
  });

  test('refuses nothing for what asks for nothing', async () => {
    const { llm, provider: standIn } = governed();
    const image_url = { url: 'https://pictures.test/a.png', detail: 'auto' } as const;
    await llm.with({ onUnsupported: 'refuse' }).clients.openai.chat.completions.create({
      model: 'anthropic/claude',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url }] }],
      metadata: {},
      logit_bias: {},
      n: 1,
      store: false,
    });
    expect(standIn.requests).toHaveLength(1);
  });

  test('refuses for an empty object that asks for something', async () => {
    const { llm, provider: standIn } = governed();
    const error = await rejection(
      llm.with({ onUnsupported: 'refuse' }).clients.openai.chat.completions.create({
        model: 'anthropic/claude',
        messages: [{ role: 'user', content: 'hello' }],
        web_search_options: {},
      }),
    );
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'unsupported',
      details: { losses: [{ path: 'web_search_options' }] },
    });
    expect(standIn.requests).toEqual([]);
  });
});

describe('usage in a translated stream', () => {
  test('is asked for and kept from a caller who did not; the receipt has it', async () => {
    const world = governed();
    world.provider.always({ text: ['a'], usage: { inputTokens: 5, outputTokens: 1 } });
    const chunks = await readAll(await openai.stream(world.llm, {}, 'anthropic/claude'));
    expect(JSON.stringify(chunks)).not.toMatch(/"usage":\{/);
    expect(chunks.every((chunk) => (chunk as OpenAI.ChatCompletionChunk).choices.length > 0)).toBe(true);
    expect((await theOnlyCall(world)).receipt.usage).toMatchObject({ inputTokens: 5, outputTokens: 1 });
  });

  test('is given to a caller who asked', async () => {
    const world = governed();
    world.provider.always({ text: ['a'], usage: { inputTokens: 5, outputTokens: 1 } });
    const stream = await world.llm.clients.openai.chat.completions.create({
      model: 'anthropic/claude',
      messages: [{ role: 'user', content: 'a' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = (await readAll(stream)) as OpenAI.ChatCompletionChunk[];
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 1 } });
  });

  test('is asked of OpenAI on behalf of an Anthropic caller, who always gets it', async () => {
    const world = governed();
    world.provider.always({ text: ['a'], usage: { inputTokens: 5, outputTokens: 1 } });
    const events = JSON.stringify(await readAll(await anthropic.stream(world.llm, {}, 'openai/gpt')));
    expect(world.provider.requests[0]?.body).toMatchObject({ stream_options: { include_usage: true } });
    expect(events).toMatch(/"output_tokens":1/);
  });
});

test('a thousand translated calls, plain, streamed, broken off and failed, leave nothing open', async () => {
  const world = governed();
  world.provider.always((request) => (request.index % 7 === 0 ? { status: 400 } : { text: ['a ', 'b '] }));
  for (let round = 0; round < 125; round++) {
    for (const { sdk, model } of [directions[0], directions[2]].filter((found) => found !== undefined)) {
      await sdk.create(world.llm, {}, model).catch(() => {});
      await sdk
        .stream(world.llm, {}, model)
        .then(readAll)
        .catch(() => {});
      const stream = await sdk.stream(world.llm, {}, model).catch(() => []);
      for await (const _event of stream) break;
      await sdk.create(world.llm, {}, model).catch(() => {});
    }
  }
  const receipts = await settledOnce(world, 1_000);
  expect(new Set(receipts.map(({ outcome }) => outcome))).toEqual(
    new Set(['finished', 'abandoned', 'failed']),
  );
  expect(world.errors).toEqual([]);
});

test('`provider()` keeps what it was told about losses, below a route’s and a call’s word', async () => {
  const world = governed();
  const llm = new ManagedLLM({
    providers: {
      strict: provider(new OpenAI({ apiKey: 'test', fetch: world.provider.fetch }), {
        onUnsupported: 'refuse',
      }),
      anthropic: new Anthropic({ apiKey: 'test', fetch: world.provider.fetch }),
    },
    routes: { lenient: fallback('strict/gpt', { onUnsupported: 'drop' }) },
  });
  const asked = { max_tokens: 9, top_k: 5, messages: [{ role: 'user' as const, content: 'a' }] };
  const create = (model: string, from: typeof llm | ReturnType<typeof llm.with> = llm) =>
    from.clients.anthropic.messages.create({ ...asked, model });
  expect(ManagedLLMError.from(await rejection(create('strict/gpt')))?.code).toBe('unsupported');
  expect(world.provider.requests).toHaveLength(0);
  await create('lenient');
  await create('strict/gpt', llm.with({ onUnsupported: 'drop' }));
  expect(world.provider.requests).toHaveLength(2);
});
