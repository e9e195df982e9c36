import Anthropic, * as anthropicSdk from '@anthropic-ai/sdk';
import OpenAI, * as openaiSdk from 'openai';
import { afterEach, describe, expect, test } from 'vitest';

import { ManagedLLMError } from '../../../src/errors/managed-llm-error.ts';
import { fallback, ManagedLLM } from 'managed-llm';
import { manualClock, standIn, type StandIn, type StandInServer } from 'managed-llm/testing';

// What the oldest SDKs that are supported cannot do yet is left out for them.
const isOldest = process.env['MANAGED_LLM_SDK'] === 'oldest';

const messages = [{ role: 'user' as const, content: 'hello there' }];
const url = 'https://api.openai.test/v1/chat/completions';
const post = (body: unknown, signal?: AbortSignal): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  ...(signal === undefined ? {} : { signal }),
});
const streaming = { model: 'gpt', messages, stream: true };

const openai = (provider: StandIn) => new OpenAI({ apiKey: 'test', fetch: provider.fetch, maxRetries: 0 });
const anthropic = (provider: StandIn) =>
  new Anthropic({ apiKey: 'test', fetch: provider.fetch, maxRetries: 0 });

const servers: StandInServer[] = [];
const serve = async (provider: StandIn) => {
  const server = await provider.listen();
  servers.push(server);
  return server.url;
};
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function readAll(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _item of stream) count += 1;
  return count;
}

describe('what is scripted', () => {
  test('a queue is used in order and falls back to the default answer', async () => {
    const provider = standIn().next({ text: 'one' }, () => ({ text: 'two' }));
    const texts: unknown[] = [];
    for (let index = 0; index < 3; index += 1) {
      const reply = await openai(provider).chat.completions.create({ model: 'gpt', messages });
      texts.push(reply.choices[0]?.message.content);
    }
    expect(texts).toEqual(['one', 'two', 'You said: hello there']);
    expect(provider.queued).toBe(0);
  });

  test('a rule for some requests goes before the queue, as often as it says', async () => {
    const provider = standIn()
      .always({ text: 'always' })
      .when({ model: 'special' }, { text: 'rule' }, { times: 1 })
      .when((request) => request.bodyText.includes('magic'), { text: 'function' });
    const ask = async (model: string, content: string) => {
      const reply = await openai(provider).chat.completions.create({
        model,
        messages: [{ role: 'user', content }],
      });
      return reply.choices[0]?.message.content;
    };
    expect(await ask('special', 'x')).toBe('rule');
    expect(await ask('special', 'x')).toBe('always');
    expect(await ask('other', 'magic')).toBe('function');
  });

  test('a misspelt option is refused and the nearest one named', () => {
    expect(() => standIn().next({ textt: 'x' } as object)).toThrow(
      /`next\(\)\[0\]` has no option `textt`.*`text`/,
    );
    expect(() => standIn({ price: {} } as object)).toThrow(ManagedLLMError);
    expect(() => standIn().next({ latencyMs: -1 })).toThrow(/latencyMs/);
    expect(() => standIn().next({ chunking: 0 })).toThrow(/chunking/);
  });

  const broken = (): never => {
    throw new TypeError('no such fixture');
  };

  test.each([
    [
      'a rule',
      (provider: StandIn) => provider.when({ model: 'other' }, {}).when({ model: 'gpt' }, broken),
      /^400 Rule 2 of `when` threw instead of making a reply: TypeError: no such fixture, at broken \(.*stand-in\.test\.ts:\d+:\d+\)$/,
    ],
    [
      'a rule that looks whether it is meant',
      (provider: StandIn) => provider.when(broken, {}),
      /^400 Rule 1 of `when` threw instead of telling whether it is meant: TypeError: no such fixture/,
    ],
    [
      'the reply for all else',
      (provider: StandIn) => provider.always(broken),
      /^400 The reply of `always` threw instead of making a reply: TypeError: no such fixture/,
    ],
    [
      'a rule that makes no reply',
      (provider: StandIn) => provider.when({ model: 'gpt' }, () => ({ textt: 'x' }) as object),
      /^400 Rule 1 of `when` made what is no reply: `reply` has no option `textt`\..*`text`/,
    ],
  ])('%s whose function is at fault is told as that, and not asked again', async (_which, script, told) => {
    const provider = script(standIn());
    const url = await serve(provider);
    for (const way of [{ fetch: provider.fetch }, { baseURL: `${url}/v1` }]) {
      const client = new OpenAI({ apiKey: 'test', maxRetries: 2, ...way });
      const before = provider.requests.length;
      const error: unknown = await client.chat.completions
        .create({ model: 'gpt', messages })
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(openaiSdk.BadRequestError);
      expect((error as Error).message).toMatch(told);
      expect(provider.requests).toHaveLength(before + 1);
    }
    expect(provider.requests.map(({ outcome }) => outcome)).toEqual(['finished', 'finished']);
    expect(provider.books).toEqual({});
  });

  test('of queued replies the one at fault is told by its place, counted from the last reset', async () => {
    const provider = standIn().next({}, {});
    provider.reset();
    provider.next({}, broken).next(broken);
    const ask = () => openai(provider).chat.completions.create({ model: 'gpt', messages });
    await ask();
    await expect(ask()).rejects.toThrow(/Reply 2 of `next` threw/);
    await expect(ask()).rejects.toThrow(/Reply 3 of `next` threw/);
    expect((await ask()).choices).toHaveLength(1);
  });

  test('what a script threw ends a governed call: it is not repeated, and no other target hides it', async () => {
    const provider = standIn().when({ model: 'first' }, broken);
    const client = new OpenAI({ apiKey: 'test', fetch: provider.fetch });
    const llm = new ManagedLLM({
      providers: { client },
      routes: { both: fallback('client/first', 'client/second') },
    });
    const asked = llm.clients.client.chat.completions.create({ model: 'both', messages });
    await expect(asked).rejects.toThrow(/^400 Rule 1 of `when` threw .*: TypeError: no such fixture/);
    expect(provider.requests).toHaveLength(1);
    await expect(llm.chat({ model: 'client/first', messages })).rejects.toMatchObject({
      code: 'provider-failure',
      retryable: false,
      message: '`client/first` answered with status 400 (script_failed).',
      cause: { error: { message: expect.stringContaining('TypeError: no such fixture') as unknown } },
    });
    expect(provider.requests).toHaveLength(2);
  });

  test('what a script threw is told in the shape of Anthropic, too, and costs nothing of a rate limit', async () => {
    const provider = standIn({ rateLimit: { tokensPerMinute: 100 } })
      .when({ model: 'claude' }, broken, { times: 1 })
      .always({ text: 'fine' });
    const ask = () => anthropic(provider).messages.create({ model: 'claude', max_tokens: 90, messages });
    await expect(ask()).rejects.toThrow(/Rule 1 of `when` threw .*: TypeError: no such fixture/);
    await ask();
    expect(provider.requests).toHaveLength(2);
  });

  test('ids and reset', async () => {
    const provider = standIn();
    const first = await openai(provider).chat.completions.create({ model: 'gpt', messages });
    provider.next({ text: 'left over' }).reset();
    const again = await openai(provider).chat.completions.create({ model: 'gpt', messages });
    expect(again.id).toBe(first.id);
    expect(provider.requests).toHaveLength(1);
  });

  test.each([
    [401, openaiSdk.AuthenticationError, anthropicSdk.AuthenticationError],
    [404, openaiSdk.NotFoundError, anthropicSdk.NotFoundError],
    [429, openaiSdk.RateLimitError, anthropicSdk.RateLimitError],
    [500, openaiSdk.InternalServerError, anthropicSdk.InternalServerError],
    [529, openaiSdk.InternalServerError, anthropicSdk.InternalServerError],
  ])('status %i is the class each SDK has for it', async (status, openaiClass, anthropicClass) => {
    const reply = { status, headers: { 'x-own': 'yes' } };
    const provider = standIn().next(reply, reply);
    const fromOpenai = openai(provider).chat.completions.create({ model: 'gpt', messages });
    await expect(fromOpenai).rejects.toBeInstanceOf(openaiClass);
    const fromAnthropic: unknown = await anthropic(provider)
      .messages.create({ model: 'claude', max_tokens: 5, messages })
      .catch((error: unknown) => error);
    expect(fromAnthropic).toBeInstanceOf(anthropicClass);
    expect((fromAnthropic as InstanceType<typeof anthropicSdk.APIError>).headers?.get('x-own')).toBe('yes');
    expect(provider.books).toEqual({});
  });

  test('models that there are not get a 404, if models are named', async () => {
    const provider = standIn({ models: ['gpt'] });
    await openai(provider).chat.completions.create({ model: 'gpt', messages });
    await expect(openai(provider).chat.completions.create({ model: 'gtp', messages })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });

  test('events and bodies can be given as they are', async () => {
    const provider = standIn().next(
      { events: [{ choices: [{ index: 0, delta: { content: 'raw' } }] }, '[DONE]'] },
      { body: 'data: {"choices":[]}\n\ndata: [DONE]\n\n', chunking: 3 },
      { body: '<html>', status: 502 },
    );
    const client = openai(provider);
    expect(
      await readAll(await client.chat.completions.create({ model: 'gpt', messages, stream: true })),
    ).toBe(1);
    expect(
      await readAll(await client.chat.completions.create({ model: 'gpt', messages, stream: true })),
    ).toBe(1);
    await expect(client.chat.completions.create({ model: 'gpt', messages })).rejects.toMatchObject({
      status: 502,
    });
  });

  test('every way of calling fetch is understood', async () => {
    const provider = standIn();
    expect(await (await provider.fetch('data:,')).text()).toBe('');
    const body = JSON.stringify({ model: 'gpt', messages });
    for (const response of [
      await provider.fetch(new Request(url, { method: 'POST', body, headers: { 'x-own': 'a' } })),
      await provider.fetch(new URL(url), { method: 'post', body, headers: [['X-Own', 'a']] }),
      await provider.fetch(url, { method: 'POST', body: new Blob([body]), headers: { 'x-own': 'a' } }),
      await provider.fetch(url, {
        method: 'POST',
        body: new Blob([body]).stream(),
        headers: { 'x-own': 'a' },
      }),
    ]) {
      expect(response.status).toBe(200);
      expect(response.url).toBe(url);
    }
    expect(provider.requests.map((request) => request.headers['x-own'])).toEqual(['a', 'a', 'a', 'a']);
    expect(provider.requests.map((request) => request.model)).toEqual(['gpt', 'gpt', 'gpt', 'gpt']);
  });
});

describe.each(['event', 'random', 1, 7, 4096] as const)('chunking %s', (chunking) => {
  test('gives the same text to every SDK', async () => {
    const text = 'Grüße 🎉 an alle — äöü';
    const provider = standIn().always({ text, chunking, seed: 42 });
    const chat = await openai(provider).chat.completions.stream({ model: 'gpt', messages }).finalContent();
    const stream = openai(provider).responses.stream({ model: 'gpt', input: 'x' });
    let response = '';
    stream.on('response.output_text.delta', ({ delta }) => (response += delta));
    await stream.done();
    const message = await anthropic(provider)
      .messages.stream({ model: 'claude', max_tokens: 99, messages })
      .finalText();
    expect([chat, response, message]).toEqual([text, text, text]);
  });
});

describe('time', () => {
  test('latency and gaps pass on the given clock only', async () => {
    const clock = manualClock(1_000);
    const provider = standIn({ clock }).next({
      text: 'a b',
      latencyMs: 500,
      firstEventDelayMs: 200,
      betweenEventsMs: 100,
    });
    let response: Response | undefined;
    void provider.fetch(url, post(streaming)).then((value) => (response = value));
    await clock.advance(499);
    expect(response).toBeUndefined();
    await clock.advance(1);
    expect(response?.status).toBe(200);
    const reader = response?.body?.getReader();
    const arrivals: number[] = [];
    const reading = (async () => {
      for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
        arrivals.push(clock.now());
    })();
    await clock.runAll();
    await reading;
    expect(arrivals).toEqual([1_700, 1_800, 1_900, 2_000, 2_100]);
    expect(provider.requests[0]).toMatchObject({ startedAt: 1_000, endedAt: 2_100, outcome: 'finished' });
  });
});

describe('clients that give up', () => {
  test('an abort rejects with the signal’s own reason: before, while waiting, and inside the body', async () => {
    const clock = manualClock();
    const provider = standIn({ clock });
    const reason = new Error('enough');
    await expect(provider.fetch(url, post(streaming, AbortSignal.abort(reason)))).rejects.toBe(reason);
    expect(provider.requests).toHaveLength(0);

    const waiting = new AbortController();
    provider.next({ hang: true });
    const hung = provider.fetch(url, post(streaming, waiting.signal));
    await clock.advance(0);
    waiting.abort(reason);
    await expect(hung).rejects.toBe(reason);
    expect(provider.requests[0]).toMatchObject({ cancelled: true, outcome: 'cancelled' });

    const reading = new AbortController();
    const response = await provider.fetch(url, post(streaming, reading.signal));
    const reader = response.body?.getReader();
    await reader?.read();
    expect(provider.openStreams).toBe(1);
    reading.abort(reason);
    await expect(reader?.read()).rejects.toBe(reason);
    expect(provider.openStreams).toBe(0);
    expect(provider.requests[1]).toMatchObject({ cancelled: true, eventsProduced: 1 });
  });

  test('a reader that stops stops the provider', async () => {
    const provider = standIn().always({ text: 'w '.repeat(1_000) });
    for await (const _chunk of await openai(provider).chat.completions.create({ ...streaming, stream: true }))
      break;
    expect(provider.requests[0]).toMatchObject({ cancelled: true, outcome: 'cancelled' });
    expect(provider.requests[0]?.eventsProduced).toBeLessThan(5);
    expect(provider.openStreams).toBe(0);
  });

  test('cancelling at the end mark is a regular end', async () => {
    const provider = standIn();
    await readAll(await openai(provider).chat.completions.create({ ...streaming, stream: true }));
    expect(provider.requests[0]).toMatchObject({ cancelled: false, outcome: 'finished' });
  });

  test('over loopback a disconnect is noticed and unread streams press back', async () => {
    const provider = standIn().always({ text: 'word '.repeat(200_000) });
    const client = new OpenAI({ apiKey: 'test', baseURL: await serve(provider), maxRetries: 0 });
    for await (const _chunk of await client.chat.completions.create({ ...streaming, stream: true })) break;
    while (provider.openStreams > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(provider.requests[0]).toMatchObject({ cancelled: true, outcome: 'cancelled' });
    expect(provider.requests[0]?.eventsProduced).toBeLessThan(150_000);
  });

  test('over loopback a hanging request ends with its client', async () => {
    const provider = standIn().always({ hang: true });
    const client = new OpenAI({ apiKey: 'test', baseURL: await serve(provider), maxRetries: 0 });
    const abort = new AbortController();
    const call = client.chat.completions.create({ model: 'gpt', messages }, { signal: abort.signal });
    while (provider.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await expect(call).rejects.toBeInstanceOf(openaiSdk.APIUserAbortError);
    while (provider.requests[0]?.outcome === 'open') await new Promise((resolve) => setImmediate(resolve));
    expect(provider.requests[0]?.cancelled).toBe(true);
  });
});

describe.each(['fetch', 'loopback'] as const)('connections that break, over %s', (mode) => {
  const setUp = async () => {
    const provider = standIn();
    const options = mode === 'fetch' ? { fetch: provider.fetch } : { baseURL: await serve(provider) };
    return {
      provider,
      openai: new OpenAI({ apiKey: 'test', maxRetries: 0, ...options }),
      anthropic: new Anthropic({ apiKey: 'test', maxRetries: 0, ...options }),
    };
  };

  test('before any answer', async () => {
    const { provider, openai: client } = await setUp();
    provider.next({ connectionError: true });
    await expect(client.chat.completions.create({ model: 'gpt', messages })).rejects.toBeInstanceOf(
      openaiSdk.APIConnectionError,
    );
  });

  test('after some events, and after some bytes', async () => {
    const { provider, openai: client } = await setUp();
    provider.next({ cutAfterEvents: 3 }, { cutAfterBytes: 100 }, { cutAfterBytes: 10 });
    const stream = await client.chat.completions.create({ ...streaming, stream: true });
    let seen = 0;
    await expect(
      (async () => {
        for await (const _chunk of stream) seen += 1;
      })(),
    ).rejects.toThrow('terminated');
    expect(seen).toBe(3);
    const short = await client.chat.completions.create({ ...streaming, stream: true });
    await expect(readAll(short)).rejects.toThrow('terminated');
    await expect(client.chat.completions.create({ model: 'gpt', messages })).rejects.toThrow();
    expect(provider.requests.map((request) => request.outcome)).toEqual(['cut', 'cut', 'cut']);
    expect(provider.requests[1]?.bytesWritten).toBe(100);
  });

  test('a stream that ends without its end mark', async () => {
    const { provider, openai: client, anthropic: other } = await setUp();
    provider.always({ endWithoutTerminal: true });
    const chunks: { choices: readonly { finish_reason: unknown }[] }[] = [];
    for await (const chunk of await client.chat.completions.create({ ...streaming, stream: true }))
      chunks.push(chunk);
    expect(chunks.every((chunk) => chunk.choices[0]?.finish_reason === null)).toBe(true);
    await expect(
      other.messages.stream({ model: 'claude', max_tokens: 9, messages }).finalMessage(),
    ).rejects.toThrow();
  });

  test('an error inside a stream, first or later', async () => {
    const { provider, openai: client, anthropic: other } = await setUp();
    provider.always({ inBandError: { afterEvents: 0, message: 'too busy', code: 'busy' } });
    const chat = readAll(await client.chat.completions.create({ ...streaming, stream: true }));
    await expect(chat).rejects.toMatchObject({ code: 'busy' });
    if (!isOldest) {
      const response = client.responses.create({ model: 'gpt', input: 'x', stream: true }).then(readAll);
      await expect(response).rejects.toThrow(/too busy/);
    }
    provider.always({ inBandError: { afterEvents: 4, message: 'too busy' } });
    const message = other.messages.stream({ model: 'claude', max_tokens: 9, messages }).finalMessage();
    await expect(message).rejects.toThrow(/overloaded_error.*too busy/);
  });
});

describe('the provider’s books', () => {
  const prices = { gpt: { inputUsdPerMTok: 2, outputUsdPerMTok: 10, cachedInputUsdPerMTok: 0.5 } };

  test('charge by the words', async () => {
    const provider = standIn({ prices });
    await openai(provider).chat.completions.create({ model: 'gpt', messages });
    await readAll(await openai(provider).chat.completions.create({ ...streaming, stream: true }));
    expect(provider.books).toEqual({
      gpt: { requests: 2, inputTokens: 4, outputTokens: 8, billedNanoUsd: 2 * (2 * 2_000 + 4 * 10_000) },
    });
    expect(provider.requests.map(({ billedNanoUsd }) => billedNanoUsd)).toEqual([44_000, 44_000]);
  });

  test('charge what a script reports, cached input at its own price', async () => {
    const provider = standIn({ prices }).next({
      usage: { inputTokens: 100, cachedInputTokens: 80, outputTokens: 10 },
    });
    await openai(provider).chat.completions.create({ model: 'gpt', messages });
    expect(provider.books['gpt']?.billedNanoUsd).toBe(20 * 2_000 + 80 * 500 + 10 * 10_000);
  });

  test('charge a broken-off stream for what was generated', async () => {
    const provider = standIn({ prices }).always({ text: 'one two three four five six seven eight' });
    const stream = await openai(provider).chat.completions.create({ ...streaming, stream: true });
    let seen = 0;
    for await (const _chunk of stream) {
      seen += 1;
      if (seen === 4) break;
    }
    expect(provider.requests[0]?.eventsProduced).toBe(4);
    expect(provider.books['gpt']?.outputTokens).toBe(3);
  });

  test('charge a cut stream, and an answer nobody waited for, in proportion', async () => {
    const clock = manualClock();
    const provider = standIn({ prices, clock }).next(
      { cutAfterEvents: 3, usage: { outputTokens: 1_000 } },
      { text: 'a b c d e f g h i j', latencyMs: 1_000 },
      { hang: true },
    );
    const stream = await openai(provider).chat.completions.create({ ...streaming, stream: true });
    await expect(readAll(stream)).rejects.toThrow();
    expect(provider.books['gpt']?.outputTokens).toBe(500);

    const abort = new AbortController();
    const call = provider.fetch(url, post({ model: 'gpt', messages }, abort.signal));
    await clock.advance(300);
    abort.abort();
    await expect(call).rejects.toThrow();
    expect(provider.books['gpt']?.outputTokens).toBe(503);

    const again = new AbortController();
    const hung = provider.fetch(url, post({ model: 'gpt', messages }, again.signal));
    await clock.advance(300);
    again.abort();
    await expect(hung).rejects.toThrow();
    expect(provider.books['gpt']).toMatchObject({ requests: 3, inputTokens: 6, outputTokens: 503 });
  });

  test('charge what is generated by the clock, read or not, until the provider has stopped', async () => {
    const clock = manualClock();
    const text = Array.from({ length: 10 }, (_, index) => `${index} `);
    const provider = standIn({ prices, clock }).always({
      text,
      usage: { outputTokens: 1_000 },
      latencyMs: 500,
      tokensPerSecond: 100,
      goesOnMs: 1_000,
    });
    const isBilled = () => provider.books['gpt']?.outputTokens;

    const abort = new AbortController();
    const plain = provider.fetch(url, post({ model: 'gpt', messages }, abort.signal));
    await clock.advance(2_500);
    abort.abort();
    await expect(plain).rejects.toThrow();
    expect(isBilled()).toBe(300);

    const unread = provider.fetch(url, post({ ...streaming }));
    await clock.advance(500);
    const response = await unread;
    await clock.advance(3_000);
    await response.body?.cancel();
    expect(isBilled()).toBe(300 + 400);

    const whole = openai(provider).chat.completions.create({ model: 'gpt', messages });
    await clock.advance(10_499);
    expect(isBilled()).toBe(700);
    await clock.advance(1);
    await whole;
    expect(isBilled()).toBe(1_700);
  });

  test('a stream’s events come as they are generated', async () => {
    const clock = manualClock();
    const provider = standIn({ prices, clock }).always({ text: ['a ', 'b '], tokensPerSecond: 2 });
    const stream = await openai(provider).chat.completions.create({ ...streaming, stream: true });
    const read: string[] = [];
    const reading = (async () => {
      for await (const chunk of stream)
        read.push(`${clock.now()} ${chunk.choices[0]?.delta.content ?? ''}`.trim());
    })();
    await clock.advance(1_000);
    await reading;
    expect(read).toEqual(['0', '500 a', '1000 b', '1000']);
  });

  test('a reply can leave its usage out and is charged all the same', async () => {
    const provider = standIn({ prices }).always({ usage: 'none' });
    expect(
      (await openai(provider).chat.completions.create({ model: 'gpt', messages })).usage,
    ).toBeUndefined();
    expect(provider.books['gpt']?.outputTokens).toBe(4);
  });
});

describe('the provider’s rate limits', () => {
  test('requests: refused in the right shape, with the time to wait, and let in after it', async () => {
    const clock = manualClock();
    const provider = standIn({ clock, rateLimit: { requestsPerMinute: 60, burstRequests: 2 } });
    const ask = () => openai(provider).chat.completions.create({ model: 'gpt', messages }).withResponse();
    expect((await ask()).response.headers.get('x-ratelimit-remaining-requests')).toBe('1');
    await ask();
    const error: unknown = await ask().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(openaiSdk.RateLimitError);
    const { headers } = error as InstanceType<typeof openaiSdk.RateLimitError>;
    expect(headers.get('retry-after-ms')).toBe('1000');
    expect(headers.get('x-ratelimit-reset-requests')).toBe('2s');
    await clock.advance(999);
    await expect(ask()).rejects.toThrow();
    await clock.advance(1);
    await ask();
  });

  test('tokens: the output limit counts until the answer is known', async () => {
    const clock = manualClock(Date.UTC(2026, 0, 1));
    const provider = standIn({ clock, rateLimit: { tokensPerMinute: 100 } });
    const ask = (max_tokens: number) =>
      anthropic(provider).messages.create({ model: 'claude', max_tokens, messages }).withResponse();
    const first = await ask(90);
    expect(first.response.headers.get('anthropic-ratelimit-tokens-limit')).toBe('100');
    expect(first.response.headers.get('anthropic-ratelimit-tokens-remaining')).toBe('8');
    const second = await ask(90);
    expect(second.response.headers.get('anthropic-ratelimit-tokens-remaining')).toBe('2');
    const error: unknown = await ask(95).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(anthropicSdk.RateLimitError);
    expect((error as InstanceType<typeof anthropicSdk.RateLimitError>).headers?.get('retry-after')).toBe('6');
  });
});
