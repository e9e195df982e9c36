import { ManagedLLMError, type BudgetOptions } from 'managed-llm';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ReceivedRequest, ScriptedReply } from 'managed-llm/testing';
import { rejection, sdks, type Governed, type OptionsOf } from './governed.ts';
import {
  accounted,
  billedUsd,
  ceilinged,
  ceilingStatus,
  refused,
  spending,
  type Spending,
} from './spending.ts';
import { stateThat } from './state-doubles.ts';

/** A state that answers later, as one in another process does. */
const slow: OptionsOf = (clock) => ({ state: stateThat((_method, answer) => later().then(answer), clock) });

async function later(): Promise<void> {
  for (let each = 0; each < 5; each++) await Promise.resolve();
}

const states: readonly (readonly [string, OptionsOf])[] = [
  ['memory', {}],
  ['a state that answers later', slow],
];

/** `hello`, and what frames it, are bounded by less than this. USD. */
const inputUsd = 0.000_4;

interface AskOptions {
  readonly model?: string;
  readonly tokens?: number;
  readonly signal?: AbortSignal;
}

/** One question that can have so many tokens of output: ten micro-USD each. */
function ask(
  { llm }: { readonly llm: Pick<Governed['llm'], 'clients'> },
  { model = 'gpt', tokens = 1_000, signal }: AskOptions = {},
): Promise<unknown> {
  const messages = [{ role: 'user' as const, content: 'hello' }];
  return llm.clients.openai.chat.completions.create(
    { model, messages, max_completion_tokens: tokens },
    { maxRetries: 0, ...(signal && { signal }) },
  );
}

const usage = { inputTokens: 3, outputTokens: 500 };

/** Half of what is asked for, where there is room for that. */
const modest = ({ body }: ReceivedRequest): ScriptedReply => {
  const { max_completion_tokens: limit } = body as { readonly max_completion_tokens: number };
  return { usage: { ...usage, outputTokens: Math.min(500, limit) }, latencyMs: 100 };
};

/** `finished`, or the code of the error. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'finished';
  } catch (error) {
    return ManagedLLMError.from(error)?.code ?? String(error);
  }
}

const outcomes = (calls: readonly Promise<unknown>[]): Promise<readonly string[]> =>
  Promise.all(calls.map(outcomeOf));

const count = (all: readonly string[], one: string) => all.filter((each) => each === one).length;

// What budgets take is loaded with the first call, which the clock does not wait for.
beforeAll(async () => {
  const world = spending({ limitUsd: 1 });
  world.provider.always({ usage });
  await ask(world);
});

describe.each(states)('calls that race (%s)', (_title, state) => {
  test('for the last cent: as many are sent as it pays for, and the others are refused', async () => {
    const world = spending({ limitUsd: 0.01 + inputUsd, maxWaitMs: 0 }, state);
    world.provider.always({ usage });
    const all = await outcomes(Array.from({ length: 50 }, () => ask(world, { tokens: 1_000 })));
    expect(count(all, 'finished')).toBe(1);
    expect(count(all, 'budget-exceeded')).toBe(49);
    expect(world.provider.requests).toHaveLength(1);
    await accounted(world);
  });

  test('and may wait: as many are sent as what they really cost pays for', async () => {
    const limitUsd = 0.05;
    const world = spending({ limitUsd, maxWaitMs: 60_000 }, state);
    world.provider.always(modest);
    const calls = outcomes(Array.from({ length: 50 }, () => ask(world)));
    await world.clock.advance(60_000);
    const all = await calls;
    // Half of what is set aside for each is given back; the last has what is left, with less room for its answer.
    expect(count(all, 'finished')).toBe(10);
    expect(count(all, 'budget-exceeded')).toBe(40);
    expect(await accounted(world)).toBeGreaterThan(0.99 * limitUsd);
  });

  test('for several budgets at once: each has all it needs or takes nothing of any', async () => {
    const world = spending(
      [
        { limitUsd: 1, per: 'user' },
        { limitUsd: 0.02 + 2 * inputUsd },
        { limitTokens: 100_000, limitUsd: 1 },
      ],
      state,
    );
    world.provider.always({ usage });
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
    const all = await outcomes(
      users.map((user) => ask({ llm: world.llm.with({ user }) }, { tokens: 1_000 })),
    );
    expect(count(all, 'finished')).toBeGreaterThanOrEqual(2);
    await world.llm.idle();
    const [perUser, together] = world.budgets;
    const lines = (await perUser?.list()) ?? [];
    const sum = lines.reduce((total, { usedUsd }) => total + usedUsd, 0);
    const { usedUsd } = (await together?.status()) ?? {};
    expect(sum).toBeCloseTo(usedUsd ?? NaN, 9);
    expect(sum).toBeCloseTo(billedUsd(world), 9);
    for (const { reservedUsd } of lines) expect(reservedUsd).toBe(0);
  });

  test('in several processes that share a state: together no more than it allows', async () => {
    const options = { limitUsd: 0.02 + 2 * inputUsd, maxWaitMs: 0 };
    const world = spending(options, state);
    const others = [1, 2].map(() => spending(options, { state: world.state }, world));
    world.provider.always({ usage });
    const all = await outcomes(
      [world, ...others].flatMap((each) => Array.from({ length: 20 }, () => ask(each, { tokens: 1_000 }))),
    );
    expect(count(all, 'finished')).toBe(2);
    expect(count(all, 'budget-exceeded')).toBe(58);
    await accounted(world);
  });
});

describe.each(states)('waiting for what others have set aside (%s)', (_title, state) => {
  /** Room for one at a time, that takes a second. */
  function single(options: Partial<BudgetOptions> = {}): Spending {
    const world = spending({ limitUsd: 0.015, ...options }, state);
    world.provider.always({ usage: { inputTokens: 3, outputTokens: 1 }, latencyMs: 1_000 });
    return world;
  }

  const sent = ({ provider }: Spending) => provider.requests.map(({ model }) => model);

  test('ends as soon as it is given back, and is told in the receipt', async () => {
    const world = single();
    const first = ask(world, { model: 'one' });
    const second = ask(world, { model: 'two' });
    await world.clock.advance(999);
    expect(sent(world)).toEqual(['one']);
    await world.clock.advance(1);
    expect(sent(world)).toEqual(['one', 'two']);
    await world.clock.advance(1_000);
    await Promise.all([first, second]);
    expect(world.receipts.map(({ facts }) => facts.spend?.waitedMs)).toEqual([undefined, 1_000]);
    await accounted(world);
  });

  test('has turns in the order of coming', async () => {
    const world = single();
    const calls = ['one', 'two', 'small', 'gpt'].map((model) => ask(world, { model }));
    await world.clock.advance(10_000);
    await Promise.all(calls);
    expect(sent(world)).toEqual(['one', 'two', 'small', 'gpt']);
    await accounted(world);
  });

  test('lasts up to `maxWaitMs`, then it is refused with what stood in the way', async () => {
    const world = single({ maxWaitMs: 400 });
    const first = ask(world, { model: 'one' });
    const second = refused(ask(world, { model: 'two' }));
    await world.clock.advance(400);
    expect(await second).toMatchObject({
      code: 'budget-exceeded',
      details: { because: 'waited', reservedUsd: expect.closeTo(0.01, 3), usedUsd: 0, limitUsd: 0.015 },
    });
    await world.clock.advance(1_000);
    await first;
    await accounted(world);
  });

  test('is over at once with an abort: nothing stays set aside, and whoever waits behind is next', async () => {
    const world = single();
    const abort = new AbortController();
    const first = ask(world, { model: 'one' });
    const second = rejection(ask(world, { model: 'two', signal: abort.signal }));
    const third = ask(world, { model: 'small' });
    await world.clock.advance(500);
    abort.abort();
    await second;
    await world.clock.advance(1_500);
    await Promise.all([first, third]);
    expect(sent(world)).toEqual(['one', 'small']);
    await accounted(world);
  });

  test('is over at once with the deadline of its call', async () => {
    const world = single();
    const first = ask(world, { model: 'one' });
    const hurried = { llm: world.llm.with({ deadlineMs: 300 }) };
    const second = rejection(ask(hurried, { model: 'two' }));
    await world.clock.advance(300);
    expect(String(await second)).toMatch(/timed out/i);
    await world.clock.advance(1_000);
    await first;
    expect(world.receipts.map(({ outcome }) => outcome)).toEqual(['timed-out', 'finished']);
    await accounted(world);
  });

  test('does not let small ones pass a large one', async () => {
    const world = single({ limitUsd: 0.02 });
    const running = ask(world, { model: 'one', tokens: 1_000 });
    const large = ask(world, { model: 'two', tokens: 1_500 });
    await world.clock.advance(1);
    const small = Array.from({ length: 5 }, () => ask(world, { model: 'small', tokens: 300 }));
    await world.clock.advance(999);
    expect(sent(world).slice(0, 2)).toEqual(['one', 'two']);
    await world.clock.advance(20_000);
    await Promise.all([running, large, ...small]);
    await accounted(world);
  });

  test('holds up nobody who wants something of others', async () => {
    const world = single({ per: 'user' });
    const of = (user: string) => ({ llm: world.llm.with({ user }) });
    const first = ask(of('alice'), { model: 'one' });
    const waiting = ask(of('alice'), { model: 'two' });
    await world.clock.advance(1);
    const other = ask(of('bob'), { model: 'small' });
    await world.clock.advance(0);
    expect(sent(world)).toEqual(['one', 'small']);
    await world.clock.advance(5_000);
    await Promise.all([first, waiting, other]);
  });

  test('is not for what nobody can give back: that is refused at once', async () => {
    const world = single({ limitUsd: 0.002 });
    const first = ask(world, { model: 'one', tokens: 150 });
    await world.clock.advance(1);
    expect(await refused(ask(world, { model: 'two', tokens: 100_000 }).then(() => {}))).toMatchObject({
      code: 'budget-exceeded',
    });
    await world.clock.advance(1_000);
    await first;
  });

  test('sees what another process gives back within a third of a second', async () => {
    const world = single();
    const elsewhere = spending({ limitUsd: 0.015 }, { state: world.state }, world);
    const first = ask(world, { model: 'one' });
    await world.clock.advance(1);
    const second = ask(elsewhere, { model: 'two' });
    await world.clock.advance(999);
    expect(sent(world)).toEqual(['one']);
    await world.clock.advance(334);
    expect(sent(world)).toEqual(['one', 'two']);
    await world.clock.advance(1_000);
    await Promise.all([first, second]);
    await accounted(world);
  });
});

test('at most 10,000 wait: who comes then is refused at once', async () => {
  const world = spending({ limitUsd: 0.015 });
  const question = { model: 'openai/gpt', messages: 'hello', maxOutputTokens: 1_000 };
  // What is loaded on first use is there from now on.
  await world.llm.chat(question);
  world.provider.always({ usage: { inputTokens: 3, outputTokens: 1 }, latencyMs: 60_000 });
  const first = world.llm.chat(question);
  const hurried = world.llm.with({ deadlineMs: 100 });
  const waiting = Array.from({ length: 10_000 }, () => rejection(hurried.chat(question)));
  await world.clock.advance(0);
  expect(await refused(ask(world))).toMatchObject({
    code: 'budget-exceeded',
    details: { because: 'queue-full' },
  });
  await world.clock.advance(100);
  await Promise.all(waiting);
  await world.clock.advance(60_000);
  await first;
  await accounted(world);
}, 30_000);

describe.each(sdks)('a ceiling ($name)', (sdk) => {
  test('waits for its own calls as budgets do', async () => {
    const world = ceilinged();
    world.provider.always({ usage: { inputTokens: 3, outputTokens: 10 }, latencyMs: 100 });
    const scoped = world.llm.with({ maxCostUsd: 0.2 });
    const calls = Array.from({ length: 10 }, () => sdk.create(scoped));
    await world.clock.advance(60_000);
    await Promise.all(calls);
    expect(await ceilingStatus(scoped)).toMatchObject({ reservedUsd: 0 });
  });
});
