import Anthropic from '@anthropic-ai/sdk';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamEvent } from '../../../src/core/stream-event.ts';
import { collect } from '../../../src/dialects/anthropic-messages/collect.ts';
import { defaultMaxTokens } from '../../../src/dialects/anthropic-messages/max-tokens.ts';
import { anthropicMessagesCodec as codec } from '../../../src/dialects/anthropic-messages/translation.ts';
import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import type { AssistantPart, Message } from '../../../src/dialects/neutral/message.ts';
import type { NeutralReply } from '../../../src/dialects/neutral/reply.ts';
import type { NeutralRequest, ToolChoice } from '../../../src/dialects/neutral/request.ts';
import {
  decodedReplies,
  decodedRequests,
  decodedStreams,
  encodedReplies,
  encodedRequests,
  encodedStreams,
} from './anthropic-messages-pairs.ts';
import { member } from '../../../src/dialects/record.ts';
import { replies } from './neutral-values.ts';
import { eventsOf, recordings, textOf } from './recordings.ts';

const asked = { body: { model: 'claude-asked' }, id: 'ask', createdAt: 1_790_000_000_000 };

describe('a request for Anthropic', () => {
  it.each(Object.entries(decodedRequests))('is understood: %s', (_title, { native, neutral, again }) => {
    const before = JSON.stringify(native);
    expect(codec.request.decode(native)).toEqual({ value: neutral, losses: [] });
    expect(JSON.stringify(native)).toBe(before);
    const isStream = (native as { stream?: boolean }).stream === true;
    expect(codec.request.encode(neutral, isStream).value).toEqual(again ?? native);
  });

  it.each(Object.entries(encodedRequests))('is written: %s', (_title, { neutral, native, losses }) => {
    expect(codec.request.encode(neutral, false)).toEqual({ value: native, losses });
  });

  it('says that it is streamed only when it is', () => {
    const request: NeutralRequest = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
    expect(codec.request.encode(request, true).value).toMatchObject({ stream: true });
    expect(codec.request.encode(request, false).value).not.toHaveProperty('stream');
    expect(codec.request.encode(request, false).value).toMatchObject({ max_tokens: defaultMaxTokens });
  });

  it('loses a message whose role is not known, and says so', () => {
    expect(codec.request.decode({ model: 'm', messages: [{ role: 'critic', content: 'x' }] })).toEqual({
      value: { model: 'm', messages: [] },
      losses: [{ path: 'messages.0.role', reason: 'It has no role; the message was left out.' }],
    });
  });

  it('takes instructions within the conversation to models since Claude Opus 4.8', () => {
    const placed = (model: string): boolean => {
      const request: NeutralRequest = {
        model,
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'system', content: 'Later.' },
        ],
      };
      return bodyOf(request).messages.some(({ role }) => role === 'system');
    };
    const newer = [
      'claude-opus-4-8',
      'claude-sonnet-5-5',
      'us.anthropic.claude-opus-5',
      'claude-fable-5',
      'mine',
    ];
    const older = [
      'claude-opus-4-7',
      'claude-opus-4-20250514',
      'claude-haiku-4-5',
      'claude-3-5-sonnet-20240620',
    ];
    expect(newer.filter(placed)).toEqual(newer);
    expect(older.filter(placed)).toEqual([]);
  });

  it('means the same after a way there and back, whatever it has', () => {
    fc.assert(
      fc.property(plainRequests, (request) => {
        const { value, losses } = codec.request.encode(request, false);
        expect(losses).toEqual([]);
        expect(codec.request.decode(value)).toEqual({ value: request, losses: [] });
      }),
    );
  });

  it('keeps the rules of the API for any conversation', () => {
    fc.assert(
      fc.property(anyRequests, (request) => {
        const body = codec.request.encode(request, false).value as Body;
        expect(faultsOf(body)).toEqual([]);
        expect(codec.request.encode(codec.request.decode(body).value, false)).toEqual({
          value: body,
          losses: [],
        });
      }),
      { numRuns: 400 },
    );
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (body, content, block) => {
        codec.request.decode(body);
        const messages = [{ role: 'user', content }, { role: 'assistant', content: [block] }, block];
        const request = { model: body, system: content, messages, tools: [block], thinking: block };
        codec.request.encode(codec.request.decode(request).value, true);
        codec.reply.encode(codec.reply.decode({ content: [block], usage: content }).value, asked);
        codec.reply.decode(body);
      }),
    );
  });
});

describe('a reply for Anthropic', () => {
  it.each(Object.entries(decodedReplies))(
    'is understood and written back: %s',
    (_title, { native, neutral }) => {
      expect(codec.reply.decode(native)).toEqual({ value: neutral, losses: [] });
      expect(codec.reply.encode(neutral, asked)).toEqual({ value: native, losses: [] });
    },
  );

  it.each(Object.entries(encodedReplies))('is written: %s', (_title, { neutral, native, losses }) => {
    expect(codec.reply.encode(neutral, asked)).toEqual({ value: native, losses });
  });

  it('adds compactions up once, also on the way back', () => {
    const usage = {
      input_tokens: 10,
      output_tokens: 5,
      iterations: [{ type: 'compaction', input_tokens: 100, output_tokens: 20 }],
    };
    const { value } = codec.reply.decode({ content: [], usage });
    expect(value.usage).toMatchObject({ inputTokens: 110, outputTokens: 25 });
    expect(codec.reply.encode(value, asked).value).toMatchObject({ usage });
  });

  it('has every member of a message, whatever the answer was', () => {
    fc.assert(
      fc.property(replies, (reply) => {
        const message = codec.reply.encode(reply, asked).value as Record<string, unknown>;
        expect(Object.keys(message)).toEqual(expect.arrayContaining(messageMembers));
        expect(Object.keys(message['usage'] as object)).toEqual(expect.arrayContaining(usageMembers));
        expect(message['id']).toMatch(/^msg_/);
      }),
    );
  });
});

describe('a stream for Anthropic', () => {
  it.each(Object.entries(decodedStreams))('is understood: %s', (_title, { native, neutral }) => {
    expect(decoded(native.map(event))).toEqual(neutral);
  });

  it.each(Object.entries(encodedStreams))('is written: %s', (_title, { neutral, native, losses }) => {
    const { events, losses: told } = encoded(neutral);
    expect(events.map(({ json }) => json)).toEqual(native);
    expect(events.map(({ name }) => name)).toEqual(native.map((json) => (json as { type: string }).type));
    expect(told).toEqual(losses);
  });

  it('that reports an error in band ends with it, both ways', () => {
    const failed = event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    const [start, error, ...others] = decoded([begun, failed, begun]);
    expect([start?.type, error?.type, others]).toEqual(['start', 'error', []]);
    const { events } = encoded([start, error, finish].filter((one) => one !== undefined));
    expect(events.map(({ name }) => name)).toEqual(['message_start', 'error']);
    expect(events[1]?.json).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
  });

  it('that is cut gets no end, and one that told why it ended gets it without the last event', () => {
    const open = [
      begun,
      event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'a' } }),
    ];
    const told = event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: 3 },
    });
    expect(decoded(open).map(({ type }) => type)).toEqual(['start', 'text-delta']);
    expect(decoded([...open, told]).map(({ type }) => type)).toEqual([
      'start',
      'text-delta',
      'part-end',
      'finish',
    ]);
  });

  it.each([
    [
      ['  ', '\n', ' {', '"a":1}'],
      ['  \n {', '"a":1}'],
    ],
    [['  ', '[', '{', '}]'], ['{"arguments":[{}]}']],
  ])('holds arguments back only until they begin as an object: %j', (pieces, sent) => {
    const call = { part: 0, id: 'a', name: 'f' };
    const { events } = encoded([
      { type: 'tool-call-start', ...call },
      ...pieces.map((text) => ({ type: 'tool-call-delta', part: 0, text }) as const),
      { type: 'tool-call', ...call, arguments: JSON.parse(pieces.join('')) as unknown },
    ]);
    const told = events.map(({ json }) => member(member(json, 'delta'), 'partial_json'));
    expect(told.filter((text) => text !== undefined)).toEqual(sent);
  });

  it('tells what came too late for its block', () => {
    const { losses } = encoded([
      {
        type: 'tool-call',
        part: 0,
        id: 'a',
        name: 'f',
        arguments: {},
        extras: { 'anthropic-messages': { caller: 1 } },
      },
    ]);
    expect(losses).toEqual([
      { path: 'content.0.caller', reason: 'It came after its block had begun; it was left out.' },
    ]);
  });

  it('is accepted by the SDK, which makes the whole reply of it, whatever overlaps', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async ({ reply, events }) => {
        const { events: sent } = encoded(events);
        const whole = codec.reply.encode(reply, asked).value;
        expect(meaningOfReply(await finalMessage(textOf(sent)))).toEqual(meaningOfReply(whole));
        expect(meaningOfReply(collect(sent))).toEqual(meaningOfReply(whole));
        expect(sequenceFaults(sent)).toEqual([]);
      }),
    );
  });

  it('means the same after a way there and back', () => {
    fc.assert(
      fc.property(answers, ({ reply, events }) => {
        const again = decoded(encoded(events).events);
        const whole = codec.reply.decode(codec.reply.encode(reply, asked).value).value;
        expect(contentOf(again)).toEqual(whole.content);
        expect(again.at(-1)).toMatchObject({ type: 'finish', stop: whole.stop });
      }),
    );
  });
});

const recorded = recordings.filter(({ operation }) => operation === 'anthropic.messages');

describe.skipIf(recorded.length === 0)('recorded exchanges with Anthropic', () => {
  it('mean the same after a way there and back: requests', () => {
    for (const { id, request } of recorded) {
      const { value, losses } = codec.request.decode(request.body);
      const body = request.body as { stream?: boolean };
      const again = codec.request.encode(value, body.stream === true);
      expect([id, losses, meaningOfRequest(again.value)]).toEqual([id, [], meaningOfRequest(body)]);
      expect([id, again.losses]).toEqual([id, []]);
    }
  });

  it('mean the same after a way there and back: replies', () => {
    for (const { id, response } of recorded) {
      if (response.status !== 200 || response.body === undefined) continue;
      const { value } = codec.reply.decode(response.body);
      const again = codec.reply.encode(value, asked);
      expect([id, meaningOfReply(again.value)]).toEqual([id, meaningOfReply(response.body)]);
      expect([id, again.losses]).toEqual([id, []]);
    }
  });

  it('mean the same after a way there and back: streams', () => {
    for (const { id, response } of recorded) {
      if (response.sse === undefined) continue;
      const events = eventsOf(response.sse);
      const { events: again, losses } = encoded(decoded(events));
      expect([id, meaningOfReply(collect(again))]).toEqual([id, meaningOfReply(collect(events))]);
      expect([id, losses]).toEqual([id, []]);
    }
  });
});

const messageMembers = [
  'id',
  'type',
  'role',
  'model',
  'container',
  'diagnostics',
  'content',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
];
const usageMembers = [
  'cache_creation',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'inference_geo',
  'input_tokens',
  'output_tokens',
  'output_tokens_details',
  'server_tool_use',
  'service_tier',
  'speed',
];

function event(json: unknown): StreamEvent {
  return StreamEvent.of(json, (json as { type: string }).type);
}

const begun = event({
  type: 'message_start',
  message: { id: 'msg_1', model: 'm', usage: { input_tokens: 3 } },
});
const finish: NeutralEvent = { type: 'finish', stop: { reason: 'stop' }, usage: undefined };

function decoded(events: readonly StreamEvent[]): NeutralEvent[] {
  const decoder = codec.stream.decoder();
  return [...events.flatMap((one) => decoder.push(one)), ...decoder.end()];
}

function encoded(events: readonly NeutralEvent[]) {
  const encoder = codec.stream.encoder(asked);
  const sent = [...events.flatMap((one) => encoder.push(one)), ...encoder.end()];
  return { events: sent, losses: encoder.losses };
}

async function finalMessage(sse: string): Promise<unknown> {
  const client = new Anthropic({
    apiKey: 'k',
    maxRetries: 0,
    fetch: async () => new Response(sse, { headers: { 'content-type': 'text/event-stream' } }),
  });
  return client.messages.stream({ model: 'm', max_tokens: 9, messages: [] }).finalMessage();
}

interface Block {
  readonly type: string;
  readonly [member: string]: any;
}
interface Body {
  readonly messages: { readonly role: string; readonly content: string | readonly Block[] }[];
  readonly [member: string]: any;
}

function bodyOf(request: NeutralRequest): Body {
  return codec.request.encode(request, false).value as Body;
}

/** What the API would answer with status 400. */
function faultsOf({ messages, system, max_tokens, tools, tool_choice }: Body): string[] {
  const faults: string[] = [];
  const check = (isRight: boolean, fault: string): void => void (isRight || faults.push(fault));
  const texts = [...(Array.isArray(system) ? system : [])];
  check(max_tokens > 0, 'no limit');
  check(messages[0]?.role === 'user', 'the user does not begin');
  check(tool_choice === undefined || tools !== undefined, 'a choice of no tools');
  for (const [index, { role, content }] of messages.entries()) {
    const [before, after] = [messages[index - 1]?.role, messages[index + 1]?.role];
    check(before !== role, `two turns of ${role}`);
    if (role === 'system') check(before === 'user' && after !== 'user', 'a system message out of place');
    check(content.length > 0, 'an empty turn');
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const firstOther = blocks.findIndex(({ type }) => type !== 'tool_result');
    for (const [at, block] of blocks.entries()) {
      if (block.type === 'text') texts.push(block);
      if (block.type === 'thinking')
        check(typeof block['signature'] === 'string', 'thinking without signature');
      if (block.type === 'tool_use') {
        check(/^[a-zA-Z0-9_-]+$/.test(block['id']), 'an illegal id');
        check(
          typeof block['input'] === 'object' && !Array.isArray(block['input']),
          'input that is no object',
        );
      }
      if (block.type !== 'tool_result') continue;
      check(role === 'user' && (firstOther < 0 || at < firstOther), 'a result after other content');
      const called = (turn: Body['messages'][number] | undefined): boolean =>
        Array.isArray(turn?.content) &&
        turn.content.some(({ type, id }: Block) => type === 'tool_use' && id === block['tool_use_id']);
      check(called(messages[index - 1]) || !messages.slice(0, index).some(called), 'a result out of place');
    }
  }
  check(
    texts.every(({ text }) => text.trim() !== ''),
    'blank text',
  );
  return faults;
}

/** One block after another, each begun, grown and stopped; one start and one end. */
function sequenceFaults(events: readonly StreamEvent[]): string[] {
  const faults: string[] = [];
  let open: number | undefined;
  let next = 0;
  for (const [at, { name, json }] of events.entries()) {
    const { type, index } = json as { type: string; index?: number };
    if (name !== type) faults.push(`${type} is named ${name}`);
    if ((type === 'message_start') !== (at === 0)) faults.push('a start out of place');
    if ((type === 'message_stop') !== (at === events.length - 1)) faults.push('an end out of place');
    if (type === 'content_block_start') {
      if (open !== undefined || index !== next) faults.push('a block begins within another');
      open = next++;
    } else if (type.startsWith('content_block') && index !== open) faults.push('a block that is not open');
    if (type === 'content_block_stop') open = undefined;
  }
  return faults;
}

const withoutNull = (value: object): Record<string, any> =>
  Object.fromEntries(
    Object.entries(value).filter(([, content]) => content !== null && content !== undefined),
  );

/**
 * Left out of account: null for what is absent, `stream: false`, sampling (this version of the API refuses it), a
 * string for a single text, turns in a row that the API would join, the type `custom`, which tools stand first.
 */
function meaningOfRequest(value: unknown): unknown {
  const { stream, temperature: _t, top_p: _p, top_k: _k, ...body } = value as Body;
  const messages: { role: string; content: unknown[] }[] = [];
  for (const { role, content, ...more } of body['messages'] as Body['messages']) {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content.map(withoutNull);
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: [...blocks], ...more });
  }
  const tools = (body['tools'] ?? []).map(({ type, ...tool }: Block) =>
    withoutNull({ ...tool, type: type === 'custom' ? undefined : type }),
  );
  const [theirs, ours] = [true, false].map((typed) =>
    tools.filter((tool: object) => 'type' in tool === typed),
  );
  return { ...withoutNull(body), messages, tools: [ours, theirs], stream: stream === true };
}

/**
 * Left out of account: null for what is absent, what the SDK computes, the caller where it is the model, counts of
 * server tools that are zero, and the members of usage that the SDK's helper takes from the first event alone.
 */
function meaningOfReply(value: unknown): unknown {
  const { parsed_output: _parsed, usage, content, ...message } = value as Body;
  const { server_tool_use, service_tier: _tier, cache_creation: _ttl, ...counts } = usage ?? {};
  return {
    ...withoutNull(message),
    content: content.map(({ caller, citations, parsed_output: _own, ...block }: Block) => ({
      ...withoutNull(block),
      ...(caller?.type === 'direct' ? {} : withoutNull({ caller })),
      citations: (citations ?? []).map(withoutNull),
    })),
    usage: withoutNull(counts),
    server: Object.entries(server_tool_use ?? {}).filter(([, count]) => count !== 0),
  };
}

/** The parts that events add up to. */
function contentOf(events: readonly NeutralEvent[]): AssistantPart[] {
  const parts = new Map<number, any>();
  const grow = (part: number, type: string, text: string): void => {
    const before = parts.get(part) ?? { type, text: '' };
    parts.set(part, { ...before, text: before.text + text });
  };
  for (const one of events) {
    if (one.type === 'text-delta') grow(one.part, 'text', one.text);
    if (one.type === 'reasoning-delta') grow(one.part, 'reasoning', one.text);
    if (one.type === 'refusal-delta') grow(one.part, 'refusal', one.text);
    if (one.type === 'citation') {
      const part = parts.get(one.part);
      parts.set(one.part, { ...part, citations: [...(part.citations ?? []), one.citation] });
    }
    if (one.type === 'part-end' && one.extras !== undefined) {
      parts.set(one.part, { ...parts.get(one.part), extras: one.extras });
    }
    if (one.type === 'tool-call') {
      const { part, ...call } = one;
      parts.set(part, call);
    }
    if (one.type === 'foreign') parts.set(one.part, one.value);
  }
  return [...parts.values()];
}

const words = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '');
/** As it comes out of JSON text, which has no negative zero. */
const jsonValue = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const json = fc.dictionary(
  fc.string({ maxLength: 5 }).filter((key) => key !== '__proto__'),
  jsonValue,
  { maxKeys: 3 },
);
const signature = { 'anthropic-messages': { signature: 'c2ln' } };

/** Turns as one would write them for this API: nothing of them may be lost or come back otherwise. */
const exchange = fc.record({
  said: fc.oneof(
    words,
    fc.array(fc.record({ type: fc.constant('text'), text: words }), { minLength: 1, maxLength: 2 }),
  ),
  thought: fc.option(words, { nil: undefined }),
  answered: words,
  calls: fc.array(
    fc.record({ name: fc.constantFrom('f', 'g'), input: json, result: fc.string(), isError: fc.boolean() }),
    {
      maxLength: 3,
    },
  ),
});

const conversation = fc.array(exchange, { minLength: 1, maxLength: 3 }).map((exchanges) =>
  exchanges.flatMap(({ said, thought, answered, calls }, turn): Message[] => [
    { role: 'user', content: turn > 0 && typeof said === 'string' ? [{ type: 'text', text: said }] : said },
    {
      role: 'assistant',
      content: [
        ...(thought === undefined ? [] : [{ type: 'reasoning', text: thought, extras: signature } as const]),
        { type: 'text', text: answered },
        ...calls.map(
          ({ name, input }, at) =>
            ({ type: 'tool-call', id: `c${turn}-${at}`, name, arguments: input }) as const,
        ),
      ],
    },
    ...calls.map(({ result, isError }, at): Message => ({
      role: 'tool',
      toolCallId: `c${turn}-${at}`,
      content: result,
      isError,
    })),
  ]),
);

/** Schemas as this API has them. */
const closedSchemas = fc
  .dictionary(words, fc.constantFrom({ type: 'string' }, { type: ['number', 'null'] }, { enum: ['a', 1] }))
  .map((properties) => ({ type: 'object', properties, additionalProperties: false }));

const plainRequests: fc.Arbitrary<NeutralRequest> = fc.record(
  {
    model: fc.constant('claude-opus-5-5'),
    messages: fc
      .tuple(fc.option(words, { nil: undefined }), conversation)
      .map(([system, turns]) => [
        ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
        ...turns,
      ]),
    tools: fc.constant([{ name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }]),
    output: fc.record({ type: fc.constant('json-schema' as const), schema: closedSchemas }),
    maxOutputTokens: fc.integer({ min: 4000, max: 9000 }),
    stopSequences: fc.array(words, { minLength: 1, maxLength: 2 }),
    reasoning: fc.oneof(
      fc.record({ effort: fc.constantFrom('low', 'max') }),
      fc.record({ effort: fc.constant('none' as const) }),
      fc.record({ budgetTokens: fc.integer({ min: 1024, max: 3000 }), show: fc.boolean() }),
      fc.record({ effort: fc.constant('high' as const), effortOnly: fc.constant(true) }),
    ),
    endUserId: words,
    extras: fc.constant({ 'anthropic-messages': { inference_geo: 'eu', mcp_servers: [{ url: 'u' }] } }),
  },
  { requiredKeys: ['model', 'messages', 'maxOutputTokens'] },
);

const anyPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  fc.record({ type: fc.constant('text'), text: fc.string() }),
  fc.record(
    { type: fc.constant('reasoning'), text: fc.string(), extras: fc.constant(signature) },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record({ type: fc.constant('refusal'), text: fc.string() }),
  fc.record({
    type: fc.constant('tool-call'),
    id: fc.constantFrom('a', 'b', 'c:1', ''),
    name: fc.constant('f'),
    arguments: jsonValue,
  }),
);

const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constantFrom('system', 'developer'), content: fc.string() }),
  fc.record({ role: fc.constant('user'), content: fc.string() }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.oneof(fc.string(), fc.array(anyPart, { maxLength: 3 })),
  }),
  fc.record({
    role: fc.constant('tool'),
    toolCallId: fc.constantFrom('a', 'b', 'c:1', ''),
    content: fc.string(),
  }),
);

const anyRequests: fc.Arbitrary<NeutralRequest> = fc.record(
  {
    model: fc.constantFrom('claude-opus-5-5', 'claude-haiku-4-5'),
    messages: fc.array(anyMessage, { maxLength: 9 }),
    toolChoice: fc.constantFrom<ToolChoice>('auto', 'none', 'required', { name: 'f' }),
    tools: fc.constant([{ name: 'f', parameters: {} }]),
    reasoning: fc.record({ effort: fc.constantFrom('none', 'minimal', 'high') }),
  },
  { requiredKeys: ['model', 'messages'] },
);

const citation = {
  type: 'url',
  url: 'https://a.example',
  title: 'A',
  quote: 'a',
  extras: { 'anthropic-messages': { web_search_result_location: { encrypted_index: 'enc' } } },
} as const;

/** Parts, each cut into the events that tell it. */
const cutParts = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('text' as const),
      pieces: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      cited: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('reasoning' as const),
      pieces: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      signed: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('refusal' as const),
      pieces: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      type: fc.constant('tool-call' as const),
      input: fc.oneof(
        json,
        fc.string().filter((text) => !text.trimStart().startsWith('{')),
        fc.array(fc.integer(), { maxLength: 2 }),
      ),
      cut: fc.nat(20),
      told: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('foreign' as const),
      dialect: fc.constantFrom('anthropic-messages', 'openai-responses'),
      value: fc.record({
        type: fc.constant('server_tool_use'),
        id: fc.constant('srv_1'),
        name: fc.constant('web_search'),
        input: json,
      }),
    }),
  ),
  { maxLength: 5 },
);
type CutPart = (typeof cutParts extends fc.Arbitrary<infer Parts> ? Parts : never)[number];

function told(part: CutPart, at: number): { part: AssistantPart; events: NeutralEvent[] } {
  switch (part.type) {
    case 'foreign': {
      const { dialect, value } = part;
      const whole = { type: 'foreign', dialect, value } as const;
      return { part: whole, events: [{ type: 'foreign', part: at, value: whole }] };
    }
    case 'tool-call': {
      const call = { id: `call_${at}`, name: 'f' };
      const text = typeof part.input === 'string' ? part.input : JSON.stringify(part.input);
      const pieces = part.told ? [text.slice(0, part.cut), text.slice(part.cut)] : [];
      return {
        part: { type: 'tool-call', ...call, arguments: part.input },
        events: [
          { type: 'tool-call-start', part: at, ...call },
          ...pieces.map((piece): NeutralEvent => ({ type: 'tool-call-delta', part: at, text: piece })),
          { type: 'tool-call', part: at, ...call, arguments: part.input },
        ],
      };
    }
    default: {
      const { type, pieces } = part;
      const extras = type === 'reasoning' && part.signed ? { extras: signature } : {};
      const isCited = type === 'text' && part.cited;
      return {
        part: {
          type,
          text: pieces.join(''),
          ...extras,
          ...(isCited ? { citations: [citation] } : {}),
        } as AssistantPart,
        events: [
          ...pieces.map((text) => ({ type: `${type}-delta`, part: at, text }) as NeutralEvent),
          ...(isCited ? [{ type: 'citation', part: at, citation } as const] : []),
          { type: 'part-end', part: at, ...extras },
        ],
      };
    }
  }
}

/** An answer whole and as events, whose parts overlap as the numbers say. */
const answers = fc
  .tuple(
    cutParts,
    fc.infiniteStream(fc.nat(2)),
    fc.record({
      inputTokens: fc.integer({ min: 50, max: 99 }),
      outputTokens: fc.nat(99),
      cachedInputTokens: fc.nat(40),
    }),
    fc.constantFrom('stop', 'length', 'tool-calls', 'content-filter', 'pause'),
    fc.boolean(),
  )
  .map(([parts, turns, counts, reason, isKnownEarly]): { reply: NeutralReply; events: NeutralEvent[] } => {
    const all = parts.map(told);
    const queues = all.map(({ events }) => [...events]);
    const mixed: NeutralEvent[] = [];
    let begunParts = 0;
    while (queues.some((queue) => queue.length > 0)) {
      const open = queues.flatMap((queue, at) => (queue.length > 0 && at <= begunParts ? [at] : []));
      const at = open[(turns.next().value ?? 0) % open.length] ?? 0;
      if (at === begunParts) begunParts++;
      mixed.push(...(queues[at]?.splice(0, 1) ?? []));
    }
    const usage = { ...counts, provenance: 'reported' } as const;
    const { outputTokens: _later, ...early } = usage;
    const reply: NeutralReply = {
      id: 'resp_1',
      model: 'gpt-6-sol',
      content: all.map(({ part }) => part),
      stop: { reason },
      usage,
    };
    return {
      reply,
      events: [
        { type: 'start', id: 'resp_1', model: 'gpt-6-sol', usage: isKnownEarly ? early : undefined },
        ...mixed,
        { type: 'finish', stop: { reason }, usage },
      ],
    };
  });
