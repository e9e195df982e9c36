import { Anthropic } from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { fallback, ManagedLLM, ManagedLLMError, provider, type Receipt } from 'managed-llm';
import { standIn, type ScriptedReply } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

// Message threads came after the oldest SDK that is supported: its runner always sends everything.
const isOldest = process.env['MANAGED_LLM_SDK'] === 'oldest';

const weather = (asked: string[] = []) =>
  betaTool({
    name: 'weather',
    description: 'The weather in a city',
    inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    run: ({ city }) => {
      asked.push(city);
      return `sunny in ${city}`;
    },
  });

const forecast = (city: string) => ({ name: 'weather', arguments: { city }, id: `call_${city}` });

/** Two tools at once, then one, then the answer. */
const threeSteps: readonly ScriptedReply[] = [
  { text: 'Let me look.', toolCalls: [forecast('Graz'), forecast('Wien')] },
  { toolCalls: [forecast('Linz')] },
  { text: 'Sunny everywhere.' },
];

function world() {
  const openaiSide = standIn();
  const anthropicSide = standIn();
  const receipts: Receipt[] = [];
  const llm = new ManagedLLM({
    providers: {
      openai: new OpenAI({ apiKey: 'test', fetch: openaiSide.fetch }),
      anthropic: new Anthropic({ apiKey: 'test', fetch: anthropicSide.fetch, maxRetries: 0 }),
    },
    routes: {
      away: fallback('anthropic/claude', 'openai/gpt-5-mini'),
      home: fallback('openai/gpt-5-mini', 'anthropic/claude'),
    },
  });
  llm.on('call:end', (receipt) => receipts.push(receipt));
  const { messages } = llm.clients.anthropic.beta;
  return { openaiSide, anthropicSide, receipts, llm, messages };
}

const params = (model: string) => ({
  model,
  max_tokens: 500,
  system: 'You know the weather.',
  messages: [{ role: 'user' as const, content: 'How is it in Graz, Wien and Linz?' }],
});

/** Roles, and what was called and answered, of each request that a provider received. */
const conversations = (side: ReturnType<typeof standIn>) =>
  side.requests.map(({ body }) =>
    (body as { messages: OpenAI.ChatCompletionMessageParam[] }).messages.map((message) => {
      if (message.role === 'tool') return `tool ${message.tool_call_id}`;
      const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
      return [message.role, ...calls.map(({ id }) => id)].join(' ');
    }),
  );

const whole = [
  ['system', 'user'],
  ['system', 'user', 'assistant call_Graz call_Wien', 'tool call_Graz', 'tool call_Wien'],
  [
    'system',
    'user',
    'assistant call_Graz call_Wien',
    'tool call_Graz',
    'tool call_Wien',
    'assistant call_Linz',
    'tool call_Linz',
  ],
];

const served = (receipts: readonly Receipt[]) =>
  receipts.flatMap(({ outcome, target }) => (outcome === 'finished' ? [target?.provider] : []));

describe('a tool runner of Anthropic’s SDK, answered by a model of OpenAI', () => {
  test('is sent the whole conversation at each of three steps, with tools called side by side', async () => {
    const { openaiSide, anthropicSide, receipts, messages, llm } = world();
    openaiSide.next(...threeSteps);
    const asked: string[] = [];
    const final = await messages.toolRunner({ ...params('openai/gpt-5-mini'), tools: [weather(asked)] });
    expect(final.content).toMatchObject([{ type: 'text', text: 'Sunny everywhere.' }]);
    expect(asked).toEqual(['Graz', 'Wien', 'Linz']);
    expect(conversations(openaiSide)).toEqual(whole);
    expect(openaiSide.requests.map(({ body }) => (body as { tools: unknown[] }).tools.length)).toEqual([
      1, 1, 1,
    ]);
    expect(anthropicSide.requests).toEqual([]);
    await llm.idle();
    expect(served(receipts)).toEqual(['openai', 'openai', 'openai']);
    // What OpenAI's replies say beyond; nothing of the requests.
    expect(receipts.flatMap(({ losses }) => losses.map(({ path }) => path))).toEqual(
      Array.from({ length: 3 }, () => 'system_fingerprint'),
    );
  });

  test('so is the streaming runner, whose reader sees every reply', async () => {
    const { openaiSide, receipts, messages, llm } = world();
    openaiSide.next(...threeSteps);
    const asked: string[] = [];
    const replies: unknown[] = [];
    const runner = messages.toolRunner({
      ...params('openai/gpt-5-mini'),
      stream: true,
      tools: [weather(asked)],
    });
    for await (const stream of runner) {
      const reply = await stream.finalMessage();
      replies.push([reply.stop_reason, ...reply.content.map(({ type }) => type)]);
    }
    expect(replies).toEqual([
      ['tool_use', 'text', 'tool_use', 'tool_use'],
      ['tool_use', 'tool_use'],
      ['end_turn', 'text'],
    ]);
    expect(asked).toEqual(['Graz', 'Wien', 'Linz']);
    expect(conversations(openaiSide)).toEqual(whole);
    await llm.idle();
    expect(served(receipts)).toEqual(['openai', 'openai', 'openai']);
  });

  test('goes on when the runner is read to its end under a refusal of losses: a thread that begins is none', async () => {
    const { openaiSide, llm } = world();
    openaiSide.next(...threeSteps);
    const { messages } = llm.with({ onUnsupported: 'refuse' }).clients.anthropic.beta;
    const final = await messages.toolRunner({ ...params('openai/gpt-5-mini'), tools: [weather()] });
    expect(final.stop_reason).toBe('end_turn');
    expect(conversations(openaiSide)).toEqual(whole);
  });

  test.skipIf(isOldest)(
    'is told of what is missing before anything is sent, and each try is settled',
    async () => {
      const { openaiSide, receipts, messages, llm } = world();
      openaiSide.next(...threeSteps);
      await messages.toolRunner({ ...params('openai/gpt-5-mini'), tools: [weather()] });
      await llm.idle();
      expect(openaiSide.requests).toHaveLength(3);
      expect(receipts.map(({ outcome, attempts }) => [outcome, attempts.length])).toEqual([
        ['finished', 1],
        ['refused', 0],
        ['finished', 1],
        ['refused', 0],
        ['finished', 1],
      ]);
      expect(receipts[1]?.error).toMatchObject({ kind: 'refused', code: 'thread_not_found' });
    },
  );

  test('of another caller never sees this one’s turns: what is sent comes from the runner itself', async () => {
    const { openaiSide, llm } = world();
    openaiSide.always((request) =>
      request.bodyText.includes('"role":"tool"')
        ? { text: 'done' }
        : { toolCalls: [forecast(request.bodyText.includes('alpha') ? 'Graz' : 'Wien')] },
    );
    const run = (tenant: string) =>
      llm.with({ tenant }).clients.anthropic.beta.messages.toolRunner({
        ...params('openai/gpt-5-mini'),
        messages: [{ role: 'user', content: `I am ${tenant}` }],
        tools: [weather()],
      });
    await Promise.all([run('alpha'), run('beta')]);
    for (const { bodyText } of openaiSide.requests) {
      expect(bodyText.includes('alpha') && bodyText.includes('beta')).toBe(false);
      expect(
        bodyText.includes('alpha') ? bodyText.includes('call_Wien') : bodyText.includes('call_Graz'),
      ).toBe(false);
    }
    expect(openaiSide.requests).toHaveLength(4);
  });
});

describe('a tool runner on a route between providers', () => {
  test.each([false, true])('that changes in mid-loop loses nothing (stream: %s)', async (stream) => {
    const { openaiSide, anthropicSide, receipts, messages, llm } = world();
    anthropicSide.next(threeSteps[0] ?? {}).always({ status: 529 });
    openaiSide.next(...threeSteps.slice(1));
    const asked: string[] = [];
    const runner = messages.toolRunner({ ...params('away'), stream, tools: [weather(asked)] });
    for await (const step of runner) if ('finalMessage' in step) await step.finalMessage();
    expect(asked).toEqual(['Graz', 'Wien', 'Linz']);
    expect(conversations(openaiSide)).toEqual(whole.slice(1));
    await llm.idle();
    expect(served(receipts)).toEqual(['anthropic', 'openai', 'openai']);
  });

  test('and back again, the provider’s own thread begins anew with all turns', async () => {
    const { openaiSide, anthropicSide, receipts, messages, llm } = world();
    anthropicSide
      .next({ status: 529 })
      .always((request) =>
        request.bodyText.includes('call_Linz')
          ? { text: 'Sunny everywhere.' }
          : { toolCalls: [forecast('Linz')] },
      );
    openaiSide.next(threeSteps[0] ?? {});
    await messages.toolRunner({ ...params('away'), tools: [weather()] });
    await llm.idle();
    expect(served(receipts)).toEqual(['openai', 'anthropic', 'anthropic']);
    const taken = anthropicSide.requests.find(({ status }) => status === 200);
    expect(taken?.bodyText).toContain('call_Wien');
  });

  test('stays with the first target, though only the second could have held the thread', async () => {
    const { openaiSide, anthropicSide, messages } = world();
    openaiSide.next(...threeSteps);
    await messages.toolRunner({ ...params('home'), tools: [weather()] });
    expect(conversations(openaiSide)).toEqual(whole);
    expect(anthropicSide.requests).toEqual([]);
  });
});

describe.skipIf(isOldest)('a message thread', () => {
  test('answered elsewhere goes on turn by turn', async () => {
    const { openaiSide, messages } = world();
    openaiSide.always((request) => ({
      text: `turn ${(request.body as { messages: unknown[] }).messages.length}`,
    }));
    const thread = messages.thread({ model: 'openai/gpt-5-mini', max_tokens: 100 });
    const texts: unknown[] = [];
    for (const content of ['one', 'two', 'three', 'four']) {
      const reply = await thread.send({ role: 'user', content });
      texts.push(reply.content[0]?.type === 'text' ? reply.content[0].text : undefined);
    }
    expect(texts).toEqual(['turn 1', 'turn 3', 'turn 5', 'turn 7']);
  });

  test('that only its provider holds is refused to another, in the words of that API', async () => {
    const { openaiSide, messages } = world();
    const error: unknown = await messages
      .create({
        ...params('openai/gpt-5-mini'),
        thread: { type: 'continue', previous_message_id: 'msg_elsewhere' },
      })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'unsupported',
      status: 404,
      details: { target: 'openai/gpt-5-mini', dialect: 'openai-chat', held: 'thread' },
    });
    expect(openaiSide.requests).toEqual([]);
  });
});

describe('a Responses request whose turns or instructions only its provider holds', () => {
  test.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['a conversation', { conversation: 'conv_1' }, 'conversation'],
    ['an item by reference', { input: [{ type: 'item_reference' as const, id: 'msg_1' }] }, 'input.0'],
    ['a prompt kept there', { prompt: { id: 'pmpt_1', version: '2' } }, 'prompt'],
  ])('by %s is refused to a model of Anthropic, and nothing is sent', async (_what, held, path) => {
    const { anthropicSide, openaiSide, llm } = world();
    const error: unknown = await llm.clients.openai.responses
      .create({ model: 'anthropic/claude', input: 'Go on.', ...held })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(ManagedLLMError.from(error)).toMatchObject({ code: 'unsupported', details: { held: path } });
    expect(String(error)).not.toContain('resp_1');
    expect([...anthropicSide.requests, ...openaiSide.requests]).toEqual([]);
  });

  test('goes to the target of the route that may hold them', async () => {
    const { anthropicSide, openaiSide, receipts, llm } = world();
    const first = await llm.clients.openai.responses.create({ model: 'gpt-5-mini', input: 'Hello' });
    const second = await llm.clients.openai.responses.create({
      model: 'away',
      input: 'Go on.',
      previous_response_id: first.id,
    });
    expect(second.output_text).toBe('You said: Go on.');
    expect(anthropicSide.requests).toEqual([]);
    expect(openaiSide.requests).toHaveLength(2);
    await llm.idle();
    expect(receipts[1]).toMatchObject({ outcome: 'finished', target: { provider: 'openai' } });
  });

  test('is refused too where the same provider has chat completions only', async () => {
    const side = standIn();
    const llm = new ManagedLLM({
      providers: {
        local: provider(new OpenAI({ apiKey: 'none', fetch: side.fetch }), {
          quirks: { responsesApi: false },
        }),
      },
    });
    const error: unknown = await llm.clients.local.responses
      .create({ model: 'llama', input: 'Go on.', previous_response_id: 'resp_1' })
      .catch((thrown: unknown) => thrown);
    expect(ManagedLLMError.from(error)?.code).toBe('unsupported');
    expect(side.requests).toEqual([]);
  });
});
