import { costOf, priceOf, type ModelsOption } from 'managed-llm';
import { describe, expect, test } from 'vitest';

const at = Date.UTC(2026, 10, 23);

describe('`priceOf`', () => {
  test('tells a model’s price with its source and day: of the installed data, and of what is added to it', async () => {
    expect(await priceOf('gpt-4o-mini', { at })).toMatchObject({
      provider: 'openai',
      model: 'gpt-4o-mini',
      exact: true,
      price: { inputUsdPerMTok: 0.15, cachedInputUsdPerMTok: 0.075, outputUsdPerMTok: 0.6 },
      source: '@pydantic/genai-prices',
      asOf: expect.stringMatching(/^2026-\d\d-\d\d$/),
      contextTokens: 128_000,
    });
    expect(await priceOf('claude-haiku-5-5', { at })).toMatchObject({
      provider: 'anthropic',
      price: {
        inputUsdPerMTok: 0.1,
        cacheWriteUsdPerMTokByTtl: { ephemeral_5m_input_tokens: 0.125, ephemeral_1h_input_tokens: 0.2 },
        serverToolUsd: { web_search_requests: 0.01, web_fetch_requests: 0 },
        above: [{ inputTokens: 100_000, inputUsdPerMTok: 0.5, outputUsdPerMTok: 2.5 }],
      },
      source: 'https://platform.claude.com/docs/en/models/haiku-5-5/overview',
      asOf: '2026-10-07',
    });
  });

  test('takes a provider’s name before the id, also where ids have slashes of their own', async () => {
    expect(await priceOf('openai/gpt-4o-mini', { at })).toMatchObject({ provider: 'openai' });
    expect(await priceOf('azure/gpt-4o-mini', { at })).toMatchObject({ provider: 'openai' });
    expect(await priceOf('openrouter/openai/gpt-4o-mini', { at })).toMatchObject({ provider: 'openrouter' });
    expect(await priceOf('anthropic/gpt-4o-mini', { at })).toBeUndefined();
  });

  test('tells what a target is and costs by `models`', async () => {
    const models: ModelsOption = {
      'azure/chat-prod': { is: 'gpt-4o-mini', discount: 0.1 },
      'gpu/*': { price: 0, contextTokens: 32_000 },
      'mine/x': { price: { inputUsdPerMTok: 3, outputUsdPerMTok: 4 } },
    };
    expect(await priceOf('azure/chat-prod', { at, models })).toMatchObject({
      model: 'gpt-4o-mini',
      price: { inputUsdPerMTok: 0.135, outputUsdPerMTok: 0.54 },
    });
    expect(await priceOf('gpu/llama', { at, models })).toMatchObject({
      price: 0,
      source: 'models',
      asOf: undefined,
      provider: undefined,
      contextTokens: 32_000,
    });
    expect(await priceOf('mine/x', { at, models })).toMatchObject({
      model: 'x',
      exact: true,
      price: { inputUsdPerMTok: 3, outputUsdPerMTok: 4 },
      source: 'models',
    });
    expect(await priceOf('azure/chat-prod', { at })).toBeUndefined();
  });

  test('is undefined where nobody knows, and marks a guess that was allowed', async () => {
    for (const model of ['gpt-5-minni', 'claude-sonnet-5-7', 'ft:gpt-4o-mini:acme::x', 'constructor'])
      expect(await priceOf(model, { at }), model).toBeUndefined();
    expect(await priceOf('claude-sonnet-5-7', { at, allowPrefixMatch: true })).toMatchObject({
      model: 'claude-sonnet-5',
      exact: false,
    });
  });

  test('tells the price of a day, a service tier and a region', async () => {
    const read = async (day: number) => {
      const known = await priceOf('claude-sonnet-5-5', { at: new Date(day) });
      return known?.price === 0 ? undefined : known?.price.cachedInputUsdPerMTok;
    };
    expect(await read(Date.UTC(2026, 9, 6))).toBe(0.2);
    expect(await read(Date.UTC(2026, 9, 7))).toBe(0.1);
    expect(await priceOf('gpt-5-mini', { at, serviceTier: 'flex' })).toMatchObject({
      price: { inputUsdPerMTok: 0.125, outputUsdPerMTok: 1 },
      serviceTiers: expect.arrayContaining([
        expect.objectContaining({ names: ['priority', 'fast'], factor: 1.8, source: expect.any(String) }),
      ]),
    });
    expect(await priceOf('claude-opus-5-5', { at, inferenceGeo: 'us' })).toMatchObject({
      price: { inputUsdPerMTok: 4.4 },
      regions: [expect.objectContaining({ names: ['us'], factor: 1.1 })],
    });
    expect(await priceOf('gpt-5-mini', { at, serviceTier: 'scale' })).toBeUndefined();
  });

  test('tells a price that costs the same when it is given back as one’s own', async () => {
    const usage = {
      inputTokens: 300_000,
      cachedInputTokens: 1_000,
      cacheWriteTokens: 3_000,
      cacheWriteTokensByTtl: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
      outputTokens: 500,
      serverToolRequests: { web_search_requests: 2 },
    };
    for (const model of ['claude-haiku-5-5', 'claude-opus-4-8', 'claude-fable-5-2']) {
      const known = await priceOf(model, { at });
      const models = { 'own/m': { price: known?.price ?? 0 } };
      const [listed, own] = await Promise.all([
        costOf(usage, model, { at }),
        costOf(usage, 'own/m', { at, models }),
      ]);
      expect(own?.costNanoUsd).toBe(listed?.costNanoUsd);
      expect(own?.costNanoUsd).toBeGreaterThan(0);
    }
  });
});

describe('`costOf`', () => {
  test('tells what usage costs, and what that is made of', async () => {
    const usage = { inputTokens: 1_200, cachedInputTokens: 1_000, outputTokens: 80 };
    const cost = await costOf(usage, 'gpt-4o-mini', { at });
    expect(cost).toMatchObject({
      costNanoUsd: 200 * 150 + 1_000 * 75 + 80 * 600,
      costUsd: 0.000153,
      model: 'gpt-4o-mini',
      source: '@pydantic/genai-prices',
    });
    expect(cost?.items).toEqual([
      { what: 'cachedInput', unit: 'token', quantity: 1_000, usd: 0.000075 },
      { what: 'input', unit: 'token', quantity: 200, usd: 0.00003 },
      { what: 'output', unit: 'token', quantity: 80, usd: 0.000048 },
    ]);
  });

  test('takes a receipt’s usage as it is', async () => {
    const usage = { inputTokens: 10, outputTokens: 1, serviceTier: 'flex', provenance: 'reported' as const };
    expect((await costOf(usage, 'gpt-5-mini', { at }))?.costNanoUsd).toBe(10 * 125 + 1_000);
  });

  test('is nothing for what is free, and undefined for what is not known', async () => {
    const usage = { inputTokens: 10, outputTokens: 1 };
    expect(await costOf(usage, 'gpu/m', { models: { 'gpu/*': { price: 0 } } })).toMatchObject({
      costUsd: 0,
      costNanoUsd: 0,
      items: [],
    });
    expect(await costOf(usage, 'no-such-model')).toBeUndefined();
    expect(await costOf({ outputTokens: 1 }, 'gpt-4o-mini')).toBeUndefined();
  });

  test('is not known of counts that contradict each other', async () => {
    const usage = { inputTokens: 1, cachedInputTokens: 2, outputTokens: 1 };
    expect(await costOf(usage, 'gpt-4o-mini')).toBeUndefined();
  });
});

test.each([
  [() => priceOf('gpt-5', { serviceTeir: 'flex' } as object), 'Did you mean `serviceTier`?'],
  [() => costOf({}, 'gpt-5', { at: 'now' } as object), '`costOf.at`'],
  [() => priceOf(''), 'takes the id of a model'],
  [
    () => priceOf('a/b', { models: { 'a/b': { price: { inputUsdPerMTok: 1 } } } as object }),
    '`models.a/b.price.outputUsdPerMTok`',
  ],
])('options that are wrong are refused by their path', async (ask, message) => {
  const code = 'invalid-options';
  await expect(ask()).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});
