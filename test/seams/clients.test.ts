import { Anthropic } from '@anthropic-ai/sdk';
import { ManagedLLM, ManagedLLMError, manage, type Interceptor, type Receipt } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { AzureOpenAI, OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

const messages = [{ role: 'user' as const, content: 'Hi' }];
const chat = { model: 'm', messages };
const ask = { model: 'm', max_tokens: 9, messages };

/** Counts attempts, as `seen.attempts`. */
function counter() {
  const seen = { attempts: 0 };
  const interceptor: Interceptor = {
    name: 'counter',
    stage: 'send',
    intercept: (call, next) => {
      seen.attempts++;
      return next(call);
    },
  };
  return { seen, interceptor };
}

describe('a governed client', () => {
  test('is of its own class and says of itself what the given one says', () => {
    const given = new OpenAI({ apiKey: 'test', maxRetries: 7, timeout: 9_000 });
    const governed = manage(given);
    expect(governed).toBeInstanceOf(OpenAI);
    expect(governed.constructor).toBe(given.constructor);
    expect([governed.maxRetries, governed.timeout, governed.baseURL]).toEqual([7, 9_000, given.baseURL]);
    expect(governed.withOptions({ maxRetries: 4 }).maxRetries).toBe(4);
    const claude = manage(new Anthropic({ apiKey: 'test', maxRetries: 7 }));
    expect(claude).toBeInstanceOf(Anthropic);
    expect(claude.withOptions({ maxRetries: 4 }).maxRetries).toBe(4);
  });

  test('leaves the given one as it was', async () => {
    const provider = standIn();
    const { seen, interceptor } = counter();
    const given = new OpenAI({ apiKey: 'test', fetch: provider.fetch });
    manage(given, { interceptors: [interceptor] });
    await given.chat.completions.create(chat);
    expect([provider.requests.length, seen.attempts]).toEqual([1, 0]);
  });

  test('keeps a key that is a function, and what Azure was given', async () => {
    const provider = standIn();
    const { fetch } = provider;
    const late = manage(new OpenAI({ apiKey: async () => 'late', fetch }));
    await late.chat.completions.create(chat);
    const entra = new AzureOpenAI({
      azureADTokenProvider: async () => 'entra',
      endpoint: 'https://acme.openai.azure.com',
      apiVersion: '2026-01-01',
      deployment: 'chat-prod',
      fetch,
    });
    await manage(entra).chat.completions.create(chat);
    expect(provider.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer late',
      'Bearer entra',
    ]);
    expect(provider.requests[1]?.url).toBe(
      'https://acme.openai.azure.com/openai/deployments/chat-prod/chat/completions?api-version=2026-01-01',
    );
  });

  test('that sends past every fetch, as X.509 workload identity does, is refused at construction', () => {
    class CertificateClient extends OpenAI {
      override withOptions(): this {
        throw new OpenAI.OpenAIError(
          'X.509 workload identity does not support a custom fetch implementation.',
        );
      }
    }
    const make = () => new ManagedLLM({ providers: { it: new CertificateClient({ apiKey: 'test' }) } });
    expect(make).toThrow(ManagedLLMError);
    expect(make).toThrow(/X\.509 workload identity.*cannot be governed/);
  });
});

describe('requests', () => {
  test('never carry headers of our namespace, and read nobody’s name from them', async () => {
    const provider = standIn();
    const { fetch } = provider;
    const receipts: Receipt[] = [];
    const llm = new ManagedLLM({
      providers: {
        openai: new OpenAI({ apiKey: 'test', fetch }),
        anthropic: new Anthropic({ apiKey: 'test', fetch }),
      },
    });
    llm.on('call:end', (receipt) => receipts.push(receipt));
    const options = { headers: { 'X-Managed-LLM-User': 'mallory', 'x-mine': '1' } };
    await llm.clients.openai.chat.completions.create(chat, options);
    await llm.clients.anthropic.messages.create(ask, options);
    await llm.fetch('openai')('https://api.openai.com/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify(chat),
      ...options,
    });
    await llm.idle();
    for (const { headers } of provider.requests) {
      expect(headers['x-mine']).toBe('1');
      expect(Object.keys(headers).filter((name) => name.startsWith('x-managed-llm'))).toEqual([]);
    }
    expect(provider.requests).toHaveLength(3);
    expect(JSON.stringify(receipts)).not.toContain('mallory');
  });

  test('for the next page of a list are as the caller asked for the first', async () => {
    const provider = standIn();
    const page = (id: string, more: boolean) => ({ json: { data: [{ id }], has_more: more, last_id: id } });
    const { seen, interceptor } = counter();
    const openai = manage(new OpenAI({ apiKey: 'test', fetch: provider.fetch }), {
      interceptors: [interceptor],
    });
    provider.next(page('1', true), page('2', true), page('3', false));
    const ids: string[] = [];
    for await (const { id } of openai.batches.list({ limit: 1 }, { timeout: 7_000 })) ids.push(id);
    expect(ids).toEqual(['1', '2', '3']);
    expect(provider.requests.map(({ headers }) => headers['x-stainless-timeout'])).toEqual(['7', '7', '7']);
    expect(seen.attempts).toBe(3);
  });

  test('that upload probe the client’s own fetch, which is no call', async () => {
    const provider = standIn();
    const probes: unknown[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      if (String(input).startsWith('data:')) probes.push(init);
      return provider.fetch(input, init);
    };
    const { seen, interceptor } = counter();
    const openai = manage(new OpenAI({ apiKey: 'test', fetch }), { interceptors: [interceptor] });
    const uploaded = await openai.files.create({ file: new File(['x'], 'a.txt'), purpose: 'batch' });
    expect(uploaded.filename).toBe('a.txt');
    expect(probes).toEqual([undefined]);
    expect([provider.requests.length, seen.attempts]).toEqual([1, 1]);
  });
});

describe('what a call or `withOptions` says', () => {
  const lasting = { status: 500, headers: { 'retry-after-ms': '1' } };

  test.each([
    ['nothing', 3, (client: OpenAI) => client.chat.completions.create(chat)],
    ['maxRetries: 4', 5, (client: OpenAI) => client.chat.completions.create(chat, { maxRetries: 4 })],
    [
      'withOptions({ maxRetries: 4 })',
      5,
      (client: OpenAI) => client.withOptions({ maxRetries: 4 }).chat.completions.create(chat),
    ],
  ] as const)('openai, %s: %i requests, each an attempt', async (_what, requests, run) => {
    const provider = standIn().always(lasting);
    const { seen, interceptor } = counter();
    const client = manage(new OpenAI({ apiKey: 'test', fetch: provider.fetch }), {
      interceptors: [interceptor],
    });
    await expect(run(client)).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    expect([provider.requests.length, seen.attempts]).toEqual([requests, requests]);
  });

  test.each([
    ['maxRetries: 4', 5, (client: Anthropic) => client.messages.create(ask, { maxRetries: 4 })],
    [
      'withOptions({ middleware: [] })',
      3,
      (client: Anthropic) => client.withOptions({ middleware: [] }).messages.create(ask),
    ],
    [
      'a middleware of its own',
      3,
      (client: Anthropic) => client.messages.create(ask, { middleware: [(request, next) => next(request)] }),
    ],
  ] as const)('anthropic, %s: %i requests, each an attempt', async (_what, requests, run) => {
    const provider = standIn().always(lasting);
    const { seen, interceptor } = counter();
    const client = manage(new Anthropic({ apiKey: 'test', fetch: provider.fetch }), {
      interceptors: [interceptor],
    });
    await expect(run(client)).rejects.toBeInstanceOf(Anthropic.InternalServerError);
    expect([provider.requests.length, seen.attempts]).toEqual([requests, requests]);
  });

  test('a fetch given to `withOptions` carries the requests, inside the chain', async () => {
    const provider = standIn();
    const { seen, interceptor } = counter();
    const elsewhere: typeof fetch = () => expect.unreachable('the old fetch is not used');
    const client = manage(new OpenAI({ apiKey: 'test', fetch: elsewhere }), { interceptors: [interceptor] });
    await client.withOptions({ fetch: provider.fetch }).withOptions({}).chat.completions.create(chat);
    expect([provider.requests.length, seen.attempts]).toEqual([1, 1]);
  });
});

describe('a stream', () => {
  test('looks as if nobody had asked for usage, unless the caller did', async () => {
    const provider = standIn();
    const client = manage(new OpenAI({ apiKey: 'test', fetch: provider.fetch }));
    const chunksOf = async (options: { stream_options?: { include_usage: boolean } }) => {
      const chunks: object[] = [];
      for await (const chunk of await client.chat.completions.create({ ...chat, ...options, stream: true }))
        chunks.push(chunk);
      return chunks;
    };
    const quiet = await chunksOf({});
    expect(provider.requests[0]?.body).toMatchObject({ stream_options: { include_usage: true } });
    expect(quiet.filter((chunk) => 'usage' in chunk)).toEqual([]);
    const asked = await chunksOf({ stream_options: { include_usage: true } });
    expect(asked).toHaveLength(quiet.length + 1);
    expect(asked.every((chunk) => 'usage' in chunk)).toBe(true);
  });

  test('hands out no memory but its own', async () => {
    const provider = standIn();
    const client = manage(new OpenAI({ apiKey: 'test', fetch: provider.fetch }));
    const response = await client.chat.completions.create({ ...chat, stream: true }).asResponse();
    const length = (await response.clone().bytes()).length;
    expect((await response.arrayBuffer()).byteLength).toBe(length);
    const other = await client.chat.completions.create({ ...chat, stream: true }).asResponse();
    const bytes = await other.bytes();
    expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
  });
});

describe('a provider given as a function', () => {
  const make = () => {
    const provider = standIn();
    const made: (string | undefined)[] = [];
    const llm = new ManagedLLM({
      providers: {
        byo: ({ tenant }) => {
          made.push(tenant);
          return new OpenAI({ apiKey: `key-of-${tenant ?? ''}`, fetch: provider.fetch });
        },
      },
    });
    return { provider, made, llm };
  };

  test('is asked once a caller, and each call goes out with that caller’s client', async () => {
    const { provider, made, llm } = make();
    for (const tenant of ['acme', 'bravo', 'acme'])
      await llm.run({ tenant }, () => llm.clients.byo.chat.completions.create(chat));
    await llm.with({ tenant: 'bravo' }).clients.byo.chat.completions.create(chat);
    expect(made).toEqual(['acme', 'bravo']);
    expect(provider.requests.map(({ headers }) => headers['authorization'])).toEqual(
      ['acme', 'bravo', 'acme', 'bravo'].map((tenant) => `Bearer key-of-${tenant}`),
    );
  });

  test('throws `caller-required` when nobody is in scope, and refuses another caller', async () => {
    const { provider, llm } = make();
    expect(() => llm.clients.byo).toThrow(expect.objectContaining({ code: 'caller-required' }));
    const ofAcme = llm.run({ tenant: 'acme' }, () => llm.clients.byo);
    await ofAcme.chat.completions.create(chat);
    const asBravo = llm.run({ tenant: 'bravo' }, async () => ofAcme.chat.completions.create(chat));
    await expect(asBravo).rejects.toMatchObject({ code: 'caller-required' });
    expect(provider.requests).toHaveLength(1);
  });
});
