import { Anthropic } from '@anthropic-ai/sdk';
import { ManagedLLM, ManagedLLMError, fallback, type Interceptor } from 'managed-llm';
import { standIn, type StandIn } from 'managed-llm/testing';
import { AzureOpenAI, OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

const messages = [{ role: 'user' as const, content: 'Hi' }];

function world(...interceptors: Interceptor[]) {
  const provider = standIn();
  const { fetch } = provider;
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({ apiKey: 'main', fetch }),
      local: new OpenAI({ apiKey: 'local', fetch, baseURL: 'http://local.test/v1', maxRetries: 0 }),
      azure: new AzureOpenAI({
        apiKey: 'azure',
        fetch,
        endpoint: 'https://acme.openai.azure.com',
        apiVersion: '2026-01-01',
      }),
      anthropic: new Anthropic({ apiKey: 'claude', fetch }),
      claude2: new Anthropic({ apiKey: 'claude-2', fetch, baseURL: 'https://second.test' }),
    },
    routes: {
      smart: 'azure/chat-prod',
      spare: fallback('openai/gpt-5-mini', 'local/llama3.2'),
      elsewhere: 'anthropic/claude-sonnet-5-5',
    },
    interceptors,
    onError: () => {},
  });
  return { provider, llm, ...llm.clients };
}

const sent = (provider: StandIn) =>
  provider.requests.map(({ url, headers, body }) => ({
    url,
    authorization: headers['authorization'] ?? headers['api-key'] ?? headers['x-api-key'],
    model: (body as { model: string }).model,
  }));

describe('a route', () => {
  test('to another model of an Azure client names its deployment in the path, with what the caller said of the request', async () => {
    const { provider, azure } = world();
    await azure.chat.completions.create(
      { model: 'smart', messages },
      { headers: { 'x-mine': '1' }, query: { trace: 'on' }, timeout: 9_000 },
    );
    const [request] = provider.requests;
    expect(request?.path).toBe('/openai/deployments/chat-prod/chat/completions');
    expect(request?.query.get('trace')).toBe('on');
    expect(request?.query.get('api-version')).toBe('2026-01-01');
    expect(request?.headers).toMatchObject({ 'x-mine': '1', 'x-stainless-timeout': '9', 'api-key': 'azure' });
    expect(provider.requests).toHaveLength(1);
  });

  test('that changes the model of an Azure client keeps the fetch and headers that `withOptions` gave', async () => {
    const { provider, azure } = world();
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push(String(input));
      return provider.fetch(input, init);
    };
    // The oldest SDK's Azure client has to be told its version again.
    const more = { apiVersion: '2026-01-01', fetch, defaultHeaders: { 'x-extra': '1' } };
    await azure.withOptions(more).chat.completions.create({ model: 'smart', messages });
    expect(asked).toHaveLength(1);
    expect(provider.requests[0]?.path).toContain('/deployments/chat-prod/');
    expect(provider.requests[0]?.headers['x-extra']).toBe('1');
  });

  test('to another client of the same dialect goes there with that client’s own key and URL', async () => {
    const { provider, openai, anthropic } = world();
    await openai.chat.completions.create({ model: 'local/llama3.2', messages });
    await anthropic.messages.create({ model: 'claude2/claude-haiku-5-5', max_tokens: 9, messages });
    expect(sent(provider)).toEqual([
      { url: 'http://local.test/v1/chat/completions', authorization: 'Bearer local', model: 'llama3.2' },
      {
        url: 'https://second.test/v1/messages',
        authorization: expect.stringContaining('claude-2') as string,
        model: 'claude-haiku-5-5',
      },
    ]);
  });

  test('moves on to the next target when one fails, plain and streamed', async () => {
    const { provider, openai } = world();
    provider.when({ model: 'gpt-5-mini' }, { status: 503 });
    const plain = await openai.chat.completions.create({ model: 'spare', messages });
    expect(plain.choices[0]?.message.content).toBe('You said: Hi');
    const stream = await openai.chat.completions.create({ model: 'spare', messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('You said: Hi');
    expect(sent(provider).map(({ model }) => model)).toEqual([
      'gpt-5-mini',
      'llama3.2',
      'gpt-5-mini',
      'llama3.2',
    ]);
  });

  test('to a client that has no such thing is refused with a 400 before anything is sent', async () => {
    const { provider, openai } = world();
    const error: unknown = await openai.embeddings
      .create({ model: 'elsewhere', input: 'a' })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(ManagedLLMError.from(error)?.code).toBe('unsupported');
    expect(provider.requests).toHaveLength(0);
  });
});

describe('a changed body', () => {
  const instruct = (): Interceptor => ({
    name: 'instruct',
    stage: 'shape',
    intercept: (call, next) =>
      next(call.with({ body: call.dialect.request.withInstruction(call.body, 'Be brief.') })),
  });

  test.each(['openai', 'azure'] as const)('is what %s sends', async (name) => {
    const { provider, ...clients } = world(instruct());
    await clients[name].chat.completions.create({ model: 'm', messages });
    expect(provider.requests).toHaveLength(1);
    expect(provider.requests[0]?.bodyText).toContain('Be brief.');
  });
});
