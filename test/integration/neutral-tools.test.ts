import { getEventListeners } from 'node:events';
import { fallback, ManagedLLMError, tool, type Message, type Tool, type ToolContext } from 'managed-llm';
import type { ScriptedReply } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import { governed, rejection, settledOnce } from './governed.ts';
import { models, redactor, until } from './neutral.ts';

const wants = (...calls: readonly (readonly [name: string, args: unknown])[]): ScriptedReply => ({
  toolCalls: calls.map(([name, args]) => ({ name, arguments: args })),
});

const weather = tool({
  name: 'weather',
  description: 'The weather in a city',
  parameters: z.object({ city: z.string(), days: z.number().default(1) }),
  execute: ({ city, days }) => ({ city, days, sky: 'clear' }),
});

const results = (messages: readonly Message[]): unknown[] =>
  messages.flatMap((message) =>
    message.role === 'tool' ? [message.isError === true ? [message.content] : message.content] : [],
  );

describe.each(models)('tools that `chat` runs for %s', (model) => {
  test('their results go back to the model until it wants none; every turn is a call with the first as parent', async () => {
    const world = governed();
    world.provider.next(wants(['weather', { city: 'Oslo' }]), wants(['weather', { city: 'Rome', days: 2 }]), {
      text: 'Clear in both.',
    });
    const reply = await world.llm.chat({ model, messages: 'Compare', tools: [weather] }, { user: 'alice' });
    expect(reply.text).toBe('Clear in both.');
    expect(reply.stop).toBe('stop');
    expect(reply.messages.map(({ role }) => role)).toEqual([
      'assistant',
      'tool',
      'assistant',
      'tool',
      'assistant',
    ]);
    expect(results(reply.messages)).toEqual([
      '{"city":"Oslo","days":1,"sky":"clear"}',
      '{"city":"Rome","days":2,"sky":"clear"}',
    ]);
    expect(
      reply.steps.map(({ stop, toolCalls, toolResults }) => [stop, toolCalls.length, toolResults.length]),
    ).toEqual([
      ['tool-calls', 1, 1],
      ['tool-calls', 1, 1],
      ['stop', 0, 0],
    ]);
    const receipts = await settledOnce(world, 3);
    expect(reply.receipts).toEqual(receipts);
    expect(reply.receipt).toBe(reply.receipts[2]);
    expect(receipts.map(({ parentId }) => parentId)).toEqual([
      undefined,
      receipts[0]?.callId,
      receipts[0]?.callId,
    ]);
    expect(receipts.map(({ caller }) => caller.user)).toEqual(['alice', 'alice', 'alice']);
    expect(world.provider.requests[2]?.bodyText).toContain('Rome');
    expect(world.errors).toEqual([]);
  });

  test('several at the same time, their results in the order in which they were wanted', async () => {
    const world = governed();
    const order: string[] = [];
    const gates = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
    const slow = tool({
      name: 'slow',
      parameters: z.object({ which: z.enum(['a', 'b']) }),
      async execute({ which }) {
        order.push(`${which} begins`);
        await gates[which].promise;
        order.push(`${which} ends`);
        return which;
      },
    });
    world.provider.next(wants(['slow', { which: 'a' }], ['slow', { which: 'b' }]), { text: 'Both.' });
    const pending = world.llm.chat({ model, messages: 'Both', tools: [slow] });
    await until(() => order.length === 2);
    gates.b.resolve();
    await until(() => order.length === 3);
    gates.a.resolve();
    expect(results((await pending).messages)).toEqual(['a', 'b']);
    expect(order).toEqual(['a begins', 'b begins', 'b ends', 'a ends']);
  });

  test('what goes wrong is told to the model: an error, wrong arguments, broken JSON, a name that there is not', async () => {
    const world = governed();
    const seen: unknown[] = [];
    const breaks = tool({
      name: 'breaks',
      parameters: z.object({}),
      execute: (args) => {
        seen.push(args);
        throw new Error('no line to the station');
      },
    });
    world.provider.next(
      wants(['breaks', {}], ['weather', { city: 5 }], ['weather', '{"city": "Os'], ['wether', {}]),
      { text: 'Sorry.' },
    );
    const reply = await world.llm.chat({ model, messages: 'Try', tools: [weather, breaks] });
    expect(reply.text).toBe('Sorry.');
    expect(results(reply.messages)).toEqual([
      ['Error: no line to the station'],
      [expect.stringMatching(/^Error: the arguments do not fit: city: .*expected string/)],
      // A plain answer of Anthropic's has no place for what is no JSON.
      [
        model === 'anthropic/claude'
          ? expect.any(String)
          : 'Error: the arguments do not fit: they are no JSON',
      ],
      ['Error: there is no tool "wether", only weather, breaks'],
    ]);
    expect(seen).toEqual([{}]);
    expect(world.provider.requests[1]?.bodyText).toContain('no line to the station');
  });

  test('an error ends the chat instead, and stops the tools beside it, where the tool says so', async () => {
    const world = governed();
    const fault = new Error('disk full');
    let beside: AbortSignal | undefined;
    const tools: Tool[] = [
      tool({
        name: 'waits',
        parameters: {},
        execute: (_args, { signal }) => {
          beside = signal;
          return new Promise(() => {});
        },
      }),
      tool({
        name: 'writes',
        parameters: {},
        onError: 'throw',
        execute: () => Promise.reject(fault),
      }),
    ];
    world.provider.next(wants(['waits', {}], ['writes', {}]));
    expect(await rejection(world.llm.chat({ model, messages: 'Write', tools }))).toBe(fault);
    expect(beside?.aborted).toBe(true);
    await settledOnce(world, 1);
  });

  test('are not run beyond `maxSteps`, whose default is 8: the reply is the last, as it is', async () => {
    const world = governed();
    let runs = 0;
    const again = tool({ name: 'again', parameters: {}, execute: () => ++runs });
    world.provider.always(wants(['again', {}]));
    const limited = await world.llm.chat({ model, messages: 'Go', tools: [again], maxSteps: 2 });
    expect([limited.stop, limited.toolCalls.length, limited.steps.length, runs]).toEqual([
      'tool-calls',
      1,
      2,
      1,
    ]);
    const unlimited = await world.llm.chat({ model, messages: 'Go', tools: [again] });
    expect([unlimited.stop, unlimited.steps.length, runs]).toEqual(['tool-calls', 8, 8]);
  });

  test('are handed back when one of them is the application’s own to run', async () => {
    const world = governed();
    let runs = 0;
    const tools: Tool[] = [
      { name: 'mine', parameters: { type: 'object', properties: {} } },
      tool({ name: 'ours', parameters: {}, execute: () => ++runs }),
    ];
    world.provider.next(wants(['mine', {}], ['ours', {}]));
    const reply = await world.llm.chat({ model, messages: 'Go', tools });
    expect(reply.toolCalls.map(({ name, arguments: args }) => [name, args])).toEqual([
      ['mine', {}],
      ['ours', {}],
    ]);
    expect([reply.stop, runs]).toEqual(['tool-calls', 0]);
  });

  test('are not run when the answer was cut off at its limit', async () => {
    const world = governed();
    let runs = 0;
    const ours = tool({ name: 'ours', parameters: {}, execute: () => ++runs });
    world.provider.next({ ...wants(['ours', {}]), stopReason: 'length' });
    const reply = await world.llm.chat({ model, messages: 'Go', tools: [ours] });
    expect([reply.stop, runs]).toEqual(['length', 0]);
  });

  test('a choice that was forced holds for the first turn', async () => {
    const world = governed();
    const request = { model, messages: 'Go', tools: [weather], toolChoice: { name: 'weather' } };
    expect((await world.llm.chat(request)).text).toContain('The tool said');
    const choices = world.provider.requests.map(
      ({ body }) => (body as { tool_choice?: unknown }).tool_choice,
    );
    expect(JSON.stringify(choices[0])).toContain('weather');
    expect(JSON.stringify(choices[1])).toContain('auto');
  });

  test('get what the model wrote after interceptors have seen it, and they see the results', async () => {
    const world = governed({ interceptors: [redactor] });
    const echo = tool({
      name: 'echo',
      parameters: z.object({ text: z.string() }),
      execute: ({ text }) => `${text}, and a secret`,
    });
    world.provider.next(wants(['echo', { text: 'a secret' }]), { text: 'Done.' });
    const reply = await world.llm.chat({ model, messages: 'Echo', tools: [echo] });
    expect(results(reply.messages)).toEqual(['a [masked], and a secret']);
    expect(world.provider.requests[1]?.bodyText).not.toContain('secret');
  });

  test('know who asks for them, and are stopped by the caller even when they do not listen', async () => {
    const world = governed();
    let told: ToolContext | undefined;
    const deaf = tool({
      name: 'deaf',
      parameters: {},
      execute: (_args, context) => {
        told = context;
        return new Promise(() => {});
      },
    });
    const controller = new AbortController();
    world.provider.next({ toolCalls: [{ name: 'deaf', arguments: {}, id: 'call_1' }] });
    const failed = rejection(
      world.llm.chat({ model, messages: 'Go', tools: [deaf] }, { signal: controller.signal }),
    );
    await until(() => told !== undefined);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await failed).toBe(reason);
    const [receipt] = await settledOnce(world, 1);
    expect(told).toMatchObject({ toolCallId: 'call_1', callId: receipt?.callId });
    expect(told?.signal.reason).toBe(reason);
  });

  test('nothing listens to a signal that outlives them', async () => {
    const world = governed();
    const { signal } = new AbortController();
    world.provider.next(wants(['weather', { city: 'Oslo' }]), { text: 'Clear.' });
    await world.llm.chat({ model, messages: 'Go', tools: [weather] }, { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('an abort in a later turn rejects with its reason', async () => {
    const world = governed();
    const controller = new AbortController();
    world.provider.next(wants(['weather', { city: 'Oslo' }]), { hang: true });
    const failed = rejection(
      world.llm.chat({ model, messages: 'Go', tools: [weather] }, { signal: controller.signal }),
    );
    await until(() => world.provider.requests.length === 2);
    controller.abort('enough');
    expect(await failed).toBe('enough');
    expect((await settledOnce(world, 2)).map(({ outcome }) => outcome)).toEqual(['finished', 'aborted']);
  });

  test.each([
    ['a tool', [wants(['waits', {}])], 1],
    ['a later turn', [wants(['weather', { city: 'Oslo' }]), { hang: true }], 2],
  ] as const)('one deadline is for all of it: it ends %s too', async (_what, script, requests) => {
    const world = governed();
    let waits = false;
    const tools = [
      weather,
      tool({
        name: 'waits',
        parameters: {},
        execute: () => {
          waits = true;
          return new Promise(() => {});
        },
      }),
    ];
    const [first, ...later] = script;
    world.provider.next({ ...first, latencyMs: 600 }, ...later);
    const failed = rejection(world.llm.chat({ model, messages: 'Go', tools }, { deadlineMs: 1_000 }));
    await until(() => world.provider.requests.length === 1);
    await world.clock.advance(600);
    await until(() => waits || world.provider.requests.length === 2);
    await world.clock.advance(399);
    await world.clock.advance(1);
    expect(await failed).toMatchObject({ code: 'time-limit' });
    await settledOnce(world, requests);
    // The one timer that all limits share may still be set, for nothing.
    expect(world.clock.pending).toBeLessThanOrEqual(1);
  });
});

describe('a tool loop and its ManagedLLM', () => {
  const request = (execute: () => unknown) => ({
    model: 'openai/gpt',
    messages: 'Go',
    tools: [tool({ name: 'waits', parameters: {}, execute })],
  });

  test('`idle` and `close` wait for it between its calls too', async () => {
    const world = governed();
    const result = Promise.withResolvers<string>();
    let waits = false;
    world.provider.next(wants(['waits', {}]), { text: 'Done.' });
    const pending = world.llm.chat(
      request(() => {
        waits = true;
        return result.promise;
      }),
    );
    await until(() => waits);
    let closed = false;
    const closing = world.llm.close().then(() => (closed = true));
    await until(() => true);
    expect(closed).toBe(false);
    result.resolve('now');
    expect((await pending).text).toBe('Done.');
    await closing;
    expect(world.receipts).toHaveLength(2);
  });

  test('`close` ends it when it waits no longer', async () => {
    const world = governed();
    let waits = false;
    world.provider.next(wants(['waits', {}]));
    const failed = rejection(
      world.llm.chat(
        request(() => {
          waits = true;
          return new Promise(() => {});
        }),
      ),
    );
    await until(() => waits);
    const closing = world.llm.close({ timeoutMs: 1_000 });
    await world.clock.advance(1_000);
    expect(await failed).toMatchObject({ code: 'closed' });
    await closing;
  });

  test('a conversation goes on at another provider in the middle of it', async () => {
    const world = governed({ routes: { smart: fallback('openai/gpt', 'anthropic/claude') } });
    world.provider
      .when({ model: 'gpt' }, wants(['weather', { city: 'Oslo' }]), { times: 1 })
      .when({ model: 'gpt' }, { status: 500 });
    const reply = await world.llm.chat({ model: 'smart', messages: 'Oslo?', tools: [weather] });
    expect(reply.text).toBe('The tool said: {"city":"Oslo","days":1,"sky":"clear"}');
    expect(reply.receipts.map(({ target }) => target?.provider)).toEqual(['openai', 'anthropic']);
  });
});

describe('`tool`', () => {
  test('tells the model the schema that its arguments are held to', async () => {
    const world = governed();
    await world.llm.chat({ model: 'openai/gpt', messages: 'Hi', tools: [weather] });
    expect(world.provider.requests[0]?.body).toMatchObject({
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'The weather in a city',
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        },
      ],
    });
  });

  test('takes the JSON schema from its options where the library gives none', async () => {
    const { jsonSchema: _none, ...silent } = z.object({ city: z.string() })['~standard'];
    const parameters = { '~standard': silent };
    expect(() => tool({ name: 'weather', parameters })).toThrow(
      /^`tool\("weather"\)\.parameters` is a schema of zod that does not tell .*give that too, as `jsonSchema`/,
    );
    const jsonSchema = { type: 'object', properties: { city: { type: 'string' } } };
    expect(tool({ name: 'weather', parameters, jsonSchema }).parameters).toBe(jsonSchema);
  });

  test('takes schemas that are functions, as some libraries’ are', async () => {
    const world = governed();
    const { '~standard': standard } = z.object({ city: z.string() });
    const callable = Object.assign(() => true, { '~standard': standard });
    const asked = tool({ name: 'asked', parameters: callable, execute: ({ city }) => city.toUpperCase() });
    world.provider.next(wants(['asked', { city: 'Oslo' }]), { text: 'Done.' });
    const reply = await world.llm.chat({ model: 'openai/gpt', messages: 'Go', tools: [asked] });
    expect(results(reply.messages)).toEqual(['OSLO']);
  });

  test('says so where a schema has no JSON schema', () => {
    try {
      tool({ name: 'when', parameters: z.object({ at: z.date() }) });
      expect.fail('expected a throw');
    } catch (error) {
      expect(ManagedLLMError.isInstance(error) && error.code).toBe('invalid-options');
      expect(String(error)).toContain('cannot be told as a JSON schema');
    }
  });

  test('arguments of a plain JSON schema are handed on unchecked, and none at all are an empty object', async () => {
    const world = governed();
    const seen: unknown[] = [];
    const loose = tool({
      name: 'loose',
      parameters: { type: 'object', properties: { n: { type: 'number' } } },
      execute: (args) => void seen.push(args),
    });
    world.provider.next(wants(['loose', { n: 'five' }], ['loose', '']), { text: 'Done.' });
    const reply = await world.llm.chat({ model: 'openai/gpt', messages: 'Go', tools: [loose] });
    expect(seen).toEqual([{ n: 'five' }, {}]);
    expect(results(reply.messages)).toEqual(['', '']);
  });
});

describe('a strict tool', () => {
  test('shows the model closed objects that require their members, as providers demand', () => {
    const strict = tool({
      name: 'weather',
      parameters: z.object({
        city: z.object({ name: z.string() }),
        days: z.number().default(1),
        unit: z.enum(['C', 'F']).nullable().optional(),
      }),
      strict: true,
    });
    expect(strict.parameters).toMatchObject({
      required: ['city', 'days', 'unit'],
      additionalProperties: false,
      properties: { city: { required: ['name'], additionalProperties: false } },
    });
    expect(JSON.stringify(strict.parameters)).not.toContain('"default"');
  });

  test('is refused where a member may be left out, by its path and with what to do', () => {
    expect(() =>
      tool({ name: 'weather', parameters: z.object({ city: z.string().optional() }), strict: true }),
    ).toThrow(/^`tool\("weather"\)\.parameters\.city` may be left out.*\.nullable\(\)/);
  });

  test('whose schema is a plain JSON schema is sent as it is', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } } as const;
    expect(tool({ name: 'weather', parameters, strict: true }).parameters).toBe(parameters);
  });
});
