import { ManagedLLMError, type Accounts, type BudgetOptions } from 'managed-llm';
import { describe, expect, test } from 'vitest';
import { openai as sdk, readAll, rejection, sdks } from './governed.ts';
import { ceilingStatus, refused, spending, type Spending } from './spending.ts';
import { stateThat, type Fate } from './state-doubles.ts';

const usage = { inputTokens: 3, outputTokens: 100 };
const cost = 0.001_003;

const unreachable = () => new ManagedLLMError({ code: 'state-unreachable', message: 'The store is away.' });

/** What becomes of questions while the store fails. */
const failures: Readonly<Record<string, Fate>> = {
  throws: () => {
    throw unreachable();
  },
  rejects: () => Promise.reject(unreachable()),
  'rejects with what is no error of ours': () => Promise.reject(new TypeError('socket hang up')),
  'does as it is told, and its answer is lost': (_method, answer) => {
    answer();
    return Promise.reject(unreachable());
  },
};

interface Failing extends Spending {
  /** From now on. */
  fail(fate: Fate | undefined, ...methods: (keyof Accounts)[]): void;
  readonly asked: (keyof Accounts)[];
}

function failing(options: Partial<BudgetOptions> = {}): Failing {
  let current: Fate | undefined;
  let of: readonly (keyof Accounts)[] = [];
  const asked: (keyof Accounts)[] = [];
  const fate: Fate = (method, answer) => {
    asked.push(method);
    return current !== undefined && (of.length === 0 || of.includes(method))
      ? current(method, answer)
      : answer();
  };
  const world = spending(options, (clock) => ({ state: stateThat(fate, clock) }));
  world.provider.always({ usage });
  return {
    ...world,
    asked,
    fail(next, ...methods) {
      current = next;
      of = methods;
    },
  };
}

const reports = ({ errors }: Spending) => errors.map(({ code }) => code);

describe.each(Object.entries(failures))('while the state %s', (_title, fate) => {
  describe.each(sdks)('a budget refuses ($name)', (each) => {
    test('plain calls and streams, as unreachable, with nothing sent and nothing left behind', async () => {
      const world = failing();
      const scoped = world.llm.with({ maxCostUsd: 1 });
      world.fail(fate);
      for (const ask of [each.create, each.stream]) {
        const error = await rejection(ask(scoped, { maxRetries: 0 }));
        expect(error).toBeInstanceOf(each.InternalServerError);
        expect(ManagedLLMError.from(error)).toMatchObject({
          code: 'state-unreachable',
          status: 503,
          details: { budget: 'budget-1' },
        });
      }
      expect(world.provider.requests).toHaveLength(0);
      expect(await ceilingStatus(scoped)).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
      world.fail(undefined);
      await world.clock.advance(2_000);
      expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
      await each.create(scoped);
      await world.llm.idle();
      expect(await world.spend.status()).toMatchObject({ usedUsd: cost, reservedUsd: 0 });
    });
  });

  test('a budget that allows it lets calls through, and counts each once when the state is back', async () => {
    const world = failing({ onStateFailure: 'allow' });
    world.fail(fate);
    await sdk.create(world.llm);
    await readAll(await sdk.stream(world.llm));
    await sdk.create(world.llm);
    expect(world.provider.requests).toHaveLength(3);
    expect(world.receipts.map(({ facts }) => facts.spend?.chargedNanoUsd)).toEqual([
      1_003_000, 1_003_000, 1_003_000,
    ]);
    await world.llm.idle();
    world.fail(undefined);
    await world.clock.advance(2_000);
    expect((await world.spend.status()).usedUsd).toBeCloseTo(3 * cost, 12);
    expect((await world.spend.status()).reservedUsd).toBe(0);
    await world.clock.advance(600_000);
    expect((await world.spend.status()).usedUsd).toBeCloseTo(3 * cost, 12);
  });

  test('that is reported once for all calls, and again when it fails anew', async () => {
    const world = failing({ onStateFailure: 'allow' });
    world.fail(fate, 'reserve');
    for (let call = 0; call < 5; call++) await sdk.create(world.llm);
    await world.llm.idle();
    const first = reports(world).length;
    expect(first).toBeGreaterThanOrEqual(1);
    expect(first).toBeLessThanOrEqual(2);
    for (let call = 0; call < 5; call++) await sdk.create(world.llm);
    await world.clock.advance(10_000);
    expect(reports(world)).toHaveLength(first);
    world.fail(undefined);
    await world.clock.advance(2_000);
    await sdk.create(world.llm);
    expect(reports(world)).toHaveLength(first);
    world.fail(fate, 'reserve');
    await sdk.create(world.llm);
    await world.llm.idle();
    expect(reports(world).length).toBeGreaterThan(first);
  });

  test('when a call is settled: it is told until it is heard, and counts once', async () => {
    const world = failing();
    world.fail(fate, 'settle');
    await sdk.create(world.llm);
    await world.llm.idle();
    expect(reports(world)).toHaveLength(1);
    await world.clock.advance(30_000);
    world.fail(undefined);
    await world.clock.advance(2_000);
    expect(await world.spend.status()).toMatchObject({ usedUsd: cost, reservedUsd: 0 });
    expect(reports(world)).toHaveLength(1);
  });

  test('for longer than a lease when a call is settled: it counts as it did cost when it is back', async () => {
    const world = failing();
    world.fail(fate, 'settle', 'renew');
    await sdk.create(world.llm);
    await world.clock.advance(300_000);
    world.fail(undefined);
    await world.clock.advance(2_000);
    expect(await world.spend.status()).toMatchObject({ usedUsd: cost, reservedUsd: 0 });
    expect(await world.spend.lost()).toEqual([]);
  });

  test('when a lease is renewed: reported once, and what ends later counts as it did cost', async () => {
    const world = failing();
    world.provider.next({ usage, latencyMs: 180_000 });
    const asked = sdk.create(world.llm, { timeout: 600_000 });
    await world.clock.advance(1_000);
    world.fail(fate, 'renew');
    await world.clock.advance(120_000);
    expect(reports(world)).toHaveLength(1);
    world.fail(undefined);
    await world.clock.advance(60_000);
    await asked;
    await world.llm.idle();
    expect(await world.spend.status()).toMatchObject({ usedUsd: cost, reservedUsd: 0 });
  });

  test('when an alert is marked: reported, and no call is hurt', async () => {
    const world = failing({ limitUsd: 0.002 });
    world.fail(fate, 'alertOnce');
    await world.llm.clients.openai.chat.completions.create({
      model: 'gpt',
      messages: [{ role: 'user', content: 'hello' }],
      max_tokens: 100,
    });
    await world.llm.idle();
    await world.clock.advance(0);
    expect(reports(world)).toHaveLength(1);
  });

  test('looking at the budget says so', async () => {
    const world = failing();
    world.fail(fate);
    await expect(Promise.resolve().then(() => world.spend.status())).rejects.toBeDefined();
    await expect(Promise.resolve().then(() => world.spend.list())).rejects.toBeDefined();
  });

  test('`idle` and `close` do not wait for it; what could not be told is reported', async () => {
    const world = failing();
    await sdk.create(world.llm);
    world.fail(fate, 'settle', 'release', 'reserve');
    world.provider.next({ usage, latencyMs: 100 });
    world.fail(fate, 'settle');
    const asked = sdk.create(world.llm);
    await world.clock.advance(100);
    await asked;
    await world.llm.idle();
    await world.llm.close();
    expect(world.errors.map(({ message, cause }) => `${message} ${String(cause)}`).join('\n')).toMatch(
      /1 ended reservation/,
    );
    expect(world.clock.pending).toBeLessThanOrEqual(1);
  });
});

describe('while the state does not answer', () => {
  const hanging: Fate = () => new Promise(() => {});

  test('a call ends with its deadline, and holds nothing of its ceilings', async () => {
    const world = failing();
    const scoped = world.llm.with({ maxCostUsd: 1, deadlineMs: 500 });
    world.fail(hanging, 'reserve');
    const failed = rejection(sdk.create(scoped));
    await world.clock.advance(500);
    expect(String(await failed)).toMatch(/timed out/i);
    expect(await ceilingStatus(scoped)).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
    expect(world.receipts[0]).toMatchObject({ outcome: 'timed-out', attempts: [] });
    expect(world.provider.requests).toHaveLength(0);
  });

  test('and answers when nobody is there any more: what it has set aside is given back', async () => {
    const world = failing();
    let late: () => void = () => {};
    world.fail((_method, answer) => new Promise((resolve) => (late = () => resolve(answer()))), 'reserve');
    const abort = new AbortController();
    const failed = rejection(sdk.create(world.llm, { signal: abort.signal }));
    await world.clock.advance(10);
    abort.abort();
    await failed;
    world.fail(undefined);
    late();
    await world.llm.idle();
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
    expect(await world.spend.lost()).toEqual([]);
    expect(world.provider.requests).toHaveLength(0);
  });

  test('`idle` and `close` wait for ten seconds, and no longer', async () => {
    for (const method of ['reserve', 'settle'] as const) {
      const world = failing();
      world.fail(hanging, method);
      const asked = sdk.create(world.llm.with({ deadlineMs: 100 })).catch(() => {});
      await world.clock.advance(100);
      await asked;
      let isIdle = false;
      const idle = world.llm.idle().then(() => (isIdle = true));
      await world.clock.advance(9_000);
      expect(isIdle).toBe(false);
      await world.clock.advance(1_000);
      await idle;
      const closed = world.llm.close();
      await world.clock.advance(20_000);
      await closed;
      expect(world.clock.pending).toBeLessThanOrEqual(1);
      expect(reports(world)).toHaveLength(method === 'settle' ? 1 : 0);
    }
  });

  test('one that waits in vain for an answer holds up nobody who waits for something else', async () => {
    const world = failing({ per: 'user', limitUsd: 0.002 });
    world.provider.always({ usage: { inputTokens: 3, outputTokens: 1 }, latencyMs: 1_000 });
    const ask = (user: string) =>
      world.llm
        .with({ user })
        .clients.openai.chat.completions.create(
          { model: 'gpt', messages: [{ role: 'user', content: 'hello' }], max_tokens: 150 },
          { maxRetries: 0 },
        );
    const first = [ask('alice'), ask('bob')];
    await world.clock.advance(0);
    const waiting = ask('alice').catch(() => {});
    await world.clock.advance(0);
    world.fail(hanging, 'reserve');
    await world.clock.advance(400);
    world.fail(undefined);
    const other = ask('bob');
    await world.clock.advance(600);
    await Promise.all(first);
    await world.clock.advance(1_000);
    await other;
    const closed = world.llm.close({ timeoutMs: 0 });
    await world.clock.advance(10_000);
    await Promise.all([closed, waiting]);
    expect(world.clock.pending).toBeLessThanOrEqual(1);
  });
});

test('an answer that is lost before it was reserved, and one after, look the same to a budget: neither leaves anything', async () => {
  for (const isDone of [true, false]) {
    const world = failing();
    world.fail((_method, answer) => {
      if (isDone) answer();
      return Promise.reject(unreachable());
    }, 'reserve');
    await refused(sdk.create(world.llm, { maxRetries: 0 }));
    await world.llm.idle();
    expect(await world.spend.status()).toMatchObject({ usedUsd: 0, reservedUsd: 0 });
  }
});

test('a state of another version is told as that', async () => {
  const world = failing();
  world.fail(() => {
    throw new ManagedLLMError({ code: 'state-incompatible', message: 'It was written by a newer version.' });
  });
  const error = await refused(sdk.create(world.llm, { maxRetries: 0 }));
  expect(error).toMatchObject({ code: 'state-incompatible', retryable: false });
  expect(error.message).toMatch(/written by a newer version/);
});

test('a state that cannot keep budgets is refused at construction', () => {
  expect(() =>
    spending({}, (clock) => ({
      state: { ...stateThat((_m, a) => a(), clock), accounts: undefined } as never,
    })),
  ).toThrow(/`state` \(`memory`\) cannot keep budgets/);
});
