import * as fc from 'fast-check';
import { definePrompt, ManagedLLMError, promptFromJSON } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { nextVersion } from './versions.ts';

const definition = {
  name: 'definition/support',
  messages: [
    { role: 'system', content: 'You answer for {{company}}. {{> house}}' },
    { role: 'user', content: '{{question}} {{image:photo}}' },
  ],
  partials: { house: 'Be {{tone}}.' },
  model: 'gpt-5-mini',
  parameters: { temperature: 0.5, maxOutputTokens: 100, stopSequences: ['A', 'B'] },
  output: {
    jsonSchema: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'number' } },
      required: ['a', 'b'],
    },
    strict: true,
  },
};

function hashOf(changes: object): string {
  return promptFromJSON({ ...definition, version: nextVersion(), ...changes }).hash;
}

/** The same value with the members of all its objects in another order, but for the properties of schemas. */
function shuffled(value: unknown, turn: number, isOrdered = false): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, turn));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, member]) => [key, shuffled(member, turn, key === 'properties')] as const,
  );
  if (isOrdered) return Object.fromEntries(entries);
  const at = entries.length === 0 ? 0 : turn % entries.length;
  return Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)].toReversed());
}

describe('The hash of a prompt', () => {
  const hash = hashOf({});

  test('is 16 characters of base64url', () => {
    expect(hash).toMatch(/^[\w-]{16}$/);
  });

  test('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.nat(50), (turn) => {
        expect(hashOf(shuffled(definition, turn) as object)).toBe(hash);
      }),
    );
  });

  test.each([
    ['the name', { name: 'definition/other' }],
    [
      'what a partial is called',
      {
        messages: [
          { role: 'system', content: 'You answer for {{company}}. {{> tone}}' },
          definition.messages[1],
        ],
        partials: { tone: 'Be {{tone}}.' },
      },
    ],
    ['a partial that nobody takes in', { partials: { ...definition.partials, spare: 'x' } }],
    [
      'spaces in a tag',
      {
        messages: [definition.messages[0], { role: 'user', content: '{{ question }} {{image: photo}}' }],
      },
    ],
    [
      'a name of the output that is the default',
      {
        output: { ...definition.output, name: 'definition_support' },
      },
    ],
  ])('does not depend on %s', (_what, changes) => {
    expect(hashOf({ ...changes, output: { name: 'definition_support', ...definition.output } })).toBe(hash);
  });

  test.each([
    [
      'a word',
      {
        messages: [
          { role: 'system', content: 'You answer to {{company}}. {{> house}}' },
          definition.messages[1],
        ],
      },
    ],
    ['a role', { messages: [{ ...definition.messages[0], role: 'developer' }, definition.messages[1]] }],
    ['an order', { messages: [definition.messages[1], { role: 'user', content: 'x' }] }],
    [
      'a variable',
      { messages: [definition.messages[0], { role: 'user', content: '{{ask}} {{image:photo}}' }] },
    ],
    ['an image', { messages: [definition.messages[0], { role: 'user', content: '{{question}} {{photo}}' }] }],
    ['a partial', { partials: { house: 'Be {{tone}}!' } }],
    ['the model', { model: 'gpt-5' }],
    ['no model', { model: undefined }],
    ['a parameter', { parameters: { ...definition.parameters, temperature: 0.6 } }],
    ['a stop sequence', { parameters: { ...definition.parameters, stopSequences: ['B', 'A'] } }],
    ['the schema of the output', { output: { jsonSchema: { type: 'object' }, strict: true } }],
    ['how the output is held to it', { output: { ...definition.output, strict: false } }],
    ['no output', { output: undefined }],
    [
      'the order of the properties of the output, in which models write them',
      {
        output: {
          ...definition.output,
          jsonSchema: {
            ...definition.output.jsonSchema,
            properties: { b: { type: 'number' }, a: { type: 'string' } },
          },
        },
      },
    ],
  ])('depends on %s', (_what, changes) => {
    const given = Object.fromEntries(
      Object.entries({ ...definition, ...changes }).filter(([, value]) => value !== undefined),
    );
    expect(promptFromJSON({ ...given, version: nextVersion() }).hash).not.toBe(hash);
  });

  test.each([
    ['no parameters', {}],
    ['parameters that are undefined', { temperature: undefined }],
  ])('is the same for %s as without any, and so is the rendering', (_what, parameters) => {
    const given = { name: 'definition/none', template: 'Hi' };
    const prompt = promptFromJSON({ ...given, version: nextVersion(), parameters });
    expect(prompt.hash).toBe(promptFromJSON({ ...given, version: nextVersion() }).hash);
    expect(prompt.render()).not.toHaveProperty('temperature');
    expect(promptFromJSON(JSON.parse(JSON.stringify(prompt))).hash).toBe(prompt.hash);
  });

  test('tells a text from a tag that reads like it', () => {
    const template = (written: string): string =>
      promptFromJSON({ name: 'definition/text', version: nextVersion(), template: written }).hash;
    expect(template('{{{{a}}')).not.toBe(template('{{a}}'));
  });
});

describe('A version', () => {
  const one = { name: 'definition/version', version: '1', template: 'Hi {{name}}' } as const;

  test('may be defined again as it was', () => {
    expect(definePrompt(one).hash).toBe(definePrompt({ ...one, template: 'Hi {{ name }}' }).hash);
  });

  test('is refused with other content', () => {
    definePrompt(one);
    expect(() => definePrompt({ ...one, template: 'Hello {{name}}' })).toThrow(
      expect.objectContaining({
        code: 'prompt-changed',
        message: expect.stringContaining('Version `1` of prompt `definition/version` is defined already'),
        details: expect.objectContaining({ prompt: 'definition/version', version: '1' }),
      }),
    );
    expect(definePrompt({ ...one, version: '2', template: 'Hello {{name}}' }).version).toBe('2');
  });

  test('is not taken by a definition that is refused', () => {
    const broken = { name: 'definition/broken', version: '1', template: '{{a}} {{image:a}}' };
    expect(() => promptFromJSON(broken)).toThrow('as a text and as an image');
    expect(promptFromJSON({ ...broken, template: '{{a}} {{image:b}}' }).version).toBe('1');
  });

  test('of another prompt is another', () => {
    expect(definePrompt({ ...one, name: 'definition/other-version', template: 'Bye' }).version).toBe('1');
  });
});

describe('As JSON a prompt', () => {
  const prompt = definePrompt({
    name: 'definition/json',
    version: '1',
    template: 'Hi {{> who}}',
    partials: { who: '{{name}}' },
    variables: z.object({ name: z.string() }),
    model: 'gpt-5-mini',
    parameters: { temperature: 0 },
    output: z.object({ city: z.string() }),
  });
  const again = promptFromJSON(JSON.parse(JSON.stringify(prompt)));

  test('has the same hash, and renders the same', () => {
    expect(again.hash).toBe(prompt.hash);
    const body = JSON.stringify(prompt.anthropic({ name: 'Ann' }));
    expect(JSON.stringify(again.anthropic({ name: 'Ann' }))).toBe(body);
    expect(JSON.stringify(again)).toBe(JSON.stringify(prompt));
  });

  test('tells its hash, and is refused where its content has another', () => {
    const json = prompt.toJSON();
    expect(json.hash).toBe(prompt.hash);
    const elsewhere = { ...json, name: 'definition/elsewhere' };
    expect(promptFromJSON(elsewhere).hash).toBe(json.hash);
    expect(() => promptFromJSON({ ...elsewhere, version: '2', template: 'Bye {{> who}}' })).toThrow(
      expect.objectContaining({
        code: 'prompt-changed',
        message: expect.stringContaining('does not have the content that its hash tells'),
        details: expect.objectContaining({ version: '2', known: json.hash }),
      }),
    );
    // What was refused has not taken the version.
    const { hash: _hash, ...changed } = { ...elsewhere, version: '2', template: 'Bye {{> who}}' };
    expect(promptFromJSON(changed).version).toBe('2');
  });

  test('has variables that are checked when it is rendered', () => {
    expect(() => again.render({ nme: 'Ann' })).toThrow('has no variable `nme`. Did you mean `name`?');
  });

  test.each([
    ['no object', 'Hi', '`definePrompt` must be an object'],
    ['a member that there is not', { ...prompt.toJSON(), tempurature: 1 }, 'has no option `tempurature`'],
    ['no version', { name: 'a', template: 'x' }, '`definePrompt.version` is missing'],
    ['a hash that is no text', { ...prompt.toJSON(), hash: 5 }, '`promptFromJSON.hash` must be a text'],
    [
      'variables that are no schema',
      { name: 'a', version: '1', template: 'x', variables: { '~standard': null } },
      '`definePrompt.variables` must be a schema',
    ],
    [
      'an output that is no schema',
      { name: 'a', version: '1', template: 'x', output: { '~standard': {} } },
      'has no option `~standard`',
    ],
  ])('is checked: %s', (_what, json, message) => {
    expect(() => promptFromJSON(json)).toThrow(message);
  });
});

describe('A definition is refused', () => {
  const refused = (given: object): (() => unknown) => {
    return () => promptFromJSON({ name: 'definition/refused', version: '1', ...given });
  };
  test.each([
    ['without messages', {}, 'takes `messages` or a `template`: give one of them'],
    ['with both', { template: 'x', messages: [{ role: 'user', content: 'x' }] }, 'give one of them'],
    [
      'with a tag that nothing closes',
      { template: 'Hi {{name' },
      'opens a tag at character 3 that nothing closes',
    ],
    ['with a tag that is none', { template: '{{a b}}' }, 'has a tag `{{a b}}` that is none'],
    ['with logic', { template: '{{#if a}}' }, 'Two braces as such are written `{{{{`'],
    ['with JSON', { template: '{"a":{{"b":1}}}' }, 'Two braces as such are written `{{{{`'],
    [
      'with an unknown partial',
      { template: '{{> hous}}', partials: { house: 'x' } },
      'takes in a partial `hous`. Did you mean `house`?',
    ],
    [
      'with a partial of nobody',
      { template: '{{> toString}}' },
      'takes in a partial `toString`, which is not in `partials`',
    ],
    [
      'with partials in a circle',
      { template: '{{> a}}', partials: { a: '{{> b}}', b: '{{> a}}' } },
      'partials.a` takes itself in: a > b > a',
    ],
    [
      'with a partial that takes in itself',
      { template: '{{> a}}', partials: { a: '{{> a}}' } },
      'takes itself in: a > a',
    ],
    [
      'with an image for the system',
      { messages: [{ role: 'system', content: '{{image:a}}' }] },
      'messages.0.content` has an image: only messages of role "user" have such',
    ],
    [
      'with a variable of two kinds',
      { template: '{{a}} {{image:a}}' },
      'uses its variable `a` as a text and as an image',
    ],
    [
      'with instructions behind others',
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'system', content: 'x' },
        ],
      },
      'messages.1` is of role "system" and stands behind others',
    ],
    [
      'with an output of no schema',
      { template: 'x', output: { name: 'x' } },
      'takes a `schema` or a `jsonSchema`',
    ],
    ['with a turn that says nothing', { template: ' \n' }, 'says nothing: providers refuse blank turns'],
    ['with an unknown role', { messages: [{ role: 'usr', content: 'x' }] }, 'Did you mean "user"?'],
    [
      'with a misspelt parameter',
      { template: 'x', parameters: { temprature: 1 } },
      'Did you mean `temperature`?',
    ],
    [
      'with a name of spaces',
      { template: 'x', name: 'a b' },
      'must be 1 to 256 letters, digits, `_`, `-`, `.` and `/`',
    ],
  ])('%s', (_what, given, message) => {
    expect(refused(given)).toThrow(
      expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(message) }),
    );
  });
});

const object = { type: 'object', properties: { a: { type: 'string' } } };

describe('An output is refused', () => {
  const refused = (output: object): (() => unknown) => {
    return () => promptFromJSON({ name: 'definition/output', version: nextVersion(), template: 'x', output });
  };

  test.each([
    [
      'that is a list',
      z.array(z.string()),
      'is a list, and providers take an object: make it a member of one',
    ],
    ['that is a text', z.string(), 'is a schema of type "string", and providers take an object'],
    ['that is a union', z.union([z.object({ a: z.string() }), z.object({})]), 'is a union'],
    ['that may be null', z.object({}).nullable(), 'is a union'],
    ['that is anything', z.unknown(), 'is a schema without a type'],
    [
      'that is a list by its name',
      { jsonSchema: { $ref: '#/$defs/L', $defs: { L: { type: 'array' } } } },
      'is a list',
    ],
  ])('%s', (_what, output, message) => {
    expect(refused(output)).toThrow(
      expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(message) }),
    );
  });

  test.each([
    [
      'with a member that may be left out',
      z.object({ a: z.string(), b: z.object({ c: z.number().optional() }) }),
      'output.b.c` may be left out, which `strict` does not allow: let it be null too (`.nullable()`), or leave',
    ],
    [
      'with members of any name',
      z.object({ a: z.record(z.string(), z.string()) }),
      'output.a` has members of any name',
    ],
    ['with members beside', z.looseObject({ a: z.string() }), 'output` has members of any name'],
    ['with a tuple', z.object({ a: z.tuple([z.string()]) }), 'output.a` has `prefixItems`'],
    ['with two patterns', z.object({ a: z.string().regex(/a/).regex(/b/) }), 'output.a` has `allOf`'],
  ])('as a strict one %s', (_what, schema, message) => {
    expect(refused({ schema, strict: true })).toThrow(
      expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(message) }),
    );
    expect(refused({ schema, strict: false })).not.toThrow();
  });

  test.each([
    ['a member that may be null', z.object({ a: z.string().nullable().optional() })],
    ['a default', z.object({ a: z.number().default(5) })],
    ['a union within', z.object({ a: z.union([z.string(), z.object({ b: z.string() })]) })],
  ])('but not as a strict one with %s', (_what, schema) => {
    expect(refused({ schema, strict: true })).not.toThrow();
  });

  const cyclic: Record<string, unknown> = { type: 'object' };
  cyclic['not'] = cyclic;
  test.each([
    ['a function', { ...object, f: () => 1 }, 'output.jsonSchema` holds a function: it must be JSON'],
    [
      'no number',
      { ...object, minProperties: Number.NaN },
      'output.jsonSchema` holds a number: it must be JSON',
    ],
    [
      'an object of a class',
      { ...object, default: new Date(0) },
      'output.jsonSchema` holds an object of a class',
    ],
    ['itself', cyclic, 'output.jsonSchema` is nested more than 100 levels deep'],
    [
      'many levels',
      JSON.parse(`${'{"type":"object","not":'.repeat(5_000)}{}${'}'.repeat(5_000)}`) as object,
      'is nested more than 100 levels deep',
    ],
  ])('with %s in its JSON schema', (_what, jsonSchema, message) => {
    expect(refused({ jsonSchema })).toThrow(
      expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(message) }),
    );
  });
});

describe('JSON of an attacker', () => {
  /** Partials that take in the next one, so often. */
  const chain = (length: number, times: number, last: string): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length }, (_, at) => [
        `p${at}`,
        at === length - 1 ? last : `{{> p${at + 1}}}`.repeat(times),
      ]),
    );

  test.each([
    ['grows by partials that double', chain(30, 2, 'x{{v}}'), 'is too large with what it takes in'],
    ['grows by texts that double', chain(30, 2, 'x'.repeat(100)), 'is too large with what it takes in'],
    [
      'has more tags than a stack has room for',
      { p0: '{{v}} '.repeat(200_000) },
      'is too large with what it takes in',
    ],
    ['leads deeper than a stack', chain(9_000, 1, 'x'), 'is taken in more than 32 partials deep'],
  ])('that %s is refused', (_what, partials, message) => {
    const given = { name: 'definition/attack', version: nextVersion(), template: '{{> p0}}', partials };
    expect(() => promptFromJSON(given)).toThrow(
      expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(message) }),
    );
  });

  test('may hold more constraints than a stack has room for', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 150_000 }, (_, at) => [`p${at}`, { type: 'string', maxLength: 1 }]),
    );
    const prompt = promptFromJSON({
      name: 'definition/wide',
      version: '1',
      template: 'x',
      output: { jsonSchema: { type: 'object', properties } },
    });
    expect(prompt.leftOutIn('anthropic-messages')).toHaveLength(150_000);
  });

  test('may say nothing a million times: partials are read once', () => {
    const given = {
      name: 'definition/empty',
      version: '1',
      template: 'x{{> p0}}',
      partials: chain(30, 2, ''),
    };
    expect(promptFromJSON(given).render().messages).toEqual([{ role: 'user', content: 'x' }]);
  });

  test('whatever it is, is a prompt or is refused by a typed error', () => {
    const tag = fc.constantFrom(
      '{{a}}',
      '{{> p}}',
      '{{> q}}',
      '{{',
      '}}',
      '{{{{',
      '{{image:a}}',
      'x',
      ' ',
      '\u0000',
    );
    const template = fc.array(tag, { maxLength: 6 }).map((tags) => tags.join(''));
    const known = {
      name: fc.oneof(fc.constant('definition/fuzz'), fc.jsonValue()),
      version: fc.oneof(fc.constantFrom('1', '2'), fc.jsonValue()),
      template: fc.oneof(template, fc.jsonValue()),
      messages: fc.oneof(
        fc.array(fc.record({ role: fc.constantFrom('user', 'system'), content: template })),
        fc.jsonValue(),
      ),
      partials: fc.oneof(fc.dictionary(fc.constantFrom('p', 'q', '__proto__'), template), fc.jsonValue()),
      variables: fc.jsonValue(),
      model: fc.oneof(fc.string(), fc.jsonValue()),
      parameters: fc.oneof(fc.record({ temperature: fc.double() }), fc.jsonValue()),
      output: fc.oneof(
        fc.record({
          jsonSchema: fc.dictionary(
            fc.constantFrom('type', '$ref', 'properties', 'anyOf', '~standard'),
            fc.jsonValue(),
          ),
        }),
        fc.dictionary(fc.constantFrom('~standard', 'schema', 'jsonSchema', 'strict'), fc.jsonValue()),
        fc.jsonValue(),
      ),
      hash: fc.jsonValue(),
    };
    fc.assert(
      fc.property(
        fc.oneof(fc.record(known, { requiredKeys: ['name', 'version'] }), fc.jsonValue()),
        (json) => {
          try {
            const prompt = promptFromJSON(json);
            prompt.anthropic({ a: 'x' });
            promptFromJSON(JSON.parse(JSON.stringify(prompt)));
          } catch (thrown) {
            if (!ManagedLLMError.isInstance(thrown)) throw thrown;
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
