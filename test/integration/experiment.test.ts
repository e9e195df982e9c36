import {
  cache,
  experiment,
  memoryState,
  receipts as receiptsOf,
  type Experiment,
  type ExperimentOptions,
  type Interceptor,
} from 'managed-llm';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  anthropic,
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  type Governed,
  type TestOptions,
} from './governed.ts';
import { once, until } from './neutral.ts';

const arms = { control: {}, short: { parameters: { maxOutputTokens: 50, topK: 3 } } };
const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
const models = { 'openai/*': { price }, 'anthropic/*': { price }, 'backup/*': { price } };
/** Everybody is in the other arm. */
const onlyShort = { weights: { control: 0 } } as const;

interface World extends Governed {
  readonly length: Experiment<'control' | 'short'>;
}

function world(options: Partial<ExperimentOptions<'control' | 'short'>> = {}, more: TestOptions = {}): World {
  const length = experiment({ name: 'length', arms, by: 'call', ...options });
  const interceptors = [length, once, ...(more.interceptors ?? [])];
  return { ...governed({ models, ...more, interceptors }), length };
}

const sent = ({ provider }: Governed): unknown[] => provider.requests.map(({ body }) => body);

describe.each(sdks)('calls through the client of $name', (sdk) => {
  test.each([false, true])('get the parameters of their arm, and tell it (stream: %s)', async (stream) => {
    const all = world(onlyShort);
    if (stream) await readAll(await sdk.stream(all.llm));
    else await sdk.create(all.llm);
    await all.llm.idle();
    const limit = sdk.name === 'openai' ? 'max_completion_tokens' : 'max_tokens';
    expect(sent(all)).toMatchObject([{ [limit]: 50 }]);
    const definition: unknown = expect.stringMatching(/^[\w-]{16}$/);
    expect(all.receipts.map(({ facts }) => facts.experiments)).toEqual([
      [{ experiment: 'length', definition, arm: 'short', by: 'call', leftOut: ['topK'] }],
    ]);
    const { short } = (await all.length.results()).arms;
    expect(short.calls).toBe(1);
    expect(short.metrics).toMatchObject({
      error: { n: 1, mean: 0 },
      refusal: { n: 1, mean: 0 },
      costUsd: { n: 1, mean: all.receipts[0]?.costUsd },
      latencyMs: { n: 1 },
    });
  });

  test.each([false, true])('that are refused by the model count as refused (stream: %s)', async (stream) => {
    const all = world(onlyShort);
    all.provider.always({ refusal: 'I cannot.' });
    if (stream) await readAll(await sdk.stream(all.llm));
    else await sdk.create(all.llm);
    all.provider.always({ text: 'How a "refusal" is spelt.' });
    if (stream) await readAll(await sdk.stream(all.llm));
    else await sdk.create(all.llm);
    expect((await all.length.results()).arms.short.metrics.refusal).toMatchObject({ n: 2, mean: 0.5 });
  });

  test('that fail count as failed, with no time of an answer', async () => {
    const all = world(onlyShort);
    all.provider.always({ status: 500 });
    expect(await rejection(sdk.create(all.llm))).toBeInstanceOf(sdk.InternalServerError);
    const { metrics } = (await all.length.results()).arms.short;
    expect(metrics.error).toMatchObject({ n: 1, mean: 1 });
    expect([metrics.latencyMs, metrics.refusal]).toEqual([undefined, undefined]);
  });

  test('whose stream is broken off or aborted are in the arm, and measured in nothing', async () => {
    const all = world(onlyShort);
    for await (const _ of await sdk.stream(all.llm)) break;
    const abort = new AbortController();
    all.provider.always({ latencyMs: 1_000 });
    const aborted = rejection(sdk.create(all.llm, { signal: abort.signal }));
    await until(() => all.provider.requests.length === 2);
    abort.abort();
    await aborted;
    await all.llm.idle();
    const { calls, metrics } = (await all.length.results()).arms.short;
    expect(calls).toBe(2);
    expect(metrics).toEqual({});
  });

  test('of the control go as they were asked, the very bytes', async () => {
    const [all, bare] = [world({ weights: { short: 0 } }), governed()];
    await sdk.create(all.llm);
    await sdk.create(bare.llm);
    expect(all.provider.requests[0]?.bodyText).toBe(bare.provider.requests[0]?.bodyText);
    await all.llm.idle();
    expect(all.receipts[0]?.facts.experiments).toMatchObject([{ arm: 'control' }]);
  });
});

describe('a model as an arm', () => {
  test('takes the place of the one that is asked for, also in another format', async () => {
    const model = experiment({
      name: 'model',
      arms: { control: {}, claude: { model: 'smart' } },
      weights: { control: 0 },
      by: 'call',
    });
    const all = governed({ routes: { smart: 'anthropic/claude' }, interceptors: [model] });
    await openai.create(all.llm);
    await readAll(await openai.stream(all.llm));
    expect(all.provider.requests.map(({ path }) => path)).toEqual(['/v1/messages', '/v1/messages']);
    expect(all.receipts.map(({ target, facts }) => [target?.provider, facts.experiments?.[0]?.arm])).toEqual(
      Array.from({ length: 2 }, () => ['anthropic', 'claude']),
    );
  });

  test('that nobody knows is refused at construction, as is a state that cannot count', () => {
    const made = (model: string) => () =>
      governed({
        routes: { smart: 'openai/gpt' },
        interceptors: [experiment({ name: 'model', arms: { control: {}, other: { model } } })],
      });
    expect(made('smrat')).toThrow(
      '`experiment.arms.other.model` is "smrat", which is neither a route nor `provider/model`. Did you mean "smart"?',
    );
    expect(made('antrhopic/claude')).toThrow('Did you mean "anthropic/claude"?');
    expect(made('openai/')).toThrow('Providers: openai, anthropic, backup.');
    const { documents: _documents, ...state } = memoryState();
    expect(() => world({}, { state })).toThrow(/`documents` and `tallies`/);
  });
});

describe('who stays with an arm', () => {
  const armsOf = async ({ llm, receipts }: Governed): Promise<readonly (string | undefined)[]> => {
    await llm.idle();
    return receipts.map(({ facts }) => facts.experiments?.[0]?.arm);
  };

  test('is a user of a tenant: the same always, and in another process', async () => {
    const [one, other] = [world({ by: 'user' }), world({ by: 'user' })];
    for (const { llm } of [one, one, other])
      for (let user = 0; user < 20; user++)
        await openai.create(llm.with({ user: `user-${user}`, tenant: 'acme' }));
    const [first, second] = [(await armsOf(one)).slice(0, 20), (await armsOf(one)).slice(20)];
    expect(new Set(first)).toEqual(new Set(['control', 'short']));
    expect(second).toEqual(first);
    expect(await armsOf(other)).toEqual(first);
    for (let user = 0; user < 20; user++)
      await openai.create(one.llm.with({ user: `user-${user}`, tenant: 'globex' }));
    expect((await armsOf(one)).slice(40)).not.toEqual(first);
  });

  test('is nobody of a call without one: it is not in the experiment', async () => {
    const all = world({ by: 'user' });
    await openai.create(all.llm.with({ tenant: 'acme' }));
    expect(await armsOf(all)).toEqual([undefined]);
  });

  test('is a conversation, through all its turns', async () => {
    const all = world({ by: 'conversation' });
    const begins = Array.from({ length: 10 }, (_, index) => `question ${index}`);
    for (const begin of begins) {
      const { chat } = all.llm.with({ user: 'alice' }).clients.openai;
      const turn = { role: 'user' as const, content: begin };
      await chat.completions.create({ model: 'gpt', messages: [turn] });
      const messages = [turn, { role: 'assistant' as const, content: 'ok' }, turn];
      await chat.completions.create({ model: 'gpt', messages });
    }
    const found = await armsOf(all);
    expect(new Set(found)).toEqual(new Set(['control', 'short']));
    for (let index = 0; index < found.length; index += 2) expect(found[index + 1]).toBe(found[index]);
  });

  test('is a call with all turns of its tool loop', async () => {
    const all = world();
    const tools = [{ name: 'look', parameters: {}, execute: () => 'seen' }];
    for (let index = 0; index < 10; index++) {
      all.provider.next({ toolCalls: [{ name: 'look', arguments: {} }] }, { text: 'done' });
      await all.llm.chat({ model: 'openai/gpt', messages: 'Look.', tools });
    }
    const found = await armsOf(all);
    expect(found).toHaveLength(20);
    expect(new Set(found)).toEqual(new Set(['control', 'short']));
    for (let index = 0; index < found.length; index += 2) expect(found[index + 1]).toBe(found[index]);
  });

  test('is what a function says; one that throws is reported, and its call made as asked', async () => {
    const all = world({
      by: ({ settings }) => {
        if (settings.team === undefined) throw new Error('no team');
        return settings.team;
      },
    });
    await openai.create(all.llm.with({ team: 'blue' }));
    await openai.create(all.llm);
    expect(await armsOf(all)).toEqual([expect.any(String), undefined]);
    expect(all.errors).toHaveLength(1);
  });

  test('cannot be chosen by whoever calls, by headers or body', async () => {
    const all = world({ by: 'user' });
    const ask = (headers: Record<string, string>) =>
      openai.create(all.llm.with({ user: 'alice' }), { headers });
    await ask({});
    await ask({ 'x-managed-llm-experiment': 'length:short', 'x-managed-llm-arm': 'short' });
    await ask({ 'x-managed-llm-experiment': 'length:control', 'x-managed-llm-user': 'bob' });
    expect(new Set(await armsOf(all)).size).toBe(1);
  });

  test('is asked only of calls that are meant', async () => {
    const all = world({ where: { tenant: 'acme' }, by: 'call' });
    await openai.create(all.llm.with({ tenant: 'acme' }));
    await openai.create(all.llm.with({ tenant: 'globex' }));
    expect(await armsOf(all)).toEqual([expect.any(String), undefined]);
    expect(() => world({ where: { tennant: 'acme' } as object })).toThrow(/experiment\.where.*tenant/);
  });
});

describe('beside others', () => {
  test('an experiment is independent, and both are told', async () => {
    const [tone, length] = ['tone', 'length'].map((name) => experiment({ name, arms }));
    const all = governed({ interceptors: [tone ?? [], length ?? []] });
    for (let user = 0; user < 60; user++) await openai.create(all.llm.with({ user: `user-${user}` }));
    await all.llm.idle();
    const pairs = all.receipts.map(({ facts }) => facts.experiments?.map(({ arm }) => arm).join());
    expect(new Set(pairs).size).toBe(4);
  });

  test('an answer that is kept is kept for its arm', async () => {
    const all = world({ by: 'user' }, { interceptors: [cache({ ttlMs: 60_000 })] });
    for (let user = 0; user < 20; user++) {
      await openai.create(all.llm.with({ user: `user-${user}` }));
      await all.llm.idle();
    }
    expect(all.provider.requests).toHaveLength(2);
    const { control, short } = (await all.length.results()).arms;
    // Who is answered by what was kept is in the arm, and says nothing of its model.
    expect(control.calls + short.calls).toBe(20);
    expect([control.metrics.error?.n, short.metrics.error?.n]).toEqual([1, 1]);
  });

  test('policy sees what the arm asks', async () => {
    const seen: unknown[] = [];
    const guard: Interceptor = {
      name: 'guard',
      stage: 'guard',
      intercept(call, next) {
        seen.push(call.dialect.request.maxOutputTokens(call.body));
        return next(call);
      },
    };
    const all = world(onlyShort, { interceptors: [guard] });
    await anthropic.create(all.llm);
    expect(seen).toEqual([50]);
  });

  test('receipts are added up by arm', async () => {
    const log = receiptsOf();
    const all = world(onlyShort, { interceptors: [log] });
    await openai.create(all.llm);
    expect(await log.query({ by: ['experiment', 'experiment:length'] })).toMatchObject([
      { experiment: 'length:short', 'experiment:length': 'short', calls: 1 },
    ]);
    expect(await log.query({ by: ['experiment:tone'] })).toMatchObject([{ 'experiment:tone': undefined }]);
  });
});

describe('feedback', () => {
  async function asked(more: TestOptions = {}): Promise<World> {
    const all = world(onlyShort, more);
    await openai.create(all.llm);
    await all.llm.idle();
    return all;
  }
  const idOf = ({ receipts }: Governed): string => receipts[0]?.callId ?? expect.fail();
  const score = async ({ length }: World) => (await length.results()).arms.short.metrics.score;

  test('counts for the arm of its call, by id, once', async () => {
    const all = await asked();
    await all.llm.feedback(idOf(all), { score: 0.5, label: 'too short' });
    await all.llm.feedback(idOf(all), { score: 1, label: 'too short' });
    expect(await score(all)).toMatchObject({ n: 1, mean: 0.5 });
    expect((await all.length.results()).arms.short.labels).toEqual({ 'too short': 1 });
  });

  test('counts by the receipt, also when the id is forgotten, and once with that by id', async () => {
    const all = await asked();
    const receipt = all.receipts[0] ?? expect.fail();
    await all.llm.feedback(receipt, { score: 1 });
    await all.llm.feedback(receipt.callId, { score: 0 });
    expect(await score(all)).toMatchObject({ n: 1, mean: 1 });
    await all.clock.advance(8 * 86_400_000);
    await all.llm.feedback(receipt.callId, { score: 0 });
    expect(await score(all)).toMatchObject({ n: 1 });
    await all.llm.feedback(receipt, { score: 0 });
    expect(await score(all)).toMatchObject({ n: 2, mean: 0.5 });
  });

  test('by receipt counts in the definition that the call was in, and in no other of its name', async () => {
    const state = memoryState();
    const before = world(onlyShort, { state });
    await openai.create(before.llm);
    await before.llm.idle();
    const now = world({ ...onlyShort, salt: '2' }, { state });
    const receipt = before.receipts[0] ?? expect.fail();
    await now.llm.feedback(receipt, { score: 1 });
    expect(await score(now)).toBeUndefined();
    await before.llm.feedback(receipt, { score: 1 });
    expect(await score(before)).toMatchObject({ n: 1 });
  });

  test('counts once when it comes many times at once', async () => {
    const all = await asked();
    await Promise.all(Array.from({ length: 8 }, () => all.llm.feedback(idOf(all), { score: 1 })));
    expect(await score(all)).toMatchObject({ n: 1 });
  });

  test('of a call that was in no experiment counts nowhere, and is told to listeners all the same', async () => {
    const all = await asked();
    const heard: unknown[] = [];
    all.llm.on('call:feedback', (told) => heard.push(told));
    await all.llm.feedback('unknown-1', { label: 'odd' });
    await all.llm.feedback({ callId: 'c', facts: {} }, { score: 3 });
    expect(heard).toMatchObject([
      { callId: 'unknown-1', label: 'odd', experiments: undefined },
      { callId: 'c', score: 3, experiments: [] },
    ]);
    expect(await score(all)).toBeUndefined();
  });

  test('that is none is refused', async () => {
    const { llm } = await asked();
    for (const wrong of [
      {},
      { score: NaN },
      { score: 1e7 },
      { label: '' },
      { label: 'x'.repeat(65) },
      { scor: 1 },
    ])
      expect(await rejection(llm.feedback('a', wrong))).toMatchObject({ code: 'invalid-options' });
    expect(await rejection(llm.feedback('', { score: 1 }))).toMatchObject({ code: 'invalid-options' });
  });

  test('of a schema comes from `llm.object` by itself', async () => {
    const all = world(onlyShort);
    const schema = z.object({ city: z.string() });
    const request = { model: 'openai/gpt', messages: 'Where?', schema };
    all.provider.next({ json: { city: 'Oslo' } }, { json: { town: 'Oslo' } });
    await all.llm.object(request);
    expect(await rejection(all.llm.object(request))).toMatchObject({ code: 'invalid-output' });
    expect((await all.length.results()).arms.short.metrics.schemaValid).toMatchObject({ n: 2, mean: 0.5 });
  });
});

describe('results', () => {
  test('take the arm that is better, and tell by what', async () => {
    const all = world({ decideBy: 'error' });
    all.provider.always(({ body }) =>
      (body as { max_completion_tokens?: number }).max_completion_tokens === undefined ? { status: 500 } : {},
    );
    for (let index = 0; index < 60; index++) await openai.create(all.llm).catch(() => {});
    const { arms: found, decision, control } = await all.length.results();
    expect(found.short.metrics.error?.versusControl).toMatchObject({ difference: -1, verdict: 'better' });
    expect(found.control.metrics.error?.versusControl).toBeUndefined();
    expect(decision).toEqual({ by: 'error', take: 'short' });
    expect(control).toBe('control');
  });

  test('take nothing while nothing is known, and are there before any call', async () => {
    const { length } = world();
    const nothing = { calls: 0, metrics: {}, labels: {} };
    expect(await length.results()).toEqual({
      experiment: 'length',
      control: 'control',
      alpha: 0.05,
      arms: { control: nothing, short: nothing },
      decision: { by: 'error', take: undefined },
    });
    await expect(experiment({ name: 'alone', arms }).results()).rejects.toThrow(/belongs to no ManagedLLM/);
  });

  test('compare one call of each subject, and add up all of them', async () => {
    const all = world({ ...onlyShort, by: 'user' });
    for (const user of ['alice', 'alice', 'bob', 'alice']) {
      const scoped = all.llm.with({ user });
      await openai.create(scoped);
      await all.llm.idle();
      await all.llm.feedback(all.receipts.at(-1)?.callId ?? '', { score: all.receipts.length });
    }
    const subjects = all.receipts.map(({ facts }) => facts.experiments?.[0]?.subject);
    expect(subjects).toEqual([subjects[0], subjects[0], subjects[2], subjects[0]]);
    expect(subjects[0]).not.toBe(subjects[2]);
    expect(JSON.stringify(subjects)).not.toContain('alice');
    const { calls, metrics } = (await all.length.results()).arms.short;
    expect(calls).toBe(4);
    expect(metrics).toMatchObject({
      error: { n: 4, first: { n: 2 } },
      latencyMs: { n: 4, first: { n: 2 } },
      score: { n: 4, mean: 2.5, first: { n: 2, mean: 2 } },
    });
    // A receipt leads to the subject too.
    await all.llm.feedback({ ...(all.receipts[1] ?? expect.fail()), callId: 'another' }, { score: 1 });
    expect((await all.length.results()).arms.short.metrics.score).toMatchObject({ n: 5, first: { n: 2 } });
  });

  test('compare one turn of each tool loop where calls are the subjects', async () => {
    const all = world(onlyShort);
    all.provider.next({ toolCalls: [{ name: 'look', arguments: {} }] }, { text: 'done' });
    const tools = [{ name: 'look', parameters: {}, execute: () => 'seen' }];
    await all.llm.chat({ model: 'openai/gpt', messages: 'Look.', tools });
    expect((await all.length.results()).arms.short.metrics.error).toMatchObject({ n: 2, first: { n: 1 } });
  });

  test('begin anew with another arm, and go on with other weights', async () => {
    const state = memoryState();
    const calls = async (options: Partial<ExperimentOptions<'control' | 'short'>>): Promise<number> => {
      const all = world(options, { state });
      await openai.create(all.llm);
      return (await all.length.results()).arms.short.calls;
    };
    expect(await calls(onlyShort)).toBe(1);
    expect(await calls({ weights: { control: 0, short: 3 } })).toBe(2);
    const reordered = {
      control: { parameters: {} },
      short: { parameters: { topK: 3, maxOutputTokens: 50 } },
    };
    expect(await calls({ ...onlyShort, arms: reordered })).toBe(3);
    expect(await calls({ ...onlyShort, arms: { ...arms, short: { parameters: { seed: 1 } } } })).toBe(1);
    expect(await calls({ ...onlyShort, salt: '2' })).toBe(1);
  });

  test('lose what a state does not take, tell it once a minute, and hurt no call', async () => {
    const kept = memoryState();
    const down = (): never => {
      throw new Error('down');
    };
    const tallies = { add: down, read: () => kept.tallies?.read(['none']) ?? [] };
    const all = world(onlyShort, { state: { ...kept, tallies } });
    for (let index = 0; index < 3; index++) {
      await openai.create(all.llm);
      await all.llm.idle();
    }
    expect(all.errors.map(({ code }) => code)).toEqual(['state-unreachable']);
    await all.clock.advance(60_000);
    await openai.create(all.llm);
    await all.llm.idle();
    expect(all.errors).toHaveLength(2);
    expect(all.receipts.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 4 }, () => 'finished'));
  });

  test('are put together before they are added: one write for what came within 250 ms', async () => {
    const kept = memoryState();
    const adds: string[] = [];
    const tallies = kept.tallies ?? expect.fail();
    const counted = {
      add: (key: string, amounts: Readonly<Record<string, number>>) => {
        adds.push(key);
        return tallies.add(key, amounts);
      },
      read: (keys: readonly string[]) => tallies.read(keys),
    };
    const all = world(onlyShort, { state: { ...kept, tallies: counted } });
    for (let index = 0; index < 20; index++) await openai.create(all.llm);
    expect(adds).toHaveLength(0);
    await all.clock.advance(250);
    await all.llm.idle();
    expect(adds).toHaveLength(1);
    await all.llm.close();
  });
});

test('while a state does not answer, a thousand calls wait to be counted, and no call waits', async () => {
  const kept = memoryState();
  const documents = kept.documents ?? expect.fail();
  let asked = 0;
  const silent = {
    read: (key: string) => documents.read(key),
    write: () => {
      asked++;
      return new Promise<never>(() => {});
    },
  };
  const all = world({ by: 'user' }, { state: { ...kept, documents: silent } });
  for (let user = 0; user < 1_010; user++) await openai.create(all.llm.with({ user: `user-${user}` }));
  expect(all.receipts).toHaveLength(1_010);
  // Each call is to be found by its id, and its user by who it is; and the experiment, once, by whoever makes a page.
  expect(asked).toBe(2_001);
  expect(all.errors.map(({ code }) => code)).toEqual(['state-unreachable']);
});
