import { fallback, hedge, retry, type Host, type Interceptor } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import type { ScriptedReply } from 'managed-llm/testing';
import { setImmediate as turn } from 'node:timers/promises';
import { openai, readAll, rejection, sdks, type Sdk, type TestOptions } from './governed.ts';
import { stateThat } from './state-doubles.ts';
import { accounted, ceilingStatus, spending, type Spending } from './spending.ts';

const words = (count: number) => Array.from({ length: count }, (_, index) => `${index} `);
const usage = { inputTokens: 3, outputTokens: 100 };
/** What that costs. USD. */
const cost = 3 * 1e-6 + 100 * 1e-5;
const noRetries = { maxRetries: 0 };

interface Ending {
  readonly title: string;
  readonly replies: readonly ScriptedReply[];
  options?(): TestOptions;
  /** The model that is asked for; default the SDK's own. */
  readonly model?: string;
  /** Makes the call, and sees it to its end. */
  act(asked: Asked): Promise<unknown>;
  /** In the receipt. */
  readonly basis?: string;
  /** What is counted, where it is known exactly. USD. */
  readonly usedUsd?: number;
}

interface Asked {
  readonly world: Spending;
  ask(options?: object): Promise<unknown>;
  stream(options?: object): Promise<AsyncIterable<unknown>>;
}

const endings: readonly Ending[] = [
  {
    title: 'a plain answer: at its reported usage',
    replies: [{ usage }],
    act: ({ ask }) => ask(),
    basis: 'reported',
    usedUsd: cost,
  },
  {
    title: 'a plain answer that does not tell its usage: at its bound',
    replies: [{ usage: 'none', text: 'one two three' }],
    act: ({ ask }) => ask(),
    basis: 'bound',
  },
  {
    title: 'a stream read to its end: at its reported usage',
    replies: [{ usage, text: words(100) }],
    act: async ({ stream }) => readAll(await stream()),
    basis: 'reported',
    usedUsd: cost,
  },
  {
    title: 'a stream that tells no usage: at its bound',
    replies: [{ usage: 'none', text: words(100) }],
    act: async ({ stream }) => readAll(await stream()),
    basis: 'bound',
  },
  {
    title: 'a provider that refuses: at nothing',
    replies: [{ status: 400 }],
    act: ({ ask }) => rejection(ask()),
    basis: 'reported',
    usedUsd: 0,
  },
  {
    title: 'a rate limit: at nothing',
    replies: [{ status: 429 }],
    act: ({ ask }) => rejection(ask(noRetries)),
    usedUsd: 0,
  },
  {
    title: 'a failing server: at nothing',
    replies: [{ status: 500 }],
    act: ({ ask }) => rejection(ask(noRetries)),
    usedUsd: 0,
  },
  {
    title: 'no connection: at its bound, as the provider may have begun',
    replies: [{ connectionError: true }],
    act: ({ ask }) => rejection(ask(noRetries)),
    basis: 'bound',
  },
  {
    title: 'a failure told in the middle of a stream: at its bound',
    replies: [{ usage, text: words(100), inBandError: { afterEvents: 20 } }],
    act: async ({ stream }) => rejection(stream(noRetries).then(readAll)),
    basis: 'bound',
  },
  {
    title: 'a failure told in place of a stream: at nothing',
    replies: [{ usage, text: words(100), inBandError: { afterEvents: 0 } }],
    act: async ({ stream }) => rejection(stream(noRetries).then(readAll)),
    usedUsd: 0,
  },
  {
    title: 'a failure told when a stream has begun, before its answer: at its bound',
    replies: [{ usage, text: words(100), inBandError: { afterEvents: 1 } }],
    act: async ({ stream }) => rejection(stream(noRetries).then(readAll)),
    basis: 'bound',
  },
  ...[0, 1].map((cutAfterEvents) => ({
    title: `a stream that is cut after ${cutAfterEvents} events, before its answer`,
    replies: [{ usage, text: words(100), cutAfterEvents }],
    act: async ({ stream }: Asked) => rejection(stream(noRetries).then(readAll)),
  })),
  {
    title: 'a stream that is cut: at its bound',
    replies: [{ usage, text: words(100), cutAfterEvents: 20 }],
    act: async ({ stream }) => rejection(stream(noRetries).then(readAll)),
    basis: 'bound',
  },
  {
    title: 'a stream that ends without its end: at its bound',
    replies: [{ usage: 'none', text: words(100), endWithoutTerminal: true }],
    act: async ({ stream }) => rejection(stream(noRetries).then(readAll)),
    basis: 'bound',
  },
  {
    title: 'an early break: at its bound',
    replies: [{ usage, text: words(100) }],
    act: async ({ stream }) => {
      for await (const _ of await stream()) break;
    },
    basis: 'bound',
  },
  {
    title: 'an abort while the provider works: at its bound',
    replies: [{ usage, latencyMs: 1_000 }],
    act: async ({ ask, world }) => {
      const abort = new AbortController();
      const failed = rejection(ask({ signal: abort.signal }));
      await world.clock.advance(400);
      abort.abort();
      await failed;
    },
    basis: 'bound',
  },
  {
    title: 'an abort in the middle of a stream: at its bound',
    replies: [{ usage, text: words(100), betweenEventsMs: 10 }],
    act: async ({ stream, world }) => {
      const abort = new AbortController();
      const reading = stream({ signal: abort.signal })
        .then(readAll)
        .catch(() => {});
      await world.clock.advance(500);
      abort.abort();
      await reading;
    },
    basis: 'bound',
  },
  {
    title: 'the time limit of an attempt: at its bound',
    replies: [{ usage, latencyMs: 5_000 }],
    act: async ({ ask, world }) => {
      const failed = rejection(ask({ timeout: 1_000, maxRetries: 0 }));
      await world.clock.advance(1_000);
      await failed;
    },
    basis: 'bound',
  },
  {
    title: 'a stream that nobody reads: at its bound',
    replies: [{ usage, text: words(100) }],
    options: () => ({ unreadStreamMs: 1_000 }),
    act: async ({ stream, world }) => {
      const unread = await stream();
      await world.clock.advance(2_000);
      return unread;
    },
    basis: 'bound',
  },
  {
    title: 'a stream that is read on for its usage: at its reported usage',
    replies: [{ usage, text: words(100), betweenEventsMs: 10 }],
    options: () => ({ stoppedStreams: 'drain' }),
    act: async ({ stream, world }) => {
      for await (const _ of await stream()) break;
      await world.clock.advance(10_000);
    },
    basis: 'reported',
    usedUsd: cost,
  },
  {
    title: 'a repeat after a server failed: at what the second try costs',
    replies: [{ status: 500 }, { usage }],
    act: async ({ ask, world }) => {
      const asked = ask();
      await world.clock.advance(10_000);
      await asked;
    },
    basis: 'reported',
    usedUsd: cost,
  },
  {
    title: 'a repeat after the line broke: at the bound of the first, and what the second costs',
    replies: [{ connectionError: true }, { usage }],
    act: async ({ ask, world }) => {
      const asked = ask();
      await world.clock.advance(10_000);
      await asked;
    },
    basis: 'bound',
  },
  {
    title:
      'a repeat of a stream that was cut before its answer began: at the bound of the first, and what the second costs',
    replies: [
      { usage, text: words(100), cutAfterEvents: 1 },
      { usage, text: words(100) },
    ],
    options: () => ({ interceptors: [retry()] }),
    act: async ({ stream, world }) => {
      const reading = stream().then(readAll);
      await world.clock.advance(10_000);
      await reading;
    },
    basis: 'bound',
  },
  {
    title: 'a fallback to a dearer target: at what that costs',
    replies: [{ status: 500, headers: { 'x-should-retry': 'false' } }, { usage }],
    model: 'safe',
    act: ({ ask }) => ask(),
    basis: 'reported',
    usedUsd: 10 * cost,
  },
  {
    title: 'a hedge: at what the winner costs and the loser can have cost',
    replies: [
      { usage, latencyMs: 1_000 },
      { usage, latencyMs: 100 },
    ],
    model: 'fast',
    act: async ({ ask, world }) => {
      const asked = ask();
      await world.clock.advance(2_000);
      await asked;
    },
    basis: 'bound',
  },
  {
    title: 'a hedge that both have answered: at what both cost',
    replies: [
      { usage, latencyMs: 105 },
      { usage, latencyMs: 5 },
    ],
    model: 'fast',
    act: async ({ ask, world }) => {
      const asked = ask();
      await world.clock.advance(2_000);
      await asked;
    },
  },
];

function routesFor({ name }: Sdk): NonNullable<TestOptions['routes']> {
  return {
    safe: fallback(`${name}/one`, `${name}/dear`),
    fast: hedge(`${name}/one`, `${name}/two`, { afterMs: 100, maxExtra: 1 }),
  };
}

describe.each(sdks)('what a budget and a ceiling count ($name)', (sdk) => {
  test.each(endings)('$title', async ({ replies, options, model, act, basis, usedUsd }) => {
    const world = spending({}, { routes: routesFor(sdk), ...options?.() });
    const scoped = world.llm.with({ maxCostUsd: 1 });
    world.provider.next(...replies);
    await act({
      world,
      ask: (given) => sdk.create(scoped, given, model),
      stream: (given) => sdk.stream(scoped, given, model),
    });
    const used = await accounted(world);
    if (usedUsd !== undefined) expect(used).toBeCloseTo(usedUsd, 9);
    else expect(used).toBeGreaterThan(0);
    const [receipt] = world.receipts;
    expect(world.receipts).toHaveLength(1);
    if (basis !== undefined) expect(receipt?.facts.spend?.basis).toBe(basis);
    expect(receipt?.facts.spend).toMatchObject({ budgets: ['budget-1', 'with.maxCostUsd'] });
    expect(receipt?.facts.spend?.chargedNanoUsd).toBe(Math.round(used * 1e9));
    expect(await ceilingStatus(scoped)).toMatchObject({ usedUsd: used, reservedUsd: 0 });
  });
});

describe('what interceptors of the application do between a budget and the provider', () => {
  const send = (intercept: Interceptor['intercept']): TestOptions => ({
    interceptors: [{ name: 'own', stage: 'send', intercept }],
  });

  test.each<[title: string, attempts: number, options: TestOptions]>([
    [
      'another expectation',
      1,
      send((call, next) =>
        next(call.with({ expected: { inputTokens: 1, outputLimit: 1, tokensPerSecond: 1 } })),
      ),
    ],
    [
      'another target',
      1,
      send((call, next) => next(call.with({ target: { provider: 'openai', model: 'two' } }))),
    ],
    [
      'asking twice',
      2,
      send(async (call, next) => {
        (await next(call)).discard();
        return next(call);
      }),
    ],
    [
      'asking a second time with another expectation',
      2,
      send(async (call, next) => {
        const { expected } = call;
        (await next(call)).discard();
        return next(expected === undefined ? call : call.with({ expected: { ...expected } }));
      }),
    ],
  ])('is counted: %s', async (_title, attempts, options) => {
    const world = spending({}, options);
    world.provider.always({ usage });
    await openai.create(world.llm);
    expect(world.provider.requests).toHaveLength(attempts);
    expect(await accounted(world)).toBeCloseTo(attempts * cost, 9);
  });

  test('is not counted where nothing is sent', async () => {
    let host: Host | undefined;
    const answering: Interceptor = {
      name: 'own',
      stage: 'send',
      attach: (given) => {
        host = given;
      },
      intercept: async (call, next) =>
        host?.replies.body(
          call,
          { choices: [], usage: { prompt_tokens: 5, completion_tokens: 5 } },
          'cache',
        ) ?? next(call),
    };
    const world = spending({}, { interceptors: [answering] });
    await openai.create(world.llm);
    expect(await accounted(world)).toBe(0);
  });

  test('leaves nothing set aside where it throws before anything is sent', async () => {
    const world = spending(
      {},
      send(() => {
        throw new Error('broken');
      }),
    );
    await rejection(openai.create(world.llm));
    await world.llm.idle();
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
  });
});

describe.each(sdks)('an abort at any point ($name)', (sdk) => {
  test.each([
    ['answers at once', false],
    ['takes its time', true],
  ] as const)('leaves nothing set aside, with a state that %s', async (_title, isSlow) => {
    const world = spending(
      {},
      isSlow ? (clock) => ({ state: stateThat((_method, answer) => turn().then(answer), clock) }) : {},
    );
    const scoped = world.llm.with({ maxCostUsd: 1 });
    world.provider.always({ usage, text: words(100), latencyMs: 50 });
    for (let turns = 0; turns < 60; turns++) {
      for (const isStream of [false, true]) {
        const abort = new AbortController();
        const options = { signal: abort.signal };
        const asked = isStream ? sdk.stream(scoped, options).then(readAll) : sdk.create(scoped, options);
        const ended = asked.catch(() => {});
        for (let each = 0; each < turns; each++)
          await (isSlow && each % 5 === 0 ? turn() : Promise.resolve());
        abort.abort();
        await world.clock.advance(60);
        await ended;
      }
    }
    await accounted(world);
    expect(await ceilingStatus(scoped)).toMatchObject({ reservedUsd: 0 });
  });
});
