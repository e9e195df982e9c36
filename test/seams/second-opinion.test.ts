import { LLMock } from '@copilotkit/aimock';
import { Anthropic } from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { ManagedLLM, type Receipt } from 'managed-llm';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Both protocols as somebody else understood them, asked through governed clients. */
const theirs = new LLMock({ port: 0 });
beforeAll(async () => {
  await theirs.start();
  // Of a thread that goes on only the results are sent, without the question.
  theirs.on({ hasToolResult: true }, { content: 'It is fine there' });
  theirs.onMessage(/weather/, {
    content: 'I look.',
    toolCalls: [{ name: 'look', arguments: '{"at":"Oslo"}', id: 'call_a' }],
  });
  theirs.onMessage(/./, { content: 'Hello from elsewhere' });
});
afterAll(() => theirs.stop());

function world() {
  const receipts: Receipt[] = [];
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({ apiKey: 'test', baseURL: `${theirs.url}/v1` }),
      anthropic: new Anthropic({ apiKey: 'test', baseURL: theirs.url }),
    },
  });
  llm.on('call:end', (receipt) => receipts.push(receipt));
  return { ...llm.clients, llm, receipts };
}

const schema = { type: 'object', properties: { at: { type: 'string' } } } as const;
const models = ['openai/gpt-5-mini', 'anthropic/claude-haiku-5-5'] as const;
const turn = (content: string) => [{ role: 'user' as const, content }];

describe.each(models)('aimock as %s', (model) => {
  test('answers chat completions, plain and streamed', async () => {
    const { openai, llm, receipts } = world();
    const plain = await openai.chat.completions.create({ model, messages: turn('Hi') });
    expect(plain.choices[0]?.message.content).toBe('Hello from elsewhere');
    const stream = openai.chat.completions.stream({ model, messages: turn('Hi') });
    expect(await stream.finalContent()).toBe('Hello from elsewhere');
    await llm.idle();
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'finished']);
  });

  test('answers responses, plain and streamed', async () => {
    const { openai, llm, receipts } = world();
    expect((await openai.responses.create({ model, input: 'Hi' })).output_text).toBe('Hello from elsewhere');
    const stream = openai.responses.stream({ model, input: 'Hi' });
    expect((await stream.finalResponse()).output).toMatchObject([
      { content: [{ text: 'Hello from elsewhere' }] },
    ]);
    await llm.idle();
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'finished']);
  });

  test('answers messages, plain and streamed', async () => {
    const { anthropic, llm, receipts } = world();
    const ask = { model, max_tokens: 50, messages: turn('Hi') };
    expect((await anthropic.messages.create(ask)).content).toMatchObject([{ text: 'Hello from elsewhere' }]);
    expect(await anthropic.messages.stream(ask).finalText()).toBe('Hello from elsewhere');
    await llm.idle();
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'finished']);
  });

  test('calls tools in every protocol', async () => {
    const { openai, anthropic } = world();
    const messages = turn('How is the weather?');
    const chat = await openai.chat.completions
      .stream({
        model,
        messages,
        tools: [{ type: 'function', function: { name: 'look', parameters: schema } }],
      })
      .finalMessage();
    expect(chat.tool_calls).toMatchObject([{ function: { name: 'look', arguments: '{"at":"Oslo"}' } }]);
    const response = await openai.responses.create({
      model,
      input: 'How is the weather?',
      tools: [{ type: 'function', name: 'look', parameters: schema, strict: false }],
    });
    expect(response.output.find(({ type }) => type === 'function_call')).toMatchObject({
      name: 'look',
      arguments: '{"at":"Oslo"}',
    });
    const message = await anthropic.messages
      .stream({ model, max_tokens: 50, messages, tools: [{ name: 'look', input_schema: schema }] })
      .finalMessage();
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content.find(({ type }) => type === 'tool_use')).toMatchObject({ input: { at: 'Oslo' } });
  });

  test.each([false, true])('takes what tools gave from both tool runners (stream: %s)', async (stream) => {
    const { openai, anthropic } = world();
    const looked: unknown[] = [];
    const messages = turn('How is the weather?');
    const chatting = {
      model,
      messages,
      tools: [
        {
          type: 'function' as const,
          function: {
            name: 'look',
            description: 'Looks',
            parameters: schema,
            parse: JSON.parse,
            function: (input: object) => {
              looked.push(input);
              return 'sunny';
            },
          },
        },
      ],
    };
    const { completions } = openai.chat;
    const chat = stream ? completions.runTools({ ...chatting, stream }) : completions.runTools(chatting);
    expect(await chat.finalContent()).toBe('It is fine there');
    const runner = anthropic.beta.messages.toolRunner({
      model,
      max_tokens: 50,
      messages,
      stream,
      tools: [
        betaTool({
          name: 'look',
          description: 'Looks',
          inputSchema: schema,
          run: (input) => {
            looked.push(input);
            return 'sunny';
          },
        }),
      ],
    });
    for await (const step of runner) if ('finalMessage' in step) await step.finalMessage();
    expect((await runner.done()).content).toMatchObject([{ text: 'It is fine there' }]);
    expect(looked).toEqual([{ at: 'Oslo' }, { at: 'Oslo' }]);
  });

  test('fails as each SDK knows it', async () => {
    const { openai, anthropic } = world();
    const once = { maxRetries: 0 };
    const asked = [
      () => openai.chat.completions.create({ model, messages: turn('Hi') }, once),
      () => openai.responses.create({ model, input: 'Hi' }, once),
      () => anthropic.messages.create({ model, max_tokens: 50, messages: turn('Hi') }, once),
    ];
    const classes = [OpenAI.RateLimitError, OpenAI.RateLimitError, Anthropic.RateLimitError];
    for (const [index, ask] of asked.entries()) {
      theirs.nextRequestError(429, { message: 'Slower, please', type: 'rate_limit_error' });
      const error: unknown = await ask().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(classes[index]);
      expect(String(error)).toContain('Slower, please');
    }
  });

  test('answers the neutral API', async () => {
    const { llm } = world();
    expect((await llm.chat({ model, messages: 'Hi' })).text).toBe('Hello from elsewhere');
    expect(await llm.stream({ model, messages: 'Hi' }).text).toBe('Hello from elsewhere');
  });
});
