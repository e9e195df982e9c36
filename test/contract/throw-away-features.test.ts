import {
  failureKinds,
  fallback,
  ManagedLLMError,
  type ByteSource,
  type Call,
  type CallError,
  type Host,
  type Interceptor,
  type ReadResult,
  type Reply,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';

import {
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  settledOnce,
  type Sdk,
} from '../integration/governed.ts';

/** A failure of ours as a value, made with public means only. */
function refused(message: string): CallError {
  const managed = new ManagedLLMError({ code: 'refused', message, status: 402 });
  return {
    kind: 'refused',
    status: managed.status,
    code: managed.code,
    message,
    ...failureKinds.refused,
    retryAfterMs: undefined,
    cause: undefined,
    managed,
  };
}

/** Hands out what was kept. */
function replay(chunks: readonly Uint8Array[]): ByteSource {
  const left = [...chunks];
  return {
    async read(): Promise<ReadResult> {
      const value = left.shift();
      return value === undefined ? { done: true } : { done: false, value };
    },
    cancel: () => (left.length = 0),
  };
}

/** A cache in twenty lines: plain replies by their JSON, streams by their bytes, only if they finished. */
function throwAwayCache(): Interceptor {
  const kept = new Map<string, { json?: unknown; chunks?: readonly Uint8Array[] }>();
  let host: Host | undefined;
  return {
    name: 'throw-away-cache',
    stage: 'reuse',
    on: ['chat', 'embed'],
    attach: (attached) => void (host = attached),
    async intercept(call, next) {
      const fingerprint = call.fingerprint();
      if (fingerprint === undefined || host === undefined) return next(call);
      const key = JSON.stringify([call.settings.tenant ?? null, call.stream, fingerprint]);
      const hit = kept.get(key);
      if (hit?.chunks !== undefined) return host.replies.stream(call, replay(hit.chunks), 'cache');
      if (hit !== undefined) return host.replies.body(call, hit.json, 'cache');
      const reply = await next(call);
      if (reply.error !== undefined) return reply;
      if (reply.events === undefined) {
        kept.set(key, { json: await reply.json() });
        return reply;
      }
      const chunks: Uint8Array[] = [];
      reply.events.observe((event) => chunks.push(event.bytes));
      reply.onSettled(({ outcome }) => outcome === 'finished' && kept.set(key, { chunks }));
      return reply;
    },
  };
}

describe.each(sdks)('a throw-away cache, built against the public contract alone ($name)', (sdk: Sdk) => {
  test('a hit is a plain reply like any other, without an attempt and without cost', async () => {
    const world = governed({ interceptors: [throwAwayCache()] });
    world.provider.next({ text: 'first' }, { text: 'second' });
    const [miss, hit] = [await sdk.create(world.llm), await sdk.create(world.llm)];
    expect(hit).toEqual(miss);
    const [, receipt] = await settledOnce(world, 2);
    expect(receipt).toMatchObject({
      outcome: 'finished',
      origin: 'cache',
      attempts: [],
      target: undefined,
      error: undefined,
    });
    expect(world.settlements[1]?.billed).toEqual([]);
    expect(world.provider.requests).toHaveLength(1);
  });

  test('what the application writes into its reply stays out of the cache', async () => {
    const world = governed({ interceptors: [throwAwayCache()] });
    for (let round = 0; round < 3; round += 1) {
      const reply = await sdk.create(world.llm);
      expect(reply).not.toHaveProperty('note');
      Object.assign(reply as object, { note: round });
    }
    expect(world.provider.requests).toHaveLength(1);
  });

  test('a hit is a stream with the same events, settled when it has been read', async () => {
    const world = governed({ interceptors: [throwAwayCache()] });
    world.provider.next({ text: ['a ', 'b '] }, { text: 'other' });
    const miss = await readAll(await sdk.stream(world.llm));
    const stream = await sdk.stream(world.llm);
    expect(world.receipts).toHaveLength(1);
    expect(await readAll(stream)).toEqual(miss);
    const [, receipt] = await settledOnce(world, 2);
    expect(receipt).toMatchObject({ outcome: 'finished', origin: 'cache', attempts: [], stream: true });
    expect(world.settlements[1]?.billed).toEqual([]);
  });

  test('a hit that is broken off is abandoned', async () => {
    const world = governed({ interceptors: [throwAwayCache()] });
    await readAll(await sdk.stream(world.llm));
    for await (const _event of await sdk.stream(world.llm)) break;
    const [, receipt] = await settledOnce(world, 2);
    expect(receipt).toMatchObject({ outcome: 'abandoned', origin: 'cache', attempts: [] });
  });

  test('a hit that nobody reads is abandoned after `unreadStreamMs`', async () => {
    const world = governed({ interceptors: [throwAwayCache()], unreadStreamMs: 1_000 });
    await readAll(await sdk.stream(world.llm));
    const stream = await sdk.stream(world.llm);
    await world.clock.advance(1_000);
    const [, receipt] = await settledOnce(world, 2);
    expect(receipt).toMatchObject({ outcome: 'abandoned', origin: 'cache' });
    expect(ManagedLLMError.from(await rejection(readAll(stream)))).toMatchObject({ code: 'time-limit' });
  });

  test('a hit still being read at its deadline ends with an error, not an end', async () => {
    const world = governed({ interceptors: [throwAwayCache()] });
    world.provider.next({ text: Array.from({ length: 50 }, (_, index) => `${index} `) });
    const llm = world.llm.with({ deadlineMs: 1_000 });
    await readAll(await sdk.stream(llm));
    const stream = await sdk.stream(llm);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await world.clock.advance(1_000);
    const rest = rejection(
      (async () => {
        while ((await iterator.next()).done !== true);
      })(),
    );
    expect(ManagedLLMError.from(await rest)).toMatchObject({ code: 'time-limit' });
    const [, receipt] = await settledOnce(world, 2);
    expect(receipt).toMatchObject({ outcome: 'timed-out', origin: 'cache' });
  });

  test('a stream that did not finish is not kept', async () => {
    const world = governed({ interceptors: [throwAwayCache()] });
    world.provider.next({ text: ['a ', 'b '], endWithoutTerminal: true }, { text: 'whole' });
    await rejection(sdk.stream(world.llm).then(readAll));
    expect(JSON.stringify(await readAll(await sdk.stream(world.llm)))).toContain('whole');
    const receipts = await settledOnce(world, 2);
    expect(receipts.map(({ origin }) => origin)).toEqual(['provider', 'provider']);
  });

  test('tenants do not share entries, and one without a tenant shares with none', async () => {
    const world = governed({ interceptors: [throwAwayCache()] });
    for (const llm of [world.llm, world.llm.with({ tenant: '' }), world.llm.with({ tenant: 'a' })]) {
      await sdk.create(llm);
      await sdk.create(llm);
    }
    expect(world.provider.requests).toHaveLength(3);
  });
});

/** Calls that ask the same at the same time share one answer. */
function throwAwayCoalescing(): Interceptor {
  const leaders = new Map<string, Promise<unknown>>();
  let host: Host | undefined;
  return {
    name: 'throw-away-coalescing',
    stage: 'reuse',
    attach: (attached) => void (host = attached),
    async intercept(call, next) {
      const key = call.fingerprint();
      if (key === undefined || host === undefined || call.stream) return next(call);
      const shared = leaders.get(key);
      if (shared !== undefined) {
        const json = await shared;
        if (json !== undefined) return host.replies.body(call, json, 'coalesced');
        return next(call);
      }
      const release = call.run.hold();
      const answer = Promise.withResolvers<unknown>();
      leaders.set(key, answer.promise);
      const reply = await next(call);
      leaders.delete(key);
      answer.resolve(reply.error === undefined ? await reply.json() : undefined);
      release();
      return reply;
    },
  };
}

test.each(sdks)(
  'a coalesced waiter: finished, with no attempt and no cost of its own ($name)',
  async (sdk) => {
    const world = governed({ interceptors: [throwAwayCoalescing()] });
    world.provider.next({ text: 'shared', latencyMs: 100 });
    const replies = Promise.all([sdk.create(world.llm), sdk.create(world.llm), sdk.create(world.llm)]);
    await world.clock.advance(100);
    expect((await replies).map((reply) => sdk.text(reply))).toEqual(['shared', 'shared', 'shared']);
    const receipts = await settledOnce(world, 3);
    const [leader, ...waiters] = receipts.toSorted((a, b) => b.attempts.length - a.attempts.length);
    expect(leader).toMatchObject({ outcome: 'finished', origin: 'provider' });
    for (const waiter of waiters) {
      expect(waiter).toMatchObject({ outcome: 'finished', origin: 'coalesced', attempts: [] });
    }
    expect(world.settlements.filter(({ billed }) => billed.length > 0)).toHaveLength(1);
    expect(world.provider.requests).toHaveLength(1);
  },
);

test('a call is held open past its reply until its hold is given back', async () => {
  let release: (() => void) | undefined;
  const world = governed({
    interceptors: [
      {
        name: 'holds',
        stage: 'reuse',
        intercept(call, next) {
          release = call.run.hold();
          return next(call);
        },
      },
    ],
  });
  await openai.create(world.llm);
  let idle = false;
  void world.llm.idle().then(() => (idle = true));
  await world.clock.advance(0);
  expect([idle, world.receipts.length]).toEqual([false, 0]);
  release?.();
  release?.();
  await settledOnce(world);
});

/** Sends twice, takes the first answer, stops the other. */
const throwAwayHedge: () => Interceptor = () => ({
  name: 'throw-away-hedge',
  stage: 'retry',
  async intercept(call, next) {
    const racers = [0, 1].map((index) => {
      const controller = new AbortController();
      const reply = next(call.with({ signal: controller.signal, attempt: index + 1 }));
      return { controller, reply };
    });
    const winner = await Promise.race(racers.map(async (racer) => ({ racer, reply: await racer.reply })));
    for (const racer of racers) {
      if (racer === winner.racer) continue;
      racer.controller.abort();
      (await racer.reply).discard();
    }
    return winner.reply;
  },
});

describe.each(sdks)('a hedged loser ($name)', (sdk: Sdk) => {
  test.each([
    ['plain', 0],
    ['plain', 1],
  ] as const)(
    'of two %s attempts, the %ith being faster: discarded, and its request cancelled',
    async (_kind, fast) => {
      const world = governed({ interceptors: [throwAwayHedge()] });
      const [slow, quick] = [
        { latencyMs: 500, text: 'slow' },
        { latencyMs: 10, text: 'quick' },
      ];
      world.provider.next(...(fast === 0 ? [quick, slow] : [slow, quick]));
      const reply = sdk.create(world.llm);
      await world.clock.advance(10);
      expect(sdk.text(await reply)).toBe('quick');
      const [receipt] = await settledOnce(world);
      expect(receipt).toMatchObject({ outcome: 'finished', durationMs: 10 });
      expect(receipt?.attempts[fast]?.outcome).toBe('finished');
      expect(receipt?.attempts[1 - fast]?.outcome).toBe('discarded');
      expect(world.provider.requests[1 - fast]?.outcome).toBe('cancelled');
      expect(world.errors).toEqual([]);
    },
  );

  test('of two streams: discarded, and the winner is read to its end', async () => {
    const world = governed({ interceptors: [throwAwayHedge()] });
    world.provider.next({ text: ['a ', 'b '] }, { text: ['c ', 'd '] });
    await readAll(await sdk.stream(world.llm));
    const [receipt] = await settledOnce(world);
    expect(receipt?.attempts.map(({ outcome }) => outcome).toSorted()).toEqual(['discarded', 'finished']);
    expect(world.errors).toEqual([]);
  });
});

/** Counts tokens: reserves before sending, settles with what was used. */
function throwAwayBudget(limitTokens: number, reserveTokens: number) {
  const books = { reserved: 0, used: 0, most: 0 };
  let host: Host | undefined;
  const interceptor: Interceptor = {
    name: 'throw-away-budget',
    stage: 'spend',
    attach: (attached) => void (host = attached),
    async intercept(call: Call, next): Promise<Reply> {
      if (books.used + books.reserved + reserveTokens > limitTokens && host !== undefined) {
        return host.replies.refuse(call, refused(`Only ${limitTokens - books.used} tokens are left.`));
      }
      books.reserved += reserveTokens;
      books.most = Math.max(books.most, books.reserved + books.used);
      const reply = await next(call);
      reply.onSettled(({ billed }) => {
        books.reserved -= reserveTokens;
        for (const { usage } of billed) books.used += (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
      });
      return reply;
    },
  };
  return { interceptor, books };
}

describe.each(sdks)('a throw-away budget, built against the public contract alone ($name)', (sdk: Sdk) => {
  test('reserves before each attempt, settles after, and refuses as the provider would', async () => {
    const { interceptor, books } = throwAwayBudget(30, 10);
    const world = governed({ interceptors: [interceptor] });
    world.provider.always({ text: 'x', usage: { inputTokens: 6, outputTokens: 4 } });
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        index % 2 === 0 ? sdk.create(world.llm) : sdk.stream(world.llm).then(readAll),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    for (const result of results) {
      if (result.status === 'rejected') {
        expect(result.reason).toBeInstanceOf(sdk.APIError);
        expect(result.reason).toMatchObject({ status: 402 });
        expect(ManagedLLMError.from(result.reason)).toMatchObject({ code: 'refused' });
      }
    }
    expect(books).toEqual({ reserved: 0, used: 30, most: 30 });
    const receipts = await settledOnce(world, 8);
    expect(receipts.filter(({ outcome }) => outcome === 'refused')).toHaveLength(5);
    expect(world.provider.requests).toHaveLength(3);
  });

  test('gets every reservation back, however a call ends', async () => {
    const { interceptor, books } = throwAwayBudget(10_000, 10);
    const world = governed({ interceptors: [interceptor], unreadStreamMs: 60_000 });
    const controller = new AbortController();
    const open: Promise<unknown>[] = [];
    world.provider.next({ status: 500 }, { connectionError: true }, { hang: true });
    open.push(sdk.create(world.llm, { maxRetries: 0 }).catch(() => {}));
    open.push(sdk.create(world.llm, { maxRetries: 0 }).catch(() => {}));
    open.push(sdk.create(world.llm, { signal: controller.signal }).catch(() => {}));
    await world.clock.advance(0);
    world.provider.next({ hang: true }, { hang: true });
    open.push(sdk.create(world.llm, { timeout: 50, maxRetries: 0 }).catch(() => {}));
    open.push(sdk.create(world.llm.with({ deadlineMs: 50 })).catch(() => {}));
    await world.clock.advance(0);
    world.provider.always({ text: ['a ', 'b ', 'c '] });
    for await (const _event of await sdk.stream(world.llm)) break;
    await sdk.stream(world.llm);
    world.provider.always({ text: ['a ', 'b '], cutAfterEvents: 2 });
    open.push(
      sdk
        .stream(world.llm)
        .then(readAll, () => {})
        .catch(() => {}),
    );
    await world.clock.advance(0);
    controller.abort();
    await world.clock.advance(120_000);
    await Promise.all(open);
    await settledOnce(world, 8);
    expect(books.reserved).toBe(0);
    expect(world.errors).toEqual([]);
  });
});

/** Opens for a target after three failures in a row, for a second. */
function throwAwayBreaker(): Interceptor {
  const failures = new Map<string, { count: number; openUntil: number }>();
  let host: Host | undefined;
  const of = (target: { provider: string; model: string } | undefined) => {
    const name = JSON.stringify(target);
    const state = failures.get(name) ?? { count: 0, openUntil: 0 };
    failures.set(name, state);
    return state;
  };
  return {
    name: 'throw-away-breaker',
    stage: 'health',
    attach: (attached) => void (host = attached),
    ready(target) {
      const forMs = of(target).openUntil - (host?.clock.now() ?? 0);
      return forMs > 0 ? { ok: false, reason: 'the breaker is open', forMs } : { ok: true };
    },
    async intercept(call, next) {
      const reply = await next(call);
      const state = of(call.target);
      state.count = reply.error === undefined ? 0 : state.count + 1;
      if (state.count >= 3) state.openUntil = (host?.clock.now() ?? 0) + 1_000;
      return reply;
    },
  };
}

describe('a throw-away breaker, built against the public contract alone', () => {
  test('`ready` lets a route pass a target over, and come back to it', async () => {
    const world = governed({
      interceptors: [throwAwayBreaker()],
      routes: { smart: fallback('openai/first', 'backup/second') },
    });
    world.provider.when({ model: 'first' }, { status: 500 }, { times: 3 });
    const served = async () => {
      world.receipts.length = 0;
      await openai.create(world.llm, {}, 'smart');
      await world.llm.idle();
      return world.receipts[0]?.attempts.map(({ target }) => target.model);
    };
    for (let round = 0; round < 3; round += 1) expect(await served()).toEqual(['first', 'second']);
    expect(await served()).toEqual(['second']);
    await world.clock.advance(999);
    expect(await served()).toEqual(['second']);
    await world.clock.advance(1);
    expect(await served()).toEqual(['first']);
  });

  test('`ready` is asked only for operations that the interceptor serves, and a throw of it hurts no call', async () => {
    const asked: string[] = [];
    const asks = (name: string, more: Partial<Interceptor>): Interceptor => ({
      name,
      stage: 'health',
      intercept: (call, next) => next(call),
      ...more,
    });
    const world = governed({
      routes: { smart: fallback('openai/first', 'backup/second') },
      interceptors: [
        asks('embeds', { on: ['embed'], ready: () => (asked.push('embeds'), { ok: false, reason: 'x' }) }),
        asks('broken', {
          ready() {
            throw new Error('broken');
          },
        }),
      ],
    });
    await openai.create(world.llm, {}, 'smart');
    expect(asked).toEqual([]);
    expect(world.receipts[0]?.attempts.map(({ target }) => target.model)).toEqual(['first']);
    expect(world.errors.map(({ message }) => message)).toContain(
      'A fault in `ready` of `broken` was caught.',
    );
  });

  test('a route whose targets are all not ready tries them all the same', async () => {
    const world = governed({
      routes: { smart: fallback('openai/first', 'backup/second') },
      interceptors: [
        {
          name: 'never-ready',
          stage: 'health',
          ready: () => ({ ok: false, reason: 'closed for the day' }),
          intercept: (call, next) => next(call),
        },
      ],
    });
    await openai.create(world.llm, {}, 'smart');
    expect(world.receipts[0]?.attempts.map(({ target }) => target.model)).toEqual(['first']);
  });
});

test('`attach` hands over the host once, before any call', async () => {
  const hosts: Host[] = [];
  const world = governed({
    interceptors: [
      {
        name: 'attached',
        stage: 'shape',
        attach: (host) => void hosts.push(host),
        intercept: (call, next) => next(call),
      },
    ],
  });
  expect(hosts).toHaveLength(1);
  const [host] = hosts;
  expect(host?.clock).toBe(world.clock);
  expect(host?.random()).toBe(0);
  expect(Object.keys(host?.dialects ?? {}).toSorted()).toEqual([
    'anthropic-messages',
    'neutral',
    'openai-chat',
    'openai-embeddings',
    'openai-responses',
    'passthrough',
  ]);
  await openai.create(world.llm);
  await openai.create(world.llm);
  expect(hosts).toHaveLength(1);
  host?.report(new Error('of a background task'), 'a background task');
  expect(world.errors).toMatchObject([
    { code: 'interceptor-fault', message: 'A fault in a background task was caught.' },
  ]);
});
