import type { Destination, Finish, Interceptor } from 'managed-llm';
import { fallback } from 'managed-llm';
import { expect, test } from 'vitest';
import { anthropic, governed, openai, rejection, theOnlyCall } from './governed.ts';
import { once } from './neutral.ts';

type Json = Readonly<Record<string, unknown>>;

const finishing = (name: string, finish: Finish): Interceptor => ({
  name,
  stage: 'send',
  intercept: (call, next) => next(call.with({ finish })),
});

const marking = (name: string): Interceptor =>
  finishing(name, (body) => ({
    ...(body as Json),
    marks: [...(((body as Json)['marks'] as []) ?? []), name],
  }));

test('a request is finished in the words of its target, once an attempt, and nobody else sees it', async () => {
  const seen: Destination[] = [];
  const bodies: unknown[] = [];
  const outer: Interceptor = {
    name: 'outer',
    stage: 'shape',
    async intercept(call, next) {
      const reply = await next(
        call.with({
          finish(body, destination) {
            seen.push(destination);
            return { ...(body as Json), marked: destination.dialect.id };
          },
        }),
      );
      bodies.push(call.body);
      return reply;
    },
  };
  const world = governed({
    routes: { smart: fallback('anthropic/claude', 'openai/gpt') },
    interceptors: [outer],
  });
  world.provider.next({ status: 529 });
  await openai.create(world.llm, {}, 'smart');
  const sent = world.provider.requests.map(({ body }) => body as Json);
  expect(sent.map(({ marked }) => marked)).toEqual(['anthropic-messages', 'openai-chat']);
  expect(sent[0]).toHaveProperty('max_tokens');
  expect(seen.map(({ target, origin }) => [target.provider, origin])).toEqual([
    ['anthropic', 'https://api.anthropic.com'],
    ['openai', 'https://api.openai.com/v1'],
  ]);
  expect(bodies).toEqual([expect.not.objectContaining({ marked: expect.anything() })]);
});

test('several add up, in the order in which they were asked for', async () => {
  const world = governed({ interceptors: [marking('first'), marking('second')] });
  await anthropic.create(world.llm);
  expect(world.provider.requests[0]?.body).toMatchObject({ marks: ['first', 'second'] });
});

test('where nothing changes, the bytes that the SDK made are sent', async () => {
  const bare = governed();
  const world = governed({ interceptors: [finishing('same', (body) => body)] });
  await openai.create(bare.llm);
  await openai.create(world.llm);
  expect(world.provider.requests[0]?.bodyText).toBe(bare.provider.requests[0]?.bodyText);
});

test('one that throws fails the call before anything is sent', async () => {
  const broken = finishing('broken', () => {
    throw new Error('no end');
  });
  const world = governed({ interceptors: [once, broken] });
  await rejection(openai.create(world.llm));
  await rejection(openai.create(world.llm, {}, 'anthropic/claude'));
  expect(world.provider.requests).toHaveLength(0);
  await world.llm.idle();
  expect(world.receipts.map(({ error }) => error?.code)).toEqual(['interceptor-fault', 'interceptor-fault']);
});

test('a stream is finished likewise', async () => {
  const world = governed({ interceptors: [marking('one')] });
  for await (const _ of await openai.stream(world.llm, {}, 'anthropic/claude'));
  expect(world.provider.requests[0]?.body).toMatchObject({ stream: true, marks: ['one'] });
  await theOnlyCall(world);
});
