import Anthropic from '@anthropic-ai/sdk';
import AnthropicBedrock from '@anthropic-ai/bedrock-sdk';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { standIn, type StandIn, type StandInServer } from 'managed-llm/testing';

// What the oldest SDKs that are supported cannot do yet is left out for them.
const isOldest = process.env['MANAGED_LLM_SDK'] === 'oldest';

const params = {
  model: 'claude',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'hello there' }],
};
const weather = () =>
  betaZodTool({
    name: 'weather',
    description: 'The weather',
    inputSchema: z.object({ city: z.enum(['Vienna']) }),
    run: ({ city }) => `sunny in ${city}`,
  });

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe.each(['fetch', 'loopback'] as const)('the real Anthropic client over %s', (mode) => {
  const provider: StandIn = standIn();
  let server: StandInServer;
  let client: Anthropic;

  beforeAll(async () => {
    server = await provider.listen();
    client =
      mode === 'fetch'
        ? new Anthropic({
            apiKey: 'test',
            baseURL: 'https://anthropic.test',
            fetch: provider.fetch,
            maxRetries: 0,
          })
        : new Anthropic({ apiKey: 'test', baseURL: server.url, maxRetries: 0 });
  });
  afterAll(() => server.close());

  test('messages: answers with the last user text and counts words', async () => {
    const reply = await client.messages.create({ ...params, system: 'be brief' });
    expect(reply.content).toMatchObject([{ type: 'text', text: 'You said: hello there' }]);
    expect(reply.usage).toMatchObject({ input_tokens: 4, output_tokens: 4 });
    expect(reply.stop_reason).toBe('end_turn');
  });

  test('messages: the stream helper agrees with the plain reply', async () => {
    const types: string[] = [];
    const stream = client.messages.stream(params);
    for await (const event of stream) types.push(event.type);
    const final = await stream.finalMessage();
    expect(final.content).toMatchObject([{ type: 'text', text: 'You said: hello there' }]);
    expect(final.usage.output_tokens).toBe(4);
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      ...Array<string>(4).fill('content_block_delta'),
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
  });

  test('messages: thinking, text and tool calls in one stream', async () => {
    provider.next({
      reasoning: 'hm hm',
      text: 'I look',
      toolCalls: [{ name: 'weather', arguments: { city: 'Graz' } }],
    });
    const final = await client.messages.stream(params).finalMessage();
    expect(final.content).toMatchObject([
      { type: 'thinking', thinking: 'hm hm' },
      { type: 'text', text: 'I look' },
      { type: 'tool_use', name: 'weather', input: { city: 'Graz' } },
    ]);
    expect(final.stop_reason).toBe('tool_use');
    expect(final.usage.output_tokens_details).toMatchObject({ thinking_tokens: 2 });
  });

  test('messages: parse with zod', async () => {
    const reply = await client.messages.parse({
      ...params,
      output_config: { format: zodOutputFormat(z.object({ ok: z.boolean() })) },
    });
    expect(reply.parsed_output).toEqual({ ok: false });
  });

  test('the tool runner, with the conversation held here', async () => {
    const runner = client.beta.messages.toolRunner({
      ...params,
      messages: [{ role: 'user', content: 'use weather' }],
      tools: [weather()],
    });
    const final = await runner;
    expect(final.content).toMatchObject([{ text: 'The tool said: sunny in Vienna' }]);
    if (!isOldest) expect(provider.requests.at(-1)?.body).toHaveProperty('thread.type', 'continue');
  });

  test('the streaming tool runner', async () => {
    const runner = client.beta.messages.toolRunner({
      ...params,
      stream: true,
      messages: [{ role: 'user', content: 'use weather' }],
      tools: [weather()],
    });
    const texts: string[] = [];
    for await (const stream of runner)
      texts.push(await stream.finalMessage().then((reply) => reply.stop_reason ?? ''));
    expect(texts).toEqual(['tool_use', 'end_turn']);
  });

  test('token counts follow the same rule as bills', async () => {
    const { model, messages } = params;
    expect(await client.messages.countTokens({ model, messages })).toMatchObject({ input_tokens: 2 });
  });

  test('models and batches', async () => {
    expect((await collect(client.models.list())).length).toBeGreaterThan(0);
    const batch = await client.messages.batches.create({ requests: [{ custom_id: 'one', params }] });
    expect(await client.messages.batches.retrieve(batch.id)).toEqual(batch);
    expect((await collect(client.messages.batches.list())).map((entry) => entry.id)).toEqual([batch.id]);
  });

  test('cached tokens are left out of the input count', async () => {
    provider.next({
      usage: { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 30, outputTokens: 7 },
    });
    expect((await client.messages.create(params)).usage).toMatchObject({
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      output_tokens: 7,
    });
  });

  test('output limits and stop sequences', async () => {
    const limited = await client.messages.create({ ...params, max_tokens: 2 });
    expect(limited).toMatchObject({ stop_reason: 'max_tokens', content: [{ text: 'You said:' }] });
    const stopped = await client.messages.create({ ...params, stop_sequences: ['there'] });
    expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'there' });
  });

  test('an unknown path is refused in Anthropic’s shape', async () => {
    await expect(client.post('/v1/nothing')).rejects.toMatchObject({
      status: 404,
      error: { type: 'error', error: { type: 'not_found_error' } },
    });
  });

  test('Bedrock: plain, streamed in binary frames, and failing inside a stream', async () => {
    const bedrock = new AnthropicBedrock({
      awsAccessKey: 'test',
      awsSecretKey: 'test',
      awsRegion: 'eu-central-1',
      maxRetries: 0,
      ...(mode === 'fetch' ? { fetch: provider.fetch } : { baseURL: server.url }),
    });
    const plain = await bedrock.messages.create({ ...params, model: 'eu.claude:0' });
    expect(plain.content).toMatchObject([{ text: 'You said: hello there' }]);
    expect(provider.requests.at(-1)).toMatchObject({ model: 'eu.claude:0', stream: false });
    const streamed = await bedrock.messages.stream({ ...params, model: 'eu.claude:0' }).finalMessage();
    expect(streamed.content).toMatchObject([{ text: 'You said: hello there' }]);
    provider.next({ inBandError: { afterEvents: 3, status: 429, message: 'slow down' } });
    const failing = bedrock.messages.stream({ ...params, model: 'eu.claude:0' }).finalMessage();
    await expect(failing).rejects.toThrow(/slow down/);
    provider.next({ status: 429 });
    await expect(bedrock.messages.create(params)).rejects.toMatchObject({ status: 429 });
  });

  test('Vertex: plain and streamed', async () => {
    const vertex = new AnthropicVertex({
      projectId: 'p',
      region: 'europe-west1',
      authClient: { getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer test' })) },
      maxRetries: 0,
      ...(mode === 'fetch' ? { fetch: provider.fetch } : { baseURL: `${server.url}/v1` }),
    } as unknown as ConstructorParameters<typeof AnthropicVertex>[0]);
    expect((await vertex.messages.create(params)).model).toBe('claude');
    expect((await vertex.messages.stream(params).finalMessage()).usage.output_tokens).toBe(4);
    expect(provider.requests.at(-1)?.path).toMatch(/claude:streamRawPredict$/);
    expect(await vertex.messages.countTokens(params)).toMatchObject({ input_tokens: 2 });
  });
});

test.skipIf(isOldest)(
  'message threads can be refused, and the tool runner then sends everything itself',
  async () => {
    const provider = standIn({ threads: false });
    const client = new Anthropic({ apiKey: 'test', fetch: provider.fetch, maxRetries: 0 });
    const final = await client.beta.messages.toolRunner({
      ...params,
      messages: [{ role: 'user', content: 'use weather' }],
      tools: [weather()],
    });
    expect(final.content).toMatchObject([{ text: 'The tool said: sunny in Vienna' }]);
    expect(provider.requests.map((request) => request.status)).toEqual([400, 200, 200]);
  },
);
