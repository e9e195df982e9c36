import { Anthropic } from '@anthropic-ai/sdk';
import { fallback, ManagedLLM, ManagedLLMError, provider, type Receipt } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { AzureOpenAI, OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

const messages = [{ role: 'user' as const, content: 'Hi' }];
const asked = { max_tokens: 50, messages };

function world() {
  const side = standIn();
  const { fetch } = side;
  const local = (quirks: Parameters<typeof provider>[1]) =>
    provider(new OpenAI({ apiKey: 'local', fetch, baseURL: 'http://local.test/v1' }), quirks);
  const receipts: Receipt[] = [];
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({
        apiKey: 'openai-key',
        organization: 'org-1',
        project: 'proj-1',
        defaultHeaders: { 'x-of-openai-client': '1' },
        fetch,
      }),
      azure: new AzureOpenAI({
        apiKey: 'azure-key',
        fetch,
        endpoint: 'https://acme.openai.azure.com',
        apiVersion: '2026-01-01',
      }),
      anthropic: new Anthropic({
        apiKey: 'claude-key',
        fetch,
        defaultHeaders: { 'x-of-anthropic-client': '1' },
      }),
      ollama: local({ quirks: 'ollama' }),
      plainChat: local({ quirks: { responsesApi: false, includeUsage: false } }),
      loose: local({ quirks: { mayEndWithoutTerminal: true } }),
      byo: ({ tenant }: { tenant?: string }) =>
        provider(new OpenAI({ apiKey: `key-of-${tenant}`, fetch, baseURL: `http://${tenant}.test/v1` }), {
          quirks: tenant === 'old' ? { maxTokensField: 'max_tokens', includeUsage: false } : {},
        }),
    },
    routes: { mixed: fallback('anthropic/claude', 'ollama/llama3.2') },
    onError: () => {},
  });
  llm.on('call:end', (receipt) => receipts.push(receipt));
  const { openai, anthropic, plainChat } = llm.clients;
  return { side, llm, receipts, openai, anthropic, plainChat };
}

async function texts(stream: AsyncIterable<unknown>): Promise<string> {
  const events: unknown[] = [];
  for await (const event of stream) events.push(event);
  return JSON.stringify(events);
}

describe('a call to a target of another dialect is sent by that target’s own client', () => {
  test('with its key, its base URL and its headers, and with none of the caller’s client', async () => {
    const { side, openai, anthropic } = world();
    await anthropic.messages.create({ ...asked, model: 'openai/gpt-5-mini' });
    await openai.chat.completions.create({ model: 'anthropic/claude', messages });
    const [toOpenAI, toAnthropic] = side.requests;
    expect(toOpenAI?.url).toBe('https://api.openai.com/v1/chat/completions');
    expect(toOpenAI?.headers).toMatchObject({
      authorization: 'Bearer openai-key',
      'openai-organization': 'org-1',
      'openai-project': 'proj-1',
      'x-of-openai-client': '1',
    });
    expect(JSON.stringify(toOpenAI?.headers)).not.toMatch(/claude-key|anthropic/);
    expect(toAnthropic?.url).toBe('https://api.anthropic.com/v1/messages');
    expect(toAnthropic?.headers).toMatchObject({ 'x-of-anthropic-client': '1' });
    expect(toAnthropic?.headers['anthropic-version']).toBeDefined();
    expect(JSON.stringify(toAnthropic?.headers)).toContain('claude-key');
    expect(JSON.stringify(toAnthropic?.headers)).not.toMatch(/openai-key|org-1|proj-1|x-of-openai-client/);
  });

  test('with the caller’s own headers, but for those that mean something to one provider alone', async () => {
    const { side, openai, anthropic } = world();
    await anthropic.beta.messages.create(
      { ...asked, model: 'openai/gpt-5-mini', betas: ['context-1m-2026-01-01'] },
      { headers: { 'x-trace': 'abc', 'anthropic-beta': 'own-beta', 'x-managed-llm-user': 'mallory' } },
    );
    await openai.chat.completions.create(
      { model: 'anthropic/claude', messages },
      { headers: { 'x-trace': 'abc', 'OpenAI-Beta': 'assistants=v2', 'openai-organization': 'org-2' } },
    );
    for (const { headers } of side.requests) {
      expect(headers['x-trace']).toBe('abc');
      expect(headers['x-managed-llm-user']).toBeUndefined();
      expect(headers['content-type']).toMatch(/^application\/json/);
    }
    expect(side.requests[0]?.headers['anthropic-beta']).toBeUndefined();
    expect(side.requests[0]?.bodyText).not.toContain('betas');
    expect(side.requests[1]?.headers['openai-beta']).toBeUndefined();
    expect(side.requests[1]?.headers['openai-organization']).toBeUndefined();
  });

  test('also where its requests are addressed in another way: a deployment of Azure', async () => {
    const { side, anthropic } = world();
    await anthropic.messages.create({ ...asked, model: 'azure/chat-prod' });
    expect(side.requests[0]?.path).toBe('/openai/deployments/chat-prod/chat/completions');
    expect(side.requests[0]?.headers['api-key']).toBe('azure-key');
  });

  test('once for each attempt, however many the client itself would make', async () => {
    const { side, anthropic } = world();
    side.always({ status: 500 });
    await anthropic.messages.create({ ...asked, model: 'openai/gpt' }, { maxRetries: 0 }).catch(() => {});
    expect(side.requests).toHaveLength(1);
  });
});

describe('quirks of the target hold for translated requests', () => {
  test('the name of the output limit', async () => {
    const { side, anthropic } = world();
    await anthropic.messages.create({ ...asked, model: 'ollama/llama3.2' });
    await anthropic.messages.create({ ...asked, model: 'openai/gpt-5-mini' });
    const [local, original] = side.requests;
    expect(local?.body).toMatchObject({ max_tokens: 50 });
    expect(local?.body).not.toHaveProperty('max_completion_tokens');
    expect(original?.body).toMatchObject({ max_completion_tokens: 50 });
  });

  test('whether streams may be asked for usage', async () => {
    const { side, anthropic, llm, receipts } = world();
    for (const model of ['plainChat/llama', 'ollama/llama'])
      await texts(await anthropic.messages.create({ ...asked, model, stream: true }));
    expect(side.requests[0]?.body).not.toHaveProperty('stream_options');
    expect(side.requests[1]?.body).toMatchObject({ stream_options: { include_usage: true } });
    await llm.idle();
    expect(receipts.map(({ usage }) => usage?.provenance)).toEqual(['estimated', 'reported']);
    expect(receipts[1]?.usage?.outputTokens).toBe(3);
  });

  test('whether it has Responses: else they become chat completions, on its own client too', async () => {
    const { side, openai, plainChat } = world();
    const through = await openai.responses.create({ model: 'plainChat/llama', input: 'Hi' });
    const own = await plainChat.responses.create({ model: 'llama', input: 'Hi' });
    expect([through.output_text, own.output_text]).toEqual(['You said: Hi', 'You said: Hi']);
    expect(own.id).toMatch(/^resp_/);
    const streamed = await texts(
      await plainChat.responses.create({ model: 'llama', input: 'Hi', stream: true }),
    );
    expect(streamed).toContain('response.completed');
    expect(new Set(side.requests.map(({ url }) => url))).toEqual(
      new Set(['http://local.test/v1/chat/completions']),
    );
  });

  test('whether its streams may stop without their end', async () => {
    const { side, anthropic } = world();
    side.always({ text: ['a ', 'b '], endWithoutTerminal: true });
    expect(
      await texts(await anthropic.messages.create({ ...asked, model: 'loose/x', stream: true })),
    ).toContain('b ');
    const failed: unknown = await anthropic.messages
      .create({ ...asked, model: 'ollama/x', stream: true })
      .then(texts)
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(Anthropic.APIError);
  });

  test('on a route, for the target that has them and no other', async () => {
    const { side, openai } = world();
    side.when({ model: 'claude' }, { status: 529 });
    await openai.responses.create({ model: 'mixed', input: 'Hi', max_output_tokens: 50 });
    const [first, second] = side.requests;
    expect(first?.body).toMatchObject({ model: 'claude', max_tokens: 50 });
    expect(second).toMatchObject({ path: '/v1/responses', model: 'llama3.2' });
  });

  test('a name that is not known is refused at construction, with the nearest that is', () => {
    const client = new OpenAI({ apiKey: 'none' });
    const wrong = (quirks: string) => () => provider(client, { quirks: quirks as 'ollama' });
    expect(wrong('olama')).toThrow(/`provider\.quirks` must be .*"lm-studio".*Did you mean "ollama"\?/);
    expect(wrong('LMStudio')).toThrow(/Did you mean "lm-studio"\?/);
    expect(wrong('groq')).toThrow(/`provider\.quirks` must be /);
    for (const name of ['ollama', 'vllm', 'llama.cpp', 'lm-studio'] as const)
      expect(provider(client, { quirks: name }).options.quirks).toBe(name);
  });
});

describe('a provider that is one client a caller, as target of another dialect', () => {
  test('is asked with the key of who calls, and by that client’s quirks', async () => {
    const { side, llm } = world();
    for (const tenant of ['new', 'old'])
      await texts(
        await llm
          .with({ tenant })
          .clients.anthropic.messages.create({ ...asked, model: 'byo/llama', stream: true }),
      );
    expect(side.requests.map(({ url, headers }) => [new URL(url).host, headers['authorization']])).toEqual([
      ['new.test', 'Bearer key-of-new'],
      ['old.test', 'Bearer key-of-old'],
    ]);
    expect(side.requests[0]?.body).toMatchObject({ max_completion_tokens: 50, stream_options: {} });
    expect(side.requests[1]?.body).toMatchObject({ max_tokens: 50 });
    expect(side.requests[1]?.body).not.toHaveProperty('stream_options');
  });

  test('is refused where nobody is in scope, in the caller’s own class', async () => {
    const { side, anthropic } = world();
    const error: unknown = await anthropic.messages
      .create({ ...asked, model: 'byo/llama' })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(ManagedLLMError.from(error)?.code).toBe('caller-required');
    expect(side.requests).toEqual([]);
  });
});

describe('what an SDK does with a translated reply', () => {
  test('that never came: it is the SDK’s own connection error, also behind middleware of the application', async () => {
    const { side, llm } = world();
    side.always({ connectionError: true });
    for (const governed of [
      llm.clients.anthropic,
      llm.clients.anthropic.withOptions({ middleware: [(request, next) => next(request)] }),
    ]) {
      const asking = governed.messages.create({ ...asked, model: 'openai/gpt-5-mini' }, { maxRetries: 0 });
      const thrown: unknown = await asking.catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(Anthropic.APIConnectionError);
      expect((thrown as Error).cause).toBeInstanceOf(TypeError);
    }
  });

  test('`withResponse` and `llm.receipt` work, plain and streamed', async () => {
    const { llm, anthropic, openai } = world();
    const plain = await anthropic.messages.create({ ...asked, model: 'openai/gpt' }).withResponse();
    expect(plain.response.status).toBe(200);
    expect(plain.data.content).toMatchObject([{ type: 'text', text: 'You said: Hi' }]);
    expect((await llm.receipt(plain.response)).target).toEqual({ provider: 'openai', model: 'gpt' });
    const streamed = await openai.chat.completions
      .create({ model: 'anthropic/claude', messages, stream: true })
      .withResponse();
    await texts(streamed.data);
    expect((await llm.receipt(streamed.response)).target?.provider).toBe('anthropic');
  });

  test('the stream helpers of both', async () => {
    const { anthropic, openai } = world();
    const message = await anthropic.messages.stream({ ...asked, model: 'openai/gpt' }).finalMessage();
    expect(message).toMatchObject({ role: 'assistant', stop_reason: 'end_turn' });
    const completion = await openai.chat.completions
      .stream({ model: 'anthropic/claude', messages })
      .finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop' });
    const response = await openai.responses
      .stream({ model: 'anthropic/claude', input: 'Hi' })
      .finalResponse();
    expect(response).toMatchObject({ status: 'completed' });
  });

  test('OpenAI’s own tool runner', async () => {
    const { side, openai } = world();
    side.next(
      {
        toolCalls: [
          { name: 'look', arguments: { at: 'a' } },
          { name: 'look', arguments: { at: 'b' } },
        ],
      },
      { text: 'Both seen.' },
    );
    const looked: unknown[] = [];
    const runner = openai.chat.completions.runTools({
      model: 'anthropic/claude',
      messages,
      tools: [
        {
          type: 'function',
          function: {
            name: 'look',
            description: 'Looks',
            parameters: { type: 'object', properties: { at: { type: 'string' } } },
            parse: JSON.parse,
            function: (at: unknown) => {
              looked.push(at);
              return 'seen';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('Both seen.');
    expect(looked).toEqual([{ at: 'a' }, { at: 'b' }]);
    expect(side.requests.map(({ path }) => path)).toEqual(['/v1/messages', '/v1/messages']);
  });

  test('`llm.fetch`: a foreign target answers in the dialect of the path', async () => {
    const { side, llm } = world();
    const response = await llm.fetch('anthropic')('https://api.anthropic.com/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'of the caller', 'anthropic-version': '1' },
      body: JSON.stringify({ ...asked, model: 'openai/gpt' }),
    });
    expect(await response.json()).toMatchObject({ type: 'message', content: [{ text: 'You said: Hi' }] });
    expect(side.requests[0]?.headers['authorization']).toBe('Bearer openai-key');
    expect(JSON.stringify(side.requests[0]?.headers)).not.toMatch(/of the caller|anthropic-version/);
  });
});
