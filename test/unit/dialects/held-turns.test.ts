import { describe, expect, test } from 'vitest';
import type { DialectId } from '../../../src/core/dialect.ts';
import { anthropicMessages, dialectsById, neutral, openaiResponses } from '../../../src/dialects/index.ts';

const held = (body: unknown, target: DialectId = 'openai-chat') => neutral.request.held?.(body, target)?.path;

describe('what a request leaves to the provider that holds it', () => {
  test('is a thread that goes on, told to Anthropic’s SDK as that API does; one that begins contains all of itself', () => {
    const of = (body: unknown) => anthropicMessages.request.held?.(body, 'openai-chat');
    const lost = { path: 'thread', lost: { status: 404, code: 'thread_not_found' } };
    expect(of({ thread: { type: 'continue', previous_message_id: 'msg_1' } })).toEqual(lost);
    expect(of({ thread: { type: 'of a kind to come' } })).toEqual(lost);
    expect(of({ thread: { type: 'create' } })).toBeUndefined();
    expect(of({ thread: null })).toBeUndefined();
    expect(of({ messages: [] })).toBeUndefined();
  });

  test.each([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ conversation: { id: 'conv_1' } }, 'conversation'],
    [
      {
        input: [
          { role: 'user', content: 'a' },
          { type: 'item_reference', id: 'rs_1' },
        ],
      },
      'input.1',
    ],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ previous_response_id: null, conversation: null, input: 'a' }, undefined],
  ])('is in Responses %j', (body, path) => {
    expect(openaiResponses.request.held?.(body, 'anthropic-messages')).toEqual(
      path === undefined ? path : { path },
    );
  });

  test('is in a neutral request what extras and foreign parts name, unless the target is of their dialect', () => {
    const extras = { 'openai-responses': { previous_response_id: 'resp_1' } };
    expect(held({ messages: [], extras })).toBe('extras.openai-responses.previous_response_id');
    expect(held({ messages: [], extras }, 'openai-responses')).toBeUndefined();
    const value = { type: 'item_reference', id: 'rs_1' };
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'user', content: [{ type: 'foreign', dialect: 'openai-responses', value }] },
    ];
    expect(held({ messages })).toBe('messages.1');
    expect(held({ messages }, 'openai-responses')).toBeUndefined();
    expect(held({ messages: messages.slice(0, 1) })).toBeUndefined();
  });

  test('is nothing in whatever else there is', () => {
    for (const { request } of Object.values(dialectsById))
      for (const body of [undefined, null, 1, 'a', [], {}])
        expect(request.held?.(body, 'neutral')).toBeUndefined();
  });
});
