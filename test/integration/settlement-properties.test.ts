import * as fc from 'fast-check';
import { fallback, type Interceptor } from 'managed-llm';
import type { ScriptedReply } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';

import { governed, sdks, type Governed, type RequestOptions, type Sdk } from './governed.ts';

/** What the provider does with one request. */
const behaviour: fc.Arbitrary<ScriptedReply> = fc.oneof(
  fc.record({
    text: fc.array(fc.constantFrom('a ', 'bc', '€', ''), { minLength: 1, maxLength: 12 }),
    latencyMs: fc.constantFrom(0, 0, 20, 700),
    betweenEventsMs: fc.constantFrom(0, 0, 30),
    chunking: fc.constantFrom('event' as const, 'random' as const, 1, 7),
    seed: fc.nat(1_000),
  }),
  fc.record({
    status: fc.constantFrom(400, 401, 408, 429, 500, 529),
    latencyMs: fc.constantFrom(0, 15),
    headers: fc.constantFrom({}, { 'retry-after': '1' }, { 'x-should-retry': 'false' }),
  }),
  fc.record({ text: fc.constant(['a ', 'b ', 'c ']), cutAfterEvents: fc.nat(6) }),
  fc.record({ text: fc.constant('a b c'), cutAfterBytes: fc.nat(300), chunking: fc.constant(9) }),
  fc.record({ text: fc.constant(['a ', 'b ']), endWithoutTerminal: fc.constant(true) }),
  fc.record({
    text: fc.constant(['a ', 'b ', 'c ']),
    inBandError: fc.record({ afterEvents: fc.nat(5) }),
    betweenEventsMs: fc.constantFrom(0, 30),
  }),
  fc.constant({ hang: true }),
  fc.constant({ connectionError: true }),
);

/** What the application does with one call. */
interface Caller {
  readonly sdk: Sdk;
  readonly model: string;
  readonly how: 'plain' | 'read' | 'break' | 'unread' | 'cancel';
  readonly breakAfter: number;
  readonly startMs: number;
  readonly abortMs: number | undefined;
  readonly timeout: number | undefined;
  readonly deadlineMs: number | undefined;
  readonly maxRetries: number | undefined;
}

const caller: fc.Arbitrary<Caller> = fc.record({
  sdk: fc.constantFrom(...sdks),
  model: fc.constantFrom('direct', 'smart', 'nowhere/else'),
  how: fc.constantFrom('plain', 'read', 'break', 'unread', 'cancel'),
  breakAfter: fc.nat(4),
  startMs: fc.constantFrom(0, 0, 10, 500),
  abortMs: fc.option(fc.constantFrom(0, 5, 25, 60, 900), { nil: undefined }),
  timeout: fc.option(fc.constantFrom(10, 200), { nil: undefined }),
  deadlineMs: fc.option(fc.constantFrom(1, 50, 1_500), { nil: undefined }),
  maxRetries: fc.option(fc.constantFrom(0, 1, 4), { nil: undefined }),
});

/** Makes the call as told; resolves when the application is done with it, whatever came of it. */
async function act(world: Governed, told: Caller): Promise<void> {
  const { sdk, model, how, breakAfter, timeout, deadlineMs, maxRetries, abortMs } = told;
  const { clock } = world;
  await new Promise<void>((resolve) => clock.setTimeout(resolve, told.startMs));
  const controller = new AbortController();
  if (abortMs !== undefined) clock.setTimeout(() => controller.abort(), abortMs);
  const options: RequestOptions = {
    ...(abortMs === undefined ? {} : { signal: controller.signal }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(maxRetries === undefined ? {} : { maxRetries }),
  };
  const llm = deadlineMs === undefined ? world.llm : world.llm.with({ deadlineMs });
  const name = model === 'smart' ? `smart-${sdk.name}` : model;
  try {
    if (how === 'plain') {
      await sdk.create(llm, options, name);
      return;
    }
    const stream = await sdk.stream(llm, options, name);
    if (how === 'unread') return;
    if (how === 'cancel') {
      (stream as unknown as { controller: AbortController }).controller.abort();
      return;
    }
    let read = 0;
    for await (const _event of stream) if (how === 'break' && read++ >= breakAfter) break;
  } catch {
    // Whatever the SDK raises is the application's affair; here only the books count.
  }
}

/** Books as a budget or a concurrency limit would keep them, for calls and for attempts. */
function books() {
  const calls = new Map<string, number>();
  const attempts = { begun: 0, settled: 0, open: 0 };
  const ofCalls: Interceptor = {
    name: 'books-of-calls',
    stage: 'admit',
    async intercept(call, next) {
      const reply = await next(call);
      reply.onSettled(() => calls.set(call.id, (calls.get(call.id) ?? 0) + 1));
      return reply;
    },
  };
  const ofAttempts: Interceptor = {
    name: 'books-of-attempts',
    stage: 'spend',
    async intercept(call, next) {
      attempts.begun += 1;
      attempts.open += 1;
      const reply = await next(call);
      reply.onSettled(() => {
        attempts.settled += 1;
        attempts.open -= 1;
      });
      return reply;
    },
  };
  const changes: Interceptor = {
    name: 'changes-text',
    stage: 'shape',
    async intercept(call, next) {
      const reply = await next(call);
      reply.events?.mapText(() => ({ push: (text) => text.toUpperCase(), end: () => '' }));
      return reply;
    },
  };
  return { calls, attempts, ofCalls, ofAttempts, changes };
}

function worldWith(interceptors: readonly Interceptor[], random = 0): Governed {
  return governed({
    random: () => random,
    unreadStreamMs: 60_000,
    routes: {
      'smart-openai': fallback('openai/first', 'backup/second'),
      'smart-anthropic': fallback('anthropic/first', 'anthropic/second'),
    },
    interceptors,
  });
}

/** Everything that must hold of the books when all is over. */
function expectInOrder(world: Governed, kept: ReturnType<typeof books>, told: Told): void {
  expect(world.provider.openStreams).toBe(0);
  expect(world.receipts.map(({ callId }) => callId).toSorted()).toEqual(told.calls.toSorted());
  expect([...kept.calls.keys()].toSorted()).toEqual(told.calls.toSorted());
  expect(new Set(kept.calls.values())).toEqual(new Set(told.calls.length === 0 ? [] : [1]));
  expect(told.attemptsEnded.toSorted()).toEqual(told.attemptsBegun.toSorted());
  expect(kept.attempts).toEqual({ begun: kept.attempts.settled, settled: kept.attempts.begun, open: 0 });
  expect(world.errors.map(({ message }) => message)).toEqual([]);
  const attemptIds = world.receipts.flatMap(({ attempts }) => attempts.map(({ attemptId }) => attemptId));
  expect(attemptIds.toSorted()).toEqual(told.attemptsBegun.toSorted());
}

interface Told {
  readonly calls: string[];
  readonly attemptsBegun: string[];
  readonly attemptsEnded: string[];
}

function listen({ llm }: Governed): Told {
  const told: Told = { calls: [], attemptsBegun: [], attemptsEnded: [] };
  llm.on('call:start', ({ callId }) => told.calls.push(callId));
  llm.on('attempt:start', ({ attemptId }) => told.attemptsBegun.push(attemptId));
  llm.on('attempt:end', ({ attemptId }) => told.attemptsEnded.push(attemptId));
  return told;
}

const longMs = 4 * 3_600_000;

describe('whatever providers and applications do', () => {
  test('every call and every attempt settles exactly once, and `idle` resolves', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(behaviour, { minLength: 1, maxLength: 12 }),
        fc.array(caller, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (behaviours, callers, changing) => {
          const kept = books();
          const world = worldWith([kept.ofCalls, kept.ofAttempts, ...(changing ? [kept.changes] : [])]);
          const told = listen(world);
          world.provider.next(...behaviours);
          const acting = Promise.all(callers.map((each) => act(world, each)));
          await world.clock.advance(longMs);
          await acting;
          await world.llm.idle();
          await world.clock.advance(0);
          expectInOrder(world, kept, told);
          await world.llm.close();
        },
      ),
      { numRuns: 150, seed: 20_261_123 },
    );
  }, 60_000);

  test('a plain reply in a receipt agrees with what the application got', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(behaviour, { maxLength: 6 }), caller, async (behaviours, given) => {
        const world = worldWith([]);
        world.provider.next(...behaviours);
        const { sdk, deadlineMs } = given;
        const llm = deadlineMs === undefined ? world.llm : world.llm.with({ deadlineMs });
        let answered: boolean | undefined;
        const asked = sdk.create(llm, {}, 'direct').then(
          () => (answered = true),
          () => (answered = false),
        );
        await world.clock.advance(longMs);
        await asked;
        await world.llm.idle();
        expect(world.receipts).toHaveLength(1);
        expect(world.receipts[0]?.outcome === 'finished').toBe(answered);
        const last = world.receipts[0]?.attempts.at(-1);
        if (answered === true) expect(last?.outcome).toBe('finished');
      }),
      { numRuns: 100, seed: 20_261_123 },
    );
  }, 60_000);
});

test('500 calls at once, mixed as they come, lose no settlement', async () => {
  const kept = books();
  const world = worldWith([kept.ofCalls, kept.ofAttempts]);
  const told = listen(world);
  const behaviours = fc.sample(behaviour, { numRuns: 700, seed: 7 });
  const callers = fc.sample(caller, { numRuns: 500, seed: 11 });
  world.provider.next(...behaviours);
  const acting = Promise.all(callers.map((each) => act(world, each)));
  await world.clock.advance(longMs);
  await acting;
  await world.llm.idle();
  await world.clock.advance(0);
  expect(told.calls.length).toBeGreaterThan(400);
  expectInOrder(world, kept, told);
  const outcomes = new Set(world.receipts.map(({ outcome }) => outcome));
  expect(outcomes).toEqual(new Set(['finished', 'failed', 'aborted', 'timed-out', 'abandoned']));
}, 30_000);
