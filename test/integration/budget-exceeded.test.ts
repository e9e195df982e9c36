import { fallback, ManagedLLMError, retry, when } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { readAll, rejection, sdks, theOnlyCall } from './governed.ts';
import { accounted, refused, spending, type Spending } from './spending.ts';

const usage = { inputTokens: 3, outputTokens: 100 };
const tried = ({ provider }: Spending) => provider.requests.map(({ model }) => model);

describe.each(sdks)('a budget with too little left ($name)', (sdk) => {
  const own = sdk.name === 'openai' ? 'gpt' : 'claude';

  describe('refuses', () => {
    test('plain calls and streams alike, before anything is sent, with an error of the SDK that nobody repeats', async () => {
      const world = spending({ limitUsd: 0.000_1 }, { interceptors: [retry()] });
      for (const ask of [sdk.create, sdk.stream]) {
        const error = await rejection(ask(world.llm));
        expect(error).toBeInstanceOf(sdk.APIError);
        expect(error).toMatchObject({ status: 402 });
        expect(ManagedLLMError.from(error)).toMatchObject({
          code: 'budget-exceeded',
          status: 402,
          retryable: false,
          details: {
            budget: 'budget-1',
            subject: undefined,
            target: `${sdk.name}/${own}`,
            because: 'limit',
            limitUsd: 0.000_1,
            usedUsd: 0,
            reservedUsd: 0,
            resetAt: world.clock.now() + 3_600_000,
          },
        });
      }
      expect(world.provider.requests).toHaveLength(0);
      expect(world.receipts.map(({ outcome, attempts, facts }) => [outcome, attempts, facts.spend])).toEqual([
        ['refused', [], undefined],
        ['refused', [], undefined],
      ]);
      await accounted(world);
    });

    test('a target, which a route may move on from if its rule says so', async () => {
      const covers = { models: [`${sdk.name}/dear`] };
      const choices = [`${sdk.name}/dear`, `${sdk.name}/small`] as const;
      for (const [safe, code] of [
        [fallback(...choices), 'budget-exceeded'],
        [fallback(...choices, { on: { refused: 'next' } }), undefined],
      ] as const) {
        const routes = { safe };
        const world = spending({ limitUsd: 0, covers }, { routes });
        const outcome = await sdk.create(world.llm, {}, 'safe').then(() => undefined, ManagedLLMError.from);
        expect(outcome?.code).toBe(code);
        expect(tried(world)).toEqual(code === undefined ? ['small'] : []);
      }
    });
  });

  describe('with a downgrade', () => {
    const limited = (downgrade: string, more = {}) =>
      spending({ limitUsd: 0.01, onExceed: { downgrade } }, more);

    test('sends the call there instead, once, where it is counted like any', async () => {
      const world = limited(`${sdk.name}/small`);
      world.provider.always({ usage });
      await sdk.create(world.llm, {}, 'dear');
      expect(tried(world)).toEqual(['small']);
      const { receipt } = await theOnlyCall(world);
      expect(receipt).toMatchObject({
        target: { provider: sdk.name, model: 'small' },
        facts: { movedTo: `${sdk.name}/small`, spend: { basis: 'reported' } },
      });
      expect(await accounted(world)).toBeCloseTo(3e-6 + 100e-5, 9);
    });

    test('also of a stream, and of a call whose route has other targets left', async () => {
      const routes = { safe: fallback(`${sdk.name}/dear`, `${sdk.name}/two`), cheap: `${sdk.name}/small` };
      const world = limited('cheap', { routes });
      await readAll(await sdk.stream(world.llm, {}, 'safe'));
      expect(tried(world)).toEqual(['small']);
      expect((await theOnlyCall(world)).receipt.facts.movedTo).toBe('cheap');
      await accounted(world);
    });

    test('does so rather than lower the output limit', async () => {
      const world = limited(`${sdk.name}/small`);
      const question = { model: `${sdk.name}/dear`, messages: 'hello', maxOutputTokens: 500 };
      const { receipt } = await world.llm.chat(question);
      expect(receipt.facts).toMatchObject({ movedTo: `${sdk.name}/small` });
      expect(receipt.facts.spend).not.toHaveProperty('loweredTo');
      await accounted(world);
    });

    test('does so when it has waited as long as it may for what others have set aside', async () => {
      const world = spending({
        limitUsd: 0.15,
        maxWaitMs: 500,
        onExceed: { downgrade: `${sdk.name}/small` },
      });
      world.provider.when({ model: 'dear' }, { latencyMs: 2_000 });
      const ask = (model: string) =>
        world.llm.chat({ model: `${sdk.name}/${model}`, messages: 'hello', maxOutputTokens: 1_000 });
      await ask('one');
      const first = ask('dear');
      await world.clock.advance(0);
      const second = ask('dear');
      await world.clock.advance(499);
      expect(tried(world)).toEqual(['one', 'dear']);
      await world.clock.advance(1);
      await second;
      expect(tried(world)).toEqual(['one', 'dear', 'small']);
      await world.clock.advance(2_000);
      await first;
      await accounted(world);
    });

    test('refuses where there is too little left for that, too', async () => {
      const world = spending({ limitUsd: 0.000_1, onExceed: { downgrade: `${sdk.name}/small` } });
      const error = await refused(sdk.create(world.llm, {}, 'dear'));
      expect(tried(world)).toEqual([]);
      expect(String(error)).toMatch(/budget-1/);
      expect(error).toMatchObject({ status: 402 });
      expect((await theOnlyCall(world)).receipt.facts.movedTo).toBe(`${sdk.name}/small`);
    });

    test('moves a call once, whatever the other budgets say there', async () => {
      const world = spending([
        { limitUsd: 0, covers: { models: [`${sdk.name}/dear`] }, onExceed: { downgrade: `${sdk.name}/one` } },
        {
          limitUsd: 0,
          covers: { models: [`${sdk.name}/one`] },
          onExceed: { downgrade: `${sdk.name}/small` },
        },
      ]);
      const error = await refused(sdk.create(world.llm, {}, 'dear'));
      expect(error.details).toMatchObject({ budget: 'budget-2' });
      expect(error.details).not.toHaveProperty('moveTo');
      expect(tried(world)).toEqual([]);
    });

    test('is no way round the budgets that cover what it goes to', async () => {
      const world = spending([
        {
          limitUsd: 0,
          covers: { models: [`${sdk.name}/dear`] },
          onExceed: { downgrade: `${sdk.name}/small` },
        },
        { limitUsd: 0 },
      ]);
      expect((await refused(sdk.create(world.llm, {}, 'dear'))).details).toMatchObject({
        budget: 'budget-2',
      });
      expect(tried(world)).toEqual([]);
    });

    test('to a rule that picks among targets', async () => {
      const routes = {
        cheap: when(
          [{ if: ({ settings }) => settings.user === 'alice', use: `${sdk.name}/one` }],
          `${sdk.name}/small`,
        ),
      };
      const world = limited('cheap', { routes });
      await sdk.create(world.llm.with({ user: 'alice' }), {}, 'dear');
      await sdk.create(world.llm, {}, 'dear');
      expect(tried(world)).toEqual(['one', 'small']);
    });
  });

  describe('that only warns', () => {
    test('lets everything through, counts it, and notes what it would have refused', async () => {
      const world = spending({ limitUsd: 0.001, onExceed: 'warn' });
      world.provider.always({ usage });
      for (let call = 0; call < 3; call++) await sdk.create(world.llm);
      expect(world.provider.requests).toHaveLength(3);
      expect(world.receipts.map(({ facts }) => facts.shadow?.map(({ decision }) => decision))).toEqual([
        sdk.name === 'openai' ? ['budget-exceeded'] : ['budget-exceeded'],
        ['budget-exceeded'],
        ['budget-exceeded'],
      ]);
      expect(world.receipts.at(-1)?.facts.shadow?.[0]).toMatchObject({
        interceptor: 'budget-1',
        details: { limitUsd: 0.001, usedUsd: expect.closeTo(2 * 0.001_003, 9) },
      });
      const { usedUsd, reservedUsd } = await world.spend.status();
      expect([usedUsd, reservedUsd]).toEqual([expect.closeTo(3 * 0.001_003, 9), 0]);
    });

    test('never refuses: neither unknown prices, nor what has no bound, nor who does not say who they are', async () => {
      const world = spending({ per: 'user', onExceed: 'warn' }, { models: {} });
      await sdk.create(world.llm, {}, 'of-my-own');
      await sdk.create(world.llm.with({ user: 'alice' }), {}, 'of-my-own');
      expect(world.receipts.map(({ facts }) => facts.shadow?.map(({ decision }) => decision))).toEqual([
        ['caller-required'],
        ['unknown-price'],
      ]);
    });

    test('does not stand in for one that refuses beside it', async () => {
      const world = spending([{ onExceed: 'warn' }, { limitUsd: 0 }]);
      expect((await refused(sdk.create(world.llm))).details).toMatchObject({ budget: 'budget-2' });
      expect(await world.budgets[0]?.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
    });
  });
});
