import { fallback, type EmbedRequest } from 'managed-llm';
import { expect, test } from 'vitest';

import { governed, rejection, theOnlyCall } from './governed.ts';
import { once } from './neutral.ts';

test('`embed` gives a vector for each text, in their order, with usage and receipt', async () => {
  const world = governed();
  const reply = await world.llm.embed(
    { model: 'openai/text-embedding', input: ['alpha', 'beta'], dimensions: 4 },
    { user: 'alice' },
  );
  expect(reply.embeddings.map((vector) => vector.length)).toEqual([4, 4]);
  expect(reply.usage).toEqual({ inputTokens: 2, provenance: 'reported' });
  const { receipt } = await theOnlyCall(world);
  expect(reply.receipt).toEqual(receipt);
  expect(receipt).toMatchObject({
    operation: 'embed',
    dialect: 'openai-embeddings',
    caller: { user: 'alice' },
    target: { provider: 'openai', model: 'text-embedding' },
  });
  expect(world.provider.requests[0]?.body).toEqual({
    model: 'text-embedding',
    input: ['alpha', 'beta'],
    dimensions: 4,
  });
});

test('the order of the texts is that of the vectors, whatever order they come in', async () => {
  const world = governed();
  world.provider.next({
    json: {
      data: [
        { index: 1, embedding: [1, 1] },
        { index: 0, embedding: [0, 0] },
      ],
    },
  });
  const { embeddings } = await world.llm.embed({ model: 'openai/e', input: ['first', 'second'] });
  expect(embeddings).toEqual([
    [0, 0],
    [1, 1],
  ]);
});

test('one text is one vector, by a route too, falling back where it must', async () => {
  const world = governed({ routes: { vectors: fallback('openai/small', 'backup/large') } });
  world.provider.when({ model: 'small' }, { status: 500 });
  const reply = await world.llm.embed({ model: 'vectors', input: 'alpha' });
  expect(reply.embeddings).toHaveLength(1);
  expect(reply.receipt.target).toEqual({ provider: 'backup', model: 'large' });
});

test('a provider without embeddings is refused, and one that fails is a typed error', async () => {
  const world = governed({ interceptors: [once] });
  expect(await rejection(world.llm.embed({ model: 'anthropic/claude', input: 'alpha' }))).toMatchObject({
    code: 'unsupported',
  });
  world.provider.next({ status: 401 });
  expect(await rejection(world.llm.embed({ model: 'openai/e', input: 'alpha' }))).toMatchObject({
    code: 'provider-failure',
    details: { target: 'openai/e', status: 401, kind: 'auth' },
  });
});

test.each([{ data: [] }, { data: [{ embedding: 'AACAPw==' }] }, {}])(
  'an answer without the vectors is an error, not an empty list: %j',
  async (json) => {
    const world = governed();
    world.provider.next({ json });
    expect(await rejection(world.llm.embed({ model: 'openai/e', input: 'alpha' }))).toMatchObject({
      code: 'unreadable-answer',
    });
  },
);

test('an abort rejects with its reason', async () => {
  const world = governed();
  world.provider.next({ hang: true });
  const controller = new AbortController();
  const failed = rejection(
    world.llm.embed({ model: 'openai/e', input: 'alpha' }, { signal: controller.signal }),
  );
  controller.abort('enough');
  expect(await failed).toBe('enough');
  await world.llm.idle();
});

test('is strict about its request', async () => {
  const { llm } = governed();
  const request = { model: 'openai/e', inputs: ['alpha'] } as unknown as EmbedRequest;
  expect(await rejection(llm.embed(request))).toMatchObject({ code: 'invalid-options' });
  const says = async (more: object) =>
    rejection(llm.embed({ model: 'openai/e', input: 'alpha', ...more } as EmbedRequest));
  expect(await says({ tenant: 'acme' })).toMatchObject({
    message: '`embed.tenant` goes into the second argument, with the settings of the call.',
  });
  expect(await says({ system: 'x' })).toMatchObject({ message: expect.stringContaining('has no option') });
});
