import * as fc from 'fast-check';
import OpenAI from 'openai';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { describe, expect, it } from 'vitest';
import { providerFailure } from '../../../src/core/classify.ts';
import { StreamEvent } from '../../../src/core/stream-event.ts';
import { neutral, openaiChat } from '../../../src/dialects/index.ts';
import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import type { AssistantPart, Message, UserPart } from '../../../src/dialects/neutral/message.ts';
import type { NeutralReply } from '../../../src/dialects/neutral/reply.ts';
import type { NeutralRequest } from '../../../src/dialects/neutral/request.ts';
import { collect } from '../../../src/dialects/openai-chat/collect.ts';
import { openaiChatCodec as codec } from '../../../src/dialects/openai-chat/translation.ts';
import {
  asked,
  decodedReplies,
  decodedRequests,
  decodedStreams,
  encodedReplies,
  encodedRequests,
  encodedStreams,
} from './openai-chat-pairs.ts';
import { eventsOf, recordings, textOf } from './recordings.ts';

const wireEvent = (json: unknown): StreamEvent =>
  json === '[DONE]' ? new StreamEvent(new TextEncoder().encode('data: [DONE]\n\n')) : StreamEvent.of(json);

function decoded(events: readonly StreamEvent[]): readonly NeutralEvent[] {
  const decoder = codec.stream.decoder();
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.end()];
}

function encoded(events: readonly NeutralEvent[], request = asked): readonly StreamEvent[] {
  const encoder = codec.stream.encoder(request);
  return [...events.flatMap((event) => encoder.push(event)), ...encoder.end()];
}

/** The real client, with answers given one after another. */
function client(...bodies: readonly string[]): OpenAI {
  const left = [...bodies];
  return new OpenAI({
    apiKey: 'k',
    maxRetries: 0,
    fetch: async () => new Response(left.shift(), { headers: { 'content-type': 'text/event-stream' } }),
  });
}

describe('requests of Chat Completions', () => {
  it.each(decodedRequests)('are read: $title', ({ from, to, losses = [] }) => {
    expect(codec.request.decode(from)).toEqual({ value: to, losses });
  });

  it.each(encodedRequests)('are written: $title', ({ from, to, losses = [] }) => {
    expect(codec.request.encode(from, false)).toEqual({ value: to, losses });
  });

  it('ask for a stream only when told to, and never for its options', () => {
    const request: NeutralRequest = {
      model: 'm',
      messages: [],
      extras: { 'openai-chat': { stream: false } },
    };
    expect(codec.request.encode(request, true).value).toEqual({ model: 'm', messages: [], stream: true });
  });

  it('come back as they were through the neutral format, older forms as the newer ones', () => {
    for (const { from } of decodedRequests) {
      const { value, losses } = codec.request.decode(from);
      const again = codec.request.encode(value, false);
      expect(again.losses).toEqual([]);
      if (losses.length === 0) expect(normal(again.value)).toEqual(normal(from));
    }
  });

  it('keep their meaning when they are written and read again', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { value, losses } = codec.request.encode(request, false);
        expect(losses).toEqual([]);
        const wired: unknown = JSON.parse(JSON.stringify(value));
        expect(codec.request.decode(wired)).toEqual({ value: request, losses: [] });
      }),
    );
  });

  it('never make the decoder throw or change what it is given', () => {
    fc.assert(
      fc.property(looseBodies, (body) => {
        const before = JSON.stringify(body);
        const { value } = codec.request.decode(body);
        codec.request.encode(value, true);
        expect(JSON.stringify(body)).toBe(before);
      }),
    );
  });
});

describe('replies of Chat Completions', () => {
  it.each(decodedReplies)('are read: $title', ({ from, to, losses = [] }) => {
    expect(codec.reply.decode(from)).toEqual({ value: to, losses });
  });

  it.each(encodedReplies)('are written: $title', ({ from, to, losses = [], asked: request = asked }) => {
    expect(codec.reply.encode(from, request)).toEqual({ value: to, losses });
  });

  it('come back as they were through the neutral format', () => {
    for (const { from, losses = [] } of decodedReplies) {
      const { value } = codec.reply.decode(from);
      if (losses.length > 0 || value.content.length === 0) continue;
      const again = codec.reply.encode(value, asked);
      expect(again.losses).toEqual([]);
      expect(codec.reply.decode(again.value).value).toEqual({ ...value, model: value.model ?? 'gpt-6-sol' });
    }
  });

  it('have reasoning that goes back to where it came from, with the texts that a lens has changed', () => {
    const { from } = decodedReplies[3] ?? {};
    const { content } = codec.reply.decode(from).value;
    const request: NeutralRequest = { model: 'm', messages: [{ role: 'assistant', content }] };
    const changed = neutral.request.mapTexts(request, (said) => said.toUpperCase());
    const { value, losses } = codec.request.encode(changed as NeutralRequest, false);
    expect(losses).toEqual([]);
    expect(value).toEqual({
      model: 'm',
      messages: [{ role: 'assistant', content: 'FOUR', reasoning_content: 'TWO AND TWO' }],
    });
  });

  it('have no text that a lens over their neutral form does not see', () => {
    const shout = (said: string): string => said.toUpperCase();
    const message = {
      content: 'text',
      refusal: 'refusal',
      reasoning_content: 'reasoning',
      tool_calls: [
        { id: 'b', type: 'custom', custom: { name: 'g', input: 'input' } },
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"key":"input"}' } },
      ],
      audio: { id: 'c', data: 'UklG', transcript: 'transcript' },
    };
    const { value } = codec.reply.decode({ choices: [{ message }] });
    const changed = neutral.reply.mapTexts(value, shout) as NeutralReply;
    expect(codec.reply.encode(changed, asked).value).toMatchObject({
      choices: [
        {
          message: {
            content: 'TEXT',
            refusal: 'REFUSAL',
            reasoning_content: 'REASONING',
            tool_calls: [
              { custom: { name: 'g', input: 'INPUT' } },
              { function: { arguments: '{"key":"INPUT"}' } },
            ],
            audio: { data: 'UklG', transcript: 'TRANSCRIPT' },
          },
        },
      ],
    });
  });

  it('keep their meaning when they are written and read again', () => {
    fc.assert(
      fc.property(answers, ({ reply }) => {
        const { value, losses } = codec.reply.encode(reply, asked);
        expect(losses).toEqual([]);
        expect(meaning(codec.reply.decode(value).value)).toEqual(meaning(reply));
      }),
    );
  });

  it('never make the decoder throw', () => {
    fc.assert(
      fc.property(looseBodies, (body) => {
        codec.reply.encode(codec.reply.decode(body).value, { ...asked, body });
        decoded([StreamEvent.of(body), wireEvent('[DONE]')]);
      }),
    );
  });
});

describe('streams of Chat Completions', () => {
  it.each(decodedStreams)('are read: $title', ({ from, to, losses = [] }) => {
    const decoder = codec.stream.decoder();
    const events = from.flatMap((json) => decoder.push(wireEvent(json)));
    expect([...events, ...decoder.end()]).toEqual(to);
    expect(decoder.losses).toEqual(losses);
  });

  it.each(encodedStreams)('are written: $title', ({ from, to, losses = [], asked: request = asked }) => {
    const encoder = codec.stream.encoder(request);
    const events = [...from.flatMap((event) => encoder.push(event)), ...encoder.end()];
    expect(events.map(({ json, data }) => json ?? data)).toEqual(to);
    expect(encoder.losses).toEqual(losses);
  });

  it('tell each piece in the same turn as its chunk', () => {
    const decoder = codec.stream.decoder();
    const told = (json: unknown): unknown[] => decoder.push(wireEvent(json)).map(({ type }) => type);
    const delta = (value: object): unknown => ({ id: 'c', choices: [{ index: 0, delta: value }] });
    expect(told(delta({ content: 'a' }))).toEqual(['start', 'text-delta']);
    expect(told(delta({ content: 'b' }))).toEqual(['text-delta']);
    expect(told({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })).toEqual([
      'part-end',
    ]);
    expect(told('[DONE]')).toEqual(['finish']);
    expect(told('[DONE]')).toEqual([]);
  });

  it('say the same as the plain reply that is collected from them, citations of several chunks too', async () => {
    const { collect } = await openaiChat.codec();
    const cited = (url: string): unknown => ({
      annotations: [{ type: 'url_citation', url_citation: { url, title: url } }],
    });
    const chunk = (delta: unknown, ended: string | null, native: string | null): StreamEvent =>
      StreamEvent.of({
        id: 'c',
        model: 'm',
        choices: [{ index: 0, delta, finish_reason: ended, native_finish_reason: native }],
      });
    const events = [
      chunk({ role: 'assistant', content: 'Here.' }, null, null),
      chunk(cited('https://example.com/a'), null, null),
      chunk(cited('https://example.com/b'), null, null),
      chunk({}, 'stop', 'end_turn'),
      chunk({ content: '' }, null, null),
    ];
    const neutralEvents = decoded(events).map((event) => StreamEvent.of(event));
    const streamed = (await neutral.codec()).collect(neutralEvents);
    expect(streamed).toEqual(codec.reply.decode(collect(events)).value);
    expect(streamed).toMatchObject({
      content: [{ citations: [{ url: 'https://example.com/a' }, { url: 'https://example.com/b' }] }],
      extras: { 'openai-chat': { 'choices.0.native_finish_reason': 'end_turn' } },
    });
  });

  it('end with an error in band, both ways', () => {
    const error = { error: { message: 'Overloaded', type: 'server_error', code: 'slow_down' } };
    const chunk = { id: 'c', choices: [{ index: 0, delta: { content: 'a' } }] };
    const events = decoded([wireEvent(chunk), wireEvent(error), wireEvent(chunk), wireEvent('[DONE]')]);
    expect(events.map(({ type }) => type)).toEqual(['start', 'text-delta', 'error']);
    expect(events.at(-1)).toEqual({ type: 'error', error: openaiChat.stream.error(wireEvent(error)) });
    const failure = providerFailure(529, new Headers(), {});
    const wire = encoded([
      { type: 'error', error: failure },
      { type: 'finish', stop: { reason: 'stop' }, usage: undefined },
    ]);
    expect(wire.map(({ json }) => json)).toEqual([openaiChat.errors.body(failure)]);
  });

  it('add up, for every legal sequence, to the message that the whole reply has', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async ({ reply, events }) => {
        const stream = textOf(encoded(events));
        const helper = client(stream).chat.completions.stream({ model: 'm', messages: [] });
        const whole = codec.reply.encode(reply, asked).value as OpenAI.ChatCompletion;
        const completion = await helper.finalChatCompletion();
        expect(helperMessage(completion.choices[0]?.message)).toEqual(
          helperMessage(whole.choices[0]?.message),
        );
        expect(completion.choices[0]?.finish_reason).toBe(whole.choices[0]?.finish_reason);
        expect(completion.usage).toEqual(whole.usage);
      }),
      { numRuns: 60 },
    );
  });

  it('keep their meaning, for every legal sequence, when they are written and read again', () => {
    fc.assert(
      fc.property(answers, ({ reply, events }) => {
        expect(added(decoded(encoded(events)))).toEqual(meaning(reply));
      }),
    );
  });

  it('are taken by the SDK from a stream it carries itself', async () => {
    const { from } = encodedStreams[1] ?? { from: [] };
    const lines = encoded(from)
      .filter(({ json }) => json !== undefined)
      .map(({ json }) => `${JSON.stringify(json)}\n`);
    const body = new Blob(lines).stream();
    const message = await ChatCompletionStream.fromReadableStream(body).finalMessage();
    expect(message.content).toBe('So');
    expect(message.tool_calls?.map(({ id }) => id)).toEqual(['call_1', 'call_2']);
  });

  it("run through the SDK's tool runner, overlapping calls of strict tools too", async () => {
    const { from } = encodedStreams[1] ?? { from: [] };
    const text = encodedStreams[0]?.from ?? [];
    const called: unknown[] = [];
    const tool = (name: string) =>
      ({
        type: 'function',
        function: {
          name,
          description: name,
          strict: true,
          parameters: { type: 'object' },
          parse: (input: string) => JSON.parse(input) as object,
          function: (input: object) => {
            called.push([name, input]);
            return 'done';
          },
        },
      }) as const;
    const runner = client(textOf(encoded(from)), textOf(encoded(text))).chat.completions.runTools({
      model: 'm',
      stream: true,
      messages: [{ role: 'user', content: 'Hello' }],
      tools: [tool('weather'), tool('now')],
    });
    expect(await runner.finalContent()).toBe('Hello');
    expect(called).toEqual([
      ['weather', { city: 'Ulm' }],
      ['now', {}],
    ]);
  });
});

const chats = recordings.filter(({ operation }) => operation === 'openai.chat');

describe.skipIf(recordings.length === 0)('recorded chat exchanges', () => {
  it('have requests that come back as they were', () => {
    expect(chats.length).toBeGreaterThan(100);
    for (const { id, request } of chats) {
      const { value, losses } = codec.request.decode(request.body);
      expect([id, losses]).toEqual([id, []]);
      const again = codec.request.encode(value, false);
      expect([id, again.losses]).toEqual([id, []]);
      expect([id, normal(again.value)]).toEqual([id, normal(request.body)]);
    }
  });

  it('have replies whose neutral form survives being written and read again', () => {
    for (const { id, response } of chats) {
      if (response.body === undefined) continue;
      const { value } = codec.reply.decode(response.body);
      if (value.content.length === 0) continue;
      const again = codec.reply.encode(value, asked);
      const { value: read } = codec.reply.decode(again.value);
      expect([id, meaning(read)]).toEqual([id, meaning(value)]);
    }
  });

  it('have streams that are read as what their chunks add up to', async () => {
    const { collect } = await openaiChat.codec();
    let streams = 0;
    for (const { id, response } of chats) {
      if (response.sse === undefined || !openaiChat.stream.isTerminal(response.sse)) continue;
      const events = eventsOf(response.sse);
      const whole = codec.reply.decode(collect(events)).value;
      const told = decoded(events);
      if (told.at(-1)?.type === 'error') continue;
      streams++;
      expect([id, added(told)]).toEqual([id, meaning(whole)]);
      expect([id, added(decoded(encoded(told)))]).toEqual([id, meaning(whole)]);
    }
    expect(streams).toBeGreaterThan(20);
  });
});

/**
 * A request in one of the ways that say the same. Null and absence are one, so is content that is empty; arguments are
 * compared as JSON; a lone text is a string. Left out are: what tells delivery, a list of no tools, and what is said of
 * the choice where there are none. Older forms stand as the newer ones: `max_tokens`, `user`, `functions` with their
 * calls and results, a lone `stop`, `any`, untyped tools, text as the answer's format, and a schema without a name.
 */
function normal(body: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(body), (key, value: unknown) =>
    value === null || (key === 'annotations' && Array.isArray(value) && value.length === 0)
      ? undefined
      : value,
  ) as any;
  if (typeof copy !== 'object' || copy === null) return copy;
  delete copy.stream;
  delete copy.stream_options;
  rename(copy, 'max_tokens', 'max_completion_tokens');
  rename(copy, 'user', 'safety_identifier');
  if (typeof copy.stop === 'string') copy.stop = [copy.stop];
  if (copy.tool_choice === 'any') copy.tool_choice = 'required';
  if (copy.response_format?.type === 'text') delete copy.response_format;
  if (copy.response_format?.json_schema) copy.response_format.json_schema.name ??= 'response';
  if (copy.functions !== undefined && copy.tools === undefined) {
    copy.tools = copy.functions.map((called: unknown) => ({ function: called }));
    const name = copy.function_call?.name;
    copy.tool_choice = name === undefined ? copy.function_call : { type: 'function', function: { name } };
    if (copy.tool_choice === undefined) delete copy.tool_choice;
    copy.parallel_tool_calls = false;
    delete copy.functions;
    delete copy.function_call;
  }
  if (copy.tools === undefined || copy.tools.length === 0) {
    delete copy.tools;
    delete copy.tool_choice;
    delete copy.parallel_tool_calls;
  }
  for (const tool of copy.tools ?? []) {
    if (tool.function === undefined) continue;
    tool.type ??= 'function';
    tool.function.parameters ??= { type: 'object', properties: {} };
  }
  for (const [at, message] of (copy.messages ?? []).entries()) normalMessage(message, at);
  return copy;
}

function normalMessage(message: any, at: number): void {
  if (message.content === undefined || message.content.length === 0) message.content = '';
  const [only] = Array.isArray(message.content) ? message.content : [];
  const plain = message.content.length === 1 && only?.type === 'text' && Object.keys(only).length === 2;
  if (plain && message.role === 'assistant') message.content = only.text;
  for (const part of Array.isArray(message.content) ? message.content : []) {
    if (typeof part.image_url === 'string') part.image_url = { url: part.image_url };
  }
  if (message.function_call !== undefined) {
    message.tool_calls = [{ id: `call_${at}`, function: message.function_call }];
    delete message.function_call;
  }
  if (message.role === 'function') {
    message.role = 'tool';
    message.tool_call_id = `call_${at - 1}`;
    delete message.name;
  }
  if (message.role === 'tool') message.tool_call_id = String(message.tool_call_id ?? 'call_0_2');
  if (message.tool_calls?.length === 0) delete message.tool_calls;
  for (const [index, call] of (message.tool_calls ?? []).entries()) {
    delete call.index;
    call.id = String(call.id ?? `call_${at}_${index}`);
    if (call.function === undefined) continue;
    call.type = 'function';
    const text = call.function.arguments === '' ? '{}' : call.function.arguments;
    try {
      call.function.arguments = JSON.parse(text);
    } catch {
      call.function.arguments = text;
    }
  }
}

function rename(body: any, older: string, newer: string): void {
  if (body[older] === undefined || body[newer] !== undefined) return;
  body[newer] = body[older];
  delete body[older];
}

interface Meaning {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly calls: readonly unknown[];
  readonly stop: NeutralReply['stop'];
  readonly usage: NeutralReply['usage'];
}

/**
 * What an answer says, however it is cut into parts: Chat Completions has one text, one refusal and one reasoning. Where
 * citations and audio stand is compared by the pairs.
 */
function meaning({ content, stop, usage }: NeutralReply): Meaning {
  const joined = (type: 'text' | 'reasoning' | 'refusal'): string =>
    content.map((part) => (part.type === type ? part.text : '')).join('');
  return {
    text: joined('text'),
    reasoning: joined('reasoning'),
    refusal: joined('refusal'),
    calls: content.flatMap((part) =>
      part.type === 'tool-call' ? [{ id: part.id, name: part.name, arguments: part.arguments }] : [],
    ),
    stop,
    usage,
  };
}

/** What events say, and whether they do so in legal order. */
function added(events: readonly NeutralEvent[]): Meaning {
  expect(events[0]?.type).toBe('start');
  const parts: AssistantPart[] = [];
  const ended = new Set<number>();
  for (const event of events.slice(1, -1)) {
    if (!('part' in event)) throw new Error(`${event.type} in the middle`);
    expect(ended.has(event.part)).toBe(false);
    const known = parts[event.part];
    if (known === undefined) expect(event.part).toBe(parts.length);
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta': {
        const type = event.type.slice(0, -6) as 'text' | 'reasoning' | 'refusal';
        const before = known !== undefined && 'text' in known ? known.text : '';
        parts[event.part] = { type, text: before + event.text };
        break;
      }
      case 'tool-call-start':
        parts[event.part] = { type: 'tool-call', id: event.id, name: event.name, arguments: undefined };
        break;
      case 'tool-call':
        ended.add(event.part);
        parts[event.part] = { type: 'tool-call', id: event.id, name: event.name, arguments: event.arguments };
        break;
      case 'part-end':
        ended.add(event.part);
        break;
      case 'foreign':
        ended.add(event.part);
        parts[event.part] = event.value;
        break;
      default:
    }
  }
  expect(ended.size).toBe(parts.length);
  const finish = events.at(-1);
  if (finish?.type !== 'finish') throw new Error('no finish');
  const { stop, usage } = finish;
  return meaning({ id: undefined, model: undefined, content: parts, stop, usage });
}

/** A message without what the helper computes, or keeps only the last piece of; null, empty and absent are one. */
function helperMessage(message: unknown): unknown {
  const computed = new Set(['parsed', 'parsed_arguments', 'reasoning_content']);
  return JSON.parse(
    JSON.stringify(message, (key, value: unknown) =>
      computed.has(key) || value === null || value === '' ? undefined : value,
    ),
  );
}

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
/** As it comes over the wire, which knows no negative zero. */
const json = (value: unknown): any => JSON.parse(JSON.stringify(value));
const record = fc
  .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map(json);
const share = fc.double({ min: 0, max: 2, noNaN: true });
const own = fc.option(
  fc.record({
    'openai-chat': fc.record({
      x_option: fc
        .jsonValue()
        .map(json)
        .filter((value) => value !== null),
    }),
  }),
  { nil: undefined },
);

function some<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

const userPart: fc.Arbitrary<UserPart> = fc
  .oneof(
    fc.record({ type: fc.constant('text' as const), text: fc.string(), extras: own }),
    fc.record({
      type: fc.constant('image' as const),
      source: fc.oneof(
        fc.record({ type: fc.constant('url' as const), url: fc.webUrl() }),
        fc.record({
          type: fc.constant('base64' as const),
          data: fc.base64String(),
          mediaType: fc.constantFrom('image/png', 'image/jpeg'),
        }),
      ),
      extras: own,
    }),
    fc.record({
      type: fc.constant('file' as const),
      source: fc.oneof(
        fc.record({
          type: fc.constant('id' as const),
          id: text,
          dialect: fc.constant('openai-chat' as const),
        }),
        fc.record({
          type: fc.constant('base64' as const),
          data: fc.base64String(),
          mediaType: fc.constant('application/pdf'),
        }),
      ),
      name: text,
      extras: own,
    }),
  )
  .map((part) => some(part) as UserPart);

/** A turn with its results right behind it, as this format has them: text, refusal, calls. */
const turn: fc.Arbitrary<(number: number) => Message[]> = fc
  .record({
    said: fc.option(text, { nil: undefined }),
    refusal: fc.option(text, { nil: undefined }),
    calls: fc.array(fc.record({ name: text, arguments: record, result: fc.string() }), { maxLength: 3 }),
    extras: own,
  })
  .map(({ said, refusal, calls, extras }) => (number) => {
    const parts: AssistantPart[] = [
      ...(said === undefined ? [] : [{ type: 'text' as const, text: said }]),
      ...(refusal === undefined ? [] : [{ type: 'refusal' as const, text: refusal }]),
      ...calls.map(({ name, arguments: input }, at) => ({
        type: 'tool-call' as const,
        id: `call-${number}-${at}`,
        name,
        arguments: input,
      })),
    ];
    const lone = parts.length === 1 && said !== undefined ? said : undefined;
    const content = parts.length === 0 ? '' : (lone ?? parts);
    return [
      some({ role: 'assistant' as const, content, extras }) as Message,
      ...calls.map(({ result }, at): Message => ({
        role: 'tool',
        toolCallId: `call-${number}-${at}`,
        content: result,
      })),
    ];
  });

const messages: fc.Arbitrary<Message[]> = fc
  .array(
    fc.oneof(
      turn,
      fc
        .record({
          role: fc.constantFrom('system' as const, 'developer' as const),
          content: fc.string(),
          extras: own,
        })
        .map((message) => () => [some(message) as Message]),
      fc
        .record({
          role: fc.constant('user' as const),
          content: fc.oneof(fc.string(), fc.array(userPart, { minLength: 1, maxLength: 4 })),
          name: fc.option(fc.string(), { nil: undefined }),
          extras: own,
        })
        .map((message) => () => [some(message) as Message]),
    ),
    { maxLength: 6 },
  )
  .map((made) => made.flatMap((make, number) => make(number)));

const requests: fc.Arbitrary<NeutralRequest> = fc
  .record({
    model: fc.string(),
    messages,
    tools: fc.array(
      fc.record(
        { name: text, description: fc.string(), parameters: record, strict: fc.boolean() },
        { requiredKeys: ['name', 'parameters'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    toolChoice: fc.option(fc.oneof(fc.constantFrom('auto', 'none', 'required'), fc.record({ name: text })), {
      nil: undefined,
    }),
    parallelToolCalls: fc.option(fc.boolean(), { nil: undefined }),
    output: fc.option(
      fc.oneof(
        fc.constant({ type: 'json' }),
        fc.record({
          type: fc.constant('json-schema'),
          name: text,
          schema: record,
          strict: fc.boolean(),
        }),
      ),
      { nil: undefined },
    ),
    maxOutputTokens: fc.option(fc.nat(), { nil: undefined }),
    stopSequences: fc.option(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), { nil: undefined }),
    temperature: fc.option(share, { nil: undefined }),
    topP: fc.option(share, { nil: undefined }),
    seed: fc.option(fc.nat(), { nil: undefined }),
    frequencyPenalty: fc.option(share, { nil: undefined }),
    presencePenalty: fc.option(share, { nil: undefined }),
    reasoning: fc.option(
      fc.record({ effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max') }),
      { nil: undefined },
    ),
    endUserId: fc.option(text, { nil: undefined }),
    extras: own,
  })
  .map((request) => some(request) as NeutralRequest);

/** A reply, and a legal sequence of events that tells it: texts cut anywhere, parts overlapping anyhow. */
const answers: fc.Arbitrary<{ readonly reply: NeutralReply; readonly events: readonly NeutralEvent[] }> = fc
  .record({
    parts: fc.array(
      fc.record({
        type: fc.constantFrom(
          'text' as const,
          'reasoning' as const,
          'refusal' as const,
          'tool-call' as const,
        ),
        text,
        input: record,
        cuts: fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
      }),
      { maxLength: 5 },
    ),
    order: fc.array(fc.nat({ max: 3 }), { maxLength: 40 }),
    ending: fc.constantFrom('stop' as const, 'length' as const, 'content-filter' as const),
    usage: fc.option(
      fc.record(
        {
          inputTokens: fc.nat({ max: 1e6 }),
          outputTokens: fc.nat({ max: 1e6 }),
          cachedInputTokens: fc.nat({ max: 1e6 }),
          cacheWriteTokens: fc.nat({ max: 1e6 }),
          audioInputTokens: fc.nat({ max: 1e6 }),
          imageInputTokens: fc.nat({ max: 1e6 }),
          reasoningTokens: fc.nat({ max: 1e6 }),
          audioOutputTokens: fc.nat({ max: 1e6 }),
          serverToolRequests: fc.constant({ web_search_requests: 2 }),
          serviceTier: fc.constantFrom('default', 'flex'),
          provenance: fc.constant('reported' as const),
        },
        { requiredKeys: ['inputTokens', 'provenance'] },
      ),
      { nil: undefined },
    ),
  })
  .map(({ parts, order, ending, usage }) => {
    const content = parts.map(({ type, text, input }, at): AssistantPart =>
      type === 'tool-call' ? { type, id: `call-${at}`, name: 'tool', arguments: input } : { type, text },
    );
    const calls = content.some(({ type }) => type === 'tool-call');
    const refused = content.some(({ type }) => type === 'refusal');
    const reason = calls ? 'tool-calls' : refused ? 'refusal' : ending;
    const reply: NeutralReply = { id: 'chatcmpl-1', model: 'm', content, stop: { reason }, usage };
    const queues = content.map((part, at) => partEvents(part, at, parts[at]?.cuts ?? []));
    const events: NeutralEvent[] = [{ type: 'start', id: 'chatcmpl-1', model: 'm', usage: undefined }];
    let begun = 0;
    for (let step = 0; queues.some((queue) => queue.length > 0); step++) {
      const open = queues.slice(0, begun + 1).filter((queue) => queue.length > 0);
      const queue = open[(order[step] ?? 0) % open.length] ?? [];
      if (queue === queues[begun]) begun++;
      events.push(...queue.splice(0, 1));
    }
    return { reply, events: [...events, { type: 'finish' as const, stop: reply.stop, usage }] };
  });

function partEvents(part: AssistantPart, number: number, cuts: readonly number[]): NeutralEvent[] {
  const whole = part.type === 'tool-call' ? JSON.stringify(part.arguments) : 'text' in part ? part.text : '';
  const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
  const pieces = places.slice(1).map((end, at) => whole.slice(places[at], end));
  switch (part.type) {
    case 'tool-call': {
      const { id, name } = part;
      return [
        { type: 'tool-call-start', part: number, id, name },
        ...pieces.map((text): NeutralEvent => ({ type: 'tool-call-delta', part: number, text })),
        { type: 'tool-call', part: number, id, name, arguments: part.arguments },
      ];
    }
    case 'text':
    case 'reasoning':
    case 'refusal':
      return [
        ...pieces.map((text): NeutralEvent => ({ type: `${part.type}-delta`, part: number, text })),
        { type: 'part-end', part: number },
      ];
    default:
      return [];
  }
}

/** Bodies with known names and any values. */
const namesOfParts =
  `type text content role id index name url input arguments function custom image_url file file_data
  tool_calls function_call tool_call_id thinking reasoning_content reasoning_details refusal audio annotations
  url_citation start_index delta message finish_reason logprobs`.split(/\s+/);
const namesOfBodies =
  `id model messages choices usage tools functions tool_choice stop function_call response_format
  max_tokens user reasoning_effort stream __proto__`.split(/\s+/);
const words = 'text function image_url tool assistant user auto'.split(' ');
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(null, 0, 7, true, '', ...words),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...namesOfParts), tie('value'), { maxKeys: 5 }),
  ),
}));
const looseBodies = fc.dictionary(fc.constantFrom(...namesOfBodies), anything, { maxKeys: 5 });

it('names that objects inherit are members as others are, and nothing is inherited from what was sent', () => {
  const chunkOf = (choice: string) => wireEvent(JSON.parse(`{ "choices": [${choice}] }`));
  const { choices } = collect([
    chunkOf('{ "index": 0, "delta": { "role": "assistant", "__proto__": { "tool_calls": [] } } }'),
    chunkOf('{ "index": 0, "constructor": null, "__proto__": { "a": 1 }, "delta": { "content": "Hi" } }'),
  ]) as { readonly choices: readonly [{ readonly message: object }] };
  const [choice] = choices;
  const message = { role: 'assistant', content: 'Hi' };
  expect(JSON.parse(JSON.stringify(choice))).toEqual({
    index: 0,
    finish_reason: null,
    constructor: null,
    message,
  });
  for (const each of [choice, choice.message]) expect(Object.getPrototypeOf(each)).toBe(Object.prototype);
  expect('tool_calls' in choice.message).toBe(false);
});
