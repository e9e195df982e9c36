import { balance, fallback, hedge, when, type Host, type Route } from 'managed-llm';
import { expect, test } from 'vitest';
import { governed, openai, type TestRoutes } from './governed.ts';

/** What a call to the route `asked` is told to be decided by. */
async function definitionOf(routes: TestRoutes, model = 'asked'): Promise<string | undefined> {
  let host: Host | undefined;
  let told: { readonly text: string | undefined } | undefined;
  const world = governed({
    routes,
    interceptors: [
      {
        name: 'asks',
        stage: 'reuse',
        attach: (attached) => void (host = attached),
        intercept(call, next) {
          told = { text: host?.definitionOf(call) };
          return next(call);
        },
      },
    ],
  });
  await openai.create(world.llm, {}, model);
  if (told === undefined) throw new Error('Nobody asked.');
  return told.text;
}

const [a, b, c] = ['openai/a', 'backup/b', 'openai/c'];

test('a target is decided by its name, in whichever way it was named', async () => {
  const named = await definitionOf({}, 'openai/gpt');
  expect(named).toBe('"openai/gpt"');
  expect(await definitionOf({}, 'gpt')).toBe(named);
  expect(await definitionOf({ asked: 'openai/gpt' })).toBe(named);
});

test('a route is decided by its rules, not by its name or those of routes that it refers to', async () => {
  const whole = await definitionOf({ asked: fallback(a, balance([b, c])) });
  expect(whole).toBeDefined();
  expect(await definitionOf({ other: fallback(a, balance([b, c])) }, 'other')).toBe(whole);
  expect(await definitionOf({ asked: fallback(a, 'spread'), spread: balance([b, c]) })).toBe(whole);
});

test('rules that send calls otherwise are told apart', async () => {
  const routes: readonly (string | Route)[] = [
    a,
    b,
    fallback(a),
    fallback(a, b),
    fallback(b, a),
    fallback(a, b, { on: { 'content-policy': 'next' } }),
    fallback(a, b, { on: { 'content-policy': 'stop' } }),
    fallback(a, b, { on: { 'content-policy': c } }),
    fallback(a, b, c),
    fallback(a, b, { onUnsupported: 'refuse' }),
    fallback(a, fallback(b, c)),
    balance([a, b]),
    balance([a, b], { weights: [2, 1] }),
    balance([a, b], { by: 'round-robin' }),
    balance([a, b], { stickyBy: 'user' }),
    hedge(a, b, { afterMs: 10 }),
    when([{ if: { promptTokensBelow: 10 }, use: a }], b),
    when([{ if: { promptTokensBelow: 11 }, use: a }], b),
    when([{ if: { user: 'alice' }, use: a }], b),
  ];
  const definitions = await Promise.all(routes.map((asked) => definitionOf({ asked })));
  expect(definitions).not.toContain(undefined);
  expect(new Set(definitions).size).toBe(routes.length);
});

test('where a function decides it cannot be said, unless the rule has a version', async () => {
  const own: Route = { kind: 'own', choices: [a, b], order: (_call, choices) => choices };
  const conditions = [{ if: () => true, use: a }] as const;
  const stickyBy = () => 'key';
  for (const asked of [own, when(conditions, b), balance([a, b], { stickyBy }), fallback(c, own)])
    expect(await definitionOf({ asked })).toBeUndefined();
  for (const make of [
    (version: string): Route => ({ ...own, version }),
    (version: string) => when(conditions, b, { version }),
    (version: string) => balance([a, b], { stickyBy, version }),
  ]) {
    const first = await definitionOf({ asked: make('1') });
    expect(first).toBeDefined();
    expect(await definitionOf({ asked: make('1') })).toBe(first);
    expect(await definitionOf({ asked: make('2') })).not.toBe(first);
  }
});
