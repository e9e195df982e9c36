import type { Call } from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { dialectsById } from '../../../src/dialects/index.ts';
import { conversationKey } from '../../../src/core/conversation.ts';

const key = (dialect: keyof typeof dialectsById, body: object): number | undefined =>
  conversationKey({ dialect: dialectsById[dialect], body } as Call);

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

describe.each(['openai-chat', 'anthropic-messages', 'neutral'] as const)(
  'the key of a conversation in %s',
  (dialect) => {
    const body = (...messages: object[]) =>
      dialect === 'anthropic-messages'
        ? { system: 'Be brief.', messages }
        : { messages: [{ role: 'system', content: 'Be brief.' }, ...messages] };
    const first = key(dialect, body(user('Hi')));

    test('is the same for every turn', () => {
      expect(first).toBeTypeOf('number');
      expect(key(dialect, body(user('Hi'), assistant('Hello'), user('How are you?')))).toBe(first);
      expect(key(dialect, body(user('Hi'), assistant('Ho'), user('x'), assistant('y'), user('z')))).toBe(
        first,
      );
    });

    test('differs where it began otherwise', () => {
      const others = [body(user('Ho')), body(user('Hi'), user('there')), { messages: [user('Hi')] }];
      expect(new Set([first, ...others.map((other) => key(dialect, other))]).size).toBe(4);
    });

    test('looks at the first 8,192 characters alone', () => {
      const long = 'x'.repeat(10_000);
      expect(key(dialect, body(user(`${long}a`)))).toBe(key(dialect, body(user(`${long}b`))));
    });

    test('is none where nothing is said', () => {
      expect(key(dialect, { messages: [] })).toBeUndefined();
    });
  },
);

describe('the key of a conversation in openai-responses', () => {
  test('is that of its input and instructions', () => {
    const first = key('openai-responses', { instructions: 'Be brief.', input: [user('Hi')] });
    expect(first).toBeTypeOf('number');
    expect(
      key('openai-responses', { instructions: 'Be brief.', input: [user('Hi'), assistant('Ho'), user('x')] }),
    ).toBe(first);
    expect(key('openai-responses', { input: [user('Hi')] })).not.toBe(first);
  });

  test('is the id of the conversation that the provider holds', () => {
    const held = key('openai-responses', { conversation: 'conv_1', input: 'a' });
    expect(key('openai-responses', { conversation: { id: 'conv_1' }, input: 'b' })).toBe(held);
    expect(key('openai-responses', { conversation: 'conv_2', input: 'a' })).not.toBe(held);
    expect(
      key('neutral', { messages: [user('c')], extras: { 'openai-responses': { conversation: 'conv_1' } } }),
    ).toBe(held);
  });

  test('is none where only the turn before is named', () => {
    expect(key('openai-responses', { previous_response_id: 'resp_1', input: 'a' })).toBeUndefined();
  });
});
