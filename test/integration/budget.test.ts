import { budget, ManagedLLMError, type BudgetOptions } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import {
  governed,
  readAll,
  rejection,
  sdks,
  settledOnce,
  theOnlyCall,
  type TestOptions,
} from './governed.ts';

/** USD per million tokens, so that a token of output costs 10 micro-USD. */
const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
const models = { 'openai/*': { price }, 'anthropic/*': { price }, 'backup/*': { price } };

function priced(options: BudgetOptions, more: TestOptions = {}) {
  const spend = budget(options);
  return { spend, world: governed({ models, ...more, interceptors: [spend, ...(more.interceptors ?? [])] }) };
}

describe.each(sdks)('a budget ($name)', (sdk) => {
  const usage = { inputTokens: 10, outputTokens: 50 };

  test('counts what calls have cost, and sets nothing aside when they have ended', async () => {
    const { spend, world } = priced({ name: 'daily', limitUsd: 1, window: 'day' });
    world.provider.always({ usage });
    await sdk.create(world.llm);
    await readAll(await sdk.stream(world.llm));
    await settledOnce(world, 2);
    expect(await spend.status()).toMatchObject({
      usedUsd: 2 * (10 * 1e-6 + 50 * 1e-5),
      usedTokens: 120,
      reservedUsd: 0,
      limitUsd: 1,
    });
    expect(world.receipts[0]).toMatchObject({ costUsd: 0.00051, facts: { spend: { basis: 'reported' } } });
  });

  test('refuses what could cost more than is left, as an error of the SDK that tells how it stands', async () => {
    const { world } = priced({ name: 'daily', limitUsd: 0.003, window: 'day' });
    world.provider.always({ usage: { inputTokens: 10, outputTokens: 280 } });
    await sdk.create(world.llm);
    const error = await rejection(sdk.create(world.llm));
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(ManagedLLMError.from(error)).toMatchObject({
      code: 'budget-exceeded',
      status: 402,
      details: { budget: 'daily', limitUsd: 0.003, usedUsd: 0.002_81, because: 'limit' },
    });
    expect(world.provider.requests).toHaveLength(1);
    await settledOnce(world, 2);
  });
});

test('a ceiling holds round whatever is called inside', async () => {
  const world = governed({ models });
  world.provider.always({ usage: { inputTokens: 10, outputTokens: 50 } });
  const error = await rejection(
    world.llm.run({ maxCostUsd: 0.01 }, async () => {
      for (let call = 0; call < 100; call++) await sdks[0]?.create(world.llm);
    }),
  );
  expect(ManagedLLMError.from(error)).toMatchObject({ code: 'ceiling-exceeded' });
  expect(world.provider.requests.length).toBeGreaterThan(10);
});

test('one call', async () => {
  const { world } = priced({ name: 'daily', limitUsd: 1, window: 'day' });
  await sdks[0]?.create(world.llm);
  await theOnlyCall(world);
});
