import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { Anthropic } from '@anthropic-ai/sdk';
import { ChatAnthropic } from '@langchain/anthropic';
import { ChatOpenAI } from '@langchain/openai';
import { HTTPClient, Mistral } from '@mistralai/mistralai';
import { generateText, streamText } from 'ai';
import { ManagedLLM, type Interceptor, type Receipt } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

function world() {
  const provider = standIn();
  const receipts: Receipt[] = [];
  const instruct: Interceptor = {
    name: 'instruct',
    stage: 'shape',
    on: ['chat'],
    async intercept(call, next) {
      const reply = await next(
        call.with({ body: call.dialect.request.withInstruction(call.body, 'Be brief.') }),
      );
      reply.events?.mapText(() => ({ push: (text) => text.replaceAll('You', 'I hear you'), end: () => '' }));
      if (reply.events !== undefined || reply.error !== undefined) return reply;
      const map = (text: string): string => text.replaceAll('You', 'I hear you');
      return reply.with({ json: call.dialect.reply.mapTexts(await reply.json(), map) });
    },
  };
  const { fetch } = provider;
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({ apiKey: 'unused', fetch }),
      anthropic: new Anthropic({ apiKey: 'unused', fetch }),
    },
    interceptors: [instruct],
  });
  llm.on('call:end', (receipt) => receipts.push(receipt));
  return { provider, llm, receipts, fetch: llm.fetch('openai'), anthropicFetch: llm.fetch('anthropic') };
}

type World = ReturnType<typeof world>;

/** What every one of them must come to: the text as the chain changed it, and one settled call. */
async function check({ provider, llm, receipts }: World, text: string, dialect: string): Promise<void> {
  expect(text).toBe('I hear you said: Hi');
  expect(provider.requests).toHaveLength(1);
  expect(provider.requests[0]?.bodyText).toContain('Be brief.');
  await llm.idle();
  expect(receipts.map((receipt) => [receipt.dialect, receipt.outcome, receipt.attempts.length])).toEqual([
    [dialect, 'finished', 1],
  ]);
  expect(receipts[0]?.usage?.outputTokens).toBeGreaterThan(0);
}

describe('`llm.fetch` governs', () => {
  const ai: [string, string, (here: World) => Parameters<typeof generateText>[0]['model']][] = [
    ['Responses', 'openai-responses', ({ fetch }) => createOpenAI({ apiKey: 'k', fetch })('gpt-5-mini')],
    ['chat', 'openai-chat', ({ fetch }) => createOpenAI({ apiKey: 'k', fetch }).chat('gpt-5-mini')],
    [
      'Anthropic',
      'anthropic-messages',
      ({ anthropicFetch: fetch }) => createAnthropic({ apiKey: 'k', fetch })('claude-sonnet-5-5'),
    ],
  ];

  test.each(ai)('the Vercel AI SDK, %s, plain', async (_name, dialect, model) => {
    const here = world();
    const { text } = await generateText({ model: model(here), prompt: 'Hi' });
    await check(here, text, dialect);
  });

  test.each(ai)('the Vercel AI SDK, %s, streamed', async (_name, dialect, model) => {
    const here = world();
    let text = '';
    for await (const piece of streamText({ model: model(here), prompt: 'Hi' }).textStream) text += piece;
    await check(here, text, dialect);
  });

  const langchain: [string, string, (here: World) => ChatOpenAI | ChatAnthropic][] = [
    [
      'OpenAI',
      'openai-chat',
      ({ fetch }) => new ChatOpenAI({ apiKey: 'k', model: 'gpt-4o-mini', configuration: { fetch } }),
    ],
    [
      'Anthropic',
      'anthropic-messages',
      ({ anthropicFetch: fetch }) =>
        new ChatAnthropic({ apiKey: 'k', model: 'claude-sonnet-5-5', clientOptions: { fetch } }),
    ],
  ];

  test.each(langchain)('LangChain, %s, plain', async (_name, dialect, model) => {
    const here = world();
    await check(here, (await model(here).invoke('Hi')).text, dialect);
  });

  test.each(langchain)('LangChain, %s, streamed', async (_name, dialect, model) => {
    const here = world();
    let text = '';
    for await (const chunk of await model(here).stream('Hi')) text += chunk.text;
    await check(here, text, dialect);
  });

  test('Mistral’s client, which passes a Request', async () => {
    const here = world();
    const passed: unknown[] = [];
    const httpClient = new HTTPClient({
      fetcher: (input, init) => {
        passed.push(input);
        return here.fetch(input, init);
      },
    });
    const mistral = new Mistral({ apiKey: 'secret', httpClient });
    const reply = await mistral.chat.complete({
      model: 'mistral-small',
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(passed[0]).toBeInstanceOf(Request);
    expect(here.provider.requests[0]?.headers['authorization']).toBe('Bearer secret');
    await check(here, String(reply.choices?.[0]?.message?.content), 'openai-chat');
  });

  test('a fetch called with a URL, a Request or plain headers alike', async () => {
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
    const url = 'https://api.openai.com/v1/chat/completions';
    const headers = { authorization: 'Bearer k', 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body };
    const ways: ((fetch: World['fetch']) => Promise<Response>)[] = [
      (fetch) => fetch(url, init),
      (fetch) => fetch(new URL(url), init),
      (fetch) => fetch(new Request(url, init)),
      (fetch) => fetch(url, { ...init, headers: new Headers(headers) }),
    ];
    for (const way of ways) {
      const here = world();
      const response = await way(here.fetch);
      const reply = (await response.json()) as { choices: { message: { content: string } }[] };
      await check(here, reply.choices[0]?.message.content ?? '', 'openai-chat');
    }
  });
});

describe('a fetch', () => {
  test('takes a request where it was addressed to, also in a dialect that the client of that name does not speak', async () => {
    const { provider, llm, receipts } = world();
    const response = await llm.fetch('anthropic')('https://compatible.test/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: 'Bearer mine' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }),
    });
    expect(await response.json()).toMatchObject({ object: 'chat.completion' });
    expect(provider.requests[0]?.url).toBe('https://compatible.test/v1/chat/completions');
    expect(receipts[0]).toMatchObject({ dialect: 'openai-chat', losses: [] });
  });
});
