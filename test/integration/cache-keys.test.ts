import {
  cache,
  fallback,
  ManagedLLM,
  when,
  type CacheStore,
  type CallSettings,
  type Interceptor,
  type Route,
} from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { anthropic, governed, openai, sdks, type Governed, type TestOptions } from './governed.ts';

function cached(more: TestOptions = {}, store?: CacheStore): Governed {
  const world = governed({
    ...more,
    interceptors: [cache(store === undefined ? {} : { store }), ...(more.interceptors ?? [])],
  });
  let count = 0;
  world.provider.always(() => ({ text: `answer ${++count}` }));
  return world;
}

/** How many requests came of asking in each of these ways, one after another. */
async function requestsOf(
  world: Governed,
  ...ways: readonly (() => PromiseLike<unknown>)[]
): Promise<number> {
  for (const ask of ways) {
    await ask();
    await world.llm.idle();
  }
  return world.provider.requests.length;
}

/** A store that outlives whoever uses it, and what is in it. */
function lasting(): { readonly kept: Map<string, string>; readonly store: CacheStore } {
  const kept = new Map<string, string>();
  return {
    kept,
    store: {
      get: (key) => kept.get(key),
      set: (key, value) => void kept.set(key, value),
      delete: (key) => kept.delete(key),
    },
  };
}

describe.each(sdks)('an answer ($name)', (sdk) => {
  const ask = (world: Governed, settings: CallSettings, model?: string) => (): Promise<unknown> =>
    sdk.create(world.llm.with(settings), {}, model);

  test('of one server is not given for another: a client derived for it, or a URL of the application’s own', async () => {
    const world = cached();
    const own = world.llm.clients[sdk.name];
    const elsewhere = own.withOptions({ baseURL: 'https://elsewhere.test/v1' }) as typeof own;
    const slower = own.withOptions({ timeout: 1_000 }) as typeof own;
    const on = (client: typeof own) => () =>
      sdk.create({ clients: { ...world.llm.clients, [sdk.name]: client } as never });
    expect(await requestsOf(world, on(own), on(elsewhere), on(own), on(elsewhere), on(slower))).toBe(2);
  });

  test('is not given to calls that a rule would send elsewhere, by who asks or in which form', async () => {
    const rules: readonly [CallSettings, CallSettings][] = [
      [{ tags: { tier: 'pro' } }, { tags: { tier: 'free' } }],
      [{ team: 'red' }, { team: 'blue' }],
      [{ user: 'alice' }, { user: 'bob' }],
      [{ roles: ['admin'] }, { roles: ['guest'] }],
      [
        { tenant: 'acme', cache: { share: 'all' } },
        { tenant: 'globex', cache: { share: 'all' } },
      ],
    ];
    for (const [first, other] of rules) {
      const { cache: _cache, roles, ...who } = first;
      const match = roles === undefined ? who : { role: roles };
      const world = cached({
        routes: {
          smart: fallback(when([{ if: match, use: `${sdk.name}/big` }], `${sdk.name}/small`), 'backup/last'),
        },
      });
      const both = [ask(world, first, 'smart'), ask(world, other, 'smart')] as const;
      expect(await requestsOf(world, ...both, ...both)).toBe(2);
    }
  });

  test('is given to all whom a rule sends the same way', async () => {
    const world = cached({
      routes: {
        smart: when([{ if: { tags: { tier: 'pro' } }, use: `${sdk.name}/big` }], `${sdk.name}/small`),
      },
    });
    const ways = ['pro', 'free', 'none'].map((tier) => ask(world, { tags: { tier } }, 'smart'));
    expect(await requestsOf(world, ...ways)).toBe(2);
  });

  test('is not given for another key of the application’s, whatever code units that is of', async () => {
    const world = cached();
    const keys = ['\ud800', '\ud801', '\ufffd', ' ', '"', '\\ud800'];
    const ways = keys.map((key) => ask(world, { cache: { key } }));
    expect(await requestsOf(world, ...ways, ...ways)).toBe(keys.length);
  });

  test('that left something out is not given to whoever wants no such answer', async () => {
    const world = cached();
    const [dropped, refusing] = [ask(world, {}), ask(world, { onUnsupported: 'refuse' })];
    expect(await requestsOf(world, dropped, refusing, dropped, refusing)).toBe(2);
  });

  test('that lies under another’s key is not given for that', async () => {
    const { kept, store } = lasting();
    const world = cached({}, store);
    const [acme, globex] = [ask(world, { tenant: 'acme' }), ask(world, { tenant: 'globex' })];
    await requestsOf(world, acme, globex);
    const [one = '', other = ''] = [...kept.keys()];
    kept.set(other, kept.get(one) ?? '');
    expect(await requestsOf(world, globex)).toBe(3);
    expect(world.receipts.at(-1)?.facts.cache?.reason).toBe('damaged');
  });
});

test('of `llm.fetch` every URL has answers of its own, and shares them with the client that goes there', async () => {
  const world = cached();
  const body = JSON.stringify({ model: 'gpt', messages: [{ role: 'user', content: 'hello' }] });
  const at = (url: string) => () =>
    world.llm
      .fetch('openai')(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      .then((response) => response.text());
  const own = 'https://api.openai.com/v1/chat/completions';
  const deployment = (name: string) => `https://acme.test/openai/deployments/${name}/chat/completions`;
  const ways = [at(own), at(deployment('a')), at(deployment('b')), at(`${deployment('b')}?api-version=2`)];
  expect(await requestsOf(world, ...ways, ...ways, () => openai.create(world.llm))).toBe(4);
});

describe('an answer that is asked for through a client of each caller’s own', () => {
  /** Each team has a server of its own, which says whose it is. */
  function perTeam(route: Route<'byo/m' | 'own/m'> | 'byo/m' = 'byo/m') {
    const server = (team: string) => {
      const script = standIn();
      script.always(() => ({ text: `from ${team}` }));
      return new OpenAI({ apiKey: 'k', baseURL: `https://${team}.test/v1`, fetch: script.fetch });
    };
    const servers: Readonly<Record<string, OpenAI>> = { red: server('red'), blue: server('blue') };
    const answers = cache();
    const llm = new ManagedLLM({
      providers: { byo: ({ team = '' }) => servers[team] ?? server(team), own: server('own') },
      routes: { any: route },
      interceptors: [answers],
    });
    return async (settings: CallSettings, model = 'any'): Promise<string> => {
      const messages = [{ role: 'user', content: 'hello' }] as const;
      const { text } = await llm.run(settings, () => llm.chat({ model, messages }));
      await llm.idle();
      return text;
    };
  }

  test.each([
    ['its target', 'byo/m' as const],
    ['its route', fallback('byo/m', 'own/m')],
    [
      'a rule of its route',
      when([{ if: { tags: { tier: 'pro' } }, use: 'own/m' }], fallback('byo/m', 'own/m')),
    ],
  ])('is not given to callers of another client, as %s says', async (_name, route) => {
    const ask = perTeam(route);
    expect(await ask({ team: 'red' })).toBe('from red');
    expect(await ask({ team: 'blue' })).toBe('from blue');
    expect(await ask({ team: 'red', user: 'alice' })).toBe('from red');
  });

  test('is given to all where the call says that, and where no such client has a part in it', async () => {
    const ask = perTeam();
    const all = { cache: { share: 'all' } } as const;
    expect([await ask({ team: 'red', ...all }), await ask({ team: 'blue', ...all })]).toEqual([
      'from red',
      'from red',
    ]);
    expect(await ask({ team: 'red' }, 'own/m')).toBe('from own');
  });

  test('shows no caller in its key', async () => {
    const { kept, store } = lasting();
    const answers = cache({ store });
    const llm = new ManagedLLM({
      providers: { byo: () => new OpenAI({ apiKey: 'k', fetch: standIn().fetch }) },
      interceptors: [answers],
    });
    await llm.run({ user: 'alice@example.com' }, () =>
      llm.chat({ model: 'byo/m', messages: [{ role: 'user', content: 'hello' }] }),
    );
    await llm.idle();
    expect([...kept.keys()]).toEqual([expect.stringMatching(/^answer:\d+:[\da-f]{64}$/)]);
  });
});

test('of a route is not given where the same name has other rules', async () => {
  const { store } = lasting();
  const heard = [];
  for (const smart of [
    fallback('openai/a', 'backup/b'),
    fallback('openai/a', 'openai/c'),
    'openai/a',
  ] as const) {
    const world = cached({ routes: { smart } }, store);
    heard.push(await requestsOf(world, () => openai.create(world.llm, {}, 'smart')));
  }
  expect(heard).toEqual([1, 1, 1]);
});

test('what an interceptor adds for one tenant reaches no other, even where answers are shared with all', async () => {
  const houseRules: Interceptor = {
    name: 'house-rules',
    stage: 'shape',
    intercept: (call, next) =>
      next(
        call.with({ body: call.dialect.request.withInstruction(call.body, `For ${call.settings.tenant}`) }),
      ),
  };
  const world = cached({ interceptors: [houseRules] });
  const as = (tenant: string) => () => openai.create(world.llm.with({ tenant, cache: { share: 'all' } }));
  expect(await requestsOf(world, as('acme'), as('globex'), as('acme'))).toBe(2);
});

describe('what is asked anew for an old answer', () => {
  /** Asks, lets the answer grow old, and asks again. */
  async function grownOld(world: Governed, ask: () => PromiseLike<unknown>): Promise<void> {
    await requestsOf(world, ask);
    await world.clock.advance(1_500);
    await requestsOf(world, ask);
  }

  function aging(more: TestOptions = {}): Governed {
    return governed({
      ...more,
      interceptors: [cache({ ttlMs: 1_000, staleMs: 1_000 }), ...(more.interceptors ?? [])],
    });
  }

  test('is what was asked: with its headers, and what interceptors have made of it once', async () => {
    const seen: string[] = [];
    const world = aging({
      interceptors: [
        {
          name: 'house-rules',
          stage: 'shape',
          intercept: (call, next) =>
            next(call.with({ body: call.dialect.request.withInstruction(call.body, 'Be brief.') })),
        },
        {
          name: 'observer',
          stage: 'observe',
          intercept: (call, next) => {
            seen.push(call.id);
            return next(call);
          },
        },
      ],
    });
    await grownOld(world, () => anthropic.create(world.llm, { headers: { 'anthropic-beta': 'one' } }));
    const [first, again, ...rest] = world.provider.requests;
    expect(rest).toEqual([]);
    expect(again?.body).toEqual(first?.body);
    expect(again?.headers['anthropic-beta']).toBe('one');
    expect(world.receipts.map(({ facts }) => facts.cache?.status).toSorted()).toEqual([
      'miss',
      'stale',
      undefined,
    ]);
    expect(seen).toHaveLength(3);
  });

  test('is asked of the same server: where that is not its provider’s own, the call waits for it', async () => {
    const world = aging();
    const own = world.llm.clients.openai;
    const elsewhere = own.withOptions({ baseURL: 'https://elsewhere.test/v1' });
    await grownOld(world, () => openai.create({ clients: { ...world.llm.clients, openai: elsewhere } }));
    expect(world.provider.requests.map(({ url }) => new URL(url).host)).toEqual([
      'elsewhere.test',
      'elsewhere.test',
    ]);
    expect(world.receipts.map(({ facts }) => facts.cache?.reason)).toEqual([undefined, 'expired']);
  });
});
