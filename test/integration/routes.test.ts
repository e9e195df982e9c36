import {
  balance,
  fallback,
  ManagedLLM,
  ManagedLLMError,
  when,
  type CallMatch,
  type Interceptor,
  type Readiness,
  type Route,
} from 'managed-llm';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';

import {
  anthropic,
  governed,
  openai,
  readAll,
  rejection,
  settledOnce,
  theOnlyCall,
  type Governed,
  type TestRoutes,
} from './governed.ts';

const tried = ({ provider }: Governed) => provider.requests.map(({ model }) => model);

/** Says of models what is given, and of the rest that they are ready; writes down what attempts were told. */
function readiness(
  of: Record<string, Readiness> = {},
): Interceptor & { readonly seen: [string, boolean, boolean][] } {
  const seen: [string, boolean, boolean][] = [];
  return {
    name: 'readiness',
    stage: 'pace',
    seen,
    ready: ({ model }) => of[model] ?? { ok: true },
    intercept(call, next) {
      seen.push([call.target?.model ?? '', call.alternatives, call.peek]);
      return next(call);
    },
  };
}

const down: Readiness = { ok: false, reason: 'circuit is open' };

/** The message of the construction error, and the path in it. */
function wrong(routes: TestRoutes): { readonly message: string; readonly path: unknown } {
  const providers = { openai: new OpenAI({ apiKey: 'test' }) };
  try {
    void new ManagedLLM({ providers, routes } as never);
  } catch (error) {
    if (ManagedLLMError.isInstance(error)) return { message: error.message, path: error.details['path'] };
  }
  return expect.fail('expected a construction error');
}

describe('rules inside rules', () => {
  /** Anew for each: a rule that takes turns keeps count. */
  const routesOf = () => ({
    deep: fallback(
      balance([fallback('openai/a1', 'backup/a2'), 'openai/b'], { by: 'round-robin' }),
      when([{ if: { stream: true }, use: 'backup/streams' }], 'fast'),
    ),
    fast: 'backup/fast',
  });

  test('three deep, every target is reached in order, and all are told when none answers', async () => {
    const w = governed({ routes: routesOf() });
    w.provider.always({ status: 500 });
    const error = await rejection(openai.create(w.llm, { maxRetries: 0 }, 'deep'));
    expect(tried(w)).toEqual(['a1', 'a2', 'b', 'fast']);
    expect(ManagedLLMError.from(error)?.message).toBe(
      'All targets of `deep` failed: openai/a1 (server, 500), backup/a2 (server, 500), openai/b (server, 500), backup/fast (server, 500).',
    );
    expect((await theOnlyCall(w)).receipt.facts.route).toEqual({
      name: 'deep',
      path: 'deep.choices.1.otherwise',
      first: false,
      because: 'fallback (choices.1) > when (otherwise)',
    });
  });

  test('attempts are told whether another choice is ready now, in their own rule or further out', async () => {
    const of = { fast: down };
    const asked = readiness(of);
    const w = governed({ routes: routesOf(), interceptors: [asked] });
    w.provider.always({ status: 500 });
    await rejection(openai.create(w.llm, { maxRetries: 0 }, 'deep'));
    expect(asked.seen).toEqual([
      ['a1', true, true],
      ['a2', true, true],
      ['b', false, true],
    ]);
  });

  test.each([openai, anthropic])(
    'a stream moves on before its first content, through all of them ($name)',
    async (sdk) => {
      const w = governed({ routes: routesOf() });
      w.provider
        .when(({ model }) => model !== 'streams', {
          text: ['never '],
          inBandError: { afterEvents: sdk.name === 'openai' ? 0 : 1 },
        })
        .always({ text: ['seen'] });
      const told = JSON.stringify(await readAll(await sdk.stream(w.llm, { maxRetries: 0 }, 'deep')));
      expect(told).toContain('seen');
      expect(told).not.toContain('never');
      expect(tried(w)).toEqual(['a1', 'a2', 'b', 'streams']);
      await settledOnce(w);
    },
  );

  test('turns are taken by calls, not by looks', async () => {
    const w = governed({ routes: routesOf() });
    for (let call = 0; call < 4; call++) await openai.create(w.llm, {}, 'deep');
    expect(tried(w)).toEqual(['a1', 'b', 'a1', 'b']);
  });

  test('a name means a target first, so a route may bear its target’s name', async () => {
    const w = governed({
      routes: { 'openai/gpt': fallback('openai/gpt', 'backup/gpt'), other: 'openai/gpt' },
    });
    w.provider.when(({ url }) => url.includes('openai.com'), { status: 500 });
    await openai.create(w.llm, { maxRetries: 0 }, 'openai/gpt');
    expect(w.provider.requests).toHaveLength(2);
    await rejection(openai.create(w.llm, { maxRetries: 0 }, 'other'));
    expect(w.provider.requests).toHaveLength(3);
  });

  test('a rule’s own word on what is unsupported goes before that of the rule it stands in', async () => {
    const strict = fallback('anthropic/claude', { onUnsupported: 'refuse' });
    const lax = fallback(fallback('anthropic/claude', { onUnsupported: 'drop' }), {
      onUnsupported: 'refuse',
    });
    const w = governed({
      routes: { strict, lax, outer: fallback(fallback('anthropic/claude'), { onUnsupported: 'refuse' }) },
    });
    const ask = (model: string) =>
      w.llm.clients.openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'Hi' }],
        logit_bias: { 5: 1 },
      });
    await ask('lax');
    await rejection(ask('strict'));
    await rejection(ask('outer'));
    expect(w.provider.requests).toHaveLength(1);
  });
});

describe('what is not ready', () => {
  test('is passed over, and asked again before each further choice', async () => {
    const of: Record<string, Readiness> = { a: down };
    const w = governed({
      routes: { all: fallback('openai/a', 'openai/b', 'openai/c') },
      interceptors: [readiness(of)],
    });
    w.provider.when({ model: 'b' }, () => {
      delete of['a'];
      return { status: 500 };
    });
    await openai.create(w.llm, { maxRetries: 0 }, 'all');
    expect(tried(w)).toEqual(['b', 'a']);
  });

  test('when none is left that is ready, the failure in hand stands, as it came', async () => {
    const w = governed({
      routes: { all: fallback('openai/a', 'openai/b') },
      interceptors: [readiness({ b: down })],
    });
    w.provider.always({ status: 503, error: { message: 'a is down' } });
    const error = await rejection(openai.create(w.llm, { maxRetries: 0 }, 'all'));
    expect(tried(w)).toEqual(['a']);
    expect(String(error)).toContain('a is down');
    expect(ManagedLLMError.from(error)).toBeUndefined();
    await settledOnce(w);
  });

  test('when none is ready, the shortest queue is joined, however deep it stands', async () => {
    const w = governed({
      routes: {
        all: fallback(
          'openai/a',
          balance(['openai/b', fallback('openai/c', 'openai/d')], { stickyBy: 'user' }),
        ),
      },
      interceptors: [
        readiness({
          a: { ok: false, reason: 'full', queues: true, forMs: 300 },
          b: down,
          c: { ok: false, reason: 'full', queues: true, forMs: 200 },
          d: { ok: false, reason: 'full', queues: true, forMs: 100 },
        }),
      ],
    });
    await openai.create(w.llm, { maxRetries: 0 }, 'all');
    expect(tried(w)).toEqual(['d']);
  });

  test('when none is ready and none queues, the first says so itself', async () => {
    const w = governed({
      routes: { all: fallback('openai/a', 'openai/b') },
      interceptors: [readiness({ a: down, b: down })],
    });
    await openai.create(w.llm, {}, 'all');
    expect(tried(w)).toEqual(['a']);
  });
});

describe('`on` of a fallback', () => {
  const status = (kind: string) =>
    ({
      'context-overflow': { status: 400, error: { code: 'context_length_exceeded' } },
      'invalid-request': { status: 400 },
      'rate-limit': { status: 429 },
    })[kind] ?? {};

  test.each([
    [
      'a target that is asked only then',
      'context-overflow',
      { on: { 'context-overflow': 'backup/large' } },
      ['a', 'large'],
    ],
    [
      'a choice that is there already',
      'context-overflow',
      { on: { 'context-overflow': 'openai/c' } },
      ['a', 'c'],
    ],
    [
      'a rule',
      'context-overflow',
      { on: { 'context-overflow': fallback('backup/l1', 'backup/l2') } },
      ['a', 'l1', 'l2'],
    ],
    ['stop', 'rate-limit', { on: { 'rate-limit': 'stop' } }, ['a']],
    ['next', 'invalid-request', { on: { 'invalid-request': 'next' } }, ['a', 'b', 'c']],
  ] as const)('leads to %s', async (_what, kind, options, expected) => {
    const w = governed({
      routes: { all: fallback('openai/a', 'openai/b', 'openai/c', options as object) as Route },
    });
    w.provider.always(status(kind));
    await rejection(openai.create(w.llm, { maxRetries: 0 }, 'all'));
    expect(tried(w)).toEqual(expected);
    await settledOnce(w);
  });

  test('leads on from a refusal too: what may not be spent on one target may be on a cheaper one', async () => {
    const dear: Interceptor = {
      name: 'dear',
      stage: 'spend',
      intercept(call, next) {
        if (call.target?.model === 'large')
          throw new ManagedLLMError({ code: 'refused', message: 'Too dear.' });
        return next(call);
      },
    };
    const w = governed({
      routes: { all: fallback('openai/large', { on: { refused: 'openai/small' } }) },
      interceptors: [dear],
    });
    await openai.create(w.llm, {}, 'all');
    expect(tried(w)).toEqual(['small']);
  });

  test('an error of that kind inside a stream is seen, though nothing else is left', async () => {
    const w = governed({ routes: { all: fallback('openai/small', { on: { overloaded: 'backup/large' } }) } });
    w.provider
      .when(
        { model: 'small' },
        { text: ['no'], inBandError: { afterEvents: 0, type: 'overloaded_error', code: 'overloaded' } },
      )
      .always({ text: ['yes'] });
    const told = await readAll(await openai.stream(w.llm, { maxRetries: 0 }, 'all'));
    expect(JSON.stringify(told)).toContain('yes');
    expect(tried(w)).toEqual(['small', 'large']);
  });
});

describe('when', () => {
  const route = (match: CallMatch) => ({ smart: when([{ if: match, use: 'openai/small' }], 'openai/large') });
  const long = 'word '.repeat(1_000);

  test.each<[string, CallMatch, string, string]>([
    ['promptTokensBelow', { promptTokensBelow: 1_000 }, 'short', long],
    ['promptTokensFrom', { promptTokensFrom: 1_000 }, long, 'short'],
    ['promptCharactersBelow', { promptCharactersBelow: 5_000 }, 'short', long],
    ['promptCharactersFrom', { promptCharactersFrom: 5_000 }, long, 'short'],
  ])('%s', async (_name, match, matching, other) => {
    const w = governed({ routes: route(match) });
    for (const content of [matching, other])
      await w.llm.clients.openai.chat.completions.create({
        model: 'smart',
        messages: [{ role: 'user', content }],
      });
    expect(tried(w)).toEqual(['small', 'large']);
  });

  test('a prompt of unknown length counts as long', async () => {
    const w = governed({ routes: route({ promptTokensBelow: 1_000_000 }) });
    await w.llm.clients.openai.responses.create({ model: 'smart', input: 'Hi' });
    await w.llm.clients.openai.responses
      .create({ model: 'smart', input: 'Hi', previous_response_id: 'resp_1' })
      .catch(() => {});
    expect(tried(w)).toEqual(['small', 'large']);
  });

  test.each<[string, CallMatch, object, object]>([
    ['user', { user: ['alice', 'bob'] }, { user: 'bob' }, { user: 'carol' }],
    ['team', { team: 'search' }, { team: 'search' }, {}],
    ['tenant', { tenant: '' }, { tenant: '' }, {}],
    ['role', { role: 'admin' }, { roles: ['user', 'admin'] }, { roles: ['user'] }],
    ['tags', { tags: { plan: 'free' } }, { tags: { plan: 'free', other: 'x' } }, { tags: { plan: 'paid' } }],
    ['all that is given', { user: 'a', team: 'b' }, { user: 'a', team: 'b' }, { user: 'a' }],
  ])('%s', async (_name, match, matching, other) => {
    const w = governed({ routes: route(match) });
    for (const settings of [matching, other]) await openai.create(w.llm.with(settings), {}, 'smart');
    expect(tried(w)).toEqual(['small', 'large']);
  });

  test('operation, stream, time of day, and a function of one’s own', async () => {
    const clock = new Date(Date.UTC(2026, 10, 23)).getUTCHours();
    expect(clock).toBe(0);
    for (const [match, expected] of [
      [{ stream: true }, ['large', 'small']],
      [{ operation: 'embed' }, ['large', 'large']],
      [{ between: { from: '22:00', to: '06:00' } }, ['small', 'small']],
      [{ between: { from: '06:00', to: '22:00' } }, ['large', 'large']],
    ] as const) {
      const w = governed({ routes: route(match) });
      await openai.create(w.llm, {}, 'smart');
      await readAll(await openai.stream(w.llm, {}, 'smart'));
      expect(tried(w)).toEqual(expected);
    }
    const own = governed({
      routes: {
        smart: when(
          [{ if: ({ settings }) => settings.user === 'alice', use: 'openai/small' }],
          'openai/large',
        ),
      },
    });
    await openai.create(own.llm.with({ user: 'alice' }), {}, 'smart');
    expect(tried(own)).toEqual(['small']);
  });

  test('the first rule that matches wins, and says so', async () => {
    const w = governed({
      routes: {
        smart: when(
          [
            { if: { stream: true }, use: 'openai/a' },
            { if: { stream: false }, use: 'openai/b' },
            { if: {}, use: 'openai/c' },
          ],
          'openai/d',
        ),
      },
    });
    await openai.create(w.llm, {}, 'smart');
    expect((await theOnlyCall(w)).receipt.facts.route).toEqual({
      name: 'smart',
      path: 'smart.1.use',
      first: true,
      because: 'when (rule 1)',
    });
  });

  test('a function that throws fails its own call', async () => {
    const w = governed({
      routes: {
        smart: when(
          [
            {
              if: () => {
                throw new Error('no');
              },
              use: 'openai/a',
            },
          ],
          'openai/b',
        ),
      },
    });
    expect(ManagedLLMError.from(await rejection(openai.create(w.llm, {}, 'smart')))).toMatchObject({
      code: 'interceptor-fault',
    });
    await settledOnce(w);
  });
});

describe('balance, in calls', () => {
  test('by latency: calls go where answers come soon', async () => {
    const w = governed({ routes: { all: balance(['openai/slow', 'openai/fast'], { by: 'latency' }) } });
    w.provider.when({ model: 'slow' }, { latencyMs: 1_000 }).when({ model: 'fast' }, { latencyMs: 10 });
    for (let call = 0; call < 6; call++) {
      const asked = openai.create(w.llm, {}, 'all');
      await w.clock.advance(1_000);
      await asked;
    }
    expect(tried(w)).toEqual(['slow', 'fast', 'fast', 'fast', 'fast', 'fast']);
  });

  test('least busy: calls that come without the route count too, and leave when they end', async () => {
    const w = governed({ routes: { all: balance(['openai/a', 'openai/b'], { by: 'least-busy' }) } });
    w.provider.always({ latencyMs: 100 });
    const asked = [
      openai.create(w.llm, {}, 'a'),
      openai.create(w.llm, {}, 'all'),
      openai.create(w.llm, {}, 'all'),
    ];
    await w.clock.advance(100);
    await Promise.all(asked);
    expect(tried(w)).toEqual(['a', 'b', 'b']);
  });

  test.each([openai, anthropic])(
    'sticky by conversation: each turn goes where the first one went ($name)',
    async (sdk) => {
      const w = governed({
        routes: {
          all: balance([`${sdk.name}/a`, `${sdk.name}/b`, `${sdk.name}/c`, `${sdk.name}/d`], {
            stickyBy: 'conversation',
          }),
        },
        random: Math.random,
      });
      const ask = (messages: { role: 'user' | 'assistant'; content: string }[]) =>
        sdk.name === 'openai'
          ? w.llm.clients.openai.chat.completions.create({
              model: 'all',
              messages: [{ role: 'system', content: 'Be brief.' }, ...messages],
            })
          : w.llm.clients.anthropic.messages.create({
              model: 'all',
              max_tokens: 10,
              system: 'Be brief.',
              messages,
            });
      const routes = new Set<string>();
      for (let conversation = 0; conversation < 12; conversation++) {
        const messages: { role: 'user' | 'assistant'; content: string }[] = [
          { role: 'user', content: `question ${conversation}` },
        ];
        const before = w.provider.requests.length;
        for (let turn = 0; turn < 3; turn++) {
          await ask(messages);
          messages.push({ role: 'assistant', content: `answer ${turn}` }, { role: 'user', content: 'more' });
        }
        const models = new Set(tried(w).slice(before));
        expect(models.size).toBe(1);
        for (const model of models) routes.add(model);
      }
      expect(routes.size).toBeGreaterThan(1);
    },
  );
});

describe('a route written by hand', () => {
  test('needs a kind, its choices and an order', async () => {
    const byHour: Route = {
      kind: 'by-hour',
      choices: ['openai/day', 'openai/night'],
      order: (_call, choices, { clock }) =>
        new Date(clock.now()).getUTCHours() < 6 ? choices.toReversed() : choices,
    };
    const w = governed({ routes: { all: fallback(byHour) } });
    w.provider.when({ model: 'night' }, { status: 500 });
    await openai.create(w.llm, { maxRetries: 0 }, 'all');
    expect(tried(w)).toEqual(['night', 'day']);
  });

  test.each<[string, Partial<Route>]>([
    ['gives no choice', { order: () => [] }],
    [
      'picks what is none of its choices',
      { order: (_call, choices) => choices.map((choice) => ({ ...choice })) },
    ],
    [
      'throws',
      {
        order: () => {
          throw new Error('no');
        },
      },
    ],
    ['asks by itself and gives nothing', { run: (() => Promise.resolve(undefined)) as never }],
  ])('that %s fails its call alone', async (_what, broken) => {
    const route: Route = {
      kind: 'own',
      choices: ['openai/a'],
      order: (_call, choices) => choices,
      ...broken,
    };
    const w = governed({ routes: { own: route } });
    expect(ManagedLLMError.from(await rejection(openai.create(w.llm, {}, 'own')))).toMatchObject({
      code: 'interceptor-fault',
    });
    await settledOnce(w);
  });
});

describe('routes are checked at construction', () => {
  const bad = (route: unknown): TestRoutes => ({ smart: route as Route, fast: 'openai/fast' });

  test.each<[string, TestRoutes, string, string]>([
    [
      'a provider that there is not, however deep',
      bad(fallback('openai/a', balance(['openai/b', when([{ if: {}, use: 'opnai/c' }], 'openai/d')]))),
      'routes.smart.choices.1.choices.1.0.use',
      'there is no provider `opnai`. Did you mean `openai`?',
    ],
    [
      'a route that there is not',
      bad(fallback('openai/a', 'fats')),
      'routes.smart.choices.1',
      'there is no route `fats`. Did you mean `fast`?',
    ],
    [
      'in `on`',
      bad(fallback('openai/a', { on: { timeout: 'opnai/b' } })),
      'routes.smart.on.timeout',
      'there is no provider `opnai`',
    ],
    [
      'a circle',
      { a: fallback('openai/x', 'b'), b: balance(['c']), c: 'a' },
      'routes.a.choices.1.choices.0',
      'leads in a circle: a → b → c → a.',
    ],
    ['a route that is itself', { a: 'a' }, 'routes.a', 'leads in a circle: a → a.'],
    [
      'a rule without choices',
      bad({ kind: 'own', choices: [], order: () => [] }),
      'routes.smart',
      'is a rule without choices',
    ],
    ['what is no route', bad({ target: 'openai/a' }), 'routes.smart', 'is no route'],
  ])('%s', (_what, routes, path, message) => {
    const told = wrong(routes);
    expect(told.path).toBe(path);
    expect(told.message).toContain(`\`${path}\``);
    expect(told.message).toContain(message);
  });

  test('routes that multiply without end', () => {
    const routes: Record<string, Route | string> = { r0: 'openai/a' };
    for (let index = 1; index < 14; index++) {
      const before = `r${index - 1}`;
      routes[`r${index}`] = balance([fallback(before), balance([before])]);
    }
    expect(wrong(routes).message).toContain('more than 1000 targets');
  });

  test.each<[string, () => unknown, string]>([
    ['no choice', () => balance([]), 'balance'],
    ['a choice twice', () => balance(['openai/a', 'openai/b', 'openai/a']), 'balance.choices.2'],
    ['a choice twice', () => fallback('openai/a', 'openai/a'), 'fallback.choices.1'],
    ['what is no choice', () => fallback('openai/a', 5 as never, 'openai/b'), 'fallback.choices.1'],
    ['a weight of zero', () => balance(['a', 'b'], { weights: [1, 0] }), 'balance.weights.1'],
    ['all weights of zero', () => balance(['a', 'b'], { weights: [0, 0] }), 'balance.weights.0'],
    ['a weight below zero', () => balance(['a', 'b'], { weights: [-1, 1] }), 'balance.weights.0'],
    ['a weight that is no number', () => balance(['a', 'b'], { weights: [NaN, 1] }), 'balance.weights.0'],
    ['a weight too few', () => balance(['a', 'b'], { weights: [1] }), 'balance.weights'],
    [
      'weights that nobody reads',
      () => balance(['a', 'b'], { by: 'latency', weights: [1, 1] }),
      'balance.weights',
    ],
    ['an unknown way', () => balance(['a'], { by: 'luck' as never }), 'balance.by'],
    ['an unknown kind of failure', () => fallback('a', { on: { overflow: 'stop' } as never }), 'fallback.on'],
    [
      'what is no choice in `on`',
      () => fallback('a', { on: { timeout: 5 as never } }),
      'fallback.on.timeout',
    ],
    ['no rule', () => when([], 'a'), 'when'],
    [
      'an unknown condition',
      () => when([{ if: { promptTokenBelow: 5 } as never, use: 'a' }], 'b'),
      'when.0.if',
    ],
    ['an unknown member of a rule', () => when([{ if: {}, use: 'a', so: 'b' } as never], 'b'), 'when.0'],
  ])('%s', (_what, make, path) => {
    expect(make).toThrow(expect.objectContaining({ code: 'invalid-options', details: { path } }));
  });
});

test('`by: latency` leaves alone what fails at once, and tries it again later', async () => {
  let drawn = 0;
  const w = governed({
    routes: { all: balance(['openai/a', 'openai/b', 'openai/c'], { by: 'latency' }) },
    // Each pair as often as any other.
    random: () => ((drawn++ * 7) % 10) / 10,
  });
  w.provider.when({ model: 'a' }, { status: 500 }).always({ latencyMs: 100 });
  const calls = async (): Promise<number> => {
    const before = tried(w).length;
    for (let call = 0; call < 20; call++) {
      const reply = openai.create(w.llm, { maxRetries: 0 }, 'all');
      await w.clock.advance(100);
      await reply;
    }
    return tried(w)
      .slice(before)
      .filter((model) => model === 'a').length;
  };
  expect(await calls()).toBe(1);
  await w.clock.advance(120_000);
  expect(await calls()).toBe(1);
  await settledOnce(w, 40);
});

test.each([
  ['a plain reply', {}, false],
  ['a stream that is held back', { inBandError: { afterEvents: 0 } }, true],
])('a rule that throws about %s is told once as a fault of the route', async (_what, failure, isStream) => {
  const broken: Route = {
    kind: 'broken',
    choices: ['openai/a', 'openai/b'],
    order: (_call, choices) => choices,
    next() {
      throw new TypeError('broken');
    },
  };
  const w = governed({ routes: { all: broken } });
  w.provider.always(isStream ? failure : { status: 500 });
  const asked = isStream ? openai.stream(w.llm, {}, 'all').then(readAll) : openai.create(w.llm, {}, 'all');
  expect(ManagedLLMError.from(await rejection(asked))?.code).toBe('interceptor-fault');
  await settledOnce(w);
  expect(w.errors.map(({ message }) => message)).toEqual([
    'The call failed because of a fault in the route of `all`.',
  ]);
  expect(tried(w)).toEqual(['a']);
});
