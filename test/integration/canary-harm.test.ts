import {
  budget,
  canary,
  memoryState,
  tool,
  type Canary,
  type CanaryOptions,
  type Interceptor,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { governed, openai, type Governed, type TestOptions } from './governed.ts';
import { once, until } from './neutral.ts';

const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };

interface World extends Governed {
  readonly rollout: Canary;
}

function world(options: Partial<CanaryOptions> = {}, more: TestOptions = {}, beside?: Governed): World {
  const rollout = canary({
    name: 'short',
    canary: { parameters: { maxOutputTokens: 50 } },
    percent: 50,
    minSamples: 20,
    ...options,
  });
  const interceptors = [rollout, once, ...(more.interceptors ?? [])];
  return { ...governed({ models: { 'openai/*': { price } }, ...more, interceptors }, {}, beside), rollout };
}

interface Asked {
  readonly body?: unknown;
}

function isOfCanary({ body }: Asked): boolean {
  return (body as { readonly max_completion_tokens?: number } | undefined)?.max_completion_tokens === 50;
}

async function ask(all: Governed, from: number, to: number): Promise<void> {
  for (let user = from; user < to; user++)
    await openai.create(all.llm.with({ user: `user-${user}` })).catch(() => undefined);
  await all.llm.idle();
}

describe('harm that a first call does not show', () => {
  test('in later calls of those who are known already rolls it back', async () => {
    const all = world({ minSamples: 1_000 });
    await ask(all, 0, 60);
    all.provider.when(isOfCanary, { status: 500 });
    await ask(all, 0, 60);
    expect(await all.rollout.status()).toMatchObject({
      phase: 'rolled-back',
      arms: { canary: { errorRate: 0 } },
    });
  });

  test.each(['user', 'call'] as const)('in later turns of a tool loop does as well (by %s)', async (by) => {
    const all = world({ by, minSamples: 1_000 });
    const sky = tool({ name: 'sky', parameters: z.object({}), execute: () => 'blue' });
    all.provider.when(({ body }) => !JSON.stringify(body).includes('"role":"tool"'), {
      toolCalls: [{ name: 'sky', arguments: {} }],
    });
    all.provider.when(
      (request) => isOfCanary(request) && JSON.stringify(request.body).includes('"role":"tool"'),
      { status: 500 },
    );
    for (let user = 0; user < 60; user++)
      await all.llm
        .chat({ model: 'openai/gpt', messages: 'Why?', tools: [sky] }, { user: `user-${user}` })
        .catch(() => undefined);
    await all.llm.idle();
    expect(await all.rollout.status()).toMatchObject({
      phase: 'rolled-back',
      arms: { canary: { errorRate: 0 } },
    });
  });

  test('in refusals before anything is sent does, too', async () => {
    const spend = budget({ name: 'all', limitUsd: 100, window: 'day' });
    const all = world({ canary: { model: 'backup/unpriced' } }, { interceptors: [spend] });
    await ask(all, 0, 60);
    expect(all.receipts.some(({ outcome }) => outcome === 'refused')).toBe(true);
    expect(await all.rollout.status()).toMatchObject({ phase: 'rolled-back' });
  });

  test('in calls that are not answered for long holds it where it is', async () => {
    const all = world({ minSamples: 5, guard: { errorRate: 0.5 } });
    // Every second call of the canary hangs.
    let [count, hangs] = [0, true];
    all.provider.when((request) => hangs && isOfCanary(request) && count++ % 2 === 0, { latencyMs: 60_000 });
    const asked = Array.from({ length: 120 }, (_, user) =>
      openai.create(all.llm.with({ user: `user-${user}` })).catch(() => undefined),
    );
    await until(() => all.receipts.length > 80);
    const { phase, arms } = await all.rollout.status();
    expect(arms.canary.subjects).toBeGreaterThan(20);
    expect(phase).toBe('ramping');
    await all.clock.advance(120_000);
    await Promise.all(asked);
    hangs = false;
    await all.llm.idle();
    await ask(all, 200, 210);
    expect(await all.rollout.status()).toMatchObject({ phase: 'promoted' });
  });
});

test('processes of one call each roll it back together', async () => {
  const state = memoryState();
  const first = world({}, { state });
  first.provider.when(isOfCanary, { status: 500 });
  for (let user = 0; user < 40; user++) {
    const all = world({}, { state }, first);
    await ask(all, user, user + 1);
  }
  expect(await first.rollout.status()).toMatchObject({ phase: 'rolled-back' });
});

test('where everything fails, whichever arm it has, nobody is promoted', async () => {
  const all = world({ percent: 20 });
  all.provider.when(() => true, { status: 503 });
  await ask(all, 0, 400);
  expect(await all.rollout.status()).toMatchObject({ phase: 'ramping', percent: 20 });
});

test('what costs nobody knows how much is not cheap: failures are no bargain', async () => {
  const all = world({
    canary: { model: 'backup/unpriced' },
    guard: { errorRate: false, costUsd: { tolerated: 1.2, harmful: 1.5 } },
    minSamples: 5,
  });
  all.provider.when(({ index }) => index % 5 === 0, { status: 500 });
  await ask(all, 0, 600);
  const { phase, arms, guards } = await all.rollout.status();
  expect(phase).toBe('ramping');
  expect(arms.canary.costUsd).toBeUndefined();
  expect(guards[0]?.shown).toContain('mean cost not known of 0 calls (canary)');
});

test('a call that somebody outside asks twice is one call', async () => {
  const twice: Interceptor = {
    name: 'twice',
    stage: 'observe',
    async intercept(call, next) {
      const first = await next(call);
      await first.discard();
      return next(call);
    },
  };
  const all = world({ percent: 99 }, { interceptors: [twice] });
  await ask(all, 0, 5);
  expect(all.receipts.map(({ facts }) => facts.canaries?.length)).toEqual([1, 1, 1, 1, 1]);
  const { arms } = await all.rollout.status();
  expect(arms.canary.calls + arms.stable.calls).toBe(5);
});
