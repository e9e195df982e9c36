import type { RequestParameters } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { dialectsById } from '../../../src/dialects/index.ts';

const all: RequestParameters = {
  maxOutputTokens: 100,
  stopSequences: ['END'],
  temperature: 0.5,
  topP: 0.9,
  topK: 40,
  seed: 7,
  frequencyPenalty: 0.1,
  presencePenalty: 0.2,
  reasoning: { effort: 'low' },
};

const lensOf = async (dialect: keyof typeof dialectsById) =>
  (await dialectsById[dialect].parameters?.()) ?? expect.fail();

describe.each([
  [
    'openai-chat',
    {
      max_completion_tokens: 100,
      stop: ['END'],
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      reasoning_effort: 'low',
    },
  ],
  [
    'openai-responses',
    { max_output_tokens: 100, temperature: 0.5, top_p: 0.9, reasoning: { effort: 'low' } },
  ],
  [
    'anthropic-messages',
    {
      max_tokens: 100,
      stop_sequences: ['END'],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    },
  ],
  ['neutral', all],
] as const)('parameters in %s', (dialect, native) => {
  test('stand under its own names, in place of what was there', async () => {
    const { withParameters } = await lensOf(dialect);
    const body = Object.freeze({ model: 'm', user: 'u' });
    expect(withParameters(body, all)).toEqual({ ...body, ...native });
    expect(withParameters(withParameters(body, all), { ...all, maxOutputTokens: 5 })).not.toEqual({
      ...body,
      ...native,
    });
  });

  test('are left out exactly where they have no place', async () => {
    const { withParameters, leavesOut } = await lensOf(dialect);
    const body = { model: 'm' };
    for (const [name, value] of Object.entries(all)) {
      const isLeftOut = leavesOut.some((left) => left === name);
      expect(withParameters(body, { [name]: value }) === body).toBe(isLeftOut);
    }
  });

  test('that change nothing, and bodies that are none, stay the same object', async () => {
    const { withParameters } = await lensOf(dialect);
    const body = { model: 'm' };
    expect(withParameters(body, {})).toBe(body);
    expect(withParameters('text', all)).toBe('text');
  });
});

test('a chat that limits its output by the older name keeps to it', async () => {
  const { withParameters } = await lensOf('openai-chat');
  expect(withParameters({ max_tokens: 5 }, { maxOutputTokens: 9 })).toEqual({ max_tokens: 9 });
});

test('effort goes beside what a request says of reasoning already', async () => {
  const responses = await lensOf('openai-responses');
  expect(responses.withParameters({ reasoning: { summary: 'auto', effort: 'high' } }, all)).toMatchObject({
    reasoning: { summary: 'auto', effort: 'low' },
  });
  const { withParameters } = await lensOf('anthropic-messages');
  const format = { type: 'json_schema', schema: {} };
  const thinking = { type: 'enabled', budget_tokens: 2_000, display: 'summarized' };
  const asked = { thinking, output_config: { effort: 'high', format } };
  expect(withParameters(asked, { reasoning: { effort: 'minimal' } })).toEqual({
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'low', format },
  });
  expect(withParameters(asked, { reasoning: { effort: 'none' } })).toEqual({
    thinking: { type: 'disabled' },
    output_config: { format },
  });
  expect(withParameters({ output_config: { effort: 'high' } }, { reasoning: { effort: 'none' } })).toEqual({
    thinking: { type: 'disabled' },
  });
});

test('requests without parameters have no such lens', () => {
  expect(dialectsById['openai-embeddings'].parameters).toBeUndefined();
  expect(dialectsById.passthrough.parameters).toBeUndefined();
});
