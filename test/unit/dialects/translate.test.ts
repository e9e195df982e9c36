import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureKinds } from '../../../src/core/call-error.ts';
import { SseDecoder } from '../../../src/core/sse.ts';
import { StreamEvent } from '../../../src/core/stream-event.ts';
import type { Asked, Loss } from '../../../src/core/translation.ts';
import { codecFor } from '../../../src/dialects/codecs.ts';
import { dialectsById, neutral } from '../../../src/dialects/index.ts';
import type { Codec } from '../../../src/dialects/neutral/codec.ts';
import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import { neutralCodec } from '../../../src/dialects/neutral/translation.ts';
import { member } from '../../../src/dialects/record.ts';
import { translation } from '../../../src/dialects/translate.ts';
import { replies, request } from './neutral-values.ts';
import { textOf } from './recordings.ts';
import { completion, message, response } from './replies.ts';

const { collect, explode } = await neutral.codec();
const asked: Asked = { body: { say: 'hi' }, id: 'id-1', createdAt: 1 };
const usage = { inputTokens: 3, outputTokens: 2, provenance: 'reported' } as const;
const event = (value: NeutralEvent): StreamEvent => StreamEvent.of(value, value.type);
const told = (events: readonly StreamEvent[]): unknown[] => events.map(({ json }) => json);
const loss = (path: string): Loss => ({ path, reason: 'No place.' });

/** A format with one line of text: `{ say }` asks and answers, a stream is `{ say }` …, `{ bye }`. */
function lines(id: Codec['id'], losses: { decode?: Loss[]; encode?: Loss[] } = {}): Codec {
  const { decode = [], encode = [] } = losses;
  const said = (json: unknown): string => String(member(json, 'say'));
  return {
    id,
    request: {
      decode: (body) => ({
        value: { model: id, messages: [{ role: 'user', content: said(body) }] },
        losses: decode,
      }),
      encode: ({ messages }, stream) => ({ value: { say: messages[0]?.content, stream }, losses: encode }),
    },
    reply: {
      isAnswer: (json) => member(json, 'say') !== undefined,
      decode: (json) => ({
        value: {
          id: undefined,
          model: id,
          content: [{ type: 'text', text: said(json) }],
          stop: { reason: 'stop' },
          usage,
        },
        losses: decode,
      }),
      encode: ({ content, model }, { id: own }) => ({
        value: { say: member(content[0], 'text'), model, id: own },
        losses: encode,
      }),
    },
    stream: {
      decoder: () => ({
        losses: decode,
        push({ json }) {
          if (member(json, 'broken') !== undefined) {
            const error = neutral.stream.error(StreamEvent.of({ type: 'error', error: {} }));
            return error === undefined ? [] : [{ type: 'error', error }];
          }
          return member(json, 'bye') === undefined
            ? [{ type: 'text-delta', part: 0, text: said(json) }]
            : [{ type: 'finish', stop: { reason: 'stop' }, usage }];
        },
        end: () => [],
      }),
      encoder: ({ id: own }) => ({
        push: (given) =>
          given.type === 'text-delta'
            ? [StreamEvent.of({ say: given.text })]
            : given.type === 'error'
              ? [StreamEvent.of({ broken: true })]
              : [],
        end: () => [StreamEvent.of({ bye: own })],
        losses: encode,
      }),
    },
  };
}

describe('a translation', () => {
  it('of a request reads the caller’s dialect and writes the target’s', () => {
    const { value } = translation(lines('openai-chat'), neutralCodec).request({ say: 'hi' }, true);
    expect(value).toEqual({ model: 'openai-chat', messages: [{ role: 'user', content: 'hi' }] });
    expect(
      translation(neutralCodec, lines('openai-chat')).request(
        { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
        true,
      ).value,
    ).toEqual({ say: 'hi', stream: true });
  });

  it('of a reply goes the other way, and brings what the caller asked', () => {
    const { reply } = translation(lines('openai-chat'), lines('anthropic-messages'));
    expect(reply({ say: 'ho' }, asked).value).toEqual({ say: 'ho', model: 'anthropic-messages', id: 'id-1' });
  });

  it('tells the losses of both sides, those of the reading first, each once', () => {
    const from = lines('openai-chat', { decode: [loss('a'), loss('b')], encode: [loss('d'), loss('e')] });
    const to = lines('anthropic-messages', {
      decode: [loss('c'), loss('d')],
      encode: [loss('b'), loss('a.b')],
    });
    const { request: ask, reply, stream } = translation(from, to);
    const paths = (losses: readonly Loss[]) => losses.map(({ path }) => path);
    expect(paths(ask({ say: '' }, false).losses)).toEqual(['a', 'b', 'a.b']);
    expect(paths(reply({ say: '' }, asked).losses)).toEqual(['c', 'd', 'e']);
    expect(paths(stream(asked).losses)).toEqual(['c', 'd', 'e']);
  });

  it('keeps two losses of one place that have different reasons', () => {
    const other = { path: 'a', reason: 'Another reason.' };
    const from = lines('openai-chat', { decode: [loss('a')] });
    const to = lines('anthropic-messages', { encode: [other] });
    expect(translation(from, to).request({}, false).losses).toEqual([loss('a'), other]);
  });
});

describe('a member that only one dialect has', () => {
  const lost = async (from: 'openai-chat' | 'openai-responses', body: object): Promise<string[]> => {
    const [caller, target] = await Promise.all([codecFor(from), codecFor('anthropic-messages')]);
    if (caller === undefined || target === undefined) throw new TypeError('There is no codec.');
    return translation(caller, target)
      .request(body, false)
      .losses.map(({ path }) => path);
  };
  const messages = [{ role: 'user', content: 'Hi' }];

  it('is no loss while it asks for what every answer is without it', async () => {
    const chat = { n: 1, store: false, logprobs: false, top_logprobs: 0, service_tier: 'auto' };
    expect(await lost('openai-chat', { model: 'm', messages, ...chat })).toEqual([]);
    const responses = { store: false, background: false, truncation: 'disabled', service_tier: 'auto' };
    expect(await lost('openai-responses', { model: 'm', input: 'Hi', ...responses })).toEqual([]);
  });

  it('is one when it asks for more', async () => {
    const chat = { n: 2, store: true, logprobs: true, service_tier: 'flex', clear_thinking: false };
    expect(await lost('openai-chat', { model: 'm', messages, ...chat })).toEqual(Object.keys(chat));
    expect(await lost('openai-responses', { model: 'm', input: 'Hi', truncation: 'auto' })).toEqual([
      'truncation',
    ]);
  });

  it('is no loss while it is an empty list', async () => {
    const turns = [...messages, { role: 'assistant', content: 'Hello', annotations: [] }];
    expect(await lost('openai-chat', { model: 'm', messages: turns })).toEqual([]);
  });
});

describe('a translated stream', () => {
  const begun = () => translation(lines('openai-chat'), lines('anthropic-messages')).stream(asked);

  it('gives the caller’s events one by one, and the regular end after the last', () => {
    const stream = begun();
    expect(told(stream.push(StreamEvent.of({ say: 'a' })))).toEqual([{ say: 'a' }]);
    expect([stream.usage, stream.stop]).toEqual([undefined, undefined]);
    expect(stream.push(StreamEvent.of({ bye: 1 }))).toEqual([]);
    expect(told(stream.end())).toEqual([{ bye: 'id-1' }]);
    expect([stream.usage, stream.stop]).toEqual([usage, { reason: 'stop' }]);
  });

  it('that was cut gets no regular end', () => {
    const stream = begun();
    stream.push(StreamEvent.of({ say: 'a' }));
    expect(stream.end()).toEqual([]);
    expect(stream.stop).toBeUndefined();
  });

  it('has nothing after an error', () => {
    const stream = begun();
    expect(told(stream.push(StreamEvent.of({ broken: 1 })))).toEqual([{ broken: true }]);
    expect(stream.push(StreamEvent.of({ say: 'a' }))).toEqual([]);
    expect(stream.push(StreamEvent.of({ bye: 1 }))).toEqual([]);
    expect(stream.end()).toEqual([]);
  });

  it('shares nothing with another of the same translation', () => {
    const both = translation(lines('openai-chat'), lines('anthropic-messages'));
    const [one, other] = [both.stream(asked), both.stream(asked)];
    one.push(StreamEvent.of({ broken: 1 }));
    expect(told(other.push(StreamEvent.of({ say: 'a' })))).toEqual([{ say: 'a' }]);
  });

  it('knows the usage that the start told until the finish tells another', () => {
    const stream = translation(lines('openai-chat'), neutralCodec).stream(asked);
    const early = { inputTokens: 3, provenance: 'reported' } as const;
    stream.push(event({ type: 'start', id: 'i', model: 'm', usage: early }));
    expect(stream.usage).toEqual(early);
    stream.push(event({ type: 'finish', stop: { reason: 'length' }, usage }));
    expect([stream.usage, stream.stop]).toEqual([usage, { reason: 'length' }]);
  });
});

describe('the neutral codec', () => {
  const both = translation(neutralCodec, neutralCodec);

  it('leaves requests, replies and streams as they are', () => {
    expect(both.request(request, true)).toEqual({ value: request, losses: [] });
    fc.assert(
      fc.property(replies, (reply) => {
        expect(both.reply(reply, asked)).toEqual({ value: reply, losses: [] });
        const stream = both.stream(asked);
        const events = explode(reply);
        expect(told([...events.flatMap((each) => stream.push(each)), ...stream.end()])).toEqual(told(events));
        expect([stream.stop, stream.usage]).toEqual([reply.stop, reply.usage]);
        expect(stream.losses).toEqual([]);
      }),
    );
  });

  it('decodes the same events however the encoded stream was cut into chunks', () => {
    fc.assert(
      fc.property(replies, fc.array(fc.nat(), { maxLength: 30 }), (reply, cuts) => {
        const events = explode(reply).map(({ json }) => json as NeutralEvent);
        const encoder = neutralCodec.stream.encoder(asked);
        const bytes = new TextEncoder().encode(textOf(events.flatMap((each) => encoder.push(each))));
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
          (a, b) => a - b,
        );
        const framing = new SseDecoder();
        const decoder = neutralCodec.stream.decoder();
        const decoded = places
          .slice(1)
          .flatMap((end, index) => framing.push(bytes.subarray(places[index], end)))
          .flatMap((each) => decoder.push(each));
        expect(JSON.stringify([...decoded, ...decoder.end()])).toBe(JSON.stringify(events));
      }),
    );
  });

  it('writes an error as the dialect’s own event, and reads it again', () => {
    const failure = {
      kind: 'rate-limit',
      status: 429,
      code: 'slow',
      message: 'Slow down.',
      retryable: true,
      retryAfterMs: 5,
    } as const;
    const error = { ...failureKinds['rate-limit'], ...failure, cause: 'a prompt', managed: undefined };
    const [written] = neutralCodec.stream.encoder(asked).push({ type: 'error', error });
    expect(written?.json).toEqual({ type: 'error', error: failure });
    const read = written === undefined ? [] : neutralCodec.stream.decoder().push(written);
    // Its words may be the provider's, which may repeat the prompt.
    const { message: _words, ...rest } = failure;
    expect(read).toMatchObject([{ type: 'error', error: rest }]);
  });

  it('leaves out what has not the form it must have, and says so', () => {
    const body = {
      model: 7,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'robot', content: 'hi' },
        { role: 'user', content: [{ type: 'text' }, 'bare', { type: 'text', text: 'kept', extras: null }] },
        null,
      ],
      temperature: 'hot',
      tools: [{ name: 'f' }],
      toolChoice: { name: 'f' },
      tomorrow: 1,
    };
    const { value, losses } = neutralCodec.request.decode(body);
    expect(value).toEqual({
      model: '',
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'user', content: [{ type: 'text', text: 'kept' }] },
      ],
      tools: [],
      toolChoice: { name: 'f' },
      tomorrow: 1,
    });
    expect(losses.map(({ path }) => path)).toEqual([
      'model',
      'messages.1',
      'messages.2.content.0',
      'messages.2.content.1',
      'messages.2.content.2.extras',
      'messages.3',
      'tools.0',
      'temperature',
    ]);
    expect(neutralCodec.reply.decode({ stop: { reason: 'tired' }, content: [{}] })).toMatchObject({
      value: { content: [], stop: { reason: 'other' } },
      losses: [{ path: 'content.0' }],
    });
    expect(neutralCodec.request.decode({ model: undefined, messages: undefined })).toEqual({
      value: { model: '', messages: [] },
      losses: [],
    });
    expect(neutralCodec.reply.decode({ stop: undefined }).value.stop).toEqual({ reason: 'other' });
    const decoder = neutralCodec.stream.decoder();
    expect(decoder.push(StreamEvent.of({ type: 'text-delta', part: 0 }))).toEqual([]);
    expect(decoder.push(new StreamEvent(new TextEncoder().encode(': comment\n\n')))).toEqual([]);
    expect(decoder.losses).toMatchObject([{ path: 'event' }]);
  });

  it('neither throws on any JSON nor changes it, and always gives what encoders may trust', () => {
    const word = fc.constantFrom(
      ...'model messages role user assistant tool content type text tool-call foreign source extras stop finish'.split(
        ' ',
      ),
    );
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        word,
        fc.array(tie('json'), { maxLength: 4 }),
        fc.dictionary(fc.oneof(word, fc.constant('__proto__')), tie('json'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(json, (given) => {
        const before = JSON.stringify(given);
        const ask = neutralCodec.request.decode(given).value;
        expect([typeof ask.model, Array.isArray(ask.messages)]).toEqual(['string', true]);
        for (const { role, content } of ask.messages) {
          expect(typeof role).toBe('string');
          expect(typeof content === 'string' || Array.isArray(content)).toBe(true);
        }
        const answer = neutralCodec.reply.decode(given).value;
        expect([Array.isArray(answer.content), typeof answer.stop.reason]).toEqual([true, 'string']);
        both.stream(asked).push(StreamEvent.of(given));
        expect(JSON.stringify(given)).toBe(before);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the codec of a dialect', () => {
  it('is loaded by its id; dialects that are not translated have none', async () => {
    for (const id of ['openai-chat', 'openai-responses', 'anthropic-messages', 'neutral'] as const) {
      expect((await codecFor(id))?.id).toBe(dialectsById[id].id);
    }
    expect(await codecFor('openai-embeddings')).toBeUndefined();
    expect(await codecFor('passthrough')).toBeUndefined();
  });
});

describe.each([
  ['openai-chat', completion],
  ['openai-responses', response],
  ['anthropic-messages', message],
] as const)('a neutral call answered by %s', async (id, samples) => {
  const codec = await codecFor(id);
  if (codec === undefined) throw new TypeError(`no codec of ${id}`);
  const both = translation(neutralCodec, codec);
  const { explode: explodeNative } = await dialectsById[id].codec();

  it.each(Object.entries(samples))('gets a reply that has the form of one: %s', (_name, sample) => {
    const { value } = both.reply(sample, asked);
    expect(neutralCodec.reply.decode(value)).toEqual({ value, losses: [] });
    expect(neutral.reply.usage(value)).toEqual(dialectsById[id].reply.usage(sample));
  });

  it.each(Object.entries(samples))('gets a stream that adds up to the plain reply: %s', (_name, sample) => {
    const stream = both.stream(asked);
    const events = explodeNative(sample).flatMap((each) => stream.push(each));
    events.push(...stream.end());
    const decoder = neutralCodec.stream.decoder();
    for (const each of events) expect(decoder.push(each)).toEqual([each.json]);
    expect(collect(events)).toEqual(both.reply(sample, asked).value);
  });
});
