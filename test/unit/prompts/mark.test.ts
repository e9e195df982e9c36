import { definePrompt, type Dialect, type RequestLens } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { markOf } from '../../../src/core/prompt-mark.ts';
import { anthropicMessages, neutral, openaiChat, openaiResponses } from '../../../src/dialects/index.ts';

const prompt = definePrompt({
  name: 'mark/lenses',
  version: '1',
  messages: [
    { role: 'system', content: 'Be {{how}}.' },
    { role: 'user', content: 'Hi' },
  ],
});
const variables = { how: 'brief' };
const more = { model: 'some-model', stream: true };

const bodies: readonly (readonly [string, Dialect, object])[] = [
  ['openai-chat', openaiChat, prompt.openai(variables, more)[0]],
  ['openai-responses', openaiResponses, prompt.responses(variables, more)[0]],
  ['anthropic-messages', anthropicMessages, prompt.anthropic(variables, more)[0]],
  ['neutral', neutral, prompt.render(variables)],
];

const changes: readonly (readonly [string, (lens: RequestLens, body: unknown) => unknown])[] = [
  ['withModel', (lens, body) => lens.withModel(body, 'other')],
  ['withStream', (lens, body) => lens.withStream(body, false)],
  ['mapTexts', (lens, body) => lens.mapTexts(body, (text) => `${text}!`)],
  ['withInstruction', (lens, body) => lens.withInstruction(body, 'Be kind.')],
  ['withMaxOutputTokens', (lens, body) => lens.withMaxOutputTokens(body, 7)],
];

describe.each(bodies)('The mark of a body in %s', (_dialect, { request }, body) => {
  test.each(changes)('is on what `%s` makes of it', (_lens, change) => {
    const changed = change(request, body);
    expect(markOf(changed)).toEqual({ prompt, variables });
  });

  test('is no part of what it is kept by in a cache', () => {
    const byHand: unknown = JSON.parse(JSON.stringify(body));
    expect(markOf(byHand)).toBeUndefined();
    expect(request.fingerprint(body)).toBe(request.fingerprint(byHand));
    expect(request.fingerprint(body)).toBeTypeOf('string');
  });
});

test.each([undefined, null, 'text', 5, [], {}])('There is no mark on %o', (body) => {
  expect(markOf(body)).toBeUndefined();
});
