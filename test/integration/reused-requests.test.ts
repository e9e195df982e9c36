import { Anthropic } from '@anthropic-ai/sdk';
import { ManagedLLM, fallback, pick, type Interceptor } from 'managed-llm';
import { standIn, type StandIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

const long = 'word '.repeat(50_000);
const model = 'cheap';

/** A request that goes on growing, as agents have it, and ways to send it. */
interface Face {
  readonly request: () => object;
  readonly send: (llm: ReturnType<typeof make>, request: object) => Promise<unknown>;
  readonly grow: (request: object, text: string) => void;
}

function make(provider: StandIn, interceptors: readonly Interceptor[] = []) {
  return new ManagedLLM({
    interceptors,
    providers: {
      openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }),
      anthropic: new Anthropic({ apiKey: 'test', fetch: provider.fetch }),
    },
    routes: { cheap: fallback('openai/small') },
    models: {
      'openai/*': { price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1 } },
      'anthropic/*': { price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1 } },
    },
  });
}

function growing(name: 'messages' | 'input') {
  return (request: object, text: string): void => {
    (request as Record<string, unknown[]>)[name]?.push({ role: 'user', content: text });
  };
}

const turns = () => [{ role: 'user', content: 'Hi' }];

const faces: Readonly<Record<string, Face>> = {
  'chat completions': {
    request: () => ({ model, max_completion_tokens: 10, messages: turns() }),
    send: (llm, request) => llm.clients.openai.chat.completions.create(request as never),
    grow: growing('messages'),
  },
  'chat completions, streamed': {
    request: () => ({ model, max_completion_tokens: 10, messages: turns(), stream: true }),
    async send(llm, request) {
      const stream = await llm.clients.openai.chat.completions.create(
        request as OpenAI.ChatCompletionCreateParamsStreaming,
      );
      for await (const chunk of stream) void chunk;
    },
    grow: growing('messages'),
  },
  responses: {
    request: () => ({ model, max_output_tokens: 10, input: turns() }),
    send: (llm, request) => llm.clients.openai.responses.create(request as never),
    grow: growing('input'),
  },
  embeddings: {
    request: () => ({ model: 'openai/small', input: ['Hi'], encoding_format: 'float' }),
    send: (llm, request) => llm.clients.openai.embeddings.create(request as never),
    grow: (request, text) => void (request as { readonly input: string[] }).input.push(text),
  },
  'Anthropic messages': {
    request: () => ({ model: 'anthropic/small', max_tokens: 10, messages: turns() }),
    send: (llm, request) => llm.clients.anthropic.messages.create(request as never),
    grow: growing('messages'),
  },
  'llm.chat': {
    request: () => ({ model, maxOutputTokens: 10, messages: turns() }),
    send: (llm, request) => llm.chat(request as never),
    grow: growing('messages'),
  },
  'llm.embed': {
    request: () => ({ model: 'openai/small', input: ['Hi'] }),
    send: (llm, request) => llm.embed(request as never),
    grow: (request, text) => void (request as { readonly input: string[] }).input.push(text),
  },
};

describe.each(Object.entries(faces))('one object sent again and again: %s', (_, { request, send, grow }) => {
  test('is measured as it is each time: what it has grown by counts against a ceiling', async () => {
    const provider = standIn();
    const llm = make(provider);
    const asked = request();
    await llm.run({ maxCostUsd: 0.01 }, async () => {
      await send(llm, asked);
      grow(asked, long);
      await expect(send(llm, asked)).rejects.toThrow(/maxCostUsd|ceiling/i);
    });
    expect(provider.requests).toHaveLength(1);
  });

  test('is sent as it was, whatever is added while it is under way', async () => {
    const provider = standIn();
    const asked = request();
    const meanwhile: Interceptor = {
      name: 'meanwhile',
      stage: 'admit',
      intercept(call, next) {
        grow(asked, long);
        return next(call);
      },
    };
    const llm = make(provider, [meanwhile]);
    await llm.run({ maxCostUsd: 0.01 }, () => send(llm, asked));
    expect(provider.requests).toHaveLength(1);
    expect(JSON.stringify(provider.requests[0]?.body)).not.toContain('word word');
  });
});

test('a request that has got a picture since goes where pictures can be seen', async () => {
  const provider = standIn();
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }) },
    models: {
      'openai/blind': { price: 0, capabilities: { vision: false } },
      'openai/seeing': { price: 0, capabilities: { vision: true } },
    },
    routes: { any: pick({ from: ['openai/blind', 'openai/seeing'] }) },
  });
  const asked: OpenAI.ChatCompletionCreateParamsNonStreaming = {
    model: 'any',
    messages: [{ role: 'user', content: 'Hi' }],
  };
  await llm.clients.openai.chat.completions.create(asked);
  asked.messages.push({
    role: 'user',
    content: [{ type: 'image_url', image_url: { url: 'https://example.com/cat.png' } }],
  });
  await llm.clients.openai.chat.completions.create(asked);
  expect(provider.requests.map(({ body }) => (body as { model: string }).model)).toEqual(['blind', 'seeing']);
});
