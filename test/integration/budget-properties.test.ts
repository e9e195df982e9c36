import { fallback, hedge, retry, type BudgetOptions } from 'managed-llm';
import type { ScriptedReply } from 'managed-llm/testing';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { readAll } from './governed.ts';
import { billedUsd, ceilingStatus, spending, type Spending } from './spending.ts';
import { stateThat } from './state-doubles.ts';

/** How one request fares at the provider: it writes up to 500 tokens a second, also for 2 s after it was left, and bills them. */
const reply: fc.Arbitrary<ScriptedReply> = fc
  .record({
    words: fc.integer({ min: 1, max: 900 }),
    extraMs: fc.integer({ min: 0, max: 1_500 }),
    tokensPerSecond: fc.constantFrom(60, 500),
    goesOnMs: fc.integer({ min: 0, max: 2_000 }),
    fate: fc.constantFrom(
      'well',
      'well',
      'well',
      'silent',
      'refused',
      'busy',
      'broken',
      'unconnected',
      'cut',
      'failing',
      'unfinished',
      'hanging',
    ),
    after: fc.integer({ min: 0, max: 60 }),
  })
  .map(({ words, extraMs, tokensPerSecond, goesOnMs, fate, after }): ScriptedReply => {
    const text = Array.from({ length: words }, (_, index) => `w${index} `);
    const told: ScriptedReply = { text, latencyMs: extraMs, tokensPerSecond, goesOnMs };
    switch (fate) {
      case 'silent':
        return { ...told, usage: 'none' };
      case 'refused':
        return { status: 400, latencyMs: extraMs };
      case 'busy':
        return { status: 429, latencyMs: extraMs };
      case 'broken':
        return { status: 500, latencyMs: extraMs };
      case 'unconnected':
        return { connectionError: true };
      case 'cut':
        return { ...told, cutAfterEvents: after };
      case 'failing':
        return { ...told, inBandError: { afterEvents: after } };
      case 'unfinished':
        return { ...told, endWithoutTerminal: true };
      case 'hanging':
        return { hang: true };
      default:
        return told;
    }
  });

function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** What the application does with one call. */
const order = fc.record({
  sdk: fc.constantFrom('openai', 'anthropic'),
  user: fc.constantFrom('alice', 'bob'),
  startsAtMs: fc.integer({ min: 0, max: 4_000 }),
  target: fc.constantFrom('one', 'dear', 'safe', 'fast', 'safe of the other'),
  act: fc.constantFrom('ask', 'ask', 'stream', 'stream', 'break', 'leave unread'),
  abortsAfterMs: seldom(fc.integer({ min: 0, max: 3_000 })),
  timeoutMs: fc.oneof(
    { weight: 4, arbitrary: fc.constant(10_000) },
    { weight: 1, arbitrary: fc.integer({ min: 50, max: 3_000 }) },
  ),
  tokens: fc.integer({ min: 1, max: 1_500 }),
});
type Order = typeof order extends fc.Arbitrary<infer T> ? T : never;

/** Evenly: what is drawn near the ends lets nothing through. */
function milliUsd(min: number, max: number): fc.Arbitrary<number> {
  return fc.noBias(fc.integer({ min, max })).map((milli) => milli / 1_000);
}

const settings = fc.record({
  limitUsd: milliUsd(1, 300),
  perUserUsd: milliUsd(1, 200),
  ceilingUsd: milliUsd(1, 300),
  limitTokens: fc.integer({ min: 300, max: 40_000 }),
  maxWaitMs: fc.constantFrom(0, 500, 5_000),
  stoppedStreams: fc.constantFrom('estimate', 'drain'),
  isSlow: fc.boolean(),
  hasRetry: fc.boolean(),
});

const routes = Object.fromEntries(
  (['openai', 'anthropic'] as const).flatMap((name) => {
    const other = name === 'openai' ? 'anthropic' : 'openai';
    return [
      [`${name} safe`, fallback(`${name}/one`, `${name}/dear`)],
      [`${name} safe of the other`, fallback(`${name}/one`, `${other}/dear`)],
      [`${name} fast`, hedge(`${name}/one`, `${name}/two`, { afterMs: 300, maxExtra: 1 })],
    ];
  }),
);

async function act(world: Spending, of: Order, maxCostUsd: number | undefined): Promise<void> {
  const { sdk, user, target, abortsAfterMs, timeoutMs, tokens } = of;
  const model = routes[`${sdk} ${target}`] === undefined ? target : `${sdk} ${target}`;
  const scoped = world.llm.with({ user, ...(maxCostUsd !== undefined && { maxCostUsd }) });
  const abort = new AbortController();
  if (abortsAfterMs !== undefined) world.clock.setTimeout(() => abort.abort(), abortsAfterMs);
  const options = { signal: abort.signal, timeout: timeoutMs };
  const messages = [{ role: 'user' as const, content: 'hello' }];
  const { clients } = scoped;
  const create = (stream: boolean): Promise<unknown> =>
    sdk === 'openai'
      ? clients.openai.chat.completions.create({ model, messages, max_tokens: tokens, stream }, options)
      : clients.anthropic.messages.create({ model, messages, max_tokens: tokens, stream }, options);
  try {
    if (of.act === 'ask') await create(false);
    else {
      const stream = (await create(true)) as AsyncIterable<unknown>;
      if (of.act === 'leave unread') unread.push(stream);
      else if (of.act === 'break') for await (const _ of stream) break;
      else await readAll(stream);
    }
  } catch {
    // However it ends: what counts is the books.
  }
}

/** Kept, so that they end by their time and not when they are collected. */
const unread: unknown[] = [];

beforeAll(async () => {
  // What is loaded on first use takes time of the machine, not of the clock: translations and repeats.
  const { llm, clock, provider } = spending(
    {},
    { routes: { there: 'anthropic/claude', back: 'openai/gpt' }, interceptors: [retry()] },
  );
  const messages = [{ role: 'user' as const, content: 'hello' }];
  provider.next({ status: 500 });
  const asked = llm.clients.openai.chat.completions
    .create({ model: 'there', messages })
    .then(() => llm.clients.anthropic.messages.create({ model: 'back', messages, max_tokens: 10 }));
  const progress = { isDone: false };
  const done = asked.finally(() => (progress.isDone = true));
  while (!progress.isDone) await clock.advance(1_000);
  await done;
}, 60_000);

test('whatever calls do, at whatever limits: nobody is billed more than the limits, all that is billed is counted, and nothing stays set aside', async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.noBias(fc.array(order, { minLength: 1, maxLength: 16 })),
      fc.noBias(fc.array(reply, { minLength: 40, maxLength: 40 })),
      async (given, orders, replies) => {
        const strict: Partial<BudgetOptions> = { maxWaitMs: given.maxWaitMs };
        const world = spending(
          [
            { ...strict, limitUsd: given.limitUsd },
            { ...strict, limitUsd: given.perUserUsd, per: 'user' },
            { ...strict, limitTokens: given.limitTokens },
          ],
          (clock) => ({
            routes,
            unreadStreamMs: 20_000,
            stoppedStreams: given.stoppedStreams,
            ceilings: { maxWaitMs: given.maxWaitMs },
            ...(given.hasRetry && { interceptors: [retry()] }),
            ...(given.isSlow && {
              state: stateThat((_method, answer) => Promise.resolve().then(answer), clock),
            }),
          }),
        );
        let asked = 0;
        world.provider.always(() => replies[asked++ % replies.length] ?? {});
        const all = world.llm.with({ maxCostUsd: given.ceilingUsd });
        const inside = { ...world, llm: all as Spending['llm'] };
        for (const [index, each] of orders.entries())
          world.clock.setTimeout(
            () => void act(inside, each, index % 3 === 0 ? 0.05 : undefined),
            each.startsAtMs,
          );
        await world.clock.advance(300_000);
        await world.llm.idle();
        const billed = billedUsd(world);
        const [total, perUser, tokens] = await Promise.all(world.budgets.map((each) => each.list()));
        const lines = [...(total ?? []), ...(perUser ?? []), ...(tokens ?? [])];
        for (const { reservedUsd, reservedTokens } of lines)
          expect([reservedUsd, reservedTokens]).toEqual([0, 0]);
        const ceiling = await ceilingStatus(all.with({ user: 'nobody' }));
        expect(ceiling.reservedUsd).toBe(0);
        for (const limit of [given.limitUsd, 2 * given.perUserUsd, given.ceilingUsd])
          expect(billed).toBeLessThanOrEqual(limit + 1e-9);
        for (const { usedUsd, limitUsd = Infinity, usedTokens, limitTokens = Infinity } of lines) {
          expect(usedUsd).toBeLessThanOrEqual(limitUsd);
          expect(usedTokens).toBeLessThanOrEqual(limitTokens);
        }
        const sum = (perUser ?? []).reduce((usd, { usedUsd }) => usd + usedUsd, 0);
        expect(sum).toBeGreaterThanOrEqual(billed - 1e-9);
        expect(ceiling.usedUsd).toBeGreaterThanOrEqual(billed - 1e-9);
        expect(total?.[0]?.usedUsd ?? 0).toBeGreaterThanOrEqual(billed - 1e-9);
        expect(world.errors.map(({ message }) => message)).toEqual([]);
        const counted = world.receipts.reduce(
          (nano, { facts }) => nano + (facts.spend?.chargedNanoUsd ?? 0),
          0,
        );
        expect(counted / 1e9).toBeCloseTo(ceiling.usedUsd, 9);
      },
    ),
    // Shrinking takes longer than looking at what failed.
    { numRuns: 150, endOnFailure: true, includeErrorInReport: true },
  );
}, 240_000);
