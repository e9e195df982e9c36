import { memoryState, type BudgetAlert, type BudgetOptions, type Clock } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { openai as sdk, readAll, rejection, type OptionsOf } from './governed.ts';
import { accounted, refused, spending, type Spending } from './spending.ts';

/** What each call costs: 1,003 micro-USD, 103 tokens. */
const usage = { inputTokens: 3, outputTokens: 100 };
const cost = 0.001_003;
/** The most that frames an empty message. Tokens. */
const frame = 280;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function counting(options: Partial<BudgetOptions> = {}, more: OptionsOf = {}): Spending {
  const world = spending(options, more);
  world.provider.always({ usage });
  return world;
}

/** Asks for at most so many tokens, all of which it gets. */
async function spendTokens(world: Spending, tokens: number, user = 'alice'): Promise<void> {
  world.provider.next({ usage: { inputTokens: 0, outputTokens: tokens } });
  await world.llm
    .with({ user })
    .clients.openai.chat.completions.create(
      { model: 'gpt', messages: [{ role: 'user', content: '' }], max_completion_tokens: tokens },
      { maxRetries: 0 },
    );
}

const used = async ({ spend }: Spending) => Math.round((await spend.status()).usedUsd / cost);

describe('a window', () => {
  test.each([
    ['minute', 'UTC', '2026-11-23T00:01:00Z'],
    ['hour', 'UTC', '2026-11-23T01:00:00Z'],
    ['day', 'UTC', '2026-11-24T00:00:00Z'],
    ['week', 'UTC', '2026-11-30T00:00:00Z'],
    ['month', 'UTC', '2026-12-01T00:00:00Z'],
    ['day', 'Europe/Berlin', '2026-11-23T23:00:00Z'],
    ['day', 'America/New_York', '2026-11-23T05:00:00Z'],
    ['hour', 'Asia/Kolkata', '2026-11-23T00:30:00Z'],
    ['month', 'Pacific/Auckland', '2026-11-30T11:00:00Z'],
  ] as const)('of a %s in %s begins anew at its end', async (window, timeZone, end) => {
    const world = counting({ window, timeZone });
    await sdk.create(world.llm);
    const { resetAt = NaN } = await world.spend.status();
    expect(new Date(resetAt).toISOString()).toBe(new Date(end).toISOString());
    await world.clock.advance(resetAt - world.clock.now() - 1);
    expect(await used(world)).toBe(1);
    await world.clock.advance(1);
    expect(await used(world)).toBe(0);
    await sdk.create(world.llm);
    expect(await used(world)).toBe(1);
  });

  test('of a day in Berlin has 25 hours in October, 23 in March', async () => {
    for (const [date, hours] of [
      ['2027-03-28T12:00:00Z', 23],
      ['2027-10-31T12:00:00Z', 25],
      ['2027-10-30T12:00:00Z', 24],
    ] as const) {
      const world = counting({ window: 'day', timeZone: 'Europe/Berlin' });
      await world.clock.advance(Date.parse(date) - world.clock.now());
      const before = new Date(date).setUTCHours(0, 0, 0, 0) - 2 * hourMs;
      const { resetAt = NaN } = await world.spend.status();
      const start = hours === 23 ? before + hourMs : before;
      expect(resetAt - start).toBe(hours * hourMs);
    }
  });

  test('that is over makes room for those who were refused, to the millisecond', async () => {
    const world = counting({ limitUsd: 0.002, window: 'minute' });
    const ask = () => spendTokens(world, 150);
    await ask();
    expect((await refused(ask())).details).toMatchObject({ resetAt: world.clock.now() + 60_000 });
    await world.clock.advance(59_999);
    expect(await rejection(ask())).toBeDefined();
    await world.clock.advance(1);
    world.provider.reset();
    await ask();
  });

  test('counts an attempt that began in it, though it ends in the next', async () => {
    const world = counting({ window: 'minute' });
    await world.clock.advance(59_900);
    world.provider.next({ usage, text: ['a ', 'b ', 'c'], betweenEventsMs: 100 });
    const stream = await sdk.stream(world.llm);
    const reading = readAll(stream);
    await world.clock.advance(200);
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
    await world.clock.advance(10_000);
    await reading;
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
    expect(world.receipts[0]?.facts.spend).toMatchObject({ chargedNanoUsd: cost * 1e9 });
  });

  test('goes by the clock of the state, not by that of the process', async () => {
    const aheadMs = 5 * dayMs + 1_234;
    const ahead = (clock: Clock): Clock => ({ ...clock, now: () => clock.now() + aheadMs });
    const world = counting({ window: 'day' }, (clock) => ({ state: memoryState({ clock: ahead(clock) }) }));
    await sdk.create(world.llm);
    await sdk.create(world.llm);
    expect(await used(world)).toBe(2);
    expect((await world.spend.status()).resetAt).toBe(Date.parse('2026-11-29T00:00:00Z'));
    await world.clock.advance(dayMs);
    expect(await used(world)).toBe(0);
    await sdk.create(world.llm);
    expect(await used(world)).toBe(1);
    expect(world.errors.filter(({ code }) => code !== 'state-not-durable')).toEqual([]);
  });

  test('that waits for others goes on into the next one', async () => {
    const world = counting({ limitUsd: 0.0025, window: 'minute' });
    await world.clock.advance(58_000);
    world.provider.next({ usage: { inputTokens: 0, outputTokens: 1 }, latencyMs: 30_000 });
    const ask = () =>
      world.llm.clients.openai.chat.completions.create({
        model: 'gpt',
        messages: [{ role: 'user', content: '' }],
        max_completion_tokens: 150,
      });
    const first = ask();
    await world.clock.advance(1_000);
    const second = ask();
    await world.clock.advance(900);
    expect(world.provider.requests).toHaveLength(1);
    await world.clock.advance(500);
    await second;
    expect(world.provider.requests).toHaveLength(2);
    await world.clock.advance(30_000);
    await first;
  });

  test('that rolls forgets what is older than its length', async () => {
    const world = counting({ window: { rollingMs: 60_000 } });
    await sdk.create(world.llm);
    await world.clock.advance(30_000);
    await sdk.create(world.llm);
    expect(await world.spend.status()).toMatchObject({ resetAt: undefined });
    expect(await used(world)).toBe(2);
    await world.clock.advance(32_000);
    expect(await used(world)).toBe(1);
    await world.clock.advance(30_000);
    expect(await used(world)).toBe(0);
  });

  test('that is total never ends', async () => {
    const world = counting({ window: 'total' });
    await sdk.create(world.llm);
    await world.clock.advance(400 * dayMs);
    await sdk.create(world.llm);
    expect(await used(world)).toBe(2);
    expect(await world.spend.status()).toMatchObject({ resetAt: undefined });
  });

  test('that is manual lasts until it is reset; others can be, too, but not one that rolls', async () => {
    for (const window of ['manual', 'day'] as const) {
      const world = counting({ window });
      await sdk.create(world.llm);
      await world.spend.reset();
      expect(await used(world)).toBe(0);
      await sdk.create(world.llm);
      expect(await used(world)).toBe(1);
    }
    const rolling = counting({ window: { rollingMs: 60_000 } });
    await expect(rolling.spend.reset()).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test('that is reset keeps what is set aside, which counts when it is settled', async () => {
    const world = counting({ window: 'manual' });
    world.provider.next({ usage, latencyMs: 100 });
    const asked = sdk.create(world.llm);
    await world.clock.advance(50);
    await world.spend.reset();
    expect((await world.spend.status()).reservedUsd).toBeGreaterThan(0);
    await world.clock.advance(50);
    await asked;
    expect(await used(world)).toBe(1);
    await accounted(world);
  });
});

describe('limits', () => {
  test('are raised for a while, for one subject, in all processes', async () => {
    const world = counting({ per: 'user', limitUsd: 0.001 });
    const other = spending({ per: 'user', limitUsd: 0.001 }, { state: world.state }, world);
    expect(await rejection(spendTokens(world, 200))).toBeDefined();
    await world.spend.raise({ user: 'alice' }, { usd: 0.002, forMs: 60_000 });
    expect(await other.spend.status({ user: 'alice' })).toMatchObject({ limitUsd: 0.003 });
    expect(await other.spend.status({ user: 'bob' })).toMatchObject({ limitUsd: 0.001 });
    world.provider.reset();
    await spendTokens(other, 200);
    await world.clock.advance(60_000);
    expect(await world.spend.status({ user: 'alice' })).toMatchObject({ limitUsd: 0.001 });
    expect(await rejection(spendTokens(world, 100))).toBeDefined();
  });

  test('that are raised again have the last raise alone', async () => {
    const world = counting({ per: 'user', limitTokens: 1_000 });
    await world.spend.raise({ user: 'alice' }, { tokens: 5_000, forMs: 60_000 });
    await world.spend.raise({ user: 'alice' }, { tokens: 500, forMs: 60_000 });
    expect(await world.spend.status({ user: 'alice' })).toMatchObject({ limitTokens: 1_500 });
  });

  test('are changed without a restart, one at a time', async () => {
    const world = counting({ limitUsd: 0.000_1, limitTokens: 100_000 });
    expect(await rejection(spendTokens(world, 100))).toBeDefined();
    world.spend.setLimits({ limitUsd: 0.01 });
    expect(await world.spend.status()).toMatchObject({ limitUsd: 0.01, limitTokens: 100_000 });
    world.provider.reset();
    await spendTokens(world, 100);
    world.spend.setLimits({ limitTokens: 50 });
    expect((await refused(spendTokens(world, 100))).details).toMatchObject({
      limitTokens: 50,
      usedTokens: 100,
    });
    expect(() => world.spend.setLimits({ limitUsd: -1 })).toThrow(/budget-1\.setLimits\.limitUsd/);
  });

  test('differ by subject in a table, which names the same as status and list', async () => {
    const world = counting({
      per: 'user',
      limitUsd: { by: { alice: 5, '["acme","alice"]': 7 }, default: 1 },
    });
    const limitOf = async (of: object) => (await world.spend.status(of)).limitUsd;
    expect(await limitOf({ user: 'alice' })).toBe(5);
    expect(await limitOf({ user: 'alice', tenant: 'acme' })).toBe(7);
    expect(await limitOf({ user: 'bob' })).toBe(1);
    expect(await limitOf({ user: 'constructor' })).toBe(1);
    await sdk.create(world.llm.with({ user: 'alice', tenant: 'acme' }));
    expect(await world.spend.list()).toMatchObject([{ subject: '["acme","alice"]', limitUsd: 7 }]);
  });

  test('are what a function says of who asks; undefined is none, and all is counted', async () => {
    const world = counting({
      per: 'user',
      limitUsd: ({ roles }) => (roles?.includes('admin') === true ? undefined : 0.000_1),
    });
    await sdk.create(world.llm.with({ user: 'root', roles: ['admin'] }));
    expect(await rejection(sdk.create(world.llm.with({ user: 'alice' })))).toBeDefined();
    expect(await world.spend.status({ user: 'root', roles: ['admin'] })).toMatchObject({
      usedUsd: cost,
      limitUsd: undefined,
    });
  });

  test.each([
    ['a text', '5'],
    ['nothing that is a number', NaN],
    ['less than nothing', -1],
    ['a promise', Promise.resolve(1)],
  ])('that a function gives as %s refuse the call rather than let it through', async (_title, limit) => {
    const world = counting({ limitUsd: (() => limit) as never });
    expect(await refused(sdk.create(world.llm))).toMatchObject({ code: 'invalid-options' });
    expect(world.provider.requests).toHaveLength(0);
  });

  test('that a function throws about fail this call alone', async () => {
    const world = counting({
      limitUsd: () => {
        throw new Error('no such plan');
      },
    });
    expect(await refused(sdk.create(world.llm))).toMatchObject({ code: 'interceptor-fault' });
    expect(world.provider.requests).toHaveLength(0);
    expect(await world.state.accounts?.list()).toEqual([]);
  });

  test('of nothing let nothing through but what is free', async () => {
    const world = counting(
      { limitUsd: 0 },
      { models: { 'openai/*': { price: 0 }, 'anthropic/*': { price: 0 } } },
    );
    await sdk.create(world.llm);
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, usedTokens: 103, limitUsd: 0 });
    const other = counting({ limitUsd: 0 });
    expect(await rejection(sdk.create(other.llm))).toBeDefined();
  });

  test('of USD and of tokens hold together', async () => {
    const world = counting({ limitUsd: 1, limitTokens: 500, maxWaitMs: 0 });
    await spendTokens(world, 150);
    const error = await refused(spendTokens(world, 100));
    expect(error.details).toMatchObject({
      limitUsd: 1,
      usedUsd: 0.0015,
      limitTokens: 500,
      usedTokens: 150,
      askedTokens: 100 + frame,
    });
    expect(error.message).toMatch(/allows 500 tokens/);
  });
});

describe('an alert', () => {
  function alerting(options: Partial<BudgetOptions> = {}, more: OptionsOf = {}, beside?: Spending) {
    const world = spending({ limitUsd: 0.01, ...options }, more, beside);
    const alerts: BudgetAlert[] = [];
    world.llm.on('budget:alert', (alert) => alerts.push(alert));
    const shares = () => alerts.map(({ share }) => share);
    return { world, alerts, shares };
  }

  test('is told once for each share that is passed, with how the budget stands', async () => {
    const { world, alerts, shares } = alerting({ per: 'user' });
    for (const tokens of [400, 100, 100, 100]) await spendTokens(world, tokens);
    expect(shares()).toEqual([0.5]);
    expect(alerts[0]).toEqual({
      budget: 'budget-1',
      subject: 'alice',
      share: 0.5,
      usedUsd: 0.005,
      usedTokens: 500,
      limitUsd: 0.01,
      limitTokens: undefined,
      resetAt: world.clock.now() + hourMs,
      callId: world.receipts[1]?.callId,
    });
    await spendTokens(world, 300);
    expect(shares()).toEqual([0.5, 0.8, 1]);
  });

  test('is told for each subject and each window anew', async () => {
    const { world, alerts } = alerting({ per: 'user' });
    await spendTokens(world, 600, 'alice');
    await spendTokens(world, 600, 'bob');
    await world.clock.advance(hourMs);
    await spendTokens(world, 600, 'alice');
    expect(alerts.map(({ subject, share }) => [subject, share])).toEqual([
      ['alice', 0.5],
      ['bob', 0.5],
      ['alice', 0.5],
    ]);
  });

  test('is told by one of all processes that share a state', async () => {
    const first = alerting();
    const second = alerting({}, { state: first.world.state }, first.world);
    await spendTokens(first.world, 300);
    await spendTokens(second.world, 300);
    await spendTokens(first.world, 100);
    await spendTokens(second.world, 200);
    expect([first.shares(), second.shares()]).toEqual([[], [0.5, 0.8]]);
  });

  test('is told at the shares that were asked for, each once, in rising order', async () => {
    const { world, shares } = alerting({ alertAt: [0.9, 0.1, 0.9, 2], onExceed: 'warn' });
    await spendTokens(world, 950);
    await spendTokens(world, 2_000);
    expect(shares()).toEqual([0.1, 0.9, 2]);
  });

  test('tells of a budget that is used up when it refuses, as a strict one hardly ever comes to its very limit', async () => {
    const { world, shares } = alerting();
    await spendTokens(world, 990);
    expect(shares()).toEqual([0.5, 0.8]);
    expect(await rejection(spendTokens(world, 100))).toBeDefined();
    expect(await rejection(spendTokens(world, 100))).toBeDefined();
    expect(shares()).toEqual([0.5, 0.8, 1]);
  });

  test('does not take what is asked for at once in too great a quantity for a budget that is used up', async () => {
    const { world, shares } = alerting();
    await spendTokens(world, 300);
    world.provider.reset();
    expect(
      await rejection(
        world.llm.clients.openai.chat.completions.create({
          model: 'gpt',
          messages: [{ role: 'user', content: 'x'.repeat(20_000) }],
        }),
      ),
    ).toBeDefined();
    expect(shares()).toEqual([]);
  });

  test('is told again after a reset, by whichever process', async () => {
    const { world, shares } = alerting({ window: 'manual' });
    const other = alerting({ window: 'manual' }, { state: world.state }, world);
    await spendTokens(world, 600);
    expect(shares()).toEqual([0.5]);
    await world.spend.reset();
    await spendTokens(world, 600);
    expect(shares()).toEqual([0.5, 0.5]);
    await other.world.spend.reset();
    await spendTokens(world, 100);
    await spendTokens(world, 500);
    expect(shares()).toEqual([0.5, 0.5, 0.5]);
  });

  test('of a rolling window is told again when the share is passed again, at the earliest after its length', async () => {
    const { world, shares } = alerting({ window: { rollingMs: 60_000 } });
    await spendTokens(world, 600);
    await spendTokens(world, 250);
    expect(shares()).toEqual([0.5, 0.8]);
    await world.clock.advance(62_000);
    await spendTokens(world, 300);
    expect(shares()).toEqual([0.5, 0.8]);
    await spendTokens(world, 300);
    expect(shares()).toEqual([0.5, 0.8, 0.5]);
  });

  test('does not come back because a raise has ended', async () => {
    const { world, shares } = alerting();
    await spendTokens(world, 600);
    await world.spend.raise({}, { usd: 0.1, forMs: 1_000 });
    await spendTokens(world, 10);
    await world.clock.advance(1_000);
    await spendTokens(world, 10);
    expect(shares()).toEqual([0.5]);
  });

  test('of a listener that throws hurts no call', async () => {
    const { world } = alerting();
    world.llm.on('budget:alert', () => {
      throw new Error('pager is down');
    });
    await spendTokens(world, 600);
    expect(world.errors).toHaveLength(1);
  });
});

describe('looking at a budget', () => {
  test('tells what is used, set aside and left, and lists the fullest first', async () => {
    const world = counting({ per: 'user', limitUsd: 0.01 });
    await spendTokens(world, 100, 'alice');
    await spendTokens(world, 500, 'bob');
    expect((await world.spend.list()).map(({ subject }) => subject)).toEqual(['bob', 'alice']);
    world.provider.next({ latencyMs: 100 });
    const asked = world.llm.with({ user: 'alice' }).clients.openai.chat.completions.create({
      model: 'gpt',
      messages: [{ role: 'user', content: '' }],
      max_completion_tokens: 200,
    });
    await world.clock.advance(50);
    expect(await world.spend.status({ user: 'alice' })).toEqual({
      budget: 'budget-1',
      subject: 'alice',
      usedUsd: 0.001,
      usedTokens: 100,
      reservedUsd: 0.002 + frame * 1e-6,
      reservedTokens: 200 + frame,
      limitUsd: 0.01,
      limitTokens: undefined,
      resetAt: world.clock.now() - 50 + hourMs,
    });
    await world.clock.advance(50);
    await asked;
  });

  test('needs to be told whose part is meant, where it counts apart', async () => {
    const world = counting({ per: 'user' });
    for (const asked of [
      world.spend.status(),
      world.spend.reset(),
      world.spend.raise({}, { usd: 1, forMs: 1 }),
    ])
      await expect(asked).rejects.toMatchObject({ code: 'caller-required', details: { missing: 'user' } });
  });

  test('lists what was lost with its process, and gives it back by hand, once', async () => {
    const world = counting({ per: 'user' });
    world.provider.next({ hang: true });
    const abandoned = spending({ per: 'user' }, { state: world.state }, world);
    // A process that stops: its timers never come again.
    const timers = world.clock.setTimeout;
    Object.assign(world.clock, { setTimeout: () => ({}) });
    void abandoned.llm
      .with({ user: 'alice' })
      .clients.openai.chat.completions.create({
        model: 'gpt',
        messages: [{ role: 'user', content: '' }],
        max_completion_tokens: 200,
      })
      .catch(() => {});
    await world.clock.advance(0);
    Object.assign(world.clock, { setTimeout: timers });
    const reservedAt = world.clock.now();
    expect(await world.spend.lost()).toEqual([]);
    await world.clock.advance(60_001);
    const [lost, ...others] = await world.spend.lost();
    expect(others).toEqual([]);
    expect(lost).toEqual({
      id: expect.any(String),
      subject: 'alice',
      usd: 0.002 + frame * 1e-6,
      tokens: 200 + frame,
      reservedAt,
      lostAt: reservedAt + 60_000,
    });
    expect(await world.spend.status({ user: 'alice' })).toMatchObject({
      usedUsd: 0.002 + frame * 1e-6,
      reservedUsd: 0,
    });
    expect(await world.spend.release(lost?.id ?? '')).toBe(true);
    expect(await world.spend.release(lost?.id ?? '')).toBe(false);
    expect(await world.spend.status({ user: 'alice' })).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
    expect(await world.spend.lost()).toEqual([]);
  });

  test('keeps what is under way for as long as it takes', async () => {
    const world = counting();
    world.provider.next({ usage, latencyMs: 10 * 60_000 });
    const asked = sdk.create(world.llm, { timeout: hourMs });
    await world.clock.advance(5 * 60_000);
    expect(await world.spend.lost()).toEqual([]);
    expect((await world.spend.status()).reservedUsd).toBeGreaterThan(0);
    await world.clock.advance(5 * 60_000);
    await asked;
    expect(await used(world)).toBe(1);
    await accounted(world);
  });
});
