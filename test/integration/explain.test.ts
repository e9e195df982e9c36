import {
  balance,
  fallback,
  hedge,
  ManagedLLM,
  pool,
  when,
  type Explanation,
  type Interceptor,
  type Readiness,
  type Route,
} from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import * as fc from 'fast-check';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import { governed, openai, rejection, type TestOptions } from './governed.ts';

/** Says of models what is given, and of the rest that they are ready. */
function readiness(of: Readonly<Record<string, Readiness>>): Interceptor {
  return {
    name: 'readiness',
    stage: 'pace',
    ready: ({ model }) => of[model] ?? { ok: true },
    intercept: (call, next) => next(call),
  };
}

const request = (model: string) => ({ model, messages: 'Hi' });

describe('explain', () => {
  test('tells each choice in order: where it stands and why, whether it is ready, and what it would be asked in', async () => {
    const { llm, provider } = governed({
      routes: {
        smart: fallback(balance(['openai/a', 'anthropic/b'], { by: 'round-robin' }), 'backup/c'),
      },
      interceptors: [
        readiness({
          a: { ok: false, reason: 'circuit is open', forMs: 500 },
          b: { ok: true, headroom: 0.25 },
          c: { ok: false, reason: 'queue', queues: true },
        }),
      ],
    });
    const told = await llm.explain({ provider: 'openai', model: 'smart', messages: [] });
    expect(told).toEqual({
      model: 'smart',
      route: 'smart',
      target: 'anthropic/b',
      choices: [
        {
          target: 'anthropic/b',
          path: 'smart.choices.0.choices.1',
          because: 'fallback (choices.0) > balance (by round-robin)',
          ready: true,
          reason: undefined,
          forMs: undefined,
          queues: false,
          headroom: 0.25,
          inFlight: undefined,
          latencyMs: undefined,
          dialect: 'anthropic-messages',
          translated: true,
        },
        {
          target: 'openai/a',
          path: 'smart.choices.0.choices.0',
          because: 'fallback (choices.0) > balance (by round-robin)',
          ready: false,
          reason: 'circuit is open',
          forMs: 500,
          queues: false,
          headroom: undefined,
          inFlight: undefined,
          latencyMs: undefined,
          dialect: 'openai-chat',
          translated: false,
        },
        {
          target: 'backup/c',
          path: 'smart.choices.1',
          because: 'fallback (choices.1)',
          ready: false,
          reason: 'queue',
          forMs: undefined,
          queues: true,
          headroom: undefined,
          inFlight: undefined,
          latencyMs: undefined,
          dialect: 'openai-chat',
          translated: false,
        },
      ],
    });
    expect(provider.requests).toEqual([]);
  });

  test('says why: a share, a key, a rule that matched, a second try', async () => {
    const { llm } = governed({
      routes: {
        smart: when(
          [
            {
              if: { user: 'alice' },
              use: balance(['openai/a', 'openai/b'], { weights: [3, 1], stickyBy: 'user' }),
            },
          ],
          hedge('openai/c', 'openai/d', { afterMs: 300 }),
        ),
      },
    });
    const because = async (settings: object) =>
      (await llm.explain(request('smart'), settings)).choices.map((choice) => choice.because);
    expect((await because({ user: 'alice' })).toSorted()).toEqual([
      'when (rule 0) > balance (sticky by user, else by weight 1 of 4)',
      'when (rule 0) > balance (sticky by user, else by weight 3 of 4)',
    ]);
    expect(await because({})).toEqual([
      'when (otherwise) > hedge (first)',
      'when (otherwise) > hedge (after 300 ms)',
    ]);
  });

  test('who asks comes from `with`, `run` and its own argument', async () => {
    const { llm } = governed({
      routes: { smart: when([{ if: { user: 'alice' }, use: 'openai/a' }], 'openai/b') },
    });
    const target = async (asked: Promise<Explanation>) => (await asked).target;
    expect(await target(llm.explain(request('smart')))).toBe('openai/b');
    expect(await target(llm.explain(request('smart'), { user: 'alice' }))).toBe('openai/a');
    expect(await target(llm.with({ user: 'alice' }).explain(request('smart')))).toBe('openai/a');
    expect(await target(llm.run({ user: 'alice' }, () => llm.explain(request('smart'))))).toBe('openai/a');
    expect(await target(llm.with({ user: 'alice' }).explain(request('smart'), { user: 'bob' }))).toBe(
      'openai/b',
    );
  });

  test('tells what rules go by: calls under way, latency', async () => {
    const w = governed({ routes: { all: balance(['openai/a', 'openai/b'], { by: 'latency' }) } });
    w.provider.always({ latencyMs: 100 });
    const asked = openai.create(w.llm, {}, 'all');
    await w.clock.advance(0);
    const facts = async () =>
      (await w.llm.explain(request('all'))).choices.map(({ target, inFlight, latencyMs }) => [
        target,
        inFlight,
        latencyMs,
      ]);
    expect(await facts()).toEqual([
      ['openai/b', 0, undefined],
      ['openai/a', 1, undefined],
    ]);
    await w.clock.advance(100);
    await asked;
    expect(await facts()).toEqual([
      ['openai/b', 0, undefined],
      ['openai/a', 0, 100],
    ]);
  });

  test('a target that is named itself, a pool, and requests of every dialect', async () => {
    const { fetch } = standIn();
    const llm = new ManagedLLM({
      providers: {
        openai: pool(new OpenAI({ apiKey: 'a', fetch }), new OpenAI({ apiKey: 'b', fetch })),
        local: new OpenAI({ apiKey: 'c', fetch, baseURL: 'http://localhost/v1' }),
      },
    });
    const told = await llm.explain(request('openai/gpt'));
    expect(told).toMatchObject({ route: undefined, target: 'openai#1/gpt' });
    expect(told.choices.map(({ target, because }) => [target, because])).toEqual([
      ['openai#1/gpt', 'pool (openai#1)'],
      ['openai#2/gpt', 'pool (openai#2)'],
    ]);
    const dialects = async (body: object) =>
      (await llm.explain({ model: 'local/gpt', ...body })).choices.map(({ dialect, translated }) => [
        dialect,
        translated,
      ]);
    expect(await dialects({ messages: 'Hi' })).toEqual([['openai-chat', true]]);
    expect(await dialects({ provider: 'local', messages: [] })).toEqual([['openai-chat', false]]);
    expect(await dialects({ provider: 'local', input: 'Hi' })).toEqual([['openai-responses', false]]);
    expect(await dialects({ input: 'Hi' })).toEqual([['openai-embeddings', false]]);
    expect(await dialects({ dialect: 'anthropic-messages', messages: [] })).toEqual([['openai-chat', true]]);
  });

  test('what a call would be refused for, it is refused for', async () => {
    const { llm } = governed({ routes: { smart: 'openai/a' } });
    expect(await rejection(llm.explain(request('smrt')))).toMatchObject({
      code: 'unknown-target',
      message: expect.stringContaining('`smart`'),
    });
    expect(await rejection(llm.explain(undefined as never))).toMatchObject({ code: 'invalid-options' });
    expect(await rejection(llm.explain({ provider: 'opnai', model: 'gpt' }))).toMatchObject({
      details: { path: 'explain.provider' },
    });
    expect(await rejection(llm.explain({ dialect: 'openai' as never, model: 'smart' }))).toMatchObject({
      details: { path: 'explain.dialect' },
    });
    expect(await rejection(llm.explain(request('smart'), { usr: 'alice' } as object))).toMatchObject({
      code: 'invalid-settings',
    });
  });

  test('looking makes no call, draws no number and takes no turn', async () => {
    let drawn = 0;
    const world = (options: TestOptions = {}) =>
      governed({
        ...options,
        random: () => ++drawn / 1_000,
        routes: {
          all: fallback(
            balance([balance(['openai/a', 'openai/b']), 'openai/c'], { by: 'round-robin' }),
            'openai/d',
          ),
        },
      });
    const w = world();
    const first = await w.llm.explain(request('all'));
    for (let look = 0; look < 5; look++) expect(await w.llm.explain(request('all'))).toEqual(first);
    expect(drawn).toBe(0);
    expect(w.receipts).toEqual([]);
    await w.llm.idle();
  });
});

/** Rules whose order follows from what they are given: no chance. */
const pureRules = fc.letrec<{ choice: string | Route }>((tie) => {
  const target = fc.nat(9).map((index) => `openai/m${index}`);
  const choices = fc.uniqueArray(tie('choice'), { minLength: 1, maxLength: 3, comparator: Object.is });
  const match = fc.constantFrom({ stream: true }, { stream: false }, { user: 'alice' });
  return {
    choice: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      target,
      choices.map((list) => fallback(...list)),
      choices.map((list) => balance(list, { by: 'round-robin' })),
      choices.map((list) => balance(list, { by: 'headroom' })),
      choices.map((list) => balance(list, { by: 'least-busy' })),
      choices.map((list) => balance(list, { stickyBy: 'user' })),
      fc
        .tuple(match, tie('choice'), tie('choice'))
        .map(([condition, use, otherwise]) => when([{ if: condition, use }], otherwise)),
    ),
  };
}).choice;

const someReadiness: fc.Arbitrary<Readiness> = fc.oneof(
  fc.record({ ok: fc.constant(true as const), headroom: fc.constantFrom(0.1, 0.5, 1) }),
  fc.record({
    ok: fc.constant(false as const),
    reason: fc.constant('down'),
    queues: fc.boolean(),
    forMs: fc.nat(3),
  }),
);

test('the target that is told first is the one that the call then goes to', async () => {
  await fc.assert(
    fc.asyncProperty(
      pureRules,
      fc.array(someReadiness, { minLength: 10, maxLength: 10 }),
      async (rule, states) => {
        const clock = manualClock();
        const stand = standIn({ clock });
        const of = Object.fromEntries(states.map((state, index) => [`m${index}`, state]));
        const llm = new ManagedLLM({
          providers: { openai: new OpenAI({ apiKey: 'a', fetch: stand.fetch }) },
          routes: { all: rule as 'openai/x' | Route<'openai/x'> },
          interceptors: [readiness(of)],
          clock,
        });
        const alice = llm.with({ user: 'alice' });
        for (let call = 0; call < 3; call++) {
          const { target } = await alice.explain(request('all'));
          await alice.chat({ model: 'all', messages: 'Hi' });
          expect(`openai/${stand.requests.at(-1)?.model}`).toBe(target);
        }
      },
    ),
    { numRuns: 150 },
  );
});
