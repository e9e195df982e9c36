import { balance, fallback, hedge, when, type Call, type CallSettings, type Route } from 'managed-llm';
import type { Goals } from '../race/goals.ts';
import { KeyFinder, type Found } from './finder.ts';

const [a, b, c] = ['openai/a', 'other/b', 'openai/c'] as const;
const isLong = (call: Call): boolean => JSON.stringify(call.body).length > 1_000;
const own = (version?: string): Route => ({
  kind: 'own',
  choices: [a, b],
  order: (_call, choices) => choices,
  ...(version === undefined ? {} : { version }),
});

/** Under one name, one after another: none of them means the same as another. */
const definitions: Readonly<Record<string, string | Route>> = {
  'a target': a,
  'another target': b,
  'a fallback': fallback(a, b),
  'the other way round': fallback(b, a),
  'with one more': fallback(a, b, c),
  'of one': fallback(a),
  'a fallback of a fallback': fallback(a, fallback(b, c)),
  'a balance': balance([a, b]),
  'by weight': balance([a, b], { by: 'weight', weights: [1, 2] }),
  'by other weights': balance([a, b], { by: 'weight', weights: [2, 1] }),
  'sticky by user': balance([a, b], { stickyBy: 'user' }),
  'by load': balance([a, b], { by: 'least-busy' }),
  'a hedge': hedge(a, b, { afterMs: 100 }),
  'a condition': when([{ if: { promptTokensBelow: 10 }, use: a }], b),
  'another condition': when([{ if: { promptTokensBelow: 20 }, use: a }], b),
  'another choice': when([{ if: { promptTokensBelow: 10 }, use: c }], b),
  'by tags': when([{ if: { tags: { tier: 'pro' } }, use: a }], b),
  'by other tags': when([{ if: { tags: { tier: 'free' } }, use: a }], b),
  'a function': when([{ if: isLong, use: a }], b, { version: '1' }),
  'a function of another version': when([{ if: isLong, use: a }], b, { version: '2' }),
  'a rule of one’s own': own('1'),
  'a rule of one’s own, changed': own('2'),
  'what is left out': { ...fallback(a, b), onUnsupported: 'drop' },
  'what is refused': { ...fallback(a, b), onUnsupported: 'refuse' },
};

const body = { messages: [{ role: 'user', content: 'Hello' }] };

function keyOf(
  routes: Readonly<Record<string, string | Route>>,
  model: string,
  settings: CallSettings = {},
): Promise<Found> {
  return new KeyFinder({ routes }).find({ format: 'chat', body: { ...body, model }, settings });
}

/** Definitions under one name have keys of their own, and rules that look at who asks do too. Returns how many there are. */
export async function proveRoutes(goals: Goals): Promise<number> {
  const byKey = new Map<string, string>();
  const add = (what: string, found: Found): void => {
    const key = 'key' in found ? found.key : undefined;
    goals.that(
      key !== undefined && !byKey.has(key),
      `${what} shares its key with ${byKey.get(key ?? '') ?? 'nobody: none'}`,
    );
    if (key !== undefined) byKey.set(key, what);
  };
  for (const [what, route] of Object.entries(definitions)) add(what, await keyOf({ smart: route }, 'smart'));
  for (const [what, route] of [
    ['a function without a version', when([{ if: isLong, use: a }], b)],
    ['a rule of one’s own without a version', own()],
  ] as const) {
    const found = await keyOf({ smart: route }, 'smart');
    goals.that(!('key' in found), `${what} has a key`);
  }
  const byTier = { smart: when([{ if: { tags: { tier: 'pro' } }, use: a }], b) };
  const tiers = ['pro', 'free', 'none'].map((tier) => keyOf(byTier, 'smart', { tags: { tier } }));
  const [pro, free, none] = (await Promise.all(tiers)).map((found) =>
    'key' in found ? found.key : undefined,
  );
  goals.that(pro !== free, 'calls that a rule sends apart share a key');
  goals.that(free === none, 'calls that a rule sends the same way have keys of their own');
  return Object.keys(definitions).length + 4;
}
