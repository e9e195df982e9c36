import { budget, fallback, tool } from 'managed-llm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';

import { governed, rejection } from './governed.ts';

const words = 'the tide turned early and nobody on the coast had expected so much water in the harbour ';
const cheap = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 };
const dear = { inputUsdPerMTok: 10, outputUsdPerMTok: 20 };
const models = {
  'openai/cheap': { price: cheap, contextTokens: 100_000, maxOutputTokens: 4_000 },
  'anthropic/dear': { price: dear, contextTokens: 200_000, maxOutputTokens: 8_000 },
  'backup/free': { price: 0 },
} as const;

describe('estimate', () => {
  test('tells what a call would use and cost, and what it cannot exceed', async () => {
    const { llm, provider } = governed({ models });
    const told = await llm.estimate({
      model: 'openai/cheap',
      messages: words.repeat(10),
      maxOutputTokens: 100,
    });
    expect(told).toMatchObject({
      model: 'openai/cheap',
      route: undefined,
      target: 'openai/cheap',
      outputBound: 100,
    });
    const { inputTokens, outputTokens, inputBound = 0, outputBound = 0 } = told;
    expect(inputTokens).toBeGreaterThan(100);
    expect(inputTokens).toBeLessThan(inputBound);
    expect(inputBound).toBeGreaterThanOrEqual(words.length * 10);
    expect(outputTokens).toBeLessThanOrEqual(100);
    expect(told.costNanoUsd).toBe(inputTokens * 1_000 + outputTokens * 2_000);
    expect(told.costBoundNanoUsd).toBe(inputBound * 1_000 + outputBound * 2_000);
    expect(told.costUsd).toBe((told.costNanoUsd ?? 0) / 1e9);
    expect(told.costBoundUsd).toBe((told.costBoundNanoUsd ?? 0) / 1e9);
    expect(provider.requests).toHaveLength(0);
  });

  test('is bounded by the model where the request sets no limit', async () => {
    const { llm } = governed({ models });
    expect(await llm.estimate({ model: 'openai/cheap', messages: 'Hi' })).toMatchObject({
      outputBound: 4_000,
    });
    expect(await llm.estimate({ provider: 'openai', model: 'cheap', messages: [], n: 3 })).toMatchObject({
      outputBound: 12_000,
    });
  });

  test('tells of each target of a route: the one that is asked first, and the dearest', async () => {
    const { llm } = governed({
      models,
      routes: { smart: fallback('openai/cheap', 'anthropic/dear', 'backup/free') },
    });
    const told = await llm.estimate({ model: 'smart', messages: 'Hi' });
    expect(told).toMatchObject({ model: 'smart', route: 'smart', target: 'openai/cheap' });
    expect(told.choices.map(({ target }) => target)).toEqual([
      'openai/cheap',
      'anthropic/dear',
      'backup/free',
    ]);
    expect(told.dearest).toEqual(told.choices[1]);
    expect(told.dearest.costBoundNanoUsd).toBeGreaterThan(told.costBoundNanoUsd ?? 0);
    expect(told.choices[2]).toMatchObject({ costNanoUsd: 0, costUsd: 0, outputBound: undefined });
  });

  test('does not know what has no price or no bound, and takes it for the dearest', async () => {
    const { llm } = governed({ models, routes: { smart: fallback('openai/cheap', 'backup/unheard-of') } });
    const told = await llm.estimate({ model: 'smart', messages: 'Hi' });
    expect(told.dearest).toMatchObject({
      target: 'backup/unheard-of',
      costUsd: undefined,
      costBoundUsd: undefined,
    });
    expect(told.costBoundUsd).toBeGreaterThan(0);
    const searching = await llm.estimate({
      provider: 'anthropic',
      model: 'dear',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [{ type: 'web_search_20260209', name: 'web_search' }],
    });
    expect(searching).toMatchObject({ inputBound: undefined, costBoundUsd: undefined });
    expect(searching.costUsd).toBeGreaterThan(0);
  });

  test('takes requests of every format, and tools as `chat` does', async () => {
    const { llm } = governed({ models });
    const plain = await llm.estimate({ model: 'openai/cheap', messages: words });
    const weather = tool({
      name: 'weather',
      description: words,
      parameters: z.object({ city: z.string() }),
      execute: () => 'sunny',
    });
    const tooled = await llm.estimate({ model: 'openai/cheap', messages: words, tools: [weather] });
    expect(tooled.inputTokens).toBeGreaterThan(plain.inputTokens + 15);
    expect(tooled.inputBound).toBeLessThan(3_000);
    const input = [{ role: 'user', content: words }];
    for (const same of [
      await llm.estimate({ provider: 'openai', model: 'cheap', messages: input }),
      await llm.estimate({ provider: 'openai', dialect: 'openai-responses', model: 'cheap', input }),
    ])
      expect(same.inputTokens).toBe(plain.inputTokens);
    const vectors = await llm.estimate({ model: 'openai/cheap', input: [words, words] });
    expect(vectors).toMatchObject({ outputTokens: 0, outputBound: 0 });
    expect(vectors.costNanoUsd).toBe(vectors.inputTokens * 1_000);
  });

  test('learns from calls once it has been asked, with and without a budget', async () => {
    const watch = () => budget({ name: 'all', limitUsd: 1_000, window: 'day', onExceed: 'warn' });
    for (const interceptors of [[], [watch()]]) {
      const scene = governed({ models, interceptors });
      const ask = () => scene.llm.estimate({ model: 'openai/cheap', messages: words.repeat(8) });
      const before = await ask();
      for (let call = 0; call < 12; call++) {
        scene.provider.next({ text: 'Yes.', usage: { inputTokens: 600, outputTokens: 40 } });
        await scene.llm.chat({ model: 'openai/cheap', messages: words.repeat(8) });
      }
      const after = await ask();
      expect(before.inputTokens).toBeLessThan(300);
      expect(after.inputTokens).toBeGreaterThan(450);
      expect(after.outputTokens).toBeLessThan(before.outputTokens);
    }
  });

  test('uses a tokenizer that is given, and goes on without it where it throws', async () => {
    const exact = governed({ models, tokenizer: { count: (text) => text.length } });
    const told = await exact.llm.estimate({ model: 'openai/cheap', messages: words });
    expect(told.inputTokens).toBeGreaterThan(words.length * 0.85);
    const broken = governed({
      models,
      tokenizer: {
        count: () => {
          throw new Error('no vocabulary');
        },
      },
    });
    expect((await broken.llm.estimate({ model: 'openai/cheap', messages: words })).inputTokens).toBeLessThan(
      50,
    );
    expect(broken.errors.map(({ code }) => code)).toEqual(['interceptor-fault']);
  });

  test('refuses what is no request, and where the call would lead nowhere', async () => {
    const { llm } = governed({ models });
    expect(await rejection(llm.estimate({ model: 'nowhere', messages: 'Hi' }))).toMatchObject({
      code: 'unknown-target',
    });
    // @ts-expect-error no model
    expect(await rejection(llm.estimate({ messages: 'Hi' }))).toMatchObject({ code: 'invalid-options' });
    expect(await rejection(llm.estimate({ provider: 'opnai', model: 'm' }))).toMatchObject({
      code: 'invalid-options',
    });
  });

  test('never expects more than what it says cannot be exceeded', async () => {
    const { llm } = governed({ models });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.nat(2_000), async (content, maxOutputTokens) => {
        const told = await llm.estimate({ model: 'openai/cheap', messages: content, maxOutputTokens });
        expect(told.inputTokens).toBeLessThanOrEqual(told.inputBound ?? 0);
        expect(told.outputTokens).toBeLessThanOrEqual(told.outputBound ?? 0);
        expect(told.costNanoUsd).toBeLessThanOrEqual(told.costBoundNanoUsd ?? 0);
      }),
      { numRuns: 50 },
    );
  });
});
