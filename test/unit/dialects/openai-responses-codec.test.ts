import * as fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { failureKinds, type CallError } from '../../../src/core/call-error.ts';
import { StreamEvent } from '../../../src/core/stream-event.ts';
import type { Loss } from '../../../src/core/translation.ts';
import { neutral, openaiResponses } from '../../../src/dialects/index.ts';
import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import type { NeutralReply } from '../../../src/dialects/neutral/reply.ts';
import type { NeutralRequest } from '../../../src/dialects/neutral/request.ts';
import { openaiResponsesCodec as codec } from '../../../src/dialects/openai-responses/translation.ts';
import { eventsOf, recordings, textOf } from './recordings.ts';
import {
  asked,
  decodedReplies,
  decodedStreams,
  encodedReplies,
  encodedStreams,
} from './responses-replies.ts';
import { decodedRequests, encodedRequests, own } from './responses-requests.ts';
import { requests, sequences } from './responses-values.ts';

const { collect: collectNeutral } = await neutral.codec();
const { collect } = await openaiResponses.codec();

const paths = (losses: readonly Loss[]): string[] => losses.map(({ path }) => path);
const decoded = (events: readonly StreamEvent[]): readonly NeutralEvent[] => {
  const decoder = codec.stream.decoder();
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.end()];
};
const encoded = (events: readonly NeutralEvent[]): readonly StreamEvent[] => {
  const encoder = codec.stream.encoder(asked);
  return [...events.flatMap((event) => encoder.push(event)), ...encoder.end()];
};
const summed = (events: readonly NeutralEvent[]): any =>
  collectNeutral(events.map((event) => StreamEvent.of(event, event.type)));
const told = (events: readonly StreamEvent[]): any[] => events.map(({ json }) => json);
const wired = (events: readonly unknown[]): StreamEvent[] =>
  events.map((event) => StreamEvent.of(event, (event as { type: string }).type));

/** Without members that are undefined, which JSON does not tell from absent ones. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null');

describe('a request of Responses becomes neutral', () => {
  it.each(Object.entries(decodedRequests))('%s', (_title, { native, neutral: expected }) => {
    expect(codec.request.decode(native)).toEqual({ value: expected, losses: [] });
  });
});

describe('a neutral request becomes one of Responses', () => {
  it.each(Object.entries(encodedRequests))('%s', (_title, { neutral: given, stream, native, losses }) => {
    const translated = codec.request.encode(given, stream ?? false);
    expect(translated.value).toEqual(native);
    expect(paths(translated.losses)).toEqual(losses);
  });

  it('says of each loss what became of it, and nothing of its content', () => {
    const { losses } = codec.request.encode(
      {
        model: 'm',
        messages: [
          { role: 'user', content: [{ type: 'foreign', dialect: 'openai-chat', value: { type: 'x' } }] },
          { role: 'tool', toolCallId: 'c', content: 'Secret', isError: true },
        ],
        seed: 7,
        extras: { 'anthropic-messages': { container: 'secret' } },
      },
      false,
    );
    expect(losses).toEqual([
      { path: 'container', reason: 'Only anthropic-messages has it; it was left out.' },
      { path: 'seed', reason: 'Responses have no such setting.' },
      { path: 'messages.0.content.0.x', reason: 'Only openai-chat has it; it was left out.' },
      { path: 'messages.1.isError', reason: 'Responses do not mark failed tools; their output stays.' },
    ]);
  });

  it('asks for stream options only with a stream', () => {
    const request: NeutralRequest = {
      model: 'm',
      messages: [],
      ...own({ stream_options: { include_obfuscation: false } }),
    };
    expect(codec.request.encode(request, false).value).toEqual({ model: 'm' });
    expect(codec.request.encode(request, true).value).toEqual({
      model: 'm',
      stream: true,
      stream_options: { include_obfuscation: false },
    });
  });

  it('means the same when it is read again, whatever it asks for', () => {
    fc.assert(
      fc.property(requests, fc.boolean(), (request, stream) => {
        const { value, losses } = codec.request.encode(request, stream);
        expect(losses).toEqual([]);
        expect(codec.request.decode(plain(value)).value).toEqual(plain(request));
      }),
    );
  });
});

describe('a response becomes neutral', () => {
  it.each(Object.entries(decodedReplies))('%s', (_title, { native, neutral: expected }) => {
    expect(codec.reply.decode(native)).toEqual({ value: expected, losses: [] });
  });
});

describe('a neutral reply becomes a response', () => {
  it.each(Object.entries(encodedReplies))('%s', (_title, { neutral: given, native, losses }) => {
    const translated = codec.reply.encode(given, asked);
    expect(translated.value).toEqual(native);
    expect(paths(translated.losses)).toEqual(losses);
  });

  it.each([
    ['context', 'incomplete', 'max_output_tokens', ['stop.reason']],
    ['content-filter', 'incomplete', 'content_filter', []],
    ['other', 'completed', undefined, ['stop.reason']],
    ['tool-calls', 'completed', undefined, []],
  ] as const)('tells the end "%s" as %s, %s', (reason, status, detail, losses) => {
    const reply: NeutralReply = {
      id: 'x',
      model: 'm',
      content: [],
      stop: { reason },
      usage: undefined,
    };
    const translated = codec.reply.encode(reply, asked);
    expect(translated.value).toMatchObject({
      status,
      incomplete_details: detail === undefined ? null : { reason: detail },
    });
    expect(paths(translated.losses)).toEqual(losses);
  });

  it('tells what Responses do not count as a loss, and lifetimes of others in the sum alone', () => {
    const { value, losses } = codec.reply.encode(
      {
        id: 'x',
        model: 'm',
        content: [],
        stop: { reason: 'stop' },
        usage: {
          inputTokens: 10,
          outputTokens: 1,
          cacheWriteTokens: 4,
          cacheWriteTokensByTtl: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 0 },
          serverToolRequests: { web_search_requests: 1, web_fetch_requests: 2 },
          imageInputTokens: 3,
          provenance: 'reported',
        },
      },
      asked,
    );
    expect(value).toMatchObject({
      usage: { input_tokens_details: { cache_write_tokens: 4 }, total_tokens: 11 },
      tool_usage: { web_search: { num_requests: 1 } },
    });
    expect(paths(losses)).toEqual([
      'usage.imageInputTokens',
      'usage.serverToolRequests.web_fetch_requests',
      'usage.cacheWriteTokensByTtl.ephemeral_5m_input_tokens',
    ]);
  });

  it('repeats of the request what every response repeats', () => {
    const tools = [{ type: 'function', name: 'f', parameters: {}, strict: true }];
    const body = { model: 'smart', tools, tool_choice: 'required', text: { verbosity: 'low' }, user: 'u' };
    const reply: NeutralReply = {
      id: undefined,
      model: undefined,
      content: [],
      stop: { reason: 'stop' },
      usage: undefined,
    };
    expect(codec.reply.encode(reply, { ...asked, body }).value).toMatchObject({
      id: 'resp_abc-1',
      model: 'smart',
      tools,
      tool_choice: 'required',
      text: { format: { type: 'text' }, verbosity: 'low' },
      user: 'u',
    });
  });
});

describe('a stream of Responses becomes neutral', () => {
  it.each(Object.entries(decodedStreams))('%s', (_title, { native, neutral: expected }) => {
    expect(decoded(wired(native))).toEqual(expected);
  });

  it.each([
    ['an error event', { type: 'error', error: { code: 'rate_limit_exceeded', message: 'Slow down.' } }],
    [
      'a failed response',
      {
        type: 'response.failed',
        response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow down.' } },
      },
    ],
  ])('%s is the failure it tells, and the last', (_title, failing) => {
    const events = decoded(wired([failing, { type: 'response.output_text.delta', delta: 'late' }]));
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { kind: 'rate-limit', code: 'rate_limit_exceeded' },
    });
    expect(events.filter(({ type }) => type === 'text-delta')).toEqual([]);
  });

  it('without its end has no end here', () => {
    const [{ native }] = Object.values(decodedStreams) as [(typeof decodedStreams)[string]];
    expect(decoded(wired(native.slice(0, -1))).map(({ type }) => type)).not.toContain('finish');
  });
});

describe('neutral events become a stream of Responses', () => {
  it('tell a citation of a whole part when the part has ended, and others before it at once', () => {
    const cited = (url: string, range: object): NeutralEvent => ({
      type: 'citation',
      part: 0,
      citation: { type: 'url', url, title: 'T', ...range },
    });
    const events = told(
      encoded([
        { type: 'start', id: undefined, model: 'm', usage: undefined },
        { type: 'text-delta', part: 0, text: 'Snow ' },
        cited('https://a.example', { start: 0, end: 4 }),
        cited('https://b.example', {}),
        { type: 'text-delta', part: 0, text: 'falls.' },
        cited('https://c.example', { start: 5, end: 10 }),
        { type: 'part-end', part: 0 },
        { type: 'finish', stop: { reason: 'stop' }, usage: undefined },
      ]),
    );
    const annotated = events.filter(({ type }) => type.endsWith('annotation.added'));
    const types = events.map(({ type }) => type.replace('response.', ''));
    expect(types.slice(types.indexOf('output_text.delta'), types.indexOf('content_part.done'))).toEqual([
      'output_text.delta',
      'output_text.annotation.added',
      'output_text.delta',
      'output_text.annotation.added',
      'output_text.annotation.added',
      'output_text.done',
    ]);
    expect(annotated.map(({ annotation_index }) => annotation_index)).toEqual([0, 1, 2]);
    expect(annotated.map(({ annotation }) => annotation)).toEqual(
      events.at(-1).response.output[0].content[0].annotations,
    );
    expect(annotated[1].annotation).toMatchObject({
      url: 'https://b.example',
      start_index: 0,
      end_index: 11,
    });
  });

  it.each(Object.entries(encodedStreams))('%s', (_title, { neutral: given, native, losses }) => {
    const encoder = codec.stream.encoder(asked);
    const events = given.flatMap((event) => encoder.push(event));
    expect(events.map(({ name }) => name)).toEqual(native.map(({ type }) => type));
    expect(told(events)).toEqual(native.map((event, sequence_number) => ({ ...event, sequence_number })));
    expect(paths(encoder.losses)).toEqual(losses);
    expect(encoder.end()).toEqual([]);
  });

  it('a failure is the dialect’s own error event, numbered on, and the last', () => {
    const error: CallError = {
      kind: 'overloaded',
      status: 529,
      code: 'overloaded_error',
      message: 'Busy.',
      ...failureKinds.overloaded,
      retryAfterMs: undefined,
      cause: undefined,
      managed: undefined,
    };
    const late: NeutralEvent = { type: 'text-delta', part: 0, text: 'late' };
    const start: NeutralEvent = { type: 'start', id: 'x', model: 'm', usage: undefined };
    expect(told(encoded([start, { type: 'error', error }, late])).slice(2)).toEqual([
      { ...(openaiResponses.errors.event(error).json as object), sequence_number: 2 },
    ]);
  });

  it('losses are told as they come, and a cut stream gets no end', () => {
    const encoder = codec.stream.encoder(asked);
    const value = { type: 'foreign', dialect: 'openai-chat', value: { type: 'audio' } } as const;
    encoder.push({ type: 'text-delta', part: 0, text: 'Hi' });
    expect(encoder.losses).toEqual([]);
    encoder.push({ type: 'foreign', part: 1, value });
    expect(paths(encoder.losses)).toEqual(['content.1.audio']);
    expect(encoder.end()).toEqual([]);
  });

  it('keeps members of ours that come with the end of a part, but not its ids, which are told before', () => {
    const events = encoded([
      { type: 'reasoning-delta', part: 0, text: 'Hm.' },
      { type: 'part-end', part: 0, ...own({ id: 'rs_7', encrypted_content: 'x' }) },
      { type: 'text-delta', part: 1, text: 'A' },
      { type: 'part-end', part: 1, ...own({ id: 'msg_7', item: { phase: 'final_answer' } }) },
      { type: 'finish', stop: { reason: 'stop' }, usage: undefined },
    ]);
    expect(told(events).at(-1).response.output).toMatchObject([
      { id: 'rs_abc-1_0', encrypted_content: 'x' },
      { id: 'msg_abc-1_1', phase: 'final_answer' },
    ]);
  });

  it('content that only Responses have joins the message it stands in', () => {
    const audio = { type: 'output_audio', data: 'UklG', transcript: 'Hi' };
    const events = told(
      encoded([
        { type: 'text-delta', part: 0, text: 'A' },
        { type: 'part-end', part: 0 },
        { type: 'foreign', part: 1, value: { type: 'foreign', dialect: 'openai-responses', value: audio } },
        { type: 'finish', stop: { reason: 'stop' }, usage: undefined },
      ]),
    );
    const place = { item_id: 'msg_abc-1_0', output_index: 0, content_index: 1 };
    expect(events.slice(-4, -2)).toMatchObject([
      { type: 'response.content_part.added', ...place, part: audio },
      { type: 'response.content_part.done', ...place, part: audio },
    ]);
    expect(events.at(-1).response.output).toMatchObject([{ content: [{ text: 'A' }, audio] }]);
  });

  it('an answer that failed after it had begun ends as failed', () => {
    const error = { code: 'server_error', message: 'Broken.' };
    const finish: NeutralEvent = {
      type: 'finish',
      stop: { reason: 'other' },
      usage: undefined,
      ...own({ status: 'failed', error }),
    };
    expect(told(encoded([finish])).at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error },
    });
  });

  it('arguments that were changed at the end of a call stand in its end and in the whole response', () => {
    const events = told(
      encoded([
        { type: 'tool-call-start', part: 0, id: 'c', name: 'f' },
        { type: 'tool-call-delta', part: 0, text: '{"a":"secret"}' },
        { type: 'tool-call', part: 0, id: 'c', name: 'f', arguments: { a: '[redacted]' } },
        { type: 'finish', stop: { reason: 'tool-calls' }, usage: undefined },
      ]),
    );
    const whole = { arguments: '{"a":"[redacted]"}' };
    expect(events.slice(-3)).toMatchObject([whole, { item: whole }, { response: { output: [whole] } }]);
  });
});

const computed = new Set(['output_text', 'output_parsed', 'parsed', 'parsed_arguments', '_request_id']);
/** Without what the SDK's helper adds to the wire format. */
const wire = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, inner: unknown) => (computed.has(key) ? undefined : inner)));

const finalResponse = (events: readonly StreamEvent[]) =>
  new OpenAI({
    apiKey: 'k',
    maxRetries: 0,
    fetch: async () => new Response(textOf(events), { headers: { 'content-type': 'text/event-stream' } }),
  }).responses
    .stream({ model: 'm', input: '' })
    .finalResponse();

/** The oldest supported helper does not know `response.incomplete`. */
const oldest = process.env['MANAGED_LLM_SDK'] === 'oldest';

describe('any legal sequence of neutral events', () => {
  it('is a stream that the SDK accepts, and sums up to the reply encoded whole', async () => {
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const events = encoded(sequence);
        const last = told(events).at(-1);
        const reply = codec.reply.encode(summed(sequence), asked).value;
        expect(last.response).toEqual(plain(reply));
        if (oldest && last.type !== 'response.completed') return;
        expect(wire(await finalResponse(events))).toEqual(plain(reply));
      }),
      { numRuns: 150 },
    );
  });

  it('numbers its events and ends every item as the whole response has it', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const events = told(encoded(sequence));
        expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
        const done = events.filter(({ type }) => type === 'response.output_item.done');
        const output: unknown[] = [];
        for (const { output_index, item } of done) output[output_index] = item;
        expect(output).toEqual(events.at(-1).response.output);
      }),
    );
  });

  it('means the same when it is read again', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const events = encoded(sequence);
        const again = summed(decoded(events));
        const before = summed(sequence);
        expect(said(again)).toEqual(said(before));
        expect(plain(again.usage)).toEqual(plain(before.usage));
        // The whole response read at once means the same as its stream.
        expect(said(codec.reply.decode(told(events).at(-1).response).value)).toEqual(said(before));
      }),
    );
  });
});

/** The content without ids of its own. */
function said(reply: any): unknown {
  return plain(reply.content.map(({ extras: _extras, ...part }: any) => part));
}

describe('whatever comes in', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.record(
      Object.fromEntries(
        ['type', 'input', 'output', 'tools', 'text', 'reasoning', 'response', 'item', 'part', 'delta'].map(
          (key) => [
            key,
            fc.oneof(
              fc.jsonValue({ maxDepth: 3 }),
              fc.constantFrom('message', 'reasoning', 'response.completed', 'response.output_item.done'),
              fc.array(
                fc.record({
                  type: fc.constantFrom('message', 'reasoning', 'function_call', 'web_search_call', 'x'),
                  role: fc.constantFrom('user', 'assistant', 'system', 7),
                  content: fc.jsonValue({ maxDepth: 3 }),
                  summary: fc.jsonValue({ maxDepth: 2 }),
                }),
              ),
            ),
          ],
        ),
      ),
      { requiredKeys: [] },
    ),
  );

  it('is read without throwing or being changed, and written again', () => {
    fc.assert(
      fc.property(anything, fc.array(anything), (value, stream) => {
        const before = JSON.stringify([value, stream]);
        codec.request.encode(codec.request.decode(value).value, true);
        codec.reply.encode(codec.reply.decode(value).value, { ...asked, body: value });
        encoded(decoded(stream.map((json) => StreamEvent.of(json))));
        expect(JSON.stringify([value, stream])).toBe(before);
      }),
    );
  });
});

const recorded = recordings.filter(({ operation }) => operation === 'openai.responses');

describe.skipIf(recorded.length === 0)('recorded exchanges', () => {
  it('come back as the same request, apart from other ways to say it', () => {
    for (const { id, request } of recorded) {
      const { value, losses } = codec.request.decode(request.body);
      const again = codec.request.encode(value, (request.body as any).stream === true);
      expect([id, losses, again.losses]).toEqual([id, [], []]);
      expect([id, normal(again.value)]).toEqual([id, normal(request.body)]);
    }
  });

  it('come back as the same answer', () => {
    let compared = 0;
    for (const { id, response } of recorded) {
      if (response.body === undefined || response.status !== 200) continue;
      const reply = codec.reply.decode(response.body).value;
      const again = codec.reply.decode(codec.reply.encode(reply, asked).value).value;
      expect([id, { ...again, id: reply.id, model: reply.model }]).toEqual([id, reply]);
      compared++;
    }
    expect(compared).toBeGreaterThan(50);
  });

  it('mean the same streamed as the response that the stream adds up to', () => {
    let compared = 0;
    for (const { id, response } of recorded) {
      if (response.sse === undefined) continue;
      const events = eventsOf(response.sse);
      const whole = codec.reply.decode(collect(events)).value;
      expect([id, withoutSecrets(summed(decoded(events)))]).toEqual([id, withoutSecrets(whole)]);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
  });
});

/** Encrypted reasoning, which OpenAI writes anew each time it tells it. */
function withoutSecrets(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (key === 'encrypted_content' ? 'secret' : inner)),
  );
}

/**
 * One of several ways to say the same: input as items, content as parts, JSON in strings parsed, functions before other
 * tools, and nothing that says nothing (nulls, empty lists, `type: 'message'`, finished states, defaults).
 */
function normal(value: any, key = ''): unknown {
  if (key === 'input' && typeof value === 'string') return [{ role: 'user', content: parts(value, 'user') }];
  if (key === 'arguments' && typeof value === 'string') return JSON.parse(value);
  if (key === 'tools' && Array.isArray(value)) {
    const isFunction = (tool: any): boolean => tool.type === 'function';
    return [...value.filter(isFunction), ...value.filter((tool) => !isFunction(tool))].map((tool) =>
      normal(tool),
    );
  }
  if (Array.isArray(value)) return value.map((item) => normal(item));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).flatMap(([name, inner]: [string, any]) => {
    if (inner === null || (Array.isArray(inner) && inner.length === 0)) return [];
    if (name === 'type' && inner === 'message') return [];
    if (name === 'status' && inner === 'completed') return [];
    if (name === 'detail' && inner === 'auto') return [];
    if (name === 'stream' && inner === false) return [];
    if (name === 'text' && inner.format?.type === 'text') return [];
    if (name === 'content' && typeof inner === 'string') return [[name, parts(inner, value.role)]];
    return [[name, normal(inner, name)]];
  });
  return Object.fromEntries(members);
}

function parts(text: string, role: string): unknown {
  return [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }];
}
