import { toStrictJsonSchema } from 'openai/lib/transform';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Loss } from '../../../src/core/translation.ts';
import { strictSchema } from '../../../src/dialects/openai-strict-schema.ts';

type Json = Readonly<Record<string, unknown>>;

function strict(schema: Json): { readonly schema: Json; readonly lost: readonly string[] } {
  const losses: Loss[] = [];
  return { schema: strictSchema(schema, 'output.schema', losses), lost: losses.map(({ path }) => path) };
}

/** As a prompt or `llm.object` reads it off a schema. */
function jsonOf(schema: z.ZodType): Json {
  const { $schema: _draft, ...own } = z.toJSONSchema(schema, { io: 'input' });
  return own;
}

const schemas: readonly (readonly [string, z.ZodType])[] = [
  ['texts and numbers', z.object({ a: z.string(), b: z.number().min(1), c: z.int(), d: z.boolean() })],
  ['objects in objects', z.object({ a: z.object({ b: z.object({ c: z.string() }) }) })],
  ['a list of objects', z.object({ a: z.array(z.object({ b: z.string() })).min(2) })],
  [
    'members that may be null',
    z.object({ a: z.string().nullable(), b: z.object({ c: z.string() }).nullable() }),
  ],
  ['an optional member that may be null', z.object({ a: z.string().nullable().optional(), b: z.string() })],
  ['a choice', z.object({ a: z.enum(['x', 'y']), b: z.literal('z') })],
  ['a union', z.object({ a: z.union([z.string(), z.object({ b: z.string() })]) })],
  [
    'members of the names of keywords',
    z.object({ default: z.string(), oneOf: z.string(), type: z.string() }),
  ],
  ['descriptions', z.object({ a: z.string().describe('Of the city') }).describe('A city')],
  ['formats', z.object({ a: z.email(), b: z.uuid(), c: z.iso.date() })],
];

describe.each(schemas)('A strict schema of %s', (_what, schema) => {
  test('is sent as the SDK sends it', () => {
    const { schema: sent, lost } = strict(jsonOf(schema));
    expect(sent).toEqual(toStrictJsonSchema(structuredClone(jsonOf(schema)) as never));
    expect(lost).toEqual([]);
    expect(strict(sent)).toEqual({ schema: sent, lost: [] });
  });
});

describe('Other than by the SDK, a strict schema', () => {
  test('has no defaults, which the API refuses: the model writes such members always', () => {
    const { schema } = strict(jsonOf(z.object({ a: z.number().default(5), b: z.string() })));
    expect(schema).toMatchObject({ properties: { a: { type: 'number' } }, required: ['a', 'b'] });
    expect(JSON.stringify(schema)).not.toContain('default');
  });

  test('has `anyOf` for `oneOf`', () => {
    const shape = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('x'), a: z.string() }),
      z.object({ kind: z.literal('y') }),
    ]);
    const { schema } = strict(jsonOf(z.object({ shape })));
    expect(JSON.stringify(schema)).not.toContain('oneOf');
    expect(schema).toMatchObject({
      properties: { shape: { anyOf: [{ required: ['kind', 'a'], additionalProperties: false }, {}] } },
    });
  });

  test('is closed where it was open, which is a loss, and keeps an optional member as it is', () => {
    const { schema, lost } = strict(jsonOf(z.object({ a: z.looseObject({ b: z.string().optional() }) })));
    expect(schema).toMatchObject({ properties: { a: { required: [], additionalProperties: false } } });
    expect(lost).toEqual(['output.schema.properties.a.additionalProperties']);
  });

  test('is closed wherever a reference leads', () => {
    const A = { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] };
    const { schema } = strict({
      type: 'object',
      properties: { a: { $ref: '#/$defs/A' } },
      required: ['a'],
      $defs: { A },
    });
    expect(schema['$defs']).toEqual({ A: { ...A, additionalProperties: false } });
  });
});

test('What is given stays as it was, however deep it is nested', () => {
  const json = jsonOf(z.object({ a: z.number().default(5) }));
  const before = structuredClone(json);
  strict(json);
  expect(json).toEqual(before);
  let deep: Json = { type: 'string' };
  for (let level = 0; level < 20_000; level++) deep = { type: 'object', properties: { a: deep } };
  expect(() => strict(deep)).not.toThrow();
});
