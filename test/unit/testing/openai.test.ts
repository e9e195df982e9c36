import OpenAI, { AzureOpenAI } from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { standIn, type StandIn, type StandInServer } from 'managed-llm/testing';

// What the oldest SDKs that are supported cannot do yet is left out for them.
const isOldest = process.env['MANAGED_LLM_SDK'] === 'oldest';

const messages = [{ role: 'user' as const, content: 'hello there' }];
const weatherTool = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'The weather in a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', enum: ['Vienna'] } },
      required: ['city'],
    },
  },
};

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe.each(['fetch', 'loopback'] as const)('the real openai client over %s', (mode) => {
  const provider: StandIn = standIn();
  let server: StandInServer;
  let client: OpenAI;

  beforeAll(async () => {
    server = await provider.listen();
    client =
      mode === 'fetch'
        ? new OpenAI({
            apiKey: 'test',
            baseURL: 'https://api.openai.test/v1',
            fetch: provider.fetch,
            maxRetries: 0,
          })
        : new OpenAI({ apiKey: 'test', baseURL: `${server.url}/v1`, maxRetries: 0 });
  });
  afterAll(() => server.close());

  test('chat: answers with the last user text and counts words', async () => {
    const reply = await client.chat.completions.create({ model: 'gpt', messages });
    expect(reply.choices[0]?.message.content).toBe('You said: hello there');
    expect(reply.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 });
    expect(reply.choices[0]?.finish_reason).toBe('stop');
  });

  test('chat: streams the same text, with usage only when asked for', async () => {
    const texts: string[] = [];
    let last: unknown;
    for await (const chunk of await client.chat.completions.create({
      model: 'gpt',
      messages,
      stream: true,
    })) {
      texts.push(chunk.choices[0]?.delta.content ?? '');
      last = chunk;
    }
    expect(texts.join('')).toBe('You said: hello there');
    expect(last).not.toHaveProperty('usage');

    const chunks = await collect(
      await client.chat.completions.create({
        model: 'gpt',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 2, completion_tokens: 4 } });
    expect(chunks.at(0)).toMatchObject({ usage: null });
  });

  test('chat: the stream helper gives the final completion', async () => {
    const stream = client.chat.completions.stream({
      model: 'gpt',
      messages,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe('You said: hello there');
    expect((await stream.totalUsage()).completion_tokens).toBe(4);
  });

  test.skipIf(isOldest)('chat: parse gives the smallest value the zod schema allows', async () => {
    const schema = z.object({
      city: z.string(),
      degrees: z.number().min(3),
      tags: z.array(z.enum(['a', 'b'])).min(1),
    });
    const reply = await client.chat.completions.parse({
      model: 'gpt',
      messages,
      response_format: zodResponseFormat(schema, 'weather'),
    });
    expect(reply.choices[0]?.message.parsed).toEqual({ city: '', degrees: 3, tags: ['a'] });
  });

  test('chat: a tool that the user mentions is called, and its result comes back', async () => {
    const runner = client.chat.completions.runTools({
      model: 'gpt',
      messages: [{ role: 'user', content: 'use weather please' }],
      tools: [
        { ...weatherTool, function: { ...weatherTool.function, parse: JSON.parse, function: () => 'sunny' } },
      ],
    });
    expect(await runner.finalContent()).toBe('The tool said: sunny');
  });

  test('chat: tool calls stream in fragments that add up', async () => {
    const stream = client.chat.completions.stream({
      model: 'gpt',
      messages,
      tools: [weatherTool],
      tool_choice: 'required',
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'weather', arguments: '{"city":"Vienna"}' },
    });
  });

  test('chat: keeps to the output limit and to stop sequences, and gives as many choices as asked', async () => {
    const limited = await client.chat.completions.create({
      model: 'gpt',
      messages,
      max_completion_tokens: 2,
    });
    expect(limited.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'You said:' } });
    const stopped = await client.chat.completions.create({ model: 'gpt', messages, stop: 'hello', n: 2 });
    expect(stopped.choices.map((choice) => choice.message.content)).toEqual(['You said: ', 'You said: ']);
  });

  test('responses: plain, with the convenience text', async () => {
    const reply = await client.responses.create({ model: 'gpt', input: 'hello there' });
    expect(reply.output_text).toBe('You said: hello there');
    expect(reply.usage).toMatchObject({ input_tokens: 2, output_tokens: 4, total_tokens: 6 });
    const next = await client.responses.create({
      model: 'gpt',
      input: 'more',
      previous_response_id: reply.id,
    });
    expect(next.usage?.input_tokens).toBe(7);
  });

  test('responses: an unknown previous response is refused', async () => {
    const call = client.responses.create({ model: 'gpt', input: 'more', previous_response_id: 'resp_none' });
    await expect(call).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  test.skipIf(isOldest)(
    'responses: the stream helper accepts every event and agrees with the plain reply',
    async () => {
      const types: string[] = [];
      const sequence: number[] = [];
      const stream = client.responses.stream({ model: 'gpt', input: 'hello there' });
      for await (const event of stream) {
        types.push(event.type);
        sequence.push(event.sequence_number);
      }
      const final = await stream.finalResponse();
      expect(final.output_text).toBe('You said: hello there');
      expect(types.slice(0, 4)).toEqual([
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
      ]);
      expect(types.at(-1)).toBe('response.completed');
      expect(sequence).toEqual(sequence.map((_, index) => index));
    },
  );

  test('responses: reasoning, text and tool calls in one stream', async () => {
    provider.next({
      reasoning: 'let me think',
      text: 'I call it',
      toolCalls: [
        { name: 'weather', arguments: { city: 'Graz' } },
        { name: 'weather', arguments: { city: 'Linz' } },
      ],
    });
    const final = await client.responses.stream({ model: 'gpt', input: 'hi' }).finalResponse();
    expect(final.output.map((item) => item.type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'function_call',
    ]);
    expect(final.output[3]).toMatchObject({ arguments: '{"city":"Linz"}' });
  });

  test.skipIf(isOldest)('responses: a refusal and an answer that is cut off', async () => {
    provider.next({ refusal: 'I will not' });
    const refused = await client.responses.stream({ model: 'gpt', input: 'hi' }).finalResponse();
    expect(refused.output[0]).toMatchObject({ content: [{ type: 'refusal', refusal: 'I will not' }] });
    const cut = await client.responses
      .stream({ model: 'gpt', input: 'hello', max_output_tokens: 1 })
      .finalResponse();
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  test.skipIf(isOldest)('responses: parse with zod', async () => {
    const reply = await client.responses.parse({
      model: 'gpt',
      input: 'hi',
      text: { format: zodTextFormat(z.object({ ok: z.boolean() }), 'ok') },
    });
    expect(reply.output_parsed).toEqual({ ok: false });
  });

  test('embeddings: equal texts are equal, shared words are nearer', async () => {
    const { data, usage } = await client.embeddings.create({
      model: 'embed',
      input: ['the red fox', 'the red fox', 'the red dog', 'a quick sum'],
    });
    const dot = (a = 0, b = 0) =>
      (data[a]?.embedding ?? []).reduce(
        (sum, value, index) => sum + value * (data[b]?.embedding[index] ?? 0),
        0,
      );
    expect(dot(0, 1)).toBeCloseTo(1, 5);
    expect(dot(0, 2)).toBeGreaterThan(0.5);
    expect(dot(0, 3)).toBeLessThan(0.2);
    expect(usage.prompt_tokens).toBe(12);
  });

  test('models, files, batches, moderations and speech', async () => {
    expect((await collect(client.models.list())).length).toBeGreaterThan(0);
    const file = await client.files.create({
      purpose: 'batch',
      file: new File(['{"a":1}'], 'in.jsonl'),
    });
    expect(file).toMatchObject({ filename: 'in.jsonl', bytes: 7, purpose: 'batch' });
    expect((await client.files.retrieve(file.id)).id).toBe(file.id);
    const batch = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    expect(await client.batches.retrieve(batch.id)).toEqual(batch);
    expect((await collect(client.batches.list())).map((entry) => entry.id)).toContain(batch.id);
    const moderation = await client.moderations.create({ input: ['peace', 'violence'] });
    expect(moderation.results.map((result) => result.flagged)).toEqual([false, true]);
    const speech = await client.audio.speech.create({ model: 'tts', voice: 'alloy', input: 'two words' });
    expect((await speech.arrayBuffer()).byteLength).toBe(32);
  });

  test('an unknown path is refused in OpenAI’s shape', async () => {
    await expect(client.post('/nothing')).rejects.toMatchObject({ status: 404, code: 'unknown_url' });
  });

  test('Azure: the deployment in the path is the model', async () => {
    const endpoint = mode === 'fetch' ? 'https://azure.test' : server.url;
    const azure = new AzureOpenAI({
      apiKey: 'test',
      endpoint,
      apiVersion: '2026-01-01',
      ...(mode === 'fetch' ? { fetch: provider.fetch } : {}),
    });
    const reply = await azure.chat.completions.create({ model: 'chat-prod', messages });
    expect(reply.model).toBe('chat-prod');
    expect(provider.requests.at(-1)).toMatchObject({
      path: '/openai/deployments/chat-prod/chat/completions',
      model: 'chat-prod',
    });
    const embedded = await azure.embeddings.create({ model: 'embed-prod', input: 'x' });
    expect(embedded.model).toBe('embed-prod');
  });
});
