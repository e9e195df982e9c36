import { cache, definePrompt, fallback, retry, tool, type PromptFact } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { governed, readAll, rejection, settledOnce, theOnlyCall, type TestClients } from './governed.ts';
import { refusedIn, schemaAskedFor } from '../unit/dialects/refused-by-anthropic.ts';
import { models } from './neutral.ts';

const support = definePrompt({
  name: 'prompts/support',
  version: '3',
  model: 'some-model',
  messages: [
    { role: 'system', content: 'You answer for {{company}}.' },
    { role: 'user', content: '{{question}}' },
  ],
  parameters: { maxOutputTokens: 50 },
});
const variables = { company: 'Acme', question: 'Where is it?' };
const fact: PromptFact = { name: 'prompts/support', version: '3', hash: support.hash };

const json = definePrompt({
  name: 'prompts/json',
  version: '1',
  template: 'A city of {{country}}',
  output: z.object({ city: z.string() }),
});

const loud = definePrompt({
  name: 'prompts/loud',
  version: '1',
  template: 'A city of {{country}}',
  output: z.object({ city: z.string().transform((city) => city.toUpperCase()) }),
});

const slow = definePrompt({
  name: 'prompts/slow',
  version: '1',
  template: 'A city of {{country}}',
  output: z.object({ city: z.string() }).refine(async () => true),
});

/** The same body without its mark, as if it had been written by hand. */
function byHand<B>([body]: [B]): [B] {
  return [JSON.parse(JSON.stringify(body)) as B];
}

function asRendered<B>(body: [B]): [B] {
  return body;
}

/** Every way in which the SDKs send a body, as a prompt renders it and then given as it is told. */
const ways: readonly (readonly [
  string,
  (clients: TestClients['clients'], given: typeof byHand) => unknown,
])[] = [
  [
    'chat.completions.create',
    ({ openai }, given) => openai.chat.completions.create(...given(support.openai(variables))),
  ],
  [
    'chat.completions.create, streamed',
    async ({ openai }, given) =>
      readAll(await openai.chat.completions.create(...given(support.openai(variables, { stream: true })))),
  ],
  [
    'chat.completions.stream',
    ({ openai }, given) =>
      openai.chat.completions.stream(...given(support.openai(variables))).finalChatCompletion(),
  ],
  [
    'chat.completions.parse',
    ({ openai }, given) => openai.chat.completions.parse(...given(support.openai(variables))),
  ],
  [
    'a client by withOptions',
    ({ openai }, given) =>
      openai.withOptions({ timeout: 9_000 }).chat.completions.create(...given(support.openai(variables))),
  ],
  [
    'responses.create',
    ({ openai }, given) => openai.responses.create(...given(support.responses(variables))),
  ],
  [
    'responses.create, streamed',
    async ({ openai }, given) =>
      readAll(await openai.responses.create(...given(support.responses(variables, { stream: true })))),
  ],
  [
    'responses.stream',
    ({ openai }, given) => openai.responses.stream(...given(support.responses(variables))).finalResponse(),
  ],
  ['responses.parse', ({ openai }, given) => openai.responses.parse(...given(support.responses(variables)))],
  [
    'messages.create',
    ({ anthropic }, given) => anthropic.messages.create(...given(support.anthropic(variables))),
  ],
  [
    'messages.create, streamed',
    async ({ anthropic }, given) =>
      readAll(await anthropic.messages.create(...given(support.anthropic(variables, { stream: true })))),
  ],
  [
    'messages.stream',
    ({ anthropic }, given) =>
      anthropic.messages.stream(...given(support.anthropic(variables))).finalMessage(),
  ],
  [
    'messages.parse',
    ({ anthropic }, given) => anthropic.messages.parse(...given(support.anthropic(variables))),
  ],
  [
    'beta.messages.create',
    ({ anthropic }, given) => anthropic.beta.messages.create(...given(support.anthropic(variables))),
  ],
];

describe.each(ways)('A body of a prompt, by %s,', (_way, send) => {
  test('tells receipt and hooks its prompt, and the provider nothing', async () => {
    const world = governed();
    const started: unknown[] = [];
    world.llm.on('call:start', ({ prompt }) => started.push(prompt));
    await send(world.llm.clients, asRendered);
    await send(world.llm.clients, byHand);
    const [marked, byHandToo] = await settledOnce(world, 2);
    expect(marked?.facts.prompt).toEqual(fact);
    expect(byHandToo?.facts).not.toHaveProperty('prompt');
    expect(started).toEqual([fact, undefined]);
    const [one, other] = world.provider.requests;
    expect(one?.bodyText).toBe(other?.bodyText);
    expect(one?.bodyText).not.toContain('prompts/support');
    expect(one?.headers).toEqual(other?.headers);
  });
});

describe('The mark of a prompt', () => {
  test('is no part of the key of a cache', async () => {
    const world = governed({ interceptors: [cache()] });
    const { openai } = world.llm.clients;
    await openai.chat.completions.create(...support.openai(variables));
    await world.llm.idle();
    await openai.chat.completions.create(...byHand(support.openai(variables)));
    const [first, second] = await settledOnce(world, 2);
    expect([first?.facts.cache?.status, second?.facts.cache?.status]).toEqual(['miss', 'hit']);
    expect(world.provider.requests).toHaveLength(1);
  });

  test('is there after a fallback and a translation', async () => {
    const world = governed({ routes: { smart: fallback('openai/gpt', 'anthropic/claude') } });
    world.provider.next({ status: 500 }, { text: 'Hi' });
    await world.llm.clients.openai.chat.completions.create(...support.openai(variables, { model: 'smart' }));
    const { receipt } = await theOnlyCall(world);
    expect(receipt.facts.prompt).toEqual(fact);
    expect(receipt.target).toEqual({ provider: 'anthropic', model: 'claude' });
    expect(world.provider.requests[1]?.bodyText).not.toContain('prompts/support');
  });

  test('is there after a retry', async () => {
    const world = governed({ interceptors: [retry({ maxAttempts: 2 })] });
    world.provider.next({ status: 500 }, { text: 'Hi' });
    const asked = world.llm.clients.anthropic.messages.create(...support.anthropic(variables));
    await world.clock.advance(10_000);
    await asked;
    const { receipt } = await theOnlyCall(world);
    expect(receipt.attempts).toHaveLength(2);
    expect(receipt.facts.prompt).toEqual(fact);
  });

  test('goes along where a body is spread, and is lost by structuredClone and JSON', async () => {
    const world = governed();
    const { chat } = world.llm.clients.openai;
    const [body] = support.openai(variables);
    await chat.completions.create({ ...body, seed: 1 });
    await chat.completions.create(...byHand([body]));
    expect(Object.keys(body)).toEqual(['model', 'messages', 'max_completion_tokens']);
    expect(() => structuredClone(body)).not.toThrow();
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ facts }) => facts.prompt?.version)).toEqual(['3', undefined]);
  });

  test('tells the label by which it was found, and what the format has no place for', async () => {
    const world = governed();
    const cool = definePrompt({
      name: 'prompts/cool',
      version: '1',
      template: 'Hi',
      parameters: { topK: 5 },
    });
    const prompt = cool.labelled('production');
    await world.llm.clients.openai.chat.completions.create(...prompt.openai({}, { model: 'gpt' }));
    const { receipt } = await theOnlyCall(world);
    const { hash } = cool;
    expect(receipt.facts.prompt).toEqual({
      name: 'prompts/cool',
      version: '1',
      hash,
      label: 'production',
      leftOut: ['topK'],
    });
  });

  test('is on every turn of a helper that runs tools', async () => {
    const world = governed();
    world.provider.next({ toolCalls: [{ name: 'now', arguments: {} }] }, { text: 'Noon.' });
    const runner = world.llm.clients.openai.chat.completions.runTools({
      ...support.openai(variables)[0],
      tools: [
        {
          type: 'function',
          function: { name: 'now', description: 'The time', parameters: {}, function: () => 'noon' },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('Noon.');
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ facts }) => facts.prompt)).toEqual([fact, fact]);
  });
});

describe('The output of a prompt is what helpers of the SDKs read', () => {
  const given = { country: 'Norway' };
  const typed = { city: 'OSLO' };

  const helpers: readonly (readonly [string, (clients: TestClients['clients']) => Promise<unknown>])[] = [
    [
      'chat.completions.parse',
      async ({ openai }) =>
        (await openai.chat.completions.parse(...loud.openai(given, { model: 'gpt' }))).choices[0]?.message
          .parsed,
    ],
    [
      'chat.completions.stream',
      async ({ openai }) =>
        (await openai.chat.completions.stream(...loud.openai(given, { model: 'gpt' })).finalChatCompletion())
          .choices[0]?.message.parsed,
    ],
    [
      'responses.parse',
      async ({ openai }) =>
        (await openai.responses.parse(...loud.responses(given, { model: 'gpt' }))).output_parsed,
    ],
    [
      'messages.parse',
      async ({ anthropic }) =>
        (await anthropic.messages.parse(...loud.anthropic(given, { model: 'claude' }))).parsed_output,
    ],
    [
      'messages.stream',
      async ({ anthropic }) =>
        (await anthropic.messages.stream(...loud.anthropic(given, { model: 'claude' })).finalMessage())
          .parsed_output,
    ],
  ];

  test.each(helpers)('by %s, as its schema lets it through', async (_helper, ask) => {
    const world = governed();
    world.provider.next({ json: { city: 'Oslo' } });
    expect(await ask(world.llm.clients)).toEqual(typed);
    expect(world.provider.requests[0]?.bodyText).not.toMatch(/parse|brand/i);
  });

  test.each(helpers)('by %s, and refuse what does not fit', async (_helper, ask) => {
    const world = governed();
    world.provider.next({ json: { city: 5 } });
    const error = await rejection(ask(world.llm.clients));
    expect(String(error)).toContain('The answer to prompt `prompts/loud@1` does not fit its schema.');
  });

  test('and tell apart what is no JSON, and a schema that has to wait', async () => {
    const world = governed();
    world.provider.next({ text: 'Oslo' }, { json: { city: 'Oslo' } });
    const { openai } = world.llm.clients;
    const parse = (prompt: typeof loud | typeof slow): Promise<unknown> =>
      rejection(openai.chat.completions.parse(...prompt.openai(given, { model: 'gpt' })));
    expect(await parse(loud)).toMatchObject({
      code: 'invalid-output',
      message: expect.stringContaining('is no JSON'),
    });
    expect(await parse(slow)).toMatchObject({
      message: expect.stringContaining('has to wait: ask by `llm.object`'),
    });
  });
});

describe('The output of a prompt', () => {
  const city = definePrompt({
    name: 'prompts/city',
    version: '1',
    template: 'A city',
    output: z.object({ name: z.string().max(9), size: z.object({ people: z.int().min(1) }).optional() }),
  });

  test('is sent to Anthropic as its API takes it, and receipts tell what the model is not held to', async () => {
    const world = governed();
    world.provider.next({ json: { name: 'Oslo' } });
    const { anthropic } = world.llm.clients;
    const answer = await anthropic.messages.parse(...city.anthropic({}, { model: 'claude' }));
    expect(answer.parsed_output).toEqual({ name: 'Oslo' });
    const schemaSent = schemaAskedFor(world.provider.requests[0]?.body);
    expect(schemaSent).toMatchObject({ additionalProperties: false });
    expect(refusedIn(schemaSent)).toEqual([]);
    expect((await theOnlyCall(world)).receipt.facts.prompt?.leftOut).toEqual([
      'output.schema.properties.name.maxLength',
      'output.schema.properties.size.properties.people.minimum',
    ]);
  });

  test('keeps its format beside settings of the call, and is parsed', async () => {
    const world = governed();
    world.provider.always({ json: { name: 'Oslo' } });
    const { openai, anthropic } = world.llm.clients;
    const response = await openai.responses.parse(
      ...city.responses({}, { model: 'gpt', text: { verbosity: 'low' } }),
    );
    expect(response.output_parsed).toEqual({ name: 'Oslo' });
    const message = await anthropic.messages.parse(
      ...city.anthropic({}, { model: 'claude', output_config: { effort: 'low' } }),
    );
    expect(message.parsed_output).toEqual({ name: 'Oslo' });
  });

  test('of the application’s own is sent as it is', async () => {
    const world = governed();
    const format = { type: 'json_schema', schema: { type: 'object', minProperties: 1 } } as const;
    await world.llm.clients.anthropic.messages.create({
      model: 'claude',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hi' }],
      output_config: { format },
    });
    expect(world.provider.requests[0]?.body).toMatchObject({ output_config: { format } });
  });
});

describe.each(models)('`chat`, `stream` and `object` ask %s', (model) => {
  test('what a prompt renders, with its parameters, and with turns behind its own', async () => {
    const world = governed();
    world.provider.next({ text: 'Here.' });
    const messages = [
      { role: 'assistant', content: 'Where?' },
      { role: 'user', content: 'There.' },
    ] as const;
    const reply = await world.llm.chat({ prompt: support, variables, model, messages });
    expect(reply.text).toBe('Here.');
    expect(reply.receipt.facts.prompt).toEqual(fact);
    const byHandToo = [
      { role: 'system', content: 'You answer for Acme.' },
      { role: 'user', content: 'Where is it?' },
    ] as const;
    await world.llm.chat({ model, messages: [...byHandToo, ...messages], maxOutputTokens: 50 });
    const [one, other] = world.provider.requests;
    expect(one?.bodyText).toBe(other?.bodyText);
  });

  test('a stream', async () => {
    const world = governed();
    world.provider.next({ text: 'Here.' });
    expect(await world.llm.stream({ prompt: support, variables, model }).text).toBe('Here.');
    expect((await theOnlyCall(world)).receipt.facts.prompt).toEqual(fact);
  });

  test('an object, held to the output of the prompt', async () => {
    const world = governed();
    world.provider.next({ json: { city: 'Oslo' } }, { json: { town: 'Oslo' } });
    const request = { prompt: json, variables: { country: 'Norway' }, model };
    const reply = await world.llm.object(request);
    expect(reply.object.city).toBe('Oslo');
    expect(reply.receipt.facts.prompt?.name).toBe('prompts/json');
    expect(world.provider.requests[0]?.bodyText).toContain('"required":["city"]');
    expect(await rejection(world.llm.object(request))).toMatchObject({ code: 'invalid-output' });
  });

  test('and every turn of a chain of tools is of the prompt', async () => {
    const world = governed();
    world.provider.next({ toolCalls: [{ name: 'now', arguments: {} }] }, { text: 'Noon.' });
    const now = tool({ name: 'now', parameters: { type: 'object' }, execute: () => 'noon' });
    const reply = await world.llm.chat({ prompt: support, variables, model, tools: [now] });
    expect(reply.receipts.map(({ facts }) => facts.prompt)).toEqual([fact, fact]);
  });
});

describe('Of a prompt', () => {
  test('a model without its provider is refused by the neutral API, which names the prompt and what to do', async () => {
    const { llm } = governed({ routes: { smart: 'openai/gpt' } });
    const bare = definePrompt({ name: 'bare', version: '2', template: 'Hi', model: 'gpt-6' });
    const told =
      '`gpt-6`, the model of the prompt `bare@2`, is neither a route nor `provider/model`: write targets as `provider/model`. ' +
      'Routes: smart. Providers: openai, anthropic, backup. Say it there, or as `model` beside the prompt.';
    const refusal = { code: 'unknown-target', message: told };
    expect(await rejection(llm.chat({ prompt: bare }))).toMatchObject(refusal);
    expect(await rejection(llm.stream({ prompt: bare }).reply)).toMatchObject(refusal);
    expect(await rejection(llm.explain({ prompt: bare } as never))).toMatchObject(refusal);
    // What the call names itself is its own.
    expect(await rejection(llm.chat({ prompt: bare, model: 'gpt-7' }))).toMatchObject({
      message: expect.stringMatching(/^`gpt-7` is neither a route nor/) as unknown,
    });
    await llm.chat({ prompt: bare, model: 'smart' });
    await llm.chat({ prompt: bare, model: 'openai/gpt-6' });
  });

  test('the model is asked, unless the request names another', async () => {
    const world = governed();
    const own = definePrompt({ name: 'prompts/model', version: '1', template: 'Hi', model: 'openai/own' });
    await world.llm.chat({ prompt: own });
    await world.llm.chat({ prompt: own, model: 'anthropic/other', temperature: 1 });
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ model }) => model)).toEqual(['openai/own', 'anthropic/other']);
  });

  test('what it says stays where the request says nothing, by `undefined`', async () => {
    const world = governed();
    const own = definePrompt({
      name: 'prompts/own',
      version: '1',
      template: 'Hi',
      model: 'openai/own',
      parameters: { temperature: 0.3 },
    });
    await world.llm.chat({ prompt: own, model: undefined, temperature: undefined } as never);
    expect(world.provider.requests[0]?.body).toMatchObject({ model: 'own', temperature: 0.3 });
  });

  test.each([
    [
      'one message for a list of them',
      {
        prompt: json,
        variables: { country: 'A' },
        model: 'openai/gpt',
        messages: { role: 'user', content: 'x' },
      },
      'invalid-options',
      '`chat.messages`',
    ],
    [
      'a number for messages',
      { prompt: json, variables: { country: 'A' }, model: 'openai/gpt', messages: 5 },
      'invalid-options',
      '`chat.messages`',
    ],
    [
      'null for messages',
      { prompt: json, variables: { country: 'A' }, model: 'openai/gpt', messages: null },
      'invalid-options',
      '`chat.messages`',
    ],
    [
      'a text for variables',
      { prompt: json, variables: 'abc', model: 'openai/gpt' },
      'prompt-variables',
      'takes its variables as an object',
    ],
    [
      'null for variables',
      { prompt: json, variables: null, model: 'openai/gpt' },
      'prompt-variables',
      'takes its variables as an object',
    ],
    [
      'a variable missing',
      { prompt: support, variables: { company: 'A' } },
      'prompt-variables',
      '`question`',
    ],
    ['no model', { prompt: json, variables: { country: 'A' } }, 'invalid-options', '`chat.model` is missing'],
    [
      'a text for a prompt',
      { prompt: 'Hi', model: 'openai/gpt' },
      'invalid-options',
      '`chat.prompt` must be of `definePrompt`: a text is `messages`',
    ],
  ])('no call is made with %s', async (_what, request, code, message) => {
    const world = governed();
    const error = await rejection(world.llm.chat(request as never));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(world.receipts).toEqual([]);
  });

  test.each([
    [
      'without output',
      { prompt: support, variables, model: 'openai/gpt' },
      'has no `output`: ask by `llm.chat`',
    ],
    [
      'with a schema beside it',
      { prompt: json, variables: { country: 'A' }, model: 'openai/gpt', schema: z.object({}) },
      '`object.schema` stands in the prompt',
    ],
  ])('no object is asked for %s', async (_what, request, message) => {
    const world = governed();
    const error = await rejection(world.llm.object(request as never));
    expect(error).toMatchObject({ code: 'invalid-options', message: expect.stringContaining(message) });
    expect(world.receipts).toEqual([]);
  });
});
