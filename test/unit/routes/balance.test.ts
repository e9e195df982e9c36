import * as fc from 'fast-check';
import {
  balance,
  type BalanceOptions,
  type Call,
  type Choice,
  type Route,
  type RouteHost,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';

import { anyCall, choicesOf, hostOf, namesOf } from './choices.ts';

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const rule = (names: readonly string[], options?: BalanceOptions): Route => balance(names, options);

/** How often each choice came first in so many calls. */
function shares(
  route: Route,
  choices: readonly Choice[],
  host: RouteHost,
  calls: number,
  callOf = () => anyCall,
) {
  const counts = new Map<string, number>();
  for (let call = 0; call < calls; call++) {
    const [first] = route.order(callOf(), choices, host);
    route.advance?.(anyCall);
    const name = first?.name ?? 'none';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

const byUser = (user: string): Call => ({ settings: { user } }) as Call;

describe('balance by weight', () => {
  test('gives each choice its share, first and then of what is left', () => {
    const host = hostOf(1);
    const choices = choicesOf(['a', 'b', 'c']);
    const route = rule(['a', 'b', 'c'], { weights: [5, 3, 2] });
    const calls = 20_000;
    const counts = shares(route, choices, host, calls);
    // Four standard deviations of the widest are 0.014.
    for (const [name, share] of [
      ['a', 0.5],
      ['b', 0.3],
      ['c', 0.2],
    ] as const)
      expect(Math.abs((counts.get(name) ?? 0) / calls - share)).toBeLessThan(0.015);
    // Where `a` comes first, `b` is second three times in five.
    let first = 0;
    let second = 0;
    for (let call = 0; call < calls; call++) {
      const [a, b] = route.order(anyCall, choices, host);
      if (a?.name !== 'a') continue;
      first++;
      if (b?.name === 'b') second++;
    }
    expect(Math.abs(second / first - 0.6)).toBeLessThan(0.02);
  });

  test('gives all the same unless weights say otherwise', () => {
    const counts = shares(rule(['a', 'b', 'c', 'd']), choicesOf(['a', 'b', 'c', 'd']), hostOf(2), 20_000);
    for (const count of counts.values()) expect(Math.abs(count / 20_000 - 0.25)).toBeLessThan(0.015);
  });

  test('any order holds every choice once', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 8 }),
        (seed, weights) => {
          const names = letters.slice(0, weights.length);
          const order = rule(names, { weights }).order(anyCall, choicesOf(names), hostOf(seed));
          expect(namesOf(order).toSorted()).toEqual(names);
        },
      ),
    );
  });
});

describe('sticky balance', () => {
  const order = (names: readonly string[], user: string, weights?: readonly number[]): readonly string[] =>
    namesOf(
      rule(names, { stickyBy: 'user', ...(weights === undefined ? {} : { weights }) }).order(
        byUser(user),
        choicesOf(names),
        hostOf(0),
      ),
    );

  test('the same key goes the same way, in any process', () => {
    expect(order(['a', 'b', 'c'], 'alice')).toEqual(order(['a', 'b', 'c'], 'alice'));
    expect(order(['openai/gpt', 'backup/gpt', 'azure/gpt'], 'alice')).toMatchInlineSnapshot(`
      [
        "openai/gpt",
        "backup/gpt",
        "azure/gpt",
      ]
    `);
  });

  test('what is added or taken away changes nothing between the others', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 8 }),
        fc.nat(),
        (user, names, at) => {
          const gone = names[at % names.length];
          const fewer = names.filter((name) => name !== gone);
          expect(order(names, user).filter((name) => name !== gone)).toEqual(order(fewer, user));
        },
      ),
    );
  });

  test('only the share of a new choice moves, and it is the share that it should have', () => {
    const users = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
    const before = users.map((user) => order(['a', 'b', 'c'], user)[0]);
    const after = users.map((user) => order(['a', 'b', 'c', 'd'], user)[0]);
    const moved = after.filter((name, index) => name !== before[index]);
    expect(new Set(moved)).toEqual(new Set(['d']));
    expect(Math.abs(moved.length / users.length - 0.25)).toBeLessThan(0.015);
  });

  test('weights hold for keys as they do for chance', () => {
    const users = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
    const first = users.filter((user) => order(['a', 'b'], user, [3, 1])[0] === 'a');
    expect(Math.abs(first.length / users.length - 0.75)).toBeLessThan(0.015);
  });

  test('a call without a key goes by the rule', () => {
    const route = rule(['a', 'b'], { by: 'round-robin', stickyBy: ({ settings }) => settings.tenant });
    const choices = choicesOf(['a', 'b']);
    expect([...shares(route, choices, hostOf(0), 10).values()]).toEqual([5, 5]);
    const sticky = () => ({ settings: { tenant: 'acme' } }) as Call;
    expect([...shares(route, choices, hostOf(0), 10, sticky).values()]).toEqual([10]);
  });
});

describe('balance by turns', () => {
  test('each has its turn, and looking takes none', () => {
    const route = rule(['a', 'b', 'c'], { by: 'round-robin' });
    const choices = choicesOf(['a', 'b', 'c']);
    const firsts = Array.from({ length: 6 }, () => {
      const [first] = route.order(anyCall, choices, hostOf(0));
      expect(route.order(anyCall, choices, hostOf(0))[0]).toBe(first);
      route.advance?.(anyCall);
      return first?.name;
    });
    expect(firsts).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('those that are ready share the turns of those that are not', () => {
    const down = { readiness: { ok: false, reason: 'down' } } as const;
    const counts = shares(
      rule(['a', 'b', 'c'], { by: 'round-robin' }),
      choicesOf(['a', 'b', 'c'], { b: down }),
      hostOf(0),
      100,
    );
    expect(Object.fromEntries(counts)).toEqual({ a: 50, c: 50 });
  });
});

describe('balance by what choices have to do', () => {
  test('least-busy: the fewest calls under way, in turn where they are equal', () => {
    const route = rule(['a', 'b', 'c'], { by: 'least-busy' });
    const choices = choicesOf(['a', 'b', 'c'], {
      a: { inFlight: 2 },
      b: { inFlight: 1 },
      c: { inFlight: 1 },
    });
    expect(Object.fromEntries(shares(route, choices, hostOf(0), 99))).toEqual({ b: 50, c: 49 });
    expect(namesOf(route.order(anyCall, choices, hostOf(0))).at(-1)).toBe('a');
  });

  test('headroom: the most left of its limits, and what is not ready last', () => {
    const route = rule(['a', 'b', 'c', 'd'], { by: 'headroom' });
    const choices = choicesOf(['a', 'b', 'c', 'd'], {
      a: { readiness: { ok: true, headroom: 0.2 } },
      b: { readiness: { ok: false, reason: 'full' } },
      c: { readiness: { ok: true, headroom: 0.9 } },
      d: { readiness: { ok: true } },
    });
    expect(namesOf(route.order(anyCall, choices, hostOf(0)))).toEqual(['d', 'c', 'a', 'b']);
  });

  test('latency: of two at random the better, so the slowest of all is never first', () => {
    const names = ['fast', 'middling', 'slow'];
    const choices = choicesOf(names, {
      fast: { latencyMs: 100 },
      middling: { latencyMs: 200 },
      slow: { latencyMs: 5_000 },
    });
    const counts = shares(rule(names, { by: 'latency' }), choices, hostOf(3), 6_000);
    expect(counts.get('slow')).toBeUndefined();
    // Two of the three pairs hold the fastest.
    expect(Math.abs((counts.get('fast') ?? 0) / 6_000 - 2 / 3)).toBeLessThan(0.025);
  });

  test('latency: what a choice has under way counts, and one that nobody knows is tried by one call at a time', () => {
    const first = (facts: Parameters<typeof choicesOf>[1]) =>
      rule(['a', 'b'], { by: 'latency' }).order(anyCall, choicesOf(['a', 'b'], facts), hostOf(0))[0]?.name;
    expect(first({ a: { latencyMs: 100, inFlight: 5 }, b: { latencyMs: 300 } })).toBe('b');
    expect(first({ a: { latencyMs: 100 }, b: {} })).toBe('b');
    expect(first({ a: { latencyMs: 100 }, b: { inFlight: 1 } })).toBe('a');
  });
});
