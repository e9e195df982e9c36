import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/core/dialect.ts';
import { translationBetween } from '../../../src/dialects/codecs.ts';

type Json = Readonly<Record<string, unknown>>;

const schema = { type: 'object', properties: { city: { type: 'string' } } };

/** A conversation of an agent in each dialect, a turn after the other. */
const conversations: Readonly<
  Record<string, { readonly base: Json; readonly turns: Json[]; readonly at: string }>
> = {
  'openai-chat': {
    base: { model: 'm', tools: [{ type: 'function', function: { name: 'weather', parameters: schema } }] },
    at: 'messages',
    turns: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Where is it sunny?' },
      {
        role: 'assistant',
        content: 'Let me look.',
        tool_calls: ['a', 'b'].map((id) => ({
          id,
          type: 'function',
          function: { name: 'weather', arguments: '{"city":"Graz"}' },
        })),
      },
      { role: 'tool', tool_call_id: 'a', content: 'rain' },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'sun' }] },
      { role: 'user', content: [{ type: 'text', text: 'And tomorrow?' }] },
      { role: 'assistant', content: 'Sunny.' },
      { role: 'user', content: 'Thanks.' },
    ],
  },
  'openai-responses': {
    base: {
      model: 'm',
      instructions: 'Be brief.',
      tools: [{ type: 'function', name: 'weather', parameters: schema, strict: false }],
    },
    at: 'input',
    turns: [
      { role: 'user', content: 'Where is it sunny?' },
      { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city":"Graz"}' },
      { type: 'function_call', call_id: 'b', name: 'weather', arguments: '{"city":"Wien"}' },
      { type: 'function_call_output', call_id: 'a', output: 'rain' },
      { type: 'function_call_output', call_id: 'b', output: 'sun' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'In Wien.' }] },
      { role: 'user', content: [{ type: 'input_text', text: 'Thanks.' }] },
    ],
  },
  'anthropic-messages': {
    base: {
      model: 'm',
      max_tokens: 9,
      system: 'Be brief.',
      tools: [{ name: 'weather', input_schema: schema }],
    },
    at: 'messages',
    turns: [
      { role: 'user', content: 'Where is it sunny?' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me look.' },
          { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Graz' } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'sun' }] },
      { role: 'assistant', content: 'In Graz.' },
      { role: 'user', content: 'Thanks.' },
    ],
  },
  neutral: {
    base: { model: 'm', tools: [{ name: 'weather', parameters: schema }] },
    at: 'messages',
    turns: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Where is it sunny?' },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', id: 'a', name: 'weather', arguments: { city: 'Graz' } }],
      },
      { role: 'tool', toolCallId: 'a', content: 'sun' },
      { role: 'assistant', content: 'In Graz.' },
      { role: 'user', content: 'Thanks.' },
    ],
  },
};

const targets: readonly DialectId[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];

const pairs = Object.keys(conversations).flatMap((caller) =>
  targets.filter((target) => target !== caller).map((target) => [caller as DialectId, target] as const),
);

/** What the provider reads, piece by piece: what stands before the conversation, then each block of it. */
function piecesOf(body: Json): readonly string[] {
  const { messages, input, system, instructions, tools } = body;
  const turns = (messages ?? input) as readonly Json[];
  const blocks = turns.flatMap((turn) => {
    const { content, tool_calls: calls = [], ...rest } = turn;
    // A string is short for one block.
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
    const pieces = [...(parts as Json[]), ...(calls as Json[])];
    return (pieces.length === 0 ? [null] : pieces).map((piece) => JSON.stringify([rest, piece]));
  });
  return [JSON.stringify([tools, system, instructions]), ...blocks];
}

describe.each(pairs)('a conversation of %s that goes to %s', (caller, target) => {
  it('begins with what it began with before, each time a turn is added', async () => {
    const between = await translationBetween(caller, target);
    const { base, at, turns } = conversations[caller] ?? expect.fail('no such conversation');
    const translated = (count: number): Json =>
      between?.request({ ...base, [at]: turns.slice(0, count) }, false).value as Json;
    for (let count = 2; count < turns.length; count++) {
      const before = piecesOf(translated(count));
      const after = piecesOf(translated(count + 1));
      expect(after.slice(0, before.length)).toEqual(before);
      expect(after.length).toBeGreaterThan(before.length);
    }
  });

  it('is the same bytes each time', async () => {
    const between = await translationBetween(caller, target);
    const { base, at, turns } = conversations[caller] ?? expect.fail('no such conversation');
    const bytes = (): string => JSON.stringify(between?.request({ ...base, [at]: turns }, false).value);
    expect(bytes()).toBe(bytes());
  });
});
