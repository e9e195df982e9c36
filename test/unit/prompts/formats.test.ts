import {
  definePrompt,
  promptFromJSON,
  type DialectId,
  type NeutralRequest,
  type UntypedVariables,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { codecFor } from '../../../src/dialects/codecs.ts';
import { nextVersion } from './versions.ts';

const formats = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;

/** What translation writes of the same, with what it tells as lost. */
async function translated(
  dialect: DialectId,
  request: NeutralRequest,
): Promise<{ value: unknown; lost: string[] }> {
  const { value, losses } =
    (await codecFor(dialect))?.request.encode(request, false) ?? expect.fail('no codec');
  return { value, lost: losses.map(({ path }) => path) };
}

const image = { data: 'AAAA', mediaType: 'image/png' };
const variables = { a: 'x', url: 'https://example.com/a.png', data: image };
const system = { role: 'system', content: 'Be {{a}}' };
const user = { role: 'user', content: 'Hi {{a}}' };

const cases: readonly (readonly [string, object])[] = [
  ['a template', { template: 'Hi {{a}}' }],
  ['a system message', { messages: [system, user] }],
  ['several instructions', { messages: [system, { role: 'developer', content: 'Dev {{a}}' }, user] }],
  ['instructions of a developer', { messages: [{ role: 'developer', content: 'Dev {{a}}' }, user] }],
  ['examples', { messages: [system, user, { role: 'assistant', content: 'Ho' }, user] }],
  ['images', { messages: [{ role: 'user', content: 'See {{image:url}} and {{image:data}} {{a}}' }] }],
  ['a model and a limit', { messages: [user], model: 'some-model', parameters: { maxOutputTokens: 50 } }],
  [
    'every parameter',
    {
      messages: [user],
      parameters: {
        maxOutputTokens: 50,
        stopSequences: ['A', 'B'],
        temperature: 0.2,
        topP: 0.9,
        topK: 40,
        seed: 7,
        frequencyPenalty: 0.1,
        presencePenalty: 0.3,
        reasoning: { effort: 'high' },
      },
    },
  ],
  ['no thinking', { messages: [user], parameters: { reasoning: { effort: 'none' } } }],
  ['an output', { messages: [user], output: { jsonSchema: { type: 'object' }, name: 'city' } }],
  [
    'a strict output',
    { messages: [user], output: { jsonSchema: { type: 'object' }, name: 'city', strict: true } },
  ],
];

describe.each(formats)('In %s', (dialect) => {
  test.each(cases)('%s reads as translation writes it', async (_what, given) => {
    const prompt = promptFromJSON({ name: 'formats/same', version: nextVersion(), ...given });
    const used = Object.fromEntries(
      Object.entries(variables).filter(([name]) => JSON.stringify(given).includes(`${name}}}`)),
    );
    const request = { model: 'some-model', ...prompt.render(used as UntypedVariables) };
    const { value, lost } = await translated(dialect, request);
    const body = { model: 'some-model', ...prompt.bodyIn(dialect, used) };
    expect(JSON.parse(JSON.stringify(body))).toEqual(JSON.parse(JSON.stringify(value)));
    expect(prompt.leftOutIn(dialect).toSorted()).toEqual(lost.toSorted());
  });
});

describe('A body', () => {
  const prompt = definePrompt({
    name: 'formats/extra',
    version: '1',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: '{{question}}' },
    ],
    model: 'gpt-5-mini',
    parameters: { temperature: 0 },
  });
  const given = { question: 'Where?' };

  test('takes further members, in place of the prompt’s own, and turns behind the prompt’s', () => {
    const further = { role: 'assistant', content: 'There.' } as const;
    const extra = { stream: true, temperature: 1, messages: [further] } as const;
    const [chat] = prompt.openai(given, { ...extra, messages: [further] });
    expect(JSON.parse(JSON.stringify(chat))).toEqual({
      model: 'gpt-5-mini',
      stream: true,
      temperature: 1,
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Where?' }, further],
    });
    const [messages] = prompt.anthropic(given, { max_tokens: 5, messages: [further] });
    expect(JSON.parse(JSON.stringify(messages))).toEqual({
      model: 'gpt-5-mini',
      max_tokens: 5,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Where?' }, further],
    });
    const [responses] = prompt.responses(given, { input: 'And now?', store: false });
    expect(JSON.parse(JSON.stringify(responses))).toEqual({
      model: 'gpt-5-mini',
      temperature: 0,
      instructions: 'Be brief.',
      store: false,
      input: [
        { role: 'user', content: 'Where?' },
        { role: 'user', content: 'And now?' },
      ],
    });
  });

  test.each([
    ['anthropic', { system: 'Be long.' }, '`formats/extra.system` stands in the prompt'],
    ['responses', { instructions: 'Be long.' }, '`formats/extra.instructions` stands in the prompt'],
  ] as const)('of %s takes no instructions beside those of the prompt', (method, extra, message) => {
    const render = {
      anthropic: () => prompt.anthropic(given, extra as never),
      responses: () => prompt.responses(given, extra as never),
    };
    expect(render[method]).toThrow(message);
  });
});
