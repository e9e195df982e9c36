import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../../src/core/dialect.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/lens.ts';
import { neutral } from '../../../src/dialects/neutral/lens.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/lens.ts';
import { openaiEmbeddings } from '../../../src/dialects/openai-embeddings/lens.ts';
import { openaiResponses } from '../../../src/dialects/openai-responses/lens.ts';

/** Each dialect, and how it writes turns, words and what is not words. */
const dialects: readonly {
  readonly dialect: Dialect;
  readonly turns: string;
  readonly words: string;
  readonly other: object;
}[] = [
  {
    dialect: openaiChat,
    turns: 'messages',
    words: 'text',
    other: { type: 'image_url', image_url: { url: 'https://a.test/1.png' } },
  },
  {
    dialect: openaiResponses,
    turns: 'input',
    words: 'input_text',
    other: { type: 'input_image', image_url: 'https://a.test/1.png', detail: 'auto' },
  },
  {
    dialect: anthropicMessages,
    turns: 'messages',
    words: 'text',
    other: { type: 'tool_result', tool_use_id: 'a', content: 'sunny' },
  },
  {
    dialect: neutral,
    turns: 'messages',
    words: 'text',
    other: { type: 'image', source: { type: 'url', url: 'https://a.test/1.png' } },
  },
];

describe.each(dialects)(
  'the last question of a request ($dialect.id)',
  ({ dialect, turns, words, other }) => {
    const question = (...said: readonly object[]) =>
      dialect.request.question?.({ model: 'm', [turns]: said });
    const user = (content: unknown) => ({ role: 'user', content });
    const part = (text: string) => ({ type: words, text });

    test('is the words of the last turn, and the rest is a request without them', () => {
      const before = { role: 'assistant', content: 'Hello' };
      expect(question(user('Hi'), before, user('Where is Oslo?'))).toEqual({
        text: 'Where is Oslo?',
        frame: { model: 'm', [turns]: [user('Hi'), before, user('')] },
      });
    });

    test('is all its words, line by line, beside what is not words', () => {
      expect(question(user([part('One.'), other, part('Two?')]))).toEqual({
        text: 'One.\nTwo?',
        frame: { model: 'm', [turns]: [user([part(''), other, part('')])] },
      });
    });

    test('leaves the request as it was', () => {
      const body = { model: 'm', [turns]: [user([part('One.')])] };
      const before = structuredClone(body);
      dialect.request.question?.(body);
      expect(body).toEqual(before);
    });

    test.each([
      {
        what: 'the last turn is not the user’s',
        said: [user('Hi'), { role: 'assistant', content: 'Hello' }],
      },
      { what: 'there are no words', said: [user([other])] },
      { what: 'the words are empty', said: [user(' \n')] },
      { what: 'there are no turns', said: [] },
      { what: 'the turn is no object', said: [null as unknown as object] },
    ])('is none where $what', ({ said }) => {
      expect(question(...said)).toBeUndefined();
    });

    test('gives frames that are one for all words, and apart for all else', () => {
      const frameOf = (...said: readonly object[]) => {
        const found = question(...said);
        return found && dialect.request.fingerprint(found.frame);
      };
      expect(frameOf(user('One?'))).toBe(frameOf(user('Two!')));
      expect(frameOf(user([other, part('One?')]))).toBe(frameOf(user([other, part('Two!')])));
      expect(frameOf(user('One?'))).not.toBe(frameOf(user([other, part('One?')])));
      expect(frameOf(user('One?'))).not.toBe(frameOf(user('Hi'), user('One?')));
      expect(frameOf(user('One?'))).not.toBe(frameOf({ ...user('One?'), name: 'ann' }));
    });
  },
);

test('a response’s input can be the question itself', () => {
  const { question } = openaiResponses.request;
  expect(question?.({ model: 'm', input: 'Why?', instructions: 'Be brief.' })).toEqual({
    text: 'Why?',
    frame: { model: 'm', input: '', instructions: 'Be brief.' },
  });
  expect(question?.({ model: 'm', input: '' })).toBeUndefined();
  expect(question?.('nonsense')).toBeUndefined();
});

test('embeddings ask no question', () => {
  expect(openaiEmbeddings.request.question).toBeUndefined();
});
