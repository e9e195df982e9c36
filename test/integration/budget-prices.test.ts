import { fallback, ManagedLLMError, type BudgetOptions } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { openai as sdk, rejection, theOnlyCall, type TestOptions } from './governed.ts';
import { accounted, price, ceilinged, ceilingStatus, refused, spending, type Spending } from './spending.ts';

const messages = [{ role: 'user' as const, content: 'hello' }];
const usage = { inputTokens: 3, outputTokens: 100 };

const unpriced = (options: Partial<BudgetOptions> = {}, more: TestOptions = {}) =>
  spending(options, { models: {}, ...more });

describe('a target whose price is not known', () => {
  test('is refused where USD are limited, by budgets and ceilings', async () => {
    const world = unpriced();
    expect(await refused(sdk.create(world.llm, {}, 'of-my-own'))).toMatchObject({
      code: 'unknown-price',
      status: 402,
      details: { target: 'openai/of-my-own', limitedBy: 'The budget `budget-1`' },
    });
    const scoped = ceilinged({ models: {} }).llm.with({ maxCostUsd: 1 });
    expect(await refused(sdk.create(scoped, {}, 'of-my-own'))).toMatchObject({
      code: 'unknown-price',
      details: { limitedBy: 'with.maxCostUsd' },
    });
    expect(world.provider.requests).toHaveLength(0);
  });

  test('passes where only tokens are limited, or nothing at all', async () => {
    const world = unpriced({ limitTokens: 100_000, limitUsd: undefined as never });
    await sdk.create(world.llm, {}, 'of-my-own');
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, limitUsd: undefined });
    expect((await world.spend.status()).usedTokens).toBeGreaterThan(0);
    await sdk.create(ceilinged({ models: {} }).llm, {}, 'of-my-own');
  });

  test('passes as free, or at a price that is stated, where the budget says so', async () => {
    const free = unpriced({ onUnknownPrice: 'zero' });
    await sdk.create(free.llm, {}, 'of-my-own');
    expect((await theOnlyCall(free)).receipt).toMatchObject({
      costUsd: undefined,
      facts: { spend: { chargedNanoUsd: 0, basis: 'reported' } },
    });
    const stated = unpriced({ onUnknownPrice: { inputUsdPerMTok: 1, outputUsdPerMTok: 10 } });
    stated.provider.always({ usage });
    await sdk.create(stated.llm, {}, 'of-my-own');
    expect((await stated.spend.status()).usedUsd).toBeCloseTo(0.001_003, 12);
  });

  test('is told when the ManagedLLM is made, where a route leads to it and a budget would refuse it', async () => {
    const routes = { safe: fallback('openai/of-my-own', 'backup/gpt'), other: 'openai/gpt' };
    const world = spending(
      {},
      { routes, models: { 'openai/gpt': { price: 0 }, 'backup/gpt': { price: 0 } } },
    );
    await world.llm.idle();
    await sdk.create(world.llm);
    const told = world.errors.filter(({ code }) => code === 'unknown-price');
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toMatch(/openai\/of-my-own/);
  });

  test('is not told where no budget would refuse it', async () => {
    const routes = { safe: 'openai/of-my-own' };
    for (const options of [
      { onUnknownPrice: 'zero' },
      { onExceed: 'warn' },
      { covers: { providers: ['backup'] } },
    ] as const) {
      const world = unpriced(options, { routes });
      await sdk.create(world.llm, {}, 'safe');
      expect(world.errors.filter(({ code }) => code === 'unknown-price')).toEqual([]);
    }
  });
});

test('prices are loaded once with the first call, and no call of a hundred that race passes by uncounted', async () => {
  const world = spending({ limitUsd: 0.01, onUnknownPrice: 'refuse' }, { models: {} });
  world.provider.always({ usage });
  const all = await Promise.allSettled(
    Array.from({ length: 100 }, () => sdk.create(world.llm, { maxRetries: 0 }, 'gpt-4.1-nano')),
  );
  const finished = all.filter(({ status }) => status === 'fulfilled').length;
  expect(world.receipts).toHaveLength(100);
  expect(finished).toBeGreaterThan(0);
  expect(world.receipts.filter(({ facts }) => facts.spend !== undefined)).toHaveLength(finished);
  for (const outcome of all)
    if (outcome.status === 'rejected')
      expect(ManagedLLMError.from(outcome.reason)?.code).toBe('budget-exceeded');
  expect((await world.spend.status()).usedTokens).toBe(103 * finished);
  await accounted(world);
});

describe('what has no bound', () => {
  /** Under a strict budget. Gives the error's code, or `undefined`. */
  async function outcome(
    ask: (clients: Spending['llm']['clients']) => Promise<unknown>,
    options: Partial<BudgetOptions> = {},
    more: TestOptions = {},
  ): Promise<string | undefined> {
    const world = spending(options, more);
    world.provider.when({ path: '/images/generations' }, { body: { created: 1, data: [] } });
    try {
      await ask(world.llm.clients);
      await accounted(world);
      return undefined;
    } catch (error) {
      const managed = ManagedLLMError.from(error);
      if (managed === undefined) throw error;
      expect(world.provider.requests).toHaveLength(0);
      return managed.code;
    }
  }

  type Ask = Parameters<typeof outcome>[0];
  const endless: readonly (readonly [title: string, name: string, ask: Ask])[] = [
    [
      'a server tool that may be used as often as the model likes (OpenAI)',
      'chat',
      ({ openai }) =>
        openai.responses.create({ model: 'gpt', input: 'hello', tools: [{ type: 'web_search' }] }),
    ],
    [
      'a server tool that may be used as often as the model likes (Anthropic)',
      'chat',
      ({ anthropic }) =>
        anthropic.messages.create({
          model: 'claude',
          max_tokens: 100,
          messages,
          tools: [{ type: 'web_search_20250305', name: 'web_search' }],
        }),
    ],
    [
      'a conversation that the provider holds, of a model whose context is not known',
      'chat',
      ({ openai }) =>
        openai.responses.create({ model: 'gpt', input: 'hello', previous_response_id: 'resp_1' }),
    ],
    [
      'an answer in the background',
      'responses.background',
      ({ openai }) => openai.responses.create({ model: 'gpt', input: 'hello', background: true }),
    ],
    [
      'a picture',
      'images.generate',
      ({ openai }) => openai.images.generate({ model: 'gpt-image', prompt: 'a cat' }),
    ],
    [
      'speech',
      'audio.speech',
      ({ openai }) => openai.audio.speech.create({ model: 'tts', input: 'hello', voice: 'alloy' }),
    ],
    [
      'a batch',
      'batches',
      ({ openai }) =>
        openai.batches.create({
          input_file_id: 'file-1',
          endpoint: '/v1/responses',
          completion_window: '24h',
        }),
    ],
    [
      'a batch of messages',
      'messages.batches',
      ({ anthropic }) =>
        anthropic.messages.batches.create({
          requests: [{ custom_id: 'a', params: { model: 'claude', max_tokens: 100, messages } }],
        }),
    ],
    [
      'a path that nobody knows',
      '/brand_new/things',
      ({ openai }) => openai.post('/brand_new/things', { body: {} }),
    ],
  ];

  test.each(endless)('is refused: %s', async (_title, _name, ask) => {
    expect(await outcome(ask)).toBe('unbounded-cost');
  });

  test.each(endless)('passes at a price that is stated for it: %s', async (_title, name, ask) => {
    const world = spending({ passthroughUsd: { [name]: 0.25 }, limitUsd: 0.6, maxWaitMs: 0 });
    world.provider.always({ body: { id: 'x', object: 'x', data: [], status: 'queued' }, latencyMs: 0 });
    await ask(world.llm.clients).catch(() => {});
    expect(world.provider.requests).toHaveLength(1);
    expect((await theOnlyCall(world)).receipt.facts.spend).toMatchObject({ reservedNanoUsd: 250_000_000 });
  });

  test.each(endless)('passes a budget that goes by what is expected: %s', async (_title, _name, ask) => {
    const world = spending({ reserve: 'expected' });
    await ask(world.llm.clients).catch(() => {});
    expect(world.provider.requests).toHaveLength(1);
  });

  test.each(endless)('is refused under a ceiling: %s', async (_title, _name, ask) => {
    const world = ceilinged();
    const error = await rejection(ask(world.llm.with({ maxCostUsd: 1 }).clients));
    expect(ManagedLLMError.from(error)?.code).toBe('unbounded-cost');
    expect(world.provider.requests).toHaveLength(0);
  });

  test('does not concern a server tool that has a bound, nor a conversation in a known window', async () => {
    const models = {
      'openai/gpt': { price, contextTokens: 100_000 },
      'anthropic/claude': {
        contextTokens: 10_000,
        price: { ...price, serverToolUsd: { web_search_requests: 0.01 } },
      },
    };
    expect(
      await outcome(
        async ({ openai }) => {
          const { id } = await openai.responses.create({ model: 'gpt', input: 'hello' });
          await openai.responses.create({ model: 'gpt', input: 'hello', previous_response_id: id });
        },
        {},
        { models },
      ),
    ).toBe(undefined);
    expect(
      await outcome(
        ({ anthropic }) =>
          anthropic.messages.create({
            model: 'claude',
            max_tokens: 100,
            messages,
            tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2 }],
          }),
        {},
        { models },
      ),
    ).toBe(undefined);
  });

  test('a picture costs its stated price when it was made, nothing when it was refused', async () => {
    const world = spending({ passthroughUsd: { 'images.generate': 0.2 } });
    const generate = () => world.llm.clients.openai.images.generate({ model: 'image', prompt: 'a cat' });
    world.provider.next({ body: { created: 1, data: [] } }, { status: 400 });
    await generate();
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0.2, usedTokens: 0, reservedUsd: 0 });
    await rejection(generate());
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0.2, reservedUsd: 0 });
    expect(world.receipts[0]?.facts.spend).toMatchObject({ basis: 'fixed', chargedNanoUsd: 200_000_000 });
  });

  test('what has no tokens passes where more tokens were used than the limit, and what has no price likewise', async () => {
    const world = spending({
      limitTokens: 50,
      reserve: 'expected',
      maxWaitMs: 0,
      passthroughUsd: { 'images.generate': 0.1 },
    });
    world.provider.next({ usage }).when({ path: '/images/generations' }, { body: { created: 1, data: [] } });
    const create = (model: string) =>
      world.llm.clients.openai.chat.completions.create({ model, messages, max_tokens: 10 });
    await create('gpt');
    expect((await world.spend.status()).usedTokens).toBe(103);
    await world.llm.clients.openai.images.generate({ model: 'image', prompt: 'a cat' });
    expect((await world.spend.status()).usedUsd).toBeCloseTo(0.101_003, 9);
  });

  test('what costs nothing passes a budget that has nothing left', async () => {
    const world = spending({ limitUsd: 0 });
    const { openai, anthropic } = world.llm.clients;
    await openai.models.list();
    await openai.moderations.create({ input: 'hello' }).catch(() => {});
    await openai.files.list();
    await anthropic.messages.countTokens({ model: 'claude', messages }).catch(() => {});
    await openai.responses.inputTokens.count({ model: 'gpt', input: 'hello' }).catch(() => {});
    expect(world.provider.requests.length).toBe(5);
    expect(
      world.receipts.every(({ facts, outcome }) => facts.spend === undefined && outcome !== 'refused'),
    ).toBe(true);
  });
});

describe('an answer in the background', () => {
  const price = { passthroughUsd: { 'responses.background': 0.5 } };
  const pending = { id: 'resp_1', object: 'response', status: 'queued', output: [], model: 'gpt' };
  const completed = {
    ...pending,
    status: 'completed',
    usage: { input_tokens: 3, output_tokens: 100, total_tokens: 103 },
  };

  async function begun(options: Partial<BudgetOptions> = {}, more: TestOptions = {}) {
    const world = spending({ ...price, ...options }, { ceilings: price, ...more });
    const scoped = world.llm.with({ maxCostUsd: 1 });
    world.provider.next({ body: pending });
    const { id } = await scoped.clients.openai.responses.create({
      model: 'gpt',
      input: 'hello',
      background: true,
    });
    await world.llm.idle();
    const retrieve = async (body: object) => {
      world.provider.next({ body });
      await world.llm.clients.openai.responses.retrieve(id);
      await world.llm.idle();
    };
    return { world, scoped, retrieve };
  }

  test('keeps what was set aside until a retrieve shows what it has used, once', async () => {
    const { world, scoped, retrieve } = await begun();
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0.5 });
    expect(await ceilingStatus(scoped)).toMatchObject({ usedUsd: 0.5, reservedUsd: 0 });
    await retrieve({ ...pending, status: 'in_progress' });
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0.5 });
    await retrieve(completed);
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0.001_003, usedTokens: 103, reservedUsd: 0 });
    expect(await ceilingStatus(scoped)).toMatchObject({ usedUsd: 0.001_003, reservedUsd: 0 });
    await retrieve(completed);
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0.001_003 });
  });

  test('counts in full a minute later, when nobody has fetched it; and is put right when somebody does', async () => {
    const { world, retrieve } = await begun();
    await world.clock.advance(60_001);
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0.5, reservedUsd: 0 });
    expect(await world.spend.lost()).toHaveLength(1);
    await retrieve(completed);
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0.001_003, reservedUsd: 0 });
    expect(await world.spend.lost()).toEqual([]);
  });

  test('that is cancelled is settled by what the cancel tells', async () => {
    const { world } = await begun();
    world.provider.next({ body: { ...completed, status: 'cancelled' } });
    await world.llm.clients.openai.responses.cancel('resp_1');
    await world.llm.idle();
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0.001_003, reservedUsd: 0 });
  });

  test('that was refused costs nothing', async () => {
    const world = spending(price);
    world.provider.next({ status: 400 });
    await rejection(
      world.llm.clients.openai.responses.create({ model: 'gpt', input: 'hello', background: true }),
    );
    await accounted(world);
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
  });

  test('that is already complete is settled at once', async () => {
    const world = spending(price);
    world.provider.next({ body: completed });
    await world.llm.clients.openai.responses.create({ model: 'gpt', input: 'hello', background: true });
    await world.llm.idle();
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0.001_003, reservedUsd: 0 });
  });

  test('keeps no process alive, and close does not wait for it', async () => {
    const { world } = await begun();
    await world.llm.close();
    // That of time limits, which is everybody’s and keeps nothing alive.
    expect(world.clock.pending).toBeLessThanOrEqual(1);
  });
});
