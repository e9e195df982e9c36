import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import { fallback, hedge, tool, type Host, type Interceptor } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { openai as openaiSdk, readAll, rejection, sdks } from './governed.ts';
import {
  accounted,
  billedUsd,
  ceilinged,
  ceilingStatus,
  models,
  price,
  refused,
  spending,
} from './spending.ts';

const messages = [{ role: 'user' as const, content: 'hello' }];
const usage = { inputTokens: 3, outputTokens: 100 };
const cost = 0.001_003;
/** For Anthropic's tool runner. */
const ping = {
  name: 'ping',
  description: '',
  input_schema: { type: 'object' as const },
  run: () => 'pong',
  parse: () => ({}),
};

function world(...given: Parameters<typeof ceilinged>) {
  const made = ceilinged(...given);
  made.provider.always({ usage });
  return made;
}

/** Calls until one is refused. */
async function untilRefused(ask: () => Promise<unknown>) {
  for (let calls = 0; calls < 1_000; calls++) {
    try {
      await ask();
    } catch (error) {
      return { calls, error: await refused(Promise.reject(error as Error)) };
    }
  }
  return expect.fail('it was never refused');
}

describe.each(sdks)('a ceiling round any code ($name)', (sdk) => {
  test('lets calls through until one could cost more than is left, and tells what was spent on what', async () => {
    const w = world();
    const { calls, error } = await w.llm.run({ maxCostUsd: 0.02 }, () =>
      untilRefused(() => sdk.create(w.llm)),
    );
    expect(calls).toBeGreaterThan(10);
    expect(error).toMatchObject({
      code: 'ceiling-exceeded',
      status: 402,
      retryable: false,
      details: {
        ceiling: 'run.maxCostUsd',
        target: sdk.name === 'openai' ? 'openai/gpt' : 'anthropic/claude',
        because: 'limit',
        limitUsd: 0.02,
        usedUsd: expect.closeTo(calls * cost, 9),
        reservedUsd: 0,
        spent: [
          {
            target: sdk.name === 'openai' ? 'openai/gpt' : 'anthropic/claude',
            operation: 'chat',
            attempts: calls,
            costUsd: expect.closeTo(calls * cost, 9),
          },
        ],
      },
    });
    expect(billedUsd(w)).toBeLessThanOrEqual(0.02);
  });

  test('is an error of the SDK', async () => {
    const w = world();
    const error = await rejection(w.llm.run({ maxCostUsd: 0.000_001 }, () => sdk.create(w.llm)));
    expect(error).toBeInstanceOf(sdk.APIError);
    expect(error).toMatchObject({ status: 402 });
  });

  test('holds for parallel calls and streams', async () => {
    const w = world();
    const asks = Array.from({ length: 60 }, (_, index) =>
      index % 2 === 0 ? () => sdk.create(w.llm) : async () => readAll(await sdk.stream(w.llm)),
    );
    const all = Promise.allSettled(w.llm.run({ maxCostUsd: 0.02 }, () => asks.map((ask) => ask())));
    await w.clock.advance(60_000);
    const finished = (await all).filter(({ status }) => status === 'fulfilled').length;
    expect(finished).toBeGreaterThan(10);
    expect(billedUsd(w)).toBeLessThanOrEqual(0.02);
    expect(billedUsd(w)).toBeGreaterThan(0.015);
  });

  test('holds for streams that are read elsewhere', async () => {
    const w = world();
    const stream = await w.llm.run({ maxCostUsd: 0.01 }, () => sdk.stream(w.llm));
    await readAll(stream);
    expect(w.receipts[0]?.facts.spend).toMatchObject({ budgets: ['run.maxCostUsd'], basis: 'reported' });
  });

  test('counts fallbacks and hedges, each attempt at its own price', async () => {
    const routes = {
      safe: fallback(`${sdk.name}/one`, `${sdk.name}/dear`),
      fast: hedge(`${sdk.name}/one`, `${sdk.name}/two`, { afterMs: 10, maxExtra: 1 }),
    };
    const w = world({ routes });
    w.provider
      .when({ model: 'one' }, { status: 500, headers: { 'x-should-retry': 'false' } }, { times: 1 })
      .when({ model: 'one' }, { usage, latencyMs: 1_000 })
      .when({ model: 'two' }, { usage, latencyMs: 100 });
    const scoped = w.llm.with({ maxCostUsd: 1 });
    await sdk.create(scoped, {}, 'safe');
    const hedged = sdk.create(scoped, {}, 'fast');
    await w.clock.advance(2_000);
    await hedged;
    const { spent, usedUsd } = await ceilingStatus(scoped);
    const operation = 'chat';
    expect(spent).toHaveLength(3);
    expect(spent).toContainEqual({
      target: `${sdk.name}/dear`,
      operation,
      attempts: 1,
      costUsd: expect.closeTo(10 * cost, 9),
    });
    // A failure that costs nothing, and a loser.
    expect(spent).toContainEqual({
      target: `${sdk.name}/one`,
      operation,
      attempts: 2,
      costUsd: expect.any(Number),
    });
    expect(usedUsd).toBeGreaterThanOrEqual(billedUsd(w));
  });

  test('holds for the tool runners of the SDKs', async () => {
    const w = world();
    w.provider.always({ usage, toolCalls: [{ name: 'ping', arguments: {} }] });
    const { openai, anthropic } = w.llm.with({ maxCostUsd: 0.01 }).clients;
    const run = async (): Promise<unknown> => {
      if (sdk.name === 'anthropic')
        return anthropic.beta.messages.toolRunner({
          model: 'claude',
          max_tokens: 300,
          messages,
          tools: [ping],
        });
      return openai.chat.completions
        .runTools(
          {
            model: 'gpt',
            max_tokens: 300,
            messages,
            tools: [
              {
                type: 'function',
                function: { name: 'ping', description: '', parameters: {}, function: () => 'pong' },
              },
            ],
          },
          { maxChatCompletions: 100 },
        )
        .finalContent();
    };
    expect(await refused(run())).toMatchObject({ code: 'ceiling-exceeded' });
    expect(w.provider.requests.length).toBeGreaterThan(1);
    expect(billedUsd(w)).toBeLessThanOrEqual(0.01);
  });

  test('holds for clients that are derived inside, and for those that `with` gives', async () => {
    const w = world();
    const scoped = w.llm.with({ maxCostUsd: 0.005 });
    const derived = {
      clients: {
        ...scoped.clients,
        [sdk.name]: scoped.clients[sdk.name].withOptions({ timeout: 1_000 } as never),
      },
    };
    const { error } = await untilRefused(() => sdk.create(derived as never));
    expect(error.details).toMatchObject({ ceiling: 'with.maxCostUsd' });
    expect(await rejection(sdk.create(scoped))).toBeDefined();
  });
});

describe('a ceiling', () => {
  test('of `with` lives as long as what `with` gave: across calls and scopes', async () => {
    const w = world();
    const scoped = w.llm.with({ maxCostUsd: 0.01 });
    await openaiSdk.create(scoped);
    await w.llm.run({ user: 'alice' }, () => openaiSdk.create(scoped));
    expect((await ceilingStatus(scoped)).usedUsd).toBeCloseTo(2 * cost, 9);
  });

  test('of `run` begins anew with each `run`', async () => {
    const w = world();
    for (let round = 0; round < 3; round++)
      await w.llm.run({ maxCostUsd: 0.005 }, () => openaiSdk.create(w.llm));
    expect(w.receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'finished', 'finished']);
  });

  test('holds for everything that is begun inside, also when it goes on after `run` has returned', async () => {
    const w = world();
    let later: Promise<unknown> = Promise.resolve();
    w.llm.run({ maxCostUsd: 0.000_001 }, () => {
      later = w.clock.advance(1_000).then(() => openaiSdk.create(w.llm));
    });
    expect(await refused(later)).toMatchObject({ code: 'ceiling-exceeded' });
    await openaiSdk.create(w.llm);
  });

  test('within another: both hold, whichever is used up first', async () => {
    const w = world();
    const inner = await w.llm.run({ maxCostUsd: 0.1 }, () =>
      w.llm.run({ maxCostUsd: 0.01 }, () => untilRefused(() => openaiSdk.create(w.llm))),
    );
    expect(inner.error.details).toMatchObject({ limitUsd: 0.01 });
    const outer = await w.llm.run({ maxCostUsd: 0.01 }, async () => {
      for (let round = 0; ; round++) {
        const outcome = await rejection(
          w.llm.run({ maxCostUsd: 5 }, () =>
            openaiSdk
              .create(w.llm)
              .then(() => openaiSdk.create(w.llm).then(() => Promise.reject(new Error('on')))),
          ),
        );
        if (String(outcome) !== 'Error: on') return refused(Promise.reject(outcome as Error));
      }
    });
    expect(outer.details).toMatchObject({ limitUsd: 0.01 });
  });

  test('within another: what the inner one spends counts in the outer one, and what is set aside as well', async () => {
    const w = world();
    const outer = w.llm.with({ maxCostUsd: 1 });
    const inner = outer.with({ maxCostUsd: 0.5 });
    w.provider.next({ usage, latencyMs: 100 });
    const asked = openaiSdk.create(inner);
    await w.clock.advance(50);
    const [o, i] = [await ceilingStatus(outer), await ceilingStatus(inner)];
    expect(o.reservedUsd).toBeGreaterThan(0);
    expect(i.reservedUsd).toBe(o.reservedUsd);
    await w.clock.advance(50);
    await asked;
    expect((await ceilingStatus(outer)).usedUsd).toBeCloseTo(cost, 9);
    expect((await ceilingStatus(inner)).usedUsd).toBeCloseTo(cost, 9);
  });

  test('is not lifted by settings inside that name none, nor by a larger one', async () => {
    const w = world();
    const create = () => openaiSdk.create(w.llm);
    const error = await refused(
      w.llm.run({ maxCostUsd: 0.000_001 }, () =>
        w.llm.run({ user: 'alice', tags: { a: 'b' } }, () => w.llm.run({ maxCostUsd: 100 }, create)),
      ),
    );
    expect(error.details).toMatchObject({ limitUsd: 0.000_001 });
  });

  test('is not lifted by an interceptor that gives a call other settings', async () => {
    const careless: Interceptor = {
      name: 'careless',
      stage: 'admit',
      intercept: (call, next) => next(call.with({ settings: { user: 'alice' } })),
    };
    const w = world({ interceptors: [careless] });
    expect(await refused(w.llm.run({ maxCostUsd: 0.000_001 }, () => openaiSdk.create(w.llm)))).toMatchObject({
      code: 'ceiling-exceeded',
    });
  });

  test('of a neutral call holds for that call with all its turns, and no longer', async () => {
    const w = world();
    const ping = tool({ name: 'ping', description: 'ping', parameters: z.object({}), execute: () => 'pong' });
    w.provider.always({ usage, toolCalls: [{ name: 'ping', arguments: {} }] });
    const ask = () =>
      w.llm.chat(
        { model: 'openai/gpt', messages: 'ping', tools: [ping], maxSteps: 100, maxOutputTokens: 300 },
        { maxCostUsd: 0.01 },
      );
    const error = await refused(ask());
    const { length } = w.provider.requests;
    expect(length).toBeGreaterThan(2);
    expect(length).toBeLessThan(10);
    expect(error).toMatchObject({ code: 'ceiling-exceeded', details: { ceiling: 'chat.maxCostUsd' } });
    await refused(ask());
    expect(w.provider.requests).toHaveLength(2 * length);
    expect(billedUsd(w)).toBeLessThanOrEqual(0.02);
  });

  test('of a neutral stream, of embeddings and of objects likewise', async () => {
    const w = world();
    const tight = { maxCostUsd: 0.000_001 };
    const { llm } = w;
    const asks = [
      () => readAll(llm.stream({ model: 'openai/gpt', messages: 'hello' }, tight)),
      () => llm.embed({ model: 'openai/embedding', input: 'hello' }, tight),
      () =>
        llm.object({ model: 'openai/gpt', messages: 'hello', schema: z.object({ a: z.string() }) }, tight),
    ];
    for (const ask of asks) expect(await refused(ask())).toMatchObject({ code: 'ceiling-exceeded' });
    expect(w.provider.requests).toHaveLength(0);
  });

  test('holds for `llm.fetch` in other SDKs', async () => {
    const w = world();
    const scoped = w.llm.with({ maxCostUsd: 0.005 });
    const model = createOpenAI({ apiKey: 'test', fetch: scoped.fetch('openai') })('gpt');
    const ask = () => generateText({ model, prompt: 'hello', maxOutputTokens: 300, maxRetries: 0 });
    let calls = 0;
    for (; calls < 100; calls++) {
      const outcome = await ask().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (outcome === undefined) continue;
      expect(outcome).toMatchObject({ statusCode: 402 });
      break;
    }
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(6);
  });

  test('pays for what interceptors ask themselves on behalf of a call', async () => {
    let host: Host | undefined;
    const verifier: Interceptor = {
      name: 'verifier',
      stage: 'shape',
      attach: (given) => {
        host = given;
      },
      async intercept(call, next) {
        const reply = await host?.call(call, {
          dialect: call.dialect,
          model: 'openai/two',
          body: { model: 'openai/two', messages },
        });
        reply?.discard();
        return next(call);
      },
    };
    const w = world({ interceptors: [verifier] });
    w.provider.always({ usage });
    const scoped = w.llm.with({ maxCostUsd: 1 });
    await openaiSdk.create(scoped);
    const spent = (await ceilingStatus(scoped)).spent as { target: string }[];
    expect(spent.map(({ target }) => target).toSorted()).toEqual(['openai/gpt', 'openai/two']);
  });

  test.each([undefined, 1_000_000])(
    'has the tool runner of Anthropic send whole what it left to the provider, where that cannot be paid for (a context of %j)',
    async (contextTokens) => {
      const w = world({
        models: { ...models, 'anthropic/claude': { price, ...(contextTokens && { contextTokens }) } },
      });
      const calls = { usage, toolCalls: [{ name: 'ping', arguments: {} }] };
      w.provider.next(calls, calls, { usage, text: 'done' });
      const scoped = w.llm.with({ maxCostUsd: 0.5 });
      const final = await scoped.clients.anthropic.beta.messages.toolRunner({
        model: 'claude',
        max_tokens: 300,
        messages,
        tools: [ping],
      });
      expect(final.content).toMatchObject([{ type: 'text', text: 'done' }]);
      expect(
        w.provider.requests.map(({ body }) => (body as { messages: unknown[] }).messages.length),
      ).toEqual([1, 3, 5]);
      const { usedUsd, reservedUsd } = await ceilingStatus(scoped);
      expect([usedUsd, reservedUsd]).toEqual([expect.closeTo(3 * cost, 9), 0]);
    },
  );

  test('is not shared by two ManagedLLMs', async () => {
    const [one, two] = [world(), world()];
    await one.llm.run({ maxCostUsd: 0.000_001 }, async () => {
      await openaiSdk.create(two.llm);
      expect(await rejection(openaiSdk.create(one.llm))).toBeDefined();
    });
  });

  test.each([0, -1, NaN, 9_000_001, '1'])('of %j is a mistake', (maxCostUsd) => {
    const w = world();
    expect(() => w.llm.with({ maxCostUsd } as never)).toThrow(/with\.maxCostUsd/);
    expect(() => w.llm.run({ maxCostUsd } as never, () => {})).toThrow(/run\.maxCostUsd/);
  });

  test('and a budget hold together: who is short says so, and nothing of it is taken from the other', async () => {
    const w = spending({ limitUsd: 0.01 });
    w.provider.always({ usage });
    const [poor, rich] = [w.llm.with({ maxCostUsd: 0.000_1 }), w.llm.with({ maxCostUsd: 5 })];
    expect(await refused(openaiSdk.create(poor))).toMatchObject({ code: 'ceiling-exceeded' });
    expect(await w.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
    const { calls, error } = await untilRefused(() => openaiSdk.create(rich));
    expect(error).toMatchObject({ code: 'budget-exceeded' });
    expect(await ceilingStatus(rich)).toMatchObject({
      usedUsd: expect.closeTo(calls * cost, 9),
      reservedUsd: 0,
    });
    expect(await accounted(w)).toBeCloseTo(calls * cost, 9);
  });
});
