import { describe, expect, test } from 'vitest';
import {
  fallback,
  foreign,
  ManagedLLM,
  ManagedLLMError,
  timeLimits,
  type Interceptor,
  type Receipt,
} from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import OpenAI from 'openai';

const messages = [{ role: 'user' as const, content: 'Hello' }];

describe('`llm.fetch`', () => {
  const governed = () => {
    const provider = standIn();
    const sent: { url: string; body: unknown }[] = [];
    const client = new OpenAI({
      apiKey: 'test',
      fetch: (url, init) => {
        sent.push({ url: String(url), body: init?.body });
        return provider.fetch(url, init);
      },
    });
    const llm = new ManagedLLM({ providers: { openai: client } });
    const receipts: Receipt[] = [];
    llm.on('call:end', (receipt) => receipts.push(receipt));
    return { llm, sent, receipts };
  };

  test('sends the bytes of a Request as they are', async () => {
    const { llm, sent } = governed();
    const bytes = Uint8Array.of(0xff, 0xfe, 0x80, 0x01);
    const request = new Request('https://api.openai.com/v1/files', { method: 'POST', body: bytes });
    await llm.fetch('openai')(request);
    expect(sent[0]?.body).toEqual(bytes);
  });

  test('governs a URL however its scheme is written, and one without `init`', async () => {
    const { llm, receipts } = governed();
    await llm.fetch('openai')('HTTPS://api.openai.com/v1/models', { method: 'GET' });
    await llm.fetch('openai')('https://api.openai.com/v1/models');
    await llm.idle();
    expect(receipts).toHaveLength(2);
  });

  test('reads a JSON body that is given as bytes', async () => {
    const { llm, receipts } = governed();
    const body = new TextEncoder().encode(JSON.stringify({ model: 'gpt', messages }));
    const headers = { 'content-type': 'application/json', authorization: 'Bearer test' };
    await llm.fetch('openai')('https://api.openai.com/v1/chat/completions', {
      method: 'POST',
      headers,
      body,
    });
    await llm.idle();
    expect(receipts).toMatchObject([{ operation: 'chat', model: 'gpt' }]);
  });
});

test('a query in the path changes no dialect', async () => {
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'test', fetch: standIn().fetch }) },
  });
  const operations: string[] = [];
  llm.on('call:start', ({ operation }) => operations.push(operation));
  await llm.clients.openai.post('/chat/completions?a=1', { body: { model: 'gpt', messages } });
  expect(operations).toEqual(['chat']);
});

test('a label has no client to send with: refused once, as `unsupported`, without retries', async () => {
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'test', fetch: standIn().fetch }), x: foreign() },
  });
  const error: unknown = await llm.clients.openai.chat.completions
    .create({ model: 'x/gpt', messages })
    .then(undefined, (thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 400 });
  expect(ManagedLLMError.from(error)?.code).toBe('unsupported');
});

test('a header set for one target does not reach the next', async () => {
  const provider = standIn().when({ model: 'a' }, { status: 500 });
  const marks: Interceptor = {
    name: 'marks',
    stage: 'send',
    intercept: (call, next) =>
      call.target?.model === 'a'
        ? next(call.with({ headers: new Map([...call.headers, ['x-mark', 'a']]) }))
        : next(call),
  };
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }) },
    routes: { both: fallback('openai/a', 'openai/b') },
    interceptors: [marks],
  });
  await llm.clients.openai.chat.completions.create({ model: 'both', messages });
  expect(provider.requests.map(({ headers }) => headers['x-mark'])).toEqual(['a', undefined]);
});

test('a client made for a caller depends on the caller alone', () => {
  const seen: unknown[] = [];
  const llm = new ManagedLLM({
    providers: {
      byo: (caller) => {
        seen.push(caller);
        return new OpenAI({ apiKey: 'test', fetch: standIn().fetch });
      },
    },
  });
  llm.run({ tenant: 'acme', tags: { region: 'eu' }, deadlineMs: 5 }, () => llm.clients.byo);
  expect(seen).toEqual([{ tenant: 'acme' }]);
});

test('a stream that sends headers and then nothing is given up at `firstEventMs`, and another target asked', async () => {
  const clock = manualClock();
  const provider = standIn({ clock }).when({ model: 'a' }, { firstEventDelayMs: 1e9 });
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }) },
    routes: { both: fallback('openai/a', 'openai/b') },
    interceptors: [timeLimits({ firstEventMs: 50 })],
    clock,
  });
  const made = llm.clients.openai.chat.completions.create({ model: 'both', messages, stream: true });
  await clock.advance(60);
  const models: string[] = [];
  for await (const chunk of await made) models.push(chunk.model);
  expect(new Set(models)).toEqual(new Set(['b']));
});
