import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureKinds, refusal, type FailureKind } from '../../../src/core/call-error.ts';
import { MappedText, type TextMapper } from '../../../src/core/mapped-text.ts';
import { StreamEvent } from '../../../src/core/stream-event.ts';
import { StreamTrail } from '../../../src/core/stream-trail.ts';
import { dialectsById, neutral } from '../../../src/dialects/index.ts';
import type { NeutralEvent } from '../../../src/dialects/neutral/event.ts';
import type { NeutralReply } from '../../../src/dialects/neutral/reply.ts';
import { ManagedLLMError } from '../../../src/errors/managed-llm-error.ts';
import { replies, request } from './neutral-values.ts';
import { eventsOf, textOf } from './recordings.ts';

const { collect, explode } = await neutral.codec();
const event = (value: NeutralEvent): StreamEvent => StreamEvent.of(value, value.type);
/** As it is after a trip over the wire. */
const sent = (events: readonly StreamEvent[]): StreamEvent[] => eventsOf(textOf(events));
/** Members without a value are not told in JSON. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const reply: NeutralReply = {
  id: 'r1',
  model: 'claude-haiku-5-5',
  content: [
    { type: 'reasoning', text: 'Hm.', extras: { 'anthropic-messages': { signature: 's' } } },
    { type: 'text', text: 'See here', citations: [{ type: 'url', url: 'https://example.com' }] },
    { type: 'refusal', text: 'No more.' },
    { type: 'tool-call', id: 'call_1', name: 'weather', arguments: { city: 'Ulm', days: [1, 'two'] } },
    {
      type: 'foreign',
      dialect: 'openai-responses',
      value: { type: 'code_interpreter_call', id: 'ci_1', code: 'print(1)' },
    },
  ],
  stop: { reason: 'tool-calls' },
  usage: { inputTokens: 12, outputTokens: 5, cachedInputTokens: 3, provenance: 'reported' },
};

it('the neutral dialect is found by its id, and no path leads to it', () => {
  expect(dialectsById.neutral).toBe(neutral);
  expect([neutral.id, neutral.operation, neutral.path]).toEqual(['neutral', 'chat', '']);
});

describe('a neutral request', () => {
  const heard = (body: unknown): string[] => {
    const texts: string[] = [];
    neutral.request.mapTexts(body, (text, role) => {
      texts.push(`${role}: ${text}`);
      return text;
    });
    return texts;
  };

  it('has no word about streaming', () => {
    expect(neutral.request.isStream({ ...request, stream: true })).toBe(false);
    expect(neutral.request.withStream(request, true)).toBe(request);
    expect(neutral.request.askForUsage(request, JSON.stringify(request))).toBeUndefined();
  });

  it('shows the texts of all turns, of files, of other dialects’ parts and extras, and the values in arguments', () => {
    expect(heard(request)).toEqual([
      'system: Be brief.',
      'user: What is this?',
      'user: Meeting',
      'user: Minutes',
      'assistant: Shown thought',
      'assistant: Looking.',
      'assistant: Not that.',
      'assistant: Ulm',
      'assistant: two',
      'assistant: ls',
      'tool: Rain',
      'tool: Sun',
      'assistant: Predicted',
    ]);
  });

  it('gets other texts where they stood, and keeps signed reasoning, names and definitions', () => {
    const upper = neutral.request.mapTexts(request, (text) => text.toUpperCase()) as typeof request;
    expect(heard(upper)).toEqual(
      heard(request).map((line) => line.replace(/: .*/, (text) => text.toUpperCase())),
    );
    expect(upper.messages[2]?.content[0]).toBe(request.messages[2]?.content[0]);
    expect(upper.messages[2]?.content[4]).toMatchObject({ name: 'weather', arguments: { city: 'ULM' } });
    expect(upper.tools).toBe(request.tools);
    expect(neutral.request.mapTexts(request, (text) => text)).toBe(request);
  });

  it('takes an instruction as a system message in front', () => {
    expect(neutral.request.withInstruction(request, 'First.')).toEqual({
      ...request,
      messages: [{ role: 'system', content: 'First.' }, ...request.messages],
    });
    expect(neutral.request.withInstruction({}, 'x')).toEqual({
      messages: [{ role: 'system', content: 'x' }],
    });
  });

  it('has a model and an output limit', () => {
    expect(neutral.request.model(request)).toBe('fast');
    expect(neutral.request.withModel(request, 'smart')).toEqual({ ...request, model: 'smart' });
    expect(neutral.request.maxOutputTokens(request)).toBe(100);
    expect(neutral.request.withMaxOutputTokens(request, 5)).toEqual({ ...request, maxOutputTokens: 5 });
  });

  it('has a size: texts, tools and arguments by their characters, images apart', () => {
    const hint = neutral.request.measure(request);
    const texts = heard(request).map((line) => line.slice(line.indexOf(': ') + 2).length);
    const sum = texts.reduce((total, length) => total + length, 0);
    expect(hint).toMatchObject({ images: [{}], complete: true });
    expect(hint.characters).toBeGreaterThanOrEqual(sum + JSON.stringify(request.tools).length - 12);
    expect(hint.characters).toBeLessThan(JSON.stringify(request).length);
    const call = (args: unknown) =>
      neutral.request.measure({
        messages: [
          { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: '', arguments: args }] },
        ],
      });
    expect(call({ type: 'image', city: 'Ulm' })).toMatchObject({ images: [] });
    expect(call({ city: 'Ulm' }).characters).toBe('{"city":"Ulm"}'.length);
  });

  it.each([
    [{ extras: { 'openai-responses': { previous_response_id: 'r' } } }],
    [{ extras: { 'openai-responses': { conversation: 'c' } } }],
    [{ extras: { 'anthropic-messages': { thread: { type: 'continue' } } } }],
    [{ extras: { 'anthropic-messages': { container: 'c' } } }],
    [
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'foreign', dialect: 'openai-responses', value: { type: 'item_reference', id: 'i' } },
            ],
          },
        ],
      },
    ],
  ])('%# is neither complete nor cacheable where a provider holds more than it shows', (body) => {
    expect(neutral.request.measure(body).complete).toBe(false);
    expect(neutral.request.fingerprint(body)).toBeUndefined();
  });

  it.each([
    [{ type: 'url', url: 'https://example.com/a.pdf' }, {}],
    [{ type: 'base64', data: 'AAAA', mediaType: 'application/pdf' }, { bytes: 3 }],
    [{ type: 'id', id: 'file_1', dialect: 'openai-chat' }, {}],
  ])('%# keeps a file apart, with the bytes that it has here', (source, known) => {
    const body = { messages: [{ role: 'user', content: [{ type: 'file', source }] }] };
    expect(neutral.request.measure(body)).toMatchObject({
      characters: 0,
      files: [{ kind: 'document', ...known }],
      complete: true,
    });
    expect(neutral.request.fingerprint(body)).toBeDefined();
  });

  it('has one fingerprint whoever asks, in whatever order its members stand, and another for another answer', () => {
    const { fingerprint } = neutral.request;
    const key = fingerprint(request);
    const reversed = Object.fromEntries(Object.entries(request).toReversed());
    expect(fingerprint({ ...reversed, endUserId: 'u' })).toBe(key);
    const delivery = { 'openai-chat': { ...request.extras?.['openai-chat'], metadata: { a: 1 }, user: 'u' } };
    expect(fingerprint({ ...request, extras: delivery })).toBe(key);
    for (const change of [{ temperature: 1 }, { extras: { 'openai-chat': { logit_bias: {} } } }]) {
      expect(fingerprint({ ...request, ...change })).not.toBe(key);
    }
    const { extras: _extras, ...bare } = request;
    expect(fingerprint({ ...bare, extras: { 'anthropic-messages': { metadata: { user_id: 'u' } } } })).toBe(
      fingerprint(bare),
    );
    expect(fingerprint({ ...bare, extras: { 'anthropic-messages': { thinking: {} } } })).not.toBe(
      fingerprint({ ...bare, extras: { 'openai-chat': { thinking: {} } } }),
    );
  });
});

describe('a neutral reply', () => {
  it('tells usage, model and why it ended', () => {
    expect(neutral.reply.usage(reply)).toEqual(reply.usage);
    expect(neutral.reply.usageOfText(JSON.stringify(reply))).toEqual(reply.usage);
    expect(neutral.reply.model(reply)).toBe('claude-haiku-5-5');
    expect(neutral.reply.stopReason(reply)).toBe('tool-calls');
  });

  it('tells no count that is none, and keeps an estimate apart from a report', () => {
    const usage = { inputTokens: 7, outputTokens: -1, cachedInputTokens: '3', provenance: 'estimated' };
    expect(neutral.reply.usage({ usage })).toEqual({ inputTokens: 7, provenance: 'estimated' });
    expect(neutral.reply.usage({ usage: { provenance: 'reported' } })).toBeUndefined();
    expect(neutral.reply.usage({ usage: { inputTokens: 7 } })).toEqual({
      inputTokens: 7,
      provenance: 'reported',
    });
  });

  it('has texts in all its parts, another dialect’s too', () => {
    const heard: string[] = [];
    const changed = neutral.reply.mapTexts(reply, (text, role) => {
      heard.push(`${role}: ${text}`);
      return text.toUpperCase();
    }) as NeutralReply;
    expect(heard).toEqual(
      ['Hm.', 'See here', 'No more.', 'Ulm', 'two', 'print(1)'].map((text) => `assistant: ${text}`),
    );
    expect(changed.content[3]).toMatchObject({
      name: 'weather',
      arguments: { city: 'ULM', days: [1, 'TWO'] },
    });
    expect(changed.content[4]).toMatchObject({ value: { id: 'ci_1', code: 'PRINT(1)' } });
  });
});

describe('extras', () => {
  const thought = {
    type: 'reasoning',
    text: 'one two',
    extras: {
      'openai-responses': {
        id: 'rs_1',
        summary: [
          { type: 'summary_text', text: 'one' },
          { type: 'summary_text', text: 'two' },
        ],
      },
    },
  } as const;
  const said = {
    type: 'text',
    text: 'three',
    extras: { 'openai-responses': { logprobs: [{ token: 'three' }], item: { id: 'msg_1' } } },
  } as const;
  const told = {
    'openai-chat': {
      'choices.0.logprobs': { content: [{ token: 'thr' }, { token: 'ee' }], refusal: null },
      'choices.0.message.audio': {},
    },
  };
  const upper = (text: string): string => text.toUpperCase();
  const given: NeutralReply = { ...reply, content: [thought, said], extras: told };
  const expected = [
    {
      type: 'reasoning',
      text: 'ONE TWO',
      extras: {
        'openai-responses': {
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'ONE' },
            { type: 'summary_text', text: 'TWO' },
          ],
        },
      },
    },
    { type: 'text', text: 'THREE', extras: { 'openai-responses': { item: { id: 'msg_1' } } } },
  ];

  const changed = {
    ...given,
    content: expected,
    extras: { 'openai-chat': { 'choices.0.message.audio': {} } },
  };

  it('of a reply repeat no old text', () => {
    expect(neutral.reply.mapTexts(given, upper)).toEqual(changed);
    expect(neutral.reply.mapTexts(given, (text) => text)).toBe(given);
  });

  it('of a stream repeat no old text', () => {
    const out: StreamEvent[] = [];
    const stage = new MappedText(neutral.stream, () => ({ push: upper, end: () => '' }));
    for (const each of explode(given)) stage.event(each, (made) => out.push(made));
    expect(collect(out)).toEqual(changed);
    const untouched = new MappedText(neutral.stream, () => undefined);
    for (const each of explode(given)) untouched.event(each, (made) => expect(made).toBe(each));
  });

  it('of an earlier turn or of a document repeat no old text', () => {
    const context = { 'anthropic-messages': { context: 'four', cache_control: { type: 'ephemeral' } } };
    const file = { type: 'file', source: { type: 'url', url: 'https://example.com/' } } as const;
    const body = {
      messages: [
        { role: 'assistant', content: [thought, said] },
        { role: 'user', content: [{ ...file, extras: context }] },
      ],
    };
    const marked = { ...context['anthropic-messages'], context: 'FOUR' };
    expect(neutral.request.mapTexts(body, upper)).toEqual({
      messages: [
        { role: 'assistant', content: expected },
        { role: 'user', content: [{ ...file, extras: { 'anthropic-messages': marked } }] },
      ],
    });
  });
});

describe('a neutral stream', () => {
  it('adds up to the reply it was made from', () => {
    fc.assert(
      fc.property(replies, (given) => {
        expect(plain(collect(sent(explode(given))))).toEqual(plain(given));
        expect(collect(explode(given))).toEqual(given);
      }),
    );
  });

  it('names every event by its type, and numbers the parts from 0', () => {
    fc.assert(
      fc.property(replies, (given) => {
        const made = explode(given);
        const events = made.map(({ json }) => json as NeutralEvent);
        expect(made.map(({ name }) => name)).toEqual(events.map(({ type }) => type));
        expect(events.map(({ type }) => type)).toEqual([
          'start',
          ...events.slice(1, -1).map(({ type }) => type),
          'finish',
        ]);
        const parts = events.flatMap((told) => ('part' in told ? [told.part] : []));
        expect([...new Set(parts)]).toEqual(given.content.map((_, index) => index));
        expect(parts.toSorted((a, b) => a - b)).toEqual(parts);
      }),
    );
  });

  it('that never ended adds up to nothing', () => {
    expect(collect(explode(reply).slice(0, -1))).toBeUndefined();
    expect(explode({})).toEqual([]);
  });

  it('keeps the arguments of a tool call whose end is missing', () => {
    const events = explode(reply).filter(({ name }) => name !== 'tool-call');
    expect((collect(events) as NeutralReply).content[3]).toEqual(reply.content[3]);
  });

  it('ends with its finish, however the tail was cut in front', () => {
    const text = textOf(explode(reply));
    const from = text.indexOf('event: finish');
    for (const cut of [0, 1, 100, from]) {
      expect(neutral.stream.isTerminal(text.slice(cut))).toBe(true);
      expect(neutral.stream.stopReason(text.slice(cut))).toBe('tool-calls');
      expect(neutral.stream.usage('', text.slice(cut))).toEqual(reply.usage);
    }
    expect(neutral.stream.isTerminal(text.slice(0, from))).toBe(false);
    const quoted = event({ type: 'text-delta', part: 0, text: 'data: {"type":"finish"}\n' });
    expect(neutral.stream.isTerminal(textOf([quoted]))).toBe(false);
  });

  it('knows the input from its start where it was cut, but not the output', () => {
    const start = event({
      type: 'start',
      id: undefined,
      model: 'm',
      usage: { inputTokens: 9, outputTokens: 1, provenance: 'reported' },
    });
    const known = { inputTokens: 9, provenance: 'reported' };
    expect(neutral.stream.usage(textOf([start]), textOf([start]))).toEqual(known);
    const finish = event({ type: 'finish', stop: { reason: 'stop' }, usage: undefined });
    expect(collect([start, finish])).toMatchObject({ usage: known });
    const trail = new StreamTrail(neutral.stream);
    trail.push(start.bytes);
    expect(trail.model(neutral.reply.model)).toBe('m');
  });

  it('has content from its first piece of an answer on', () => {
    const isContent = (value: NeutralEvent) => neutral.stream.isContent(event(value));
    for (const empty of [
      { type: 'start', id: 'i', model: 'm', usage: undefined },
      { type: 'text-delta', part: 0, text: '' },
      { type: 'part-end', part: 0 },
    ] as const) {
      expect([empty, isContent(empty)]).toEqual([empty, false]);
    }
    for (const full of [
      { type: 'text-delta', part: 0, text: 'a' },
      { type: 'reasoning-delta', part: 0, text: 'a' },
      { type: 'tool-call-start', part: 0, id: '1', name: 'f' },
      { type: 'foreign', part: 0, value: { type: 'foreign', dialect: 'openai-chat', value: 1 } },
      { type: 'finish', stop: { reason: 'stop' }, usage: undefined },
    ] as const) {
      expect([full, isContent(full)]).toEqual([full, true]);
    }
    expect(neutral.stream.isOnlyUsage(event({ type: 'part-end', part: 0 }))).toBe(false);
  });
});

describe('text in a neutral stream', () => {
  it('is told apart by part and kind', () => {
    const told = (value: NeutralEvent) => neutral.stream.text(event(value));
    expect(told({ type: 'text-delta', part: 2, text: 'a' })).toEqual([
      { slot: { id: 'part 2 text', kind: 'text' }, text: 'a' },
    ]);
    expect(told({ type: 'tool-call-delta', part: 3, text: '{"' })).toEqual([
      { slot: { id: 'part 3 arguments', kind: 'tool-arguments' }, text: '{"' },
    ]);
    expect(told({ type: 'reasoning-delta', part: 0, text: 'a' })[0]?.slot.kind).toBe('reasoning');
    expect(told({ type: 'refusal-delta', part: 0, text: 'a' })[0]?.slot.kind).toBe('refusal');
  });

  it('closes with its part, its tool call, the finish or an error, and can be added to before that', () => {
    const closes = (value: NeutralEvent) => neutral.stream.closes(event(value));
    const end = { type: 'part-end', part: 2 } as const;
    expect(closes(end)).toEqual(['part 2']);
    expect(closes({ type: 'tool-call', part: 1, id: '', name: '', arguments: {} })).toEqual(['part 1']);
    expect(closes({ type: 'finish', stop: { reason: 'stop' }, usage: undefined })).toEqual(['part']);
    expect(neutral.stream.closes(StreamEvent.of({ type: 'error' }, 'error'))).toEqual(['part']);
    const added = neutral.stream.delta(event(end), 'part 2 text', '!');
    expect([added.name, added.json]).toEqual(['text-delta', { type: 'text-delta', part: 2, text: '!' }]);
    expect(neutral.stream.delta(event(end), 'choice 0 content', '!').json).toEqual(end);
  });

  const mapped = (given: unknown, make: TextMapper): unknown => {
    const out: StreamEvent[] = [];
    const stage = new MappedText(neutral.stream, make);
    for (const each of explode(given)) stage.event(each, (made) => out.push(made));
    stage.end((made) => out.push(made));
    return collect(sent(out));
  };

  it('is changed as in the plain reply, however much of it is held back', () => {
    const upper = (text: string): string => text.toUpperCase();
    for (const length of [0, 1, 7, 100]) {
      const changed = mapped(reply, () => {
        let held = '';
        return {
          push(text) {
            const all = held + upper(text);
            held = all.slice(Math.max(0, all.length - length));
            return all.slice(0, all.length - held.length);
          },
          end: () => held,
        };
      }) as NeutralReply;
      const expected = neutral.reply.mapTexts(reply, upper) as NeutralReply;
      // In a stream the mapper of a slot of arguments sees JSON text, names of members included.
      expect(changed.content[3]).toMatchObject({ arguments: { CITY: 'ULM', DAYS: [1, 'TWO'] } });
      const but = (parts: NeutralReply['content']) => parts.filter(({ type }) => type !== 'tool-call');
      expect(but(changed.content)).toEqual(but(expected.content));
    }
  });

  it('of arguments that are no JSON any more stays as text', () => {
    const changed = mapped(reply, ({ kind }) =>
      kind === 'tool-arguments' ? { push: () => '', end: () => 'gone' } : undefined,
    ) as NeutralReply;
    expect(changed.content[3]).toMatchObject({ arguments: 'gone' });
    expect(changed.content[1]).toEqual(reply.content[1]);
  });
});

describe('a failure in the neutral dialect', () => {
  const failures = fc.record({
    kind: fc.constantFrom(...(Object.keys(failureKinds) as FailureKind[])),
    status: fc.option(fc.integer({ min: 400, max: 599 }), { nil: undefined }),
    code: fc.option(fc.string(), { nil: undefined }),
    message: fc.string(),
    retryable: fc.boolean(),
    retryAfterMs: fc.option(fc.nat(), { nil: undefined }),
  });

  it('is read from an event as it was written, but for what is for this process alone', () => {
    fc.assert(
      fc.property(failures, (told) => {
        const written = neutral.errors.event({
          ...failureKinds[told.kind],
          ...told,
          cause: 'a prompt',
          managed: undefined,
        });
        const [received] = sent([written]);
        expect(received?.name).toBe('error');
        const { message: _words, ...rest } = told;
        expect(received && neutral.stream.error(received)).toMatchObject(rest);
        expect(textOf([written])).not.toContain('a prompt');
      }),
    );
  });

  it('of ours says in a body what it is, without its cause', () => {
    const ours = refusal(
      new ManagedLLMError({ code: 'closed', message: 'Closed.', cause: new Error('secret') }),
    );
    expect(plain(neutral.errors.body(ours))).toEqual({
      error: { kind: 'refused', status: 503, code: 'closed', message: 'Closed.', retryable: ours.retryable },
    });
  });

  it('in another shape is classified as a provider’s', () => {
    const foreign = StreamEvent.of({ type: 'error', error: { type: 'overloaded_error', message: 'm' } });
    expect(neutral.stream.error(foreign)).toMatchObject({ kind: 'overloaded', status: 529 });
    expect(neutral.stream.error(event({ type: 'part-end', part: 0 }))).toBeUndefined();
  });
});
