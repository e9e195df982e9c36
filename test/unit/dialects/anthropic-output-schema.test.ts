import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { encodeSchema } from '../../../src/dialects/anthropic-messages/output-schema.ts';
import type { Loss } from '../../../src/core/translation.ts';
import { refusedIn } from './refused-by-anthropic.ts';

type Json = Readonly<Record<string, unknown>>;

function encoded(schema: Json): { readonly schema: Json; readonly lost: readonly string[] } {
  const losses: Loss[] = [];
  return { schema: encodeSchema(schema, 'output.schema', losses), lost: losses.map(({ path }) => path) };
}

/** As a prompt or `llm.object` reads it off a schema. */
function jsonOf(schema: z.ZodType): Json {
  const { $schema: _draft, ...own } = z.toJSONSchema(schema, { io: 'input' });
  return own;
}

interface Tree {
  readonly value: string;
  readonly children: readonly Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  value: z.string(),
  get children() {
    return z.array(tree);
  },
});

/** With what each of them loses: what the model is no longer held to. */
const schemas: readonly (readonly [string, z.ZodType, readonly string[]])[] = [
  ['a text', z.object({ a: z.string() }), []],
  ['nothing', z.object({}), []],
  ['a strict object', z.strictObject({ a: z.string(), b: z.strictObject({ c: z.boolean() }) }), []],
  ['objects in objects', z.object({ a: z.object({ b: z.object({ c: z.string() }) }) }), []],
  ['an optional member', z.object({ a: z.string(), b: z.number().optional() }), []],
  ['a nullable member', z.object({ a: z.string().nullable() }), []],
  ['a default', z.object({ a: z.number().default(5) }), []],
  ['a choice', z.object({ a: z.enum(['x', 'y']) }), []],
  ['a constant', z.object({ a: z.literal('x') }), []],
  ['several constants', z.object({ a: z.literal(['x', 'y', 3]) }), []],
  ['null', z.object({ a: z.null() }), []],
  ['descriptions', z.object({ a: z.string().describe('Of the city') }).describe('A city'), []],
  ['a title', z.object({ a: z.string().meta({ title: 'A' }) }), []],
  ['a list', z.object({ a: z.array(z.string()) }), []],
  ['a list of objects', z.object({ a: z.array(z.object({ b: z.string() })) }), []],
  ['a list with something in it', z.object({ a: z.array(z.string()).min(1) }), []],
  ['a long list', z.object({ a: z.array(z.string()).min(2) }), ['a.minItems']],
  ['a short list', z.object({ a: z.array(z.string()).max(9) }), ['a.maxItems']],
  ['a least number', z.object({ a: z.number().min(1) }), ['a.minimum']],
  ['a greatest number', z.object({ a: z.number().max(9) }), ['a.maximum']],
  ['numbers between', z.object({ a: z.number().gt(1).lt(9) }), ['a.exclusiveMinimum', 'a.exclusiveMaximum']],
  ['a multiple', z.object({ a: z.number().multipleOf(5) }), ['a.multipleOf']],
  ['a long text', z.object({ a: z.string().min(2) }), ['a.minLength']],
  ['a short text', z.object({ a: z.string().max(5).describe('Brief') }), ['a.maxLength']],
  ['a pattern', z.object({ a: z.string().regex(/^a+$/) }), ['a.pattern']],
  ['an address', z.object({ a: z.email() }), ['a.pattern']],
  ['a time', z.object({ a: z.iso.datetime() }), ['a.pattern']],
  ['a web address', z.object({ a: z.url() }), []],
  ['another format', z.object({ a: z.string().meta({ format: 'regex' }) }), ['a.format']],
  [
    'a union',
    z.object({ a: z.union([z.string(), z.object({ b: z.number().min(1) })]) }),
    ['a.anyOf.1.properties.b.minimum'],
  ],
  [
    'a discriminated union',
    z.object({
      a: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('x'), b: z.string() }),
        z.object({ kind: z.literal('y'), c: z.string().max(5) }),
      ]),
    }),
    ['a.oneOf.1.properties.c.maxLength'],
  ],
  ['both', z.object({ a: z.object({ b: z.string() }).and(z.object({ c: z.string() })) }), []],
];

describe.each(schemas)('A schema of %s', (_what, schema, lost) => {
  const json = jsonOf(schema);
  const { schema: sent, lost: told } = encoded(json);

  test('is sent as the SDK sends it', () => {
    expect(sent).toEqual(transformJSONSchema(json as never));
  });

  test('is one that the API takes', () => {
    expect(refusedIn(sent)).toEqual([]);
  });

  test('tells what the model is no longer held to', () => {
    expect(told.map((path) => path.replace('output.schema.properties.', '')).toSorted()).toEqual(
      lost.toSorted(),
    );
  });
});

describe('Other than by the SDK', () => {
  test.each([
    [
      'whole numbers have no bounds that no number passes',
      jsonOf(z.object({ a: z.int() })),
      { a: { type: 'integer' } },
      [],
    ],
    [
      'but those that say something are told',
      jsonOf(z.object({ a: z.int().min(3) })),
      { a: { type: 'integer', description: '{minimum: 3}' } },
      ['a.minimum'],
    ],
    [
      'an object that may be null is closed, too',
      {
        type: 'object',
        properties: { a: { type: ['object', 'null'], properties: { b: { type: 'string', maxLength: 1 } } } },
      },
      {
        a: {
          type: ['object', 'null'],
          properties: { b: { type: 'string', description: '{maxLength: 1}' } },
          additionalProperties: false,
        },
      },
      ['a.properties.b.maxLength'],
    ],
    [
      'a schema without a type is no error, and its type is told where its members tell it',
      { properties: { a: { items: { type: 'string' } }, b: {} } },
      { a: { type: 'array', items: { type: 'string' } }, b: {} },
      [],
    ],
    [
      'members of any name are a loss: the model can give none',
      jsonOf(z.object({ a: z.record(z.string(), z.string()) })),
      {
        a: {
          type: 'object',
          properties: {},
          additionalProperties: false,
          description: '{propertyNames: {"type":"string"}}',
        },
      },
      ['a.additionalProperties', 'a.propertyNames'],
    ],
    [
      'an object of any members is a loss',
      { type: 'object', properties: { a: { type: 'object' } } },
      { a: { type: 'object', properties: {}, additionalProperties: false } },
      ['a.additionalProperties'],
    ],
    [
      'what stands beside a reference is a loss',
      { type: 'object', properties: { a: { $ref: '#/$defs/A', minLength: 1 } } },
      { a: { $ref: '#/$defs/A' } },
      ['a.minLength'],
    ],
  ])('%s', (_what, given, properties, lost) => {
    const { schema, lost: told } = encoded(given);
    expect(schema['properties']).toEqual(properties);
    expect(told.map((path) => path.replace('output.schema.properties.', '')).toSorted()).toEqual(
      lost.toSorted(),
    );
    expect(refusedIn(schema)).toEqual([]);
  });

  test.each(['$defs', 'definitions'])('definitions stay where references look for them: %s', (keyword) => {
    const json = {
      type: 'object',
      properties: { a: { $ref: `#/${keyword}/A` } },
      [keyword]: { A: { type: 'object', properties: { b: { type: 'number', minimum: 1 } } } },
    };
    const { schema, lost } = encoded(json);
    expect(schema[keyword]).toEqual({
      A: {
        type: 'object',
        properties: { b: { type: 'number', description: '{minimum: 1}' } },
        additionalProperties: false,
      },
    });
    expect(lost).toEqual([`output.schema.${keyword}.A.properties.b.minimum`]);
  });

  test('a schema that leads to itself is closed where it is defined', () => {
    expect(refusedIn(encoded(jsonOf(tree)).schema)).toEqual([]);
  });
});

test('Encoding changes nothing of what it is given, and twice gives the same', () => {
  const json = jsonOf(z.object({ a: z.array(z.string().max(5)).min(2), b: z.record(z.string(), z.int()) }));
  const before = structuredClone(json);
  const { schema } = encoded(json);
  expect(json).toEqual(before);
  expect(encoded(schema)).toEqual({ schema, lost: [] });
});

test('Whatever is given, it is no fault, and what comes of it is one that the API takes', () => {
  const keywords =
    'type properties items anyOf oneOf allOf enum const $ref $defs required additionalProperties minItems maximum format default __proto__ a';
  const keyword = fc.constantFrom(...keywords.split(' '));
  const { schema } = fc.letrec<{ schema: Json; value: unknown }>((tie) => ({
    schema: fc.dictionary(keyword, tie('value'), { maxKeys: 5 }),
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('object', 'string', 'array', 'integer', ['object', 'null'], 0, 1, 9, true, null),
      tie('schema'),
      fc.array(tie('schema'), { maxLength: 3 }),
    ),
  }));
  fc.assert(
    fc.property(schema, (given) => {
      const { schema: sent } = encoded(given);
      expect(refusedIn(sent)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('A schema that is nested too deep is no fault', () => {
  let deep: Json = { type: 'string' };
  for (let level = 0; level < 20_000; level++) deep = { type: 'array', items: deep };
  expect(() => encoded(deep)).not.toThrow();
});
