import { manage } from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { anthropic, governed, openai, readAll, sdks, settledOnce, theOnlyCall } from './governed.ts';

describe('a client made from a governed one by `withOptions`', () => {
  test.each(sdks)('is governed, each call once ($name)', async (sdk) => {
    const world = governed();
    const { openai: first, anthropic: second } = world.llm.clients;
    const clients = {
      openai: first.withOptions({ timeout: 5_000 }).withOptions({ maxRetries: 1 }),
      anthropic: second.withOptions({ timeout: 5_000 }).withOptions({ maxRetries: 1 }),
    };
    await sdk.create({ clients });
    await readAll(await sdk.stream({ clients }));
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  });

  test('may add to the middleware that the governed one has: its own stands inside, ours once in front', async () => {
    const world = governed();
    const { anthropic: client } = world.llm.clients;
    const log: string[] = [];
    const derived = client.withOptions({
      middleware: [
        ...client.middleware,
        async (request, next) => {
          log.push(`sent ${world.receipts.length}`);
          const response = await next(request);
          log.push(`answered ${response.status}`);
          return response;
        },
      ],
    });
    await anthropic.create({ clients: { ...world.llm.clients, anthropic: derived } });
    const { receipt } = await theOnlyCall(world);
    expect(receipt.attempts).toHaveLength(1);
    expect(log).toEqual(['sent 0', 'answered 200']);
  });

  test('stays governed with an empty list of middleware', async () => {
    const world = governed();
    const derived = world.llm.clients.anthropic.withOptions({ middleware: [] });
    await anthropic.create({ clients: { ...world.llm.clients, anthropic: derived } });
    await theOnlyCall(world);
  });
});

test('a governed client given to another ManagedLLM is refused, for that one would not see its calls', () => {
  const { clients } = governed().llm;
  for (const client of [clients.openai, clients.anthropic, clients.openai.withOptions({ timeout: 5 })]) {
    expect(() => manage(client)).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message:
          '`providers.client` is governed by another ManagedLLM already. Give the client that it was made from.',
      }),
    );
  }
});

test('the class and its own properties are as they were', () => {
  const world = governed();
  const client = world.llm.clients.openai;
  expect(client.constructor).toBe(world.llm.clients.backup.constructor);
  expect(Object.keys(client)).toEqual(Object.keys(client.withOptions({})));
  expect(client.apiKey).toBe('test');
  expect(openai.name).toBe('openai');
});
