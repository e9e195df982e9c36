import { type InferOutput, type StandardSchemaV1 } from 'managed-llm';
import { describe, expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';

import { governed, rejection, settledOnce, theOnlyCall } from './governed.ts';
import { refusedIn, schemaAskedFor } from '../unit/dialects/refused-by-anthropic.ts';
import { models, redactor, until } from './neutral.ts';

const city = z.object({ name: z.string(), people: z.number().default(0) });

describe.each(models)('`object` asks %s', (model) => {
  test('for JSON of a schema, and gives it validated and typed', async () => {
    const world = governed();
    world.provider.next({ json: { name: 'Oslo' } });
    const reply = await world.llm.object({ model, messages: 'A city', schema: city, name: 'city' });
    expectTypeOf(reply.object).toEqualTypeOf<{ name: string; people: number }>();
    expect(reply.object).toEqual({ name: 'Oslo', people: 0 });
    expect(reply.text).toBe('{"name":"Oslo"}');
    const body = JSON.stringify(world.provider.requests[0]?.body);
    expect(body).toContain('"json_schema"');
    // What the model writes may leave out what has a default.
    expect(body).toContain('"required":["name"]');
    expect((await theOnlyCall(world)).receipt).toEqual(reply.receipt);
  });

  test.each([
    [
      'is no JSON',
      { text: 'Oslo, the capital' },
      [{ path: '', message: 'it is no JSON' }],
      'The answer is no JSON; it ended with "stop".',
    ],
    [
      'does not fit',
      { json: { name: 5 } },
      [{ path: 'name', message: expect.stringContaining('expected string') }],
      'The answer does not fit the schema at `name`; it ended with "stop".',
    ],
  ])('an answer that %s is a typed error that does not repeat it', async (_what, script, issues, told) => {
    const world = governed();
    world.provider.next(script);
    const error = await rejection(world.llm.object({ model, messages: 'A city', schema: city }));
    expect(error).toMatchObject({
      code: 'invalid-output',
      status: 502,
      details: { issues, stop: 'stop' },
      callId: world.receipts[0]?.callId,
    });
    expect(String(error)).not.toMatch(/capital|5/);
    expect(String(error)).toContain(told);
    expect(world.provider.requests).toHaveLength(1);
  });

  test('is shown what does not fit, where that was asked for, in a turn of the same conversation', async () => {
    const world = governed();
    world.provider.next({ json: { name: 5 } }, { json: { name: 'Oslo' } });
    const reply = await world.llm.object({ model, messages: 'A city', schema: city, repair: 1 });
    expect(reply.object.name).toBe('Oslo');
    expect(reply.steps.map(({ text }) => text)).toEqual(['{"name":5}', '{"name":"Oslo"}']);
    expect(reply.messages.map(({ role }) => role)).toEqual(['assistant', 'user', 'assistant']);
    const [first, second] = await settledOnce(world, 2);
    expect(second?.parentId).toBe(first?.callId);
    expect(reply.receipts).toEqual([first, second]);
    const sent = world.provider.requests[1]?.bodyText;
    expect(sent).toContain('does not fit the schema: name: ');
    expect(sent).toContain('{\\"name\\":5}');
  });

  test('no more often than was asked for', async () => {
    const world = governed();
    world.provider.always({ text: 'no' });
    const request = { model, messages: 'A city', schema: city, repair: 1 } as const;
    expect(await rejection(world.llm.object(request))).toMatchObject({ code: 'invalid-output' });
    expect(world.provider.requests).toHaveLength(2);
  });

  test.each([
    ['refused', { refusal: 'I will not.' }, 'refusal'],
    ['cut short', { text: '{"name": "Os', stopReason: 'length' }, 'length'],
  ] as const)('an answer that was %s is not asked for again', async (_what, script, stop) => {
    const world = governed();
    world.provider.next(script);
    const request = { model, messages: 'A city', schema: city, repair: 1 } as const;
    expect(await rejection(world.llm.object(request))).toMatchObject({
      code: 'invalid-output',
      details: { stop },
    });
    expect(world.provider.requests).toHaveLength(1);
  });

  test('and interceptors change it before it is read', async () => {
    const world = governed({ interceptors: [redactor] });
    world.provider.next({ json: { name: 'secret' } });
    expect((await world.llm.object({ model, messages: 'A city', schema: city })).object.name).toBe(
      '[masked]',
    );
  });

  test('an abort while the answer is validated rejects with its reason', async () => {
    const world = governed();
    let validates = false;
    const slow: StandardSchemaV1<unknown, { name: string }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          validates = true;
          return new Promise(() => {});
        },
        jsonSchema: { input: () => ({ type: 'object' }) },
      },
    };
    expectTypeOf<InferOutput<typeof slow>>().toEqualTypeOf<{ name: string }>();
    const controller = new AbortController();
    const request = { model, messages: 'A city', schema: slow };
    const failed = rejection(world.llm.object(request, { signal: controller.signal }));
    await until(() => validates);
    controller.abort('enough');
    expect(await failed).toBe('enough');
  });

  test('a provider’s error is typed', async () => {
    const world = governed();
    world.provider.next({ status: 400, error: { message: 'bad schema' } });
    expect(await rejection(world.llm.object({ model, messages: 'A city', schema: city }))).toMatchObject({
      code: 'provider-failure',
      details: { status: 400, kind: 'invalid-request' },
    });
  });
});

describe('`object` and its schema', () => {
  const { jsonSchema: _none, ...silent } = city['~standard'];

  test('takes the JSON schema from the request where the library gives none', async () => {
    const world = governed();
    world.provider.next({ json: { name: 'Oslo' } });
    const jsonSchema = { type: 'object', properties: { name: { type: 'string' } }, description: 'ours' };
    const schema = { '~standard': silent };
    const reply = await world.llm.object({ model: 'openai/gpt', messages: 'A city', schema, jsonSchema });
    expectTypeOf(reply.object).toEqualTypeOf<{ name: string; people: number }>();
    expect(reply.object).toEqual({ name: 'Oslo', people: 0 });
    expect(world.provider.requests[0]?.bodyText).toContain('"description":"ours"');
  });

  test('sends Anthropic what its API takes, and tells what the model is not held to', async () => {
    const world = governed();
    world.provider.next({ json: { name: 'Oslo', sizes: [{ year: 1900 }] } });
    const schema = z.object({
      name: z.string().max(9),
      sizes: z.array(z.object({ year: z.int().min(0), people: z.number().optional() })).min(1),
    });
    const reply = await world.llm.object({ model: 'anthropic/claude', messages: 'A city', schema });
    expect(reply.object.sizes).toEqual([{ year: 1900 }]);
    const schemaSent = schemaAskedFor(world.provider.requests[0]?.body);
    expect(schemaSent).toMatchObject({ additionalProperties: false });
    expect(refusedIn(schemaSent)).toEqual([]);
    expect(reply.receipt.attempts[0]?.losses?.map(({ path }) => path)).toEqual([
      'output.schema.properties.name.maxLength',
      'output.schema.properties.sizes.items.properties.year.minimum',
    ]);
  });

  test('sends OpenAI a strict schema closed, with what has a default required', async () => {
    const world = governed();
    world.provider.next({ json: { name: 'Oslo', people: 5 } });
    const request = { model: 'openai/gpt', messages: 'A city', schema: city, strict: true };
    expect((await world.llm.object(request)).object.people).toBe(5);
    expect(JSON.parse(world.provider.requests[0]?.bodyText ?? '')).toMatchObject({
      response_format: {
        json_schema: {
          strict: true,
          schema: {
            properties: { name: { type: 'string' }, people: { type: 'number' } },
            required: ['name', 'people'],
            additionalProperties: false,
          },
        },
      },
    });
  });

  test.each([
    [
      'an optional member of a strict object',
      { schema: z.object({ a: z.object({ b: z.string().optional() }) }), strict: true },
      '`object.schema.a.b` may be left out, which `strict` does not allow',
    ],
    ['a list', { schema: z.array(z.string()) }, '`object.schema` is a list, and providers take an object'],
    [
      'a union',
      { schema: z.discriminatedUnion('a', [z.object({ a: z.literal(1) }), z.object({ a: z.literal(2) })]) },
      '`object.schema` is a union, and providers take an object: make it a member of one',
    ],
  ])('asks nobody for %s', async (_what, said, message) => {
    const world = governed();
    const request = { model: 'openai/gpt', messages: 'A city', ...said };
    expect(await rejection(world.llm.object(request as never))).toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining(message),
    });
    expect(world.provider.requests).toEqual([]);
  });

  test('says what to do where there is none at all', async () => {
    const world = governed();
    const schema = { '~standard': silent };
    expect(
      await rejection(world.llm.object({ model: 'openai/gpt', messages: 'A city', schema })),
    ).toMatchObject({
      code: 'invalid-options',
      message: expect.stringMatching(/`object\.schema` is a schema of zod .* give that too, as `jsonSchema`/),
    });
    const none = { model: 'openai/gpt', messages: 'A city', schema: {} as typeof city };
    expect(await rejection(world.llm.object(none))).toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining('`object.schema` must be a schema'),
    });
    expect(world.provider.requests).toEqual([]);
  });
});
