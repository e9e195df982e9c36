import {
  budget,
  ManagedLLM,
  pool,
  type BudgetOptions,
  type BudgetSubject,
  type CallSettings,
} from 'managed-llm';
import { manualClock, standIn } from 'managed-llm/testing';
import { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { openai as sdk, type TestOptions } from './governed.ts';
import { accounted, price, refused, spending, type Spending } from './spending.ts';

const usage = { inputTokens: 3, outputTokens: 100 };
/** What each call costs. USD. */
const cost = 0.001_003;

function per(
  of: BudgetOptions['per'],
  more: TestOptions = {},
  options: Partial<BudgetOptions> = {},
): Spending {
  const world = spending({ ...(of !== undefined && { per: of }), ...options }, more);
  world.provider.always({ usage });
  return world;
}

/** Makes one call for each of these. */
async function callAs(world: Spending, ...callers: readonly CallSettings[]): Promise<void> {
  for (const caller of callers) await sdk.create(world.llm.with(caller));
}

const used = async ({ spend }: Spending, of: BudgetSubject) =>
  Math.round((await spend.status(of)).usedUsd / cost);

describe('what a budget counts apart', () => {
  test('nothing, unless it says so', async () => {
    const world = per(undefined);
    await callAs(world, {}, { user: 'alice' }, { user: 'bob', tenant: 'acme' });
    expect(await used(world, {})).toBe(3);
    expect(await world.spend.list()).toMatchObject([{ subject: undefined }]);
    await accounted(world);
  });

  test('users, each in its own tenant', async () => {
    const world = per('user');
    const alice = { user: 'alice' };
    await callAs(world, alice, alice, { user: 'alice', tenant: 'acme' }, { user: 'alice', tenant: '' });
    expect(await used(world, alice)).toBe(2);
    expect(await used(world, { user: 'alice', tenant: 'acme' })).toBe(1);
    expect(await used(world, { user: 'alice', tenant: '' })).toBe(1);
    expect(await used(world, { user: 'bob' })).toBe(0);
  });

  test('by exact code points: composed and decomposed, cases, spaces and the empty text are different users', async () => {
    const names = [
      '\u00e9',
      'e\u0301',
      'Alice',
      'alice',
      'alice ',
      '',
      'null',
      '"',
      '["a","b"]',
      '\ud800',
      'a\nb',
    ];
    const world = per('user');
    await callAs(world, ...names.map((user) => ({ user })));
    for (const user of names) expect(await used(world, { user }), JSON.stringify(user)).toBe(1);
    expect(await world.spend.list()).toHaveLength(names.length);
  });

  test('no two tenants with users whose names run together', async () => {
    const world = per('user');
    const callers = [
      { tenant: 'a', user: 'b:c' },
      { tenant: 'a:b', user: 'c' },
      { tenant: 'a","b', user: 'c' },
      { user: '["a","b:c"]' },
    ];
    await callAs(world, ...callers);
    for (const caller of callers) expect(await used(world, caller)).toBe(1);
    const labels = (await world.spend.list()).map(({ subject }) => subject);
    expect(new Set(labels).size).toBe(callers.length);
  });

  test('teams, tenants and tags', async () => {
    for (const [part, caller, other] of [
      ['team', { team: 'search' }, { team: 'ads' }],
      ['tenant', { tenant: 'acme' }, { tenant: 'globex' }],
      [{ tag: 'feature' }, { tags: { feature: 'chat' } }, { tags: { feature: 'mail' } }],
    ] as const) {
      const world = per(part);
      await callAs(world, caller, caller, other);
      expect(await used(world, caller)).toBe(2);
      expect(await used(world, other)).toBe(1);
    }
  });

  test('providers, models and routes', async () => {
    const world = per(['provider', 'model', 'route'], {
      routes: { one: 'openai/gpt', two: 'openai/gpt', three: 'backup/gpt' },
    });
    const ask = (model: string) => sdk.create(world.llm, {}, model);
    await Promise.all([ask('one'), ask('one'), ask('two'), ask('three')]);
    const at = (provider: string, route: string) =>
      used(world, { provider, model: `${provider}/gpt`, route });
    expect(await at('openai', 'one')).toBe(2);
    expect(await at('openai', 'two')).toBe(1);
    expect(await at('backup', 'three')).toBe(1);
  });

  test('whatever a function says of the caller and the call', async () => {
    const calls: unknown[] = [];
    const world = per((caller, call) => {
      calls.push(call);
      return caller.roles?.includes('intern') === true ? 'interns' : 'others';
    });
    await callAs(world, { roles: ['intern'] }, { user: 'alice' }, {});
    expect(calls[0]).toEqual({
      provider: 'openai',
      target: 'openai/gpt',
      route: undefined,
      operation: 'chat',
    });
    expect(await used(world, { roles: ['intern'] })).toBe(1);
    expect(await used(world, {})).toBe(2);
  });

  test('combinations, where it takes a list', async () => {
    const world = per(['user', { tag: 'feature' }]);
    const callers = [
      { user: 'alice', tags: { feature: 'chat' } },
      { user: 'alice', tags: { feature: 'mail' } },
      { user: 'bob', tags: { feature: 'chat' } },
    ];
    await callAs(world, ...callers);
    for (const caller of callers) expect(await used(world, caller)).toBe(1);
    expect((await world.spend.list()).map(({ subject }) => subject)).toContain('["alice","chat"]');
  });

  test('each of them has its own limit left when another has none', async () => {
    const world = per('user', {}, { limitUsd: 0.003, maxWaitMs: 0 });
    world.provider.always({ usage: { inputTokens: 3, outputTokens: 280 } });
    await callAs(world, { user: 'alice' });
    expect((await refused(sdk.create(world.llm.with({ user: 'alice' })))).details).toMatchObject({
      subject: 'alice',
    });
    await callAs(world, { user: 'bob' });
  });
});

describe('a caller who does not say whose money it is', () => {
  test.each([
    ['user', 'user'],
    ['tenant', 'tenant'],
    [{ tag: 'feature' }, 'tag feature'],
    [['user', 'team'], 'user'],
    ['route', 'route'],
  ] as const)('is refused: no %j', async (part, missing) => {
    const world = per(part);
    expect(await refused(sdk.create(world.llm))).toMatchObject({
      code: 'caller-required',
      status: 401,
      details: { budget: 'budget-1', missing },
    });
    expect(world.provider.requests).toHaveLength(0);
  });

  test('passes uncounted, if the budget says so, by the other budgets', async () => {
    const world = spending([{ per: 'user', onMissing: 'skip', limitUsd: 0 }, {}]);
    await sdk.create(world.llm);
    expect(await world.budgets[0]?.list()).toEqual([]);
    expect((await world.budgets[1]?.status())?.usedUsd).toBeGreaterThan(0);
  });

  test('is not somebody whose tag has the name of what every object has', async () => {
    const world = per({ tag: 'constructor' });
    expect(await refused(sdk.create(world.llm.with({ tags: { feature: 'chat' } })))).toMatchObject({
      code: 'caller-required',
    });
  });

  test('cannot say so in a header', async () => {
    const world = per('user');
    const headers = { 'x-managed-llm-user': 'alice' };
    expect(await refused(sdk.create(world.llm, { headers }))).toMatchObject({ code: 'caller-required' });
  });

  test('is whoever an interceptor says it is', async () => {
    const world = per('user', {
      interceptors: [
        {
          name: 'authentication',
          stage: 'admit',
          intercept: (call, next) => next(call.with({ settings: { ...call.settings, user: 'alice' } })),
        },
      ],
    });
    await sdk.create(world.llm);
    expect(await used(world, { user: 'alice' })).toBe(1);
  });
});

describe('clients of their own', () => {
  function world(part: BudgetOptions['per'], options: Partial<BudgetOptions> = {}) {
    const clock = manualClock(Date.UTC(2026, 10, 23));
    const provider = standIn({ clock });
    provider.always({ usage });
    const client = (apiKey: string) => new OpenAI({ apiKey, fetch: provider.fetch });
    const spend = budget({
      name: 'spend',
      limitUsd: 1,
      window: 'hour',
      ...(part !== undefined && { per: part }),
      ...options,
    });
    const llm = new ManagedLLM({
      providers: {
        shared: pool(client('a'), client('b')),
        byo: (caller: CallSettings) => client(`key of ${caller.tenant}`),
      },
      models: { 'shared/*': { price }, 'byo/*': { price } },
      interceptors: [spend],
      clock,
      random: () => 0,
    });
    const ask = (given: CallSettings, model: string) => llm.chat({ model, messages: 'hello' }, given);
    const calls = async (of: BudgetSubject) => Math.round((await spend.status(of)).usedUsd / cost);
    return { ask, calls, spend, provider };
  }

  test('each caller’s own client is a credential of its own', async () => {
    const { ask, calls } = world('credential');
    await ask({ tenant: 'acme' }, 'byo/gpt');
    await ask({ tenant: 'acme' }, 'byo/gpt');
    await ask({ tenant: 'globex' }, 'byo/gpt');
    expect(await calls({ provider: 'byo', tenant: 'acme' })).toBe(2);
    expect(await calls({ provider: 'byo', tenant: 'globex' })).toBe(1);
  });

  test('what budgets tell of a credential holds no key', async () => {
    const { ask, spend } = world('credential');
    await ask({ tenant: 'acme' }, 'byo/gpt');
    expect(JSON.stringify(await spend.list())).not.toContain('key of');
  });

  test('each member of a pool is a credential of its own', async () => {
    const { ask, calls } = world('credential');
    await ask({}, 'shared#1/gpt');
    await ask({}, 'shared#2/gpt');
    await ask({}, 'shared#2/gpt');
    expect([await calls({ provider: 'shared#1' }), await calls({ provider: 'shared#2' })]).toEqual([1, 2]);
  });

  test('a pool is one provider, with the same models', async () => {
    for (const [part, of] of [
      ['provider', { provider: 'shared' }],
      ['model', { model: 'shared/gpt' }],
    ] as const) {
      const { ask, calls } = world(part);
      await ask({}, 'shared#1/gpt');
      await ask({}, 'shared#2/gpt');
      await ask({}, 'shared/gpt');
      expect(await calls(of)).toBe(3);
    }
  });

  test('a budget that covers a pool, or a model of it, covers all members', async () => {
    for (const covers of [{ providers: ['shared'] }, { models: ['shared/gpt'] }]) {
      const { ask, calls } = world(undefined, { covers });
      await ask({}, 'shared#1/gpt');
      await ask({}, 'shared#2/gpt');
      await ask({ tenant: 'acme' }, 'byo/gpt');
      expect(await calls({})).toBe(2);
    }
  });
});

describe('what a budget covers', () => {
  test('are the calls for which all that is said of them holds', async () => {
    const world = per(
      undefined,
      {},
      {
        covers: { providers: ['openai'], operations: ['chat'], tags: { env: 'prod' } },
      },
    );
    const prod = world.llm.with({ tags: { env: 'prod' } });
    await sdk.create(world.llm);
    await sdk.create(world.llm.with({ tags: { env: 'test' } }));
    await prod.chat({ model: 'backup/gpt', messages: 'hello' });
    await prod.embed({ model: 'openai/embedding', input: 'hello' });
    expect(await used(world, {})).toBe(0);
    await sdk.create(prod);
    expect(await used(world, {})).toBe(1);
    const counted = world.receipts.map(({ facts }) => facts.spend !== undefined);
    expect(counted).toEqual([false, false, false, false, true]);
  });

  test('are models by provider and name', async () => {
    const world = per(undefined, {}, { covers: { models: ['openai/one', 'backup/two'] } });
    for (const model of ['openai/one', 'openai/two', 'backup/one', 'backup/two'])
      await world.llm.chat({ model, messages: 'hello' });
    expect(await used(world, {})).toBe(2);
  });
});
