import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dialect, TextSlot } from '../../../src/core/dialect.ts';
import { MappedText, type TextMapper } from '../../../src/core/mapped-text.ts';
import { StreamEvent } from '../../../src/core/stream-event.ts';
import { anthropicMessages, openaiChat, openaiResponses } from '../../../src/dialects/index.ts';

const dialects = await Promise.all(
  [openaiChat, openaiResponses, anthropicMessages].map(async (dialect) => ({
    id: dialect.id,
    dialect,
    codec: await dialect.codec(),
  })),
);

function mapped(dialect: Dialect, events: readonly StreamEvent[], make: TextMapper): StreamEvent[] {
  const out: StreamEvent[] = [];
  const stage = new MappedText(dialect.stream, make);
  for (const event of events) stage.event(event, (each) => out.push(each));
  stage.end((each) => out.push(each));
  return out;
}

/** Holds the last `length` characters back until it must not. */
function holding(length: number, map: (text: string) => string = (text) => text): TextMapper {
  return () => {
    let held = '';
    return {
      push(text) {
        const all = held + map(text);
        held = all.slice(Math.max(0, all.length - length));
        return all.slice(0, all.length - held.length);
      },
      end: () => held,
    };
  };
}

const chunk = (delta: object, finish: string | null = null, index = 0): StreamEvent =>
  StreamEvent.of({ id: 'c', choices: [{ index, delta, finish_reason: finish }] });

/** A whole reply of each dialect, as its stream. */
function replyOf(dialect: Dialect, texts: readonly string[]): unknown {
  if (dialect === openaiChat) {
    return {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: texts.map((content, index) => ({
        index,
        message: { role: 'assistant', content, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      })),
    };
  }
  if (dialect === anthropicMessages) {
    return {
      id: 'msg',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: texts.map((text) => ({ type: 'text', text })),
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
  }
  return {
    id: 'resp',
    object: 'response',
    status: 'completed',
    model: 'm',
    output: texts.map((text, index) => ({
      id: `msg_${index}`,
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    })),
    usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  };
}

describe.each(dialects)('mapped text in $id', ({ dialect, codec }) => {
  const texts = fc.array(fc.string({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 3 });

  it('is collected as the mapped whole, however much is held back', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 40 }), (given, length) => {
        const events = codec.explode(replyOf(dialect, given));
        const out = mapped(
          dialect,
          events,
          holding(length, (text) => `<${text}>`),
        );
        const heard: string[] = [];
        dialect.reply.mapTexts(codec.collect(out), (text) => {
          heard.push(text);
          return text;
        });
        const expected: string[] = [];
        dialect.reply.mapTexts(
          codec.collect(
            mapped(
              dialect,
              events,
              holding(0, (text) => `<${text}>`),
            ),
          ),
          (text) => {
            expected.push(text);
            return text;
          },
        );
        expect(heard).toEqual(expected);
        expect(heard.join('').replace(/[<>]/g, '')).toBe(given.join('').replace(/[<>]/g, ''));
      }),
    );
  });

  it('leaves events as they are when the mapper changes nothing', () => {
    const events = codec.explode(replyOf(dialect, ['one text', 'another']));
    const out = mapped(dialect, events, holding(0));
    expect(out.length).toBe(events.length);
    for (const [index, event] of out.entries()) expect(event).toBe(events[index]);
  });

  it('leaves the slots alone for which there is no mapper', () => {
    const events = codec.explode(replyOf(dialect, ['one text', 'another']));
    expect(mapped(dialect, events, () => undefined)).toEqual(events);
  });

  it('makes one mapper for each slot, and ends it once', () => {
    const made: TextSlot[] = [];
    const ended: string[] = [];
    const events = codec.explode(replyOf(dialect, ['one text', 'another']));
    mapped(dialect, events, (slot) => {
      made.push(slot);
      return {
        push: (text) => text,
        end() {
          ended.push(slot.id);
          return '';
        },
      };
    });
    expect(made.map(({ kind }) => kind)).toEqual(['text', 'text']);
    expect(new Set(made.map(({ id }) => id)).size).toBe(2);
    expect(ended).toEqual(made.map(({ id }) => id));
  });
});

describe('mapped text', () => {
  it('goes out before the event that closes its slot, and stays in its own choice', () => {
    const events = [
      chunk({ content: 'abc' }),
      chunk({ content: 'xyz' }, null, 1),
      chunk({}, 'stop', 1),
      chunk({}, 'stop'),
    ];
    const out = mapped(openaiChat, events, holding(2)).map(({ json }) => {
      const { choices } = json as {
        choices: { index: number; delta: { content?: string }; finish_reason: unknown }[];
      };
      return [choices[0]?.index, choices[0]?.delta.content, choices[0]?.finish_reason];
    });
    expect(out).toEqual([
      [0, 'a', null],
      [1, 'x', null],
      [1, 'yz', null],
      [1, undefined, 'stop'],
      [0, 'bc', null],
      [0, undefined, 'stop'],
    ]);
  });

  it('that comes with the event that closes it goes out in that very event', () => {
    const out = mapped(
      openaiChat,
      [chunk({ content: 'abc' }), chunk({ content: 'def' }, 'stop')],
      holding(2),
    );
    expect(out.map((event) => openaiChat.stream.text(event).map(({ text }) => text))).toEqual([
      ['a'],
      ['bcdef'],
    ]);
  });

  it('is flushed at the end of a stream that closes nothing', () => {
    const out = mapped(openaiChat, [chunk({ content: 'abc' })], holding(2));
    expect(out.map((event) => openaiChat.stream.text(event).map(({ text }) => text))).toEqual([
      ['a'],
      ['bc'],
    ]);
  });

  it('goes on, with a mapper of its own, in a slot that had closed', () => {
    const events = [chunk({ content: 'abc' }, 'stop'), chunk({ content: 'def' }), chunk({}, 'stop')];
    const text = mapped(openaiChat, events, holding(2))
      .flatMap((event) => openaiChat.stream.text(event).map((piece) => piece.text))
      .join('');
    expect(text).toBe('abcdef');
  });

  it('is restated wherever the whole text is repeated, also when it never came in pieces', () => {
    const item = (text: string): object => ({
      id: 'msg_0',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text, annotations: [] }],
    });
    const last = StreamEvent.of({
      type: 'response.completed',
      response: { id: 'resp', object: 'response', status: 'completed', output: [item('secret')] },
    });
    const [out] = mapped(openaiResponses, [last], () => ({
      push: (text) => text.toUpperCase(),
      end: () => '!',
    }));
    expect(JSON.stringify(out?.json)).toContain('SECRET!');
    expect(JSON.stringify(out?.json)).not.toContain('secret');
  });
});
