import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureKinds } from '../../../src/core/call-error.ts';
import type { Dialect } from '../../../src/core/dialect.ts';
import { StreamEvent } from '../../../src/core/stream-event.ts';
import {
  anthropicMessages,
  dialectOfPath,
  neutral,
  openaiChat,
  openaiEmbeddings,
  openaiResponses,
  passthrough,
} from '../../../src/dialects/index.ts';
import { completion, message, response } from './replies.ts';

const all: readonly Dialect[] = [
  openaiChat,
  openaiResponses,
  openaiEmbeddings,
  anthropicMessages,
  neutral,
  passthrough,
];
const named = all.map((dialect) => [dialect.id, dialect] as const);

/** Words that lenses look for, so that arbitrary JSON comes near what they read. */
const words = (
  'usage choices delta message content text type input output role model stream messages system tools tool_calls ' +
  'function arguments index finish_reason error response item part instructions thinking x_groq prompt_tokens ' +
  'input_tokens output_tokens data embedding encoding_format service_tier document source data image stream_options metadata summary part stop reason ' +
  'extras value dialect inputTokens outputTokens serviceTier openai-chat openai-responses anthropic-messages'
).split(' ');
const types = (
  'text message reasoning function_call output_text refusal content_block_start content_block_delta message_delta ' +
  'message_start message_stop text_delta thinking_delta input_json_delta response.completed response.output_item.done ' +
  'response.output_text.delta response.output_text.done tool_use tool_result document image error summary_text ' +
  'start text-delta reasoning-delta tool-call-start tool-call-delta tool-call citation foreign part-end finish file ' +
  'openai-chat openai-responses anthropic-messages'
).split(' ');
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false, 0, 1, 7, -1, 0.5, '', 'text', '"usage"', '[DONE]', '\\"usage":'),
    fc.constantFrom(...types),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.constant('__proto__'), fc.string()), tie('json'), {
      maxKeys: 6,
    }),
    fc
      .tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...words), tie('json'), { maxKeys: 5 }))
      .map(([type, record]) => ({ ...record, type })),
  ),
}));

const long = '"usage": {} \\ "service_tier" '.repeat(100);

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
};
/** Members that an assignment would not make members. */
const inherited: unknown = JSON.parse(
  '{ "__proto__": { "__proto__": null }, "delta": { "__proto__": { "__proto__": null } } }',
);
const chunk = (value: object): StreamEvent => StreamEvent.of(value);
const usageOf = (dialect: Dialect, reply: unknown) => dialect.reply.usage(reply);

describe.each(named)('%s', (_id, { request, items, reply, stream, errors, codec: loadCodec }) => {
  it('neither throws on any JSON nor changes it', async () => {
    const codec = await loadCodec();
    fc.assert(
      fc.property(json, json, fc.string(), (value, other, text) => {
        frozen(value);
        const marked = (inner: string): string => `${inner}${text}`;
        request.isStream(value);
        request.model(value);
        request.withModel(value, text);
        request.withStream(value, true);
        request.withStream(value, false);
        request.mapTexts(value, marked);
        request.withInstruction(value, text);
        request.maxOutputTokens(value);
        request.withMaxOutputTokens(value, 5);
        request.measure(value).texts();
        request.fingerprint(value);
        request.askForUsage(value, JSON.stringify(value));
        items?.split(value);
        items?.withItems(value, [other]);
        items?.answers(value, 1);
        reply.usage(value);
        reply.usageOfText(text);
        reply.stopReason(value);
        reply.model(value);
        reply.mapTexts(value, marked);
        codec.explode(value);
        const events = [
          StreamEvent.of(value),
          StreamEvent.of(other, 'error'),
          StreamEvent.of(value, text.replaceAll(/\s/g, '')),
        ];
        codec.collect(events);
        for (const event of events) {
          stream.error(event);
          stream.isContent(event);
          stream.isOnlyUsage(event);
          stream.restate(event, () => text);
          for (const closed of stream.closes(event)) stream.delta(event, closed, text);
          for (const { slot } of stream.text(event))
            stream.delta(event, slot.id, stream.text(stream.withText(event, slot.id, text)).join());
        }
        const all = events.map((event) => new TextDecoder().decode(event.bytes)).join('');
        stream.isTerminal(all);
        stream.usage(all, all);
        stream.stopReason(all);
        stream.usage(text, text);
        errors.body({
          kind: 'cut',
          status: undefined,
          code: undefined,
          message: text,
          ...failureKinds.cut,
          retryAfterMs: undefined,
          cause: value,
          managed: undefined,
        });
      }),
      { numRuns: 2000, examples: [[{ choices: [inherited], usage: inherited, type: 'text' }, null, '']] },
    );
  });

  it('tells the same usage by the text as by the JSON', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1), (value, indent) => {
        // Short texts are parsed whole, so some are made long, with what is asked for at either end.
        for (const told of [value, { long, ...(value as object) }, { ...(value as object), long }]) {
          expect(reply.usageOfText(JSON.stringify(told, null, indent))).toEqual(reply.usage(told));
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('gives the very same object where there is nothing to change', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(request.mapTexts(value, (text) => text)).toBe(value);
        expect(reply.mapTexts(value, (text) => text)).toBe(value);
        expect(request.withModel(request.withModel(value, 'm'), 'm')).toEqual(request.withModel(value, 'm'));
        const event = StreamEvent.of(value);
        expect(stream.restate(event, () => undefined)).toBe(event);
        for (const { slot, text } of stream.text(event))
          expect(stream.withText(event, slot.id, text)).toBe(event);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...words), json),
        fc.string(),
        fc.nat(),
        (value, text, tokens) => {
          if (request === passthrough.request) return;
          expect(request.model(request.withModel(value, text))).toBe(text);
          if (request === openaiEmbeddings.request) return;
          expect(request.maxOutputTokens(request.withMaxOutputTokens(value, tokens))).toBe(tokens);
          // Whether a neutral call is streamed stands in the call, not in its body.
          expect(request.isStream(request.withStream(value, true))).toBe(request !== neutral.request);
          expect(request.isStream(request.withStream(value, false))).toBe(false);
        },
      ),
    );
  });

  it('puts a text into an event and finds it there, also after it was emptied', () => {
    fc.assert(
      fc.property(json, fc.string({ minLength: 1 }), (value, text) => {
        const event = StreamEvent.of(value, 'delta');
        for (const { slot } of stream.text(event)) {
          const changed = stream.withText(event, slot.id, text);
          const emptied = stream.withText(changed, slot.id, '');
          expect(stream.text(emptied).find((piece) => piece.slot.id === slot.id)).toBeUndefined();
          for (const told of [changed, stream.withText(emptied, slot.id, text)]) {
            expect(stream.text(told).find((piece) => piece.slot.id === slot.id)?.text).toBe(text);
          }
          const added = stream.delta(event, slot.id, text);
          expect(stream.text(added)).toEqual([{ slot, text }]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('has one fingerprint whatever the order of keys, and none for what is no object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(request.fingerprint(reversed)).toBe(request.fingerprint(value));
      }),
    );
    for (const value of [null, undefined, 'text', 1, [], [{}]])
      expect(request.fingerprint(value)).toBeUndefined();
  });
});

describe('dialectOfPath', () => {
  it.each([
    ['/v1/chat/completions', openaiChat],
    ['/openai/deployments/x/chat/completions', openaiChat],
    ['/chat/completions/', openaiChat],
    ['/v1/responses', openaiResponses],
    ['/v1/embeddings', openaiEmbeddings],
    ['/anthropic/v1/messages', anthropicMessages],
    ['/v1/responses/compact', passthrough],
    ['/v1/responses/input_tokens', passthrough],
    ['/v1/messages/count_tokens', passthrough],
    ['/v1/messages/batches', passthrough],
    ['/v1/threads/t/messages', passthrough],
    ['/v1/complete', passthrough],
    ['/v1/completions', passthrough],
    ['/v1/audio/speech', passthrough],
    ['/', passthrough],
  ])('%s', (path, dialect) => {
    expect(dialectOfPath(path, 'POST')).toBe(dialect);
    expect(dialectOfPath(path, 'post')).toBe(dialect);
    expect(dialectOfPath(path, 'GET')).toBe(passthrough);
  });
});

describe('usage', () => {
  it('of a completion includes cached tokens in the input and reasoning in the output', () => {
    expect(usageOf(openaiChat, completion.text)).toEqual({
      inputTokens: 120,
      outputTokens: 45,
      cachedInputTokens: 64,
      cacheWriteTokens: 10,
      reasoningTokens: 20,
      audioInputTokens: 0,
      audioOutputTokens: 3,
      imageInputTokens: 5,
      serviceTier: 'default',
      provenance: 'reported',
    });
  });

  it('of a response has cache writes by lifetime and web searches', () => {
    expect(usageOf(openaiResponses, response.text)).toEqual({
      inputTokens: 200,
      outputTokens: 50,
      cachedInputTokens: 128,
      cacheWriteTokens: 30,
      cacheWriteTokensByTtl: { ttl_30m_tokens: 20, ttl_12h_tokens: 10 },
      reasoningTokens: 32,
      serverToolRequests: { web_search_requests: 2 },
      serviceTier: 'flex',
      provenance: 'reported',
    });
  });

  it('of a message adds the cached tokens that Anthropic counts apart', () => {
    expect(usageOf(anthropicMessages, message.text)).toEqual({
      inputTokens: 2310,
      outputTokens: 77,
      cachedInputTokens: 2000,
      cacheWriteTokens: 300,
      cacheWriteTokensByTtl: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
      reasoningTokens: 40,
      serverToolRequests: { web_search_requests: 2, web_fetch_requests: 0 },
      serviceTier: 'priority',
      provenance: 'reported',
    });
  });

  it('of a message adds compactions, which are billed beside it', () => {
    const usage = {
      input_tokens: 100,
      output_tokens: 20,
      iterations: [
        { type: 'compaction', input_tokens: 1000, output_tokens: 50 },
        { type: 'message', input_tokens: 100, output_tokens: 20 },
      ],
    };
    expect(usageOf(anthropicMessages, { usage })).toMatchObject({ inputTokens: 1100, outputTokens: 70 });
  });

  it('that is not told is absent, never zero', () => {
    expect(usageOf(openaiChat, { usage: null })).toBeUndefined();
    expect(usageOf(openaiChat, { usage: {} })).toBeUndefined();
    expect(
      usageOf(openaiChat, {
        usage: { prompt_tokens: 3, prompt_tokens_details: null, completion_tokens: null },
      }),
    ).toEqual({ inputTokens: 3, provenance: 'reported' });
    expect(usageOf(anthropicMessages, { usage: { input_tokens: 3, cache_read_input_tokens: null } })).toEqual(
      { inputTokens: 3, provenance: 'reported' },
    );
    expect(usageOf(anthropicMessages, { usage: { cache_read_input_tokens: 7 } })).toBeUndefined();
  });

  it('is found where Groq and DeepSeek put it, and counts the reasoning that xAI leaves out', () => {
    expect(
      usageOf(openaiChat, { x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } }),
    ).toMatchObject({ inputTokens: 1, outputTokens: 2 });
    expect(usageOf(openaiChat, { usage: { prompt_tokens: 9, prompt_cache_hit_tokens: 8 } })).toMatchObject({
      cachedInputTokens: 8,
    });
    const beside = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 115,
      completion_tokens_details: { reasoning_tokens: 100 },
    };
    expect(usageOf(openaiChat, { usage: beside })).toMatchObject({ outputTokens: 105, reasoningTokens: 100 });
    expect(usageOf(openaiChat, { usage: { ...beside, total_tokens: 15 } })).toMatchObject({
      outputTokens: 5,
    });
  });

  it('in a text is that of the outermost object, not of what is quoted or nested in it', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    for (const reply of [
      { usage, choices: [{ message: { content: '"usage":{"prompt_tokens":9}' } }] },
      { choices: [], usage, metadata: { usage: { prompt_tokens: 9 } } },
      { usage, type: 'usage' },
      { 'x"usage': { prompt_tokens: 9 }, usage, list: ['usage'] },
    ]) {
      expect(openaiChat.reply.usageOfText(JSON.stringify(reply))).toEqual(usageOf(openaiChat, reply));
    }
    expect(openaiChat.reply.usageOfText('{"usage":{"prompt_tokens":1')).toBeUndefined();
  });
});

describe('usage of a stream', () => {
  const data = (...events: object[]): string =>
    events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

  it('of Anthropic takes the input side from the start, overridden by the cumulative counts of the delta', () => {
    const start = data({
      type: 'message_start',
      message: {
        usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1, service_tier: 'standard' },
      },
    });
    const delta = data({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: 30, cache_read_input_tokens: null, output_tokens: 8 },
    });
    expect(anthropicMessages.stream.usage(start, delta)).toEqual({
      inputTokens: 35,
      cachedInputTokens: 5,
      outputTokens: 8,
      serviceTier: 'standard',
      provenance: 'reported',
    });
    expect(anthropicMessages.stream.stopReason(delta)).toBe('end_turn');
  });

  it('of Anthropic without its delta does not know the output', () => {
    const start = data({ type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } });
    expect(anthropicMessages.stream.usage(start, 'data: {"type":"content_bl')).toEqual({
      inputTokens: 10,
      provenance: 'reported',
    });
  });

  it('of a chat is that of the last chunk that tells it, behind a cut beginning', () => {
    const tail = `_tokens":99}}\n\n${data({ choices: [{ index: 0 }], usage: { prompt_tokens: 1, completion_tokens: 1 } }, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 5 } }, { choices: [], usage: null })}data: [DONE]\n\n`;
    expect(openaiChat.stream.usage('', tail)).toMatchObject({ outputTokens: 5 });
  });

  it('of a response is on its last event', () => {
    expect(
      openaiResponses.stream.usage('', data({ type: 'response.completed', response: response.text })),
    ).toEqual(usageOf(openaiResponses, response.text));
  });
});

describe('the end of a chat stream', () => {
  const line = (index: number, finish_reason: string | null): string =>
    `data: ${JSON.stringify({ choices: [{ index, delta: {}, finish_reason }] })}\n\n`;

  it('is [DONE], or a finish reason for every choice', () => {
    const { isTerminal } = openaiChat.stream;
    expect(isTerminal(line(0, null))).toBe(false);
    expect(isTerminal(line(0, null) + line(0, 'stop'))).toBe(true);
    expect(isTerminal(line(0, 'stop') + line(1, null))).toBe(false);
    expect(isTerminal(line(0, 'stop') + line(1, null) + line(1, 'length'))).toBe(true);
    expect(isTerminal('data: [DONE]\n\n')).toBe(true);
    expect(isTerminal('data: {"choices":[{"delta":{"content":"\\n\\ndata: [DONE]"}}]}\n\n')).toBe(false);
    expect(isTerminal(line(0, 'stop').slice(20))).toBe(true);
    expect(isTerminal('')).toBe(false);
  });
});

describe('asking for usage', () => {
  const ask = (body: object) => openaiChat.request.askForUsage(body, JSON.stringify(body));
  const asked = { include_usage: true };

  it('adds the wish to the text of a streamed chat', () => {
    expect(ask({ stream: true })).toBe('{"stream":true,"stream_options":{"include_usage":true}}');
    expect(openaiChat.request.askForUsage({ stream: true }, '{ }')).toBe(
      '{ "stream_options":{"include_usage":true}}',
    );
  });

  it('keeps other options of the stream, and does nothing where it is asked for already or there is no stream', () => {
    expect(JSON.parse(ask({ stream: true, stream_options: { a: 1, include_usage: false } }) ?? '')).toEqual({
      stream: true,
      stream_options: { a: 1, ...asked },
    });
    expect(JSON.parse(ask({ stream: true, stream_options: null }) ?? '')).toEqual({
      stream: true,
      stream_options: asked,
    });
    expect(ask({ stream: true, stream_options: asked })).toBeUndefined();
    expect(ask({ model: 'm' })).toBeUndefined();
    expect(openaiResponses.request.askForUsage({ stream: true }, '{"stream":true}')).toBeUndefined();
  });

  it('always gives the JSON of the body with that option', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.constantFrom(undefined, 2), (rest, indent) => {
        const body: any = { ...rest, stream: true };
        delete body.stream_options;
        const text = openaiChat.request.askForUsage(body, JSON.stringify(body, null, indent));
        expect(JSON.parse(text ?? '')).toEqual({
          ...JSON.parse(JSON.stringify(body)),
          stream_options: asked,
        });
      }),
    );
  });

  it('makes a chunk that can be told from the others', () => {
    const { isOnlyUsage } = openaiChat.stream;
    expect(isOnlyUsage(chunk({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }))).toBe(true);
    expect(isOnlyUsage(chunk({ choices: [], usage: null, prompt_filter_results: [] }))).toBe(false);
    expect(isOnlyUsage(chunk({ choices: [{ index: 0, delta: {} }], usage: { prompt_tokens: 1 } }))).toBe(
      false,
    );
  });
});

describe('texts of a request', () => {
  const seen = (dialect: Dialect, body: object): string[] => {
    const texts: string[] = [];
    dialect.request.mapTexts(body, (text, role) => {
      texts.push(`${role}: ${text}`);
      return text;
    });
    return texts;
  };

  it('of a chat are those of all turns, and the values in tool arguments', () => {
    const body = {
      messages: [
        { role: 'developer', content: 'a' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'b' },
            { type: 'image_url', image_url: { url: 'data:x' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: '1', type: 'function', function: { name: 'f', arguments: '{"to":"c","n":[1,"d"]}' } },
          ],
        },
        { role: 'tool', tool_call_id: '1', content: 'e' },
      ],
      tools: [{ type: 'function', function: { name: 'f', description: 'not this' } }],
    };
    expect(seen(openaiChat, body)).toEqual([
      'developer: a',
      'user: b',
      'assistant: c',
      'assistant: d',
      'tool: e',
    ]);
    const upper = openaiChat.request.mapTexts(body, (text) => text.toUpperCase()) as any;
    expect(upper.messages[2].tool_calls[0].function.arguments).toBe('{"to":"C","n":[1,"D"]}');
    expect(upper.tools).toBe(body.tools);
  });

  it('of a response request are input, instructions and outputs of tools', () => {
    expect(seen(openaiResponses, { instructions: 'a', input: 'b' })).toEqual(['system: a', 'user: b']);
    expect(
      seen(openaiResponses, {
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'a' }] },
          { type: 'function_call', name: 'f', arguments: '{"x":"b"}' },
          { type: 'function_call_output', call_id: '1', output: 'c' },
          { type: 'function_call_output', call_id: '1', output: [{ type: 'input_text', text: 'd' }] },
        ],
      }),
    ).toEqual(['user: a', 'assistant: b', 'tool: c', 'tool: d']);
  });

  it('of a message are system, blocks, tool input and results; signed thinking is left alone', () => {
    expect(
      seen(anthropicMessages, {
        system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }],
        messages: [
          { role: 'user', content: 'b' },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'not this', signature: 's' },
              { type: 'tool_use', id: '1', name: 'f', input: { x: ['c'] } },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: '1', content: [{ type: 'text', text: 'd' }] },
              { type: 'document', source: { type: 'text', data: 'e' } },
            ],
          },
        ],
      }),
    ).toEqual(['system: a', 'user: b', 'assistant: c', 'tool: d', 'user: e']);
  });
});

describe('an instruction', () => {
  it('comes first, in each dialect’s own place', () => {
    expect(openaiChat.request.withInstruction({ messages: [{ role: 'user', content: 'q' }] }, 'x')).toEqual({
      messages: [
        { role: 'system', content: 'x' },
        { role: 'user', content: 'q' },
      ],
    });
    expect(openaiResponses.request.withInstruction({ input: 'q' }, 'x')).toEqual({
      input: 'q',
      instructions: 'x',
    });
    expect(openaiResponses.request.withInstruction({ instructions: 'own' }, 'x')).toEqual({
      instructions: 'x\n\nown',
    });
    expect(anthropicMessages.request.withInstruction({}, 'x')).toEqual({ system: 'x' });
    expect(anthropicMessages.request.withInstruction({ system: 'own' }, 'x')).toEqual({ system: 'x\n\nown' });
    const block = { type: 'text', text: 'own', cache_control: { type: 'ephemeral' } };
    const { system } = anthropicMessages.request.withInstruction({ system: [block] }, 'x') as any;
    expect(system).toEqual([{ type: 'text', text: 'x' }, block]);
    expect(system[1]).toBe(block);
  });
});

describe('the output limit', () => {
  it('stays in the field that the body uses', () => {
    const { withMaxOutputTokens, maxOutputTokens } = openaiChat.request;
    expect(withMaxOutputTokens({}, 5)).toEqual({ max_completion_tokens: 5 });
    expect(withMaxOutputTokens({ max_tokens: 9 }, 5)).toEqual({ max_tokens: 5 });
    expect(maxOutputTokens({ max_tokens: 9, max_completion_tokens: 7 })).toBe(7);
    expect(maxOutputTokens({ max_tokens: null })).toBeUndefined();
    expect(openaiResponses.request.withMaxOutputTokens({}, 5)).toEqual({ max_output_tokens: 5 });
    expect(anthropicMessages.request.withMaxOutputTokens({ max_tokens: 9 }, 5)).toEqual({ max_tokens: 5 });
  });
});

describe('a fingerprint', () => {
  it('leaves out delivery and identity, and nothing that shapes the answer', () => {
    const { fingerprint } = openaiChat.request;
    const key = fingerprint({ model: 'm', messages: [], temperature: 0 });
    expect(
      fingerprint({
        temperature: 0,
        messages: [],
        model: 'm',
        stream: true,
        stream_options: { include_usage: true },
        user: 'u',
        metadata: { a: 1 },
        seed: undefined,
      }),
    ).toBe(key);
    expect(fingerprint({ model: 'm', messages: [], temperature: 0.1 })).not.toBe(key);
    expect(fingerprint({ model: 'm', messages: [] })).not.toBe(key);
  });

  it('does not exist for what the provider remembers or answers later', () => {
    for (const body of [
      { previous_response_id: 'r' },
      { conversation: 'c' },
      { background: true },
      { prompt: { id: 'p' } },
      { input: [{ type: 'item_reference', id: 'i' }] },
    ]) {
      expect(openaiResponses.request.fingerprint(body)).toBeUndefined();
    }
    expect(anthropicMessages.request.fingerprint({ thread: { type: 'continue', id: 't' } })).toBeUndefined();
    expect(anthropicMessages.request.fingerprint({ messages: [] })).toBeDefined();
  });
});

describe('content of a stream', () => {
  const of = (dialect: Dialect, value: object, name?: string) =>
    dialect.stream.isContent(StreamEvent.of(value, name));

  it('of a chat begins with the first piece of an answer, not with the role', () => {
    const delta = (content: object, finish_reason: string | null = null) => ({
      choices: [{ index: 0, delta: content, finish_reason }],
    });
    for (const empty of [
      delta({ role: 'assistant', content: '' }),
      delta({ role: 'assistant', content: null, refusal: null }),
      delta({ tool_calls: [] }),
      { choices: [] },
    ]) {
      expect([empty, of(openaiChat, empty)]).toEqual([empty, false]);
    }
    for (const full of [
      delta({ content: 'a' }),
      delta({ tool_calls: [{ index: 0 }] }),
      delta({ refusal: 'no' }),
      delta({ reasoning_content: 'r' }),
      delta({}, 'stop'),
    ]) {
      expect([full, of(openaiChat, full)]).toEqual([full, true]);
    }
  });

  it('of a message begins with a delta or a block that has something', () => {
    for (const type of ['message_start', 'ping', 'content_block_stop', 'error'])
      expect(of(anthropicMessages, { type })).toBe(false);
    for (const type of ['content_block_delta', 'message_delta', 'message_stop'])
      expect(of(anthropicMessages, { type })).toBe(true);
    expect(
      of(anthropicMessages, { type: 'content_block_start', content_block: { type: 'text', text: '' } }),
    ).toBe(false);
    expect(
      of(anthropicMessages, { type: 'content_block_start', content_block: { type: 'tool_use', name: 'f' } }),
    ).toBe(true);
  });

  it('of a response begins with a delta or an item other than a message', () => {
    for (const type of [
      'response.created',
      'response.in_progress',
      'response.queued',
      'response.content_part.added',
      'error',
      'keepalive',
    ])
      expect(of(openaiResponses, { type })).toBe(false);
    expect(of(openaiResponses, { type: 'response.output_item.added', item: { type: 'message' } })).toBe(
      false,
    );
    expect(of(openaiResponses, { type: 'response.output_item.added', item: { type: 'function_call' } })).toBe(
      true,
    );
    for (const type of ['response.output_text.delta', 'response.completed', 'response.failed'])
      expect(of(openaiResponses, { type })).toBe(true);
  });
});

describe('an error in a stream', () => {
  it.each([
    [openaiChat, { error: { message: 'm', type: 'server_error', code: null } }, undefined, 'server', true],
    [openaiChat, { error: { message: 'm', code: 429 } }, undefined, 'rate-limit', true],
    [openaiChat, { error: { message: 'm', code: 'insufficient_quota' } }, undefined, 'quota', false],
    [
      openaiResponses,
      { type: 'error', code: 'rate_limit_exceeded', message: 'm' },
      'error',
      'rate-limit',
      true,
    ],
    [
      openaiResponses,
      { type: 'error', error: { type: 'invalid_request_error', message: 'm' } },
      'error',
      'invalid-request',
      false,
    ],
    [
      anthropicMessages,
      { type: 'error', error: { type: 'overloaded_error', message: 'm' } },
      'error',
      'overloaded',
      true,
    ],
    [
      anthropicMessages,
      { type: 'error', error: { type: 'new_error', message: 'm' } },
      'error',
      'server',
      true,
    ],
    [
      openaiResponses,
      { type: 'response.failed', response: { status: 'failed', error: { code: 'rate_limit_exceeded' } } },
      'response.failed',
      'rate-limit',
      true,
    ],
  ] as const)('%# is classified by what it says', (dialect, value, name, kind, retryable) => {
    const event = StreamEvent.of(value, name);
    expect(dialect.stream.error(event)).toMatchObject({ kind, retryable });
    expect(dialect.stream.isTerminal(event.data ?? '')).toBe(false);
  });

  it('keeps the provider’s words, which may repeat the prompt, out of its message', () => {
    const event = StreamEvent.of(
      { type: 'error', error: { type: 'api_error', message: 'You said: secret' } },
      'error',
    );
    const error = anthropicMessages.stream.error(event);
    expect(error?.message).not.toContain('secret');
    expect(error?.cause).toEqual(event.json);
  });

  it('is not a response that is incomplete, whatever cut it short, nor an empty error', () => {
    for (const reason of ['max_output_tokens', 'content_filter']) {
      const response = { status: 'incomplete', error: null, incomplete_details: { reason }, output: [] };
      const event = StreamEvent.of({ type: 'response.incomplete', response }, 'response.incomplete');
      expect(openaiResponses.stream.error(event)).toBeUndefined();
      expect(openaiResponses.stream.isTerminal(`data: ${event.data}`)).toBe(true);
      expect(openaiResponses.reply.failure(response)).toBeUndefined();
    }
    expect(openaiChat.stream.error(chunk({ choices: [], error: null }))).toBeUndefined();
  });
});

describe('text in a stream', () => {
  it('of a chat is told apart by choice and kind', () => {
    const event = chunk({
      choices: [
        {
          index: 1,
          delta: {
            content: 'a',
            reasoning_content: 'b',
            tool_calls: [{ index: 2, function: { arguments: '{"x' } }],
          },
          logprobs: { content: [{ token: 'a' }] },
        },
      ],
    });
    expect(openaiChat.stream.text(event)).toEqual([
      { slot: { id: 'choice 1 content', kind: 'text' }, text: 'a' },
      { slot: { id: 'choice 1 reasoning_content', kind: 'reasoning' }, text: 'b' },
      { slot: { id: 'choice 1 tool 2', kind: 'tool-arguments' }, text: '{"x' },
    ]);
    const changed = openaiChat.stream.withText(event, 'choice 1 content', 'z').json as any;
    expect(changed.choices[0].delta.content).toBe('z');
    expect(changed.choices[0].logprobs).toBeNull();
  });

  it('of a chat closes with the finish reason, and can be added to before it', () => {
    const closing = chunk({
      id: 'c',
      created: 1,
      model: 'm',
      choices: [{ index: 1, delta: {}, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1 },
    });
    expect(openaiChat.stream.closes(closing)).toEqual(['choice 1']);
    const added = openaiChat.stream.delta(closing, 'choice 1 tool 2', '"}');
    expect(added.json).toEqual({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 1,
          delta: { tool_calls: [{ index: 2, function: { arguments: '"}' } }] },
          logprobs: null,
          finish_reason: null,
        },
      ],
    });
    expect(openaiChat.stream.closes(new StreamEvent(new TextEncoder().encode('data: [DONE]\n\n')))).toEqual([
      'choice',
    ]);
  });

  it('of a message is told apart by block', () => {
    const event = StreamEvent.of(
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"a' } },
      'content_block_delta',
    );
    expect(anthropicMessages.stream.text(event)).toEqual([
      { slot: { id: 'block 2 input', kind: 'tool-arguments' }, text: '{"a' },
    ]);
    const stop = StreamEvent.of({ type: 'content_block_stop', index: 2 }, 'content_block_stop');
    expect(anthropicMessages.stream.closes(stop)).toContain('block 2 input');
    const added = anthropicMessages.stream.delta(stop, 'block 2 input', '"}');
    expect(added.name).toBe('content_block_delta');
    expect(added.json).toEqual({
      type: 'content_block_delta',
      index: 2,
      delta: { type: 'input_json_delta', partial_json: '"}' },
    });
  });

  it('of a response is restated at every level where it is repeated', async () => {
    const events = (await openaiResponses.codec()).explode(
      response['reasoning, text with a citation, and a call'],
    );
    const slots = new Map<string, string>();
    for (const event of events)
      for (const { slot } of openaiResponses.stream.text(event)) slots.set(slot.id, `<${slot.id}>`);
    expect([...slots.keys()]).toEqual([
      'item 0 summary 0',
      'item 1 text 0',
      'item 1 refusal 1',
      'item 2 arguments',
      'item 3 input',
    ]);
    const restated = events.map((event) => openaiResponses.stream.restate(event, ({ id }) => slots.get(id)));
    const whole = restated.map((event) => JSON.stringify(event.json)).join('\n');
    for (const text of ['Thinking', 'See here', 'No more.', '{\\"a\\":1}', 'ls -l']) {
      expect([text, whole.split(text).length - 1]).toEqual([text, 1]);
    }
    for (const slot of slots.values()) expect(whole.split(slot).length - 1).toBeGreaterThanOrEqual(3);
  });

  it('of a response closes with its own done event, its item, or the response', async () => {
    const events = (await openaiResponses.codec()).explode(response.text);
    const closed = events.flatMap((event) => openaiResponses.stream.closes(event));
    expect(closed).toEqual(['item 0 text 0', 'item 0 text 0', 'item 0', 'item']);
    const done = events.find((event) => event.name === 'response.output_text.done') as StreamEvent;
    expect(openaiResponses.stream.delta(done, 'item 0 text 0', '!').json).toMatchObject({
      type: 'response.output_text.delta',
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta: '!',
    });
  });

  it('is changed in plain replies too, with JSON kept JSON', () => {
    const mark = (text: string): string => `"${text}"`;
    const changed = openaiChat.reply.mapTexts(completion['tool calls'], mark) as any;
    expect(JSON.parse(changed.choices[0].message.tool_calls[0].function.arguments)).toEqual({
      city: '"Ulm"',
    });
    const told = anthropicMessages.reply.mapTexts(message['thinking and tools'], mark) as any;
    expect(told.content[3].input).toEqual({ city: '"Ulm"', days: [1, 2] });
    expect((openaiResponses.reply.mapTexts(response.text, mark) as any).output[0].content[0].text).toBe(
      '"Hello"',
    );
  });
});
