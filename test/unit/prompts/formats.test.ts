import {
  definePrompt,
  promptFromJSON,
  type DialectId,
  type NeutralRequest,
  type UntypedVariables,
} from 'managed-llm';
import { toStrictJsonSchema } from 'openai/lib/transform';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
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
const variables = { a: 'x', none: '', url: 'https://example.com/a.png', data: image };
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
  [
    'sampling that is the default',
    { messages: [user], parameters: { temperature: 1, topP: 1, frequencyPenalty: 0 } },
  ],
  ['the least thinking', { messages: [user], parameters: { reasoning: { effort: 'minimal' } } }],
  ['the most thinking', { messages: [user], parameters: { reasoning: { effort: 'max' } } }],
  ['blank stop sequences', { messages: [user], parameters: { stopSequences: ['\n', 'A'] } }],
  ['nothing but a blank stop sequence', { messages: [user], parameters: { stopSequences: ['\n'] } }],
  ['no stop sequences', { messages: [user], parameters: { stopSequences: [] } }],
  ['too many stop sequences', { messages: [user], parameters: { stopSequences: ['A', 'B', 'C', 'D', 'E'] } }],
  ['blank instructions', { messages: [{ role: 'system', content: '{{none}}' }, user] }],
  ['no thinking', { messages: [user], parameters: { reasoning: { effort: 'none' } } }],
  ['an output', { messages: [user], output: { jsonSchema: { type: 'object' }, name: 'city' } }],
  [
    'a strict output',
    { messages: [user], output: { jsonSchema: { type: 'object' }, name: 'city', strict: true } },
  ],
  [
    'an output with constraints',
    {
      messages: [user],
      output: {
        description: 'A city',
        strict: false,
        jsonSchema: {
          type: 'object',
          properties: {
            name: { type: 'string', maxLength: 9 },
            size: { type: 'integer', minimum: 0, default: 1 },
          },
          required: ['name'],
        },
      },
    },
  ],
  [
    'a strict output with defaults and unions',
    {
      messages: [user],
      output: {
        strict: true,
        jsonSchema: {
          type: 'object',
          properties: {
            size: { type: 'integer', default: 1 },
            kind: { oneOf: [{ type: 'object', properties: {} }, { type: 'null' }] },
          },
        },
      },
    },
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

test('Blank texts between images are not sent to Anthropic, which refuses them', async () => {
  const prompt = definePrompt({
    name: 'formats/blank',
    version: '1',
    template: '{{image:a}}\n{{image:b}} {{caption}}',
  });
  const given = { a: 'https://example.com/a.png', b: 'https://example.com/b.png', caption: '' };
  const { value } = await translated('anthropic-messages', { model: 'some-model', ...prompt.render(given) });
  const [{ messages }] = prompt.anthropic(given);
  expect(messages).toEqual((value as { messages: unknown }).messages);
  expect(messages[0]?.content).toHaveLength(2);
});

describe('A strict output', () => {
  const prompt = definePrompt({
    name: 'formats/strict',
    version: '1',
    template: 'Hi',
    output: {
      strict: true,
      schema: z.object({
        a: z.string(),
        b: z
          .object({ c: z.number().default(5) })
          .nullable()
          .optional(),
        d: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('x') }),
          z.object({ kind: z.literal('y') }),
        ]),
      }),
    },
  });
  const inner = {
    type: 'object',
    properties: { c: { type: 'number' } },
    required: ['c'],
    additionalProperties: false,
  };
  const kind = (only: string): object => ({
    type: 'object',
    properties: { kind: { type: 'string', const: only } },
    required: ['kind'],
    additionalProperties: false,
  });
  const closed = {
    type: 'object',
    properties: {
      a: { type: 'string' },
      b: { anyOf: [inner, { type: 'null' }] },
      d: { anyOf: [kind('x'), kind('y')] },
    },
    required: ['a', 'b', 'd'],
    additionalProperties: false,
  };

  test('is closed for OpenAI, with all members required, and as its SDK takes it', () => {
    expect(prompt.openai()[0].response_format.json_schema.schema).toEqual(closed);
    expect(prompt.responses()[0].text.format.schema).toEqual(closed);
    expect(toStrictJsonSchema(structuredClone(closed) as never)).toEqual(closed);
  });

  test('stays as it is in the hash and in the neutral API', () => {
    expect(JSON.stringify(prompt.render())).toContain('"oneOf"');
    expect(prompt.render().output?.schema).not.toHaveProperty('additionalProperties');
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

  test('keeps its own where a further member is undefined', () => {
    const nothing = { model: undefined, temperature: undefined, messages: undefined } as const;
    expect(JSON.stringify(prompt.openai(given, nothing as never))).toBe(JSON.stringify(prompt.openai(given)));
  });

  test('joins settings that hold the prompt’s own among others', () => {
    const joined = definePrompt({
      name: 'formats/joined',
      version: '1',
      template: 'Hi',
      parameters: { reasoning: { effort: 'low' } },
      output: { jsonSchema: { type: 'object', properties: {} }, name: 'a' },
    });
    const schema = { type: 'object', properties: {} };
    const [responses] = joined.responses({}, { text: { verbosity: 'low' }, reasoning: { summary: 'auto' } });
    expect(responses).toMatchObject({
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'a', schema } },
      reasoning: { effort: 'low', summary: 'auto' },
    });
    const [messages] = joined.anthropic({}, { output_config: { effort: 'max' } });
    expect(messages.output_config).toMatchObject({ effort: 'max', format: { type: 'json_schema' } });
    expect(JSON.stringify(joined.responses())).not.toContain('verbosity');
  });

  test.each([
    [
      'openai',
      { messages: { role: 'user', content: 'x' } },
      '`formats/extra.messages` must be a list of messages',
    ],
    ['openai', { messages: null }, '`formats/extra.messages` must be a list of messages'],
    ['anthropic', { messages: 5 }, '`formats/extra.messages` must be a list of messages'],
    ['responses', { input: 5 }, '`formats/extra.input` must be a list of messages'],
    ['openai', null, '`formats/extra.extra` must be an object'],
    ['openai', 'abc', '`formats/extra.extra` must be an object'],
  ] as const)('of %s drops nothing unheard: %j', (method, extra, message) => {
    const render = {
      openai: () => prompt.openai(given, extra as never),
      anthropic: () => prompt.anthropic(given, extra as never),
      responses: () => prompt.responses(given, extra as never),
    };
    expect(render[method]).toThrow(
      expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(message) }),
    );
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
