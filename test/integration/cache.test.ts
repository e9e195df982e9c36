import { setImmediate as turn } from 'node:timers/promises';
import { Anthropic } from '@anthropic-ai/sdk';
import {
  cache,
  fallback,
  ManagedLLM,
  memoryState,
  provider,
  type CacheOptions,
  type CacheStore,
  type Interceptor,
  type Route,
} from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import {
  governed,
  openai,
  readAll,
  rejection,
  sdks,
  settledOnce,
  type Governed,
  type TestOptions,
} from './governed.ts';

function cached(options: CacheOptions = {}, more: TestOptions = {}) {
  const answers = cache(options);
  const world = governed({ ...more, interceptors: [answers, ...(more.interceptors ?? [])] });
  let count = 0;
  world.provider.always(() => ({ text: `answer ${++count}` }));
  return { answers, world };
}

const statuses = ({ receipts }: Governed) => receipts.map(({ facts }) => facts.cache?.status);
const reasons = ({ receipts }: Governed) => receipts.map(({ facts }) => facts.cache?.reason);

describe.each(sdks)('a cache ($name)', (sdk) => {
  /** Asks, and lets what is to be kept be kept. */
  async function ask(world: Governed, llm = world.llm as Parameters<typeof sdk.create>[0]): Promise<string> {
    const reply = await sdk.create(llm);
    await world.llm.idle();
    return sdk.text(reply);
  }

  describe('that is asked again', () => {
    test('gives the same reply, without an attempt and without cost, and tells what that saved', async () => {
      const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
      const { world } = cached({}, { models: { 'openai/*': { price }, 'anthropic/*': { price } } });
      await ask(world, world.llm.with({ tenant: 'before' }));
      world.provider.next({ text: 'first', usage: { inputTokens: 10, outputTokens: 5 }, latencyMs: 40 });
      const asked = sdk.create(world.llm);
      await world.clock.advance(40);
      const miss = await asked;
      await world.llm.idle();
      await world.clock.advance(1_000);
      expect(await sdk.create(world.llm)).toEqual(miss);
      const [, , receipt] = await settledOnce(world, 3);
      expect(receipt).toMatchObject({
        origin: 'cache',
        attempts: [],
        costNanoUsd: 0,
        usage: { inputTokens: 10, outputTokens: 5 },
        facts: { cache: { status: 'hit', kind: 'exact', ageMs: 1_040, savedMs: 40, savedNanoUsd: 60_000 } },
      });
      expect(world.provider.requests).toHaveLength(2);
    });

    test('gives a stream again, event by event', async () => {
      const { world } = cached();
      const miss = await readAll(await sdk.stream(world.llm));
      await world.llm.idle();
      expect(await readAll(await sdk.stream(world.llm))).toEqual(miss);
      expect(world.provider.requests).toHaveLength(1);
      await settledOnce(world, 2);
    });

    test('gives what was streamed plain, and what was plain streamed', async () => {
      for (const first of ['stream', 'plain'] as const) {
        const { world } = cached();
        if (first === 'stream') await readAll(await sdk.stream(world.llm));
        else await sdk.create(world.llm);
        await world.llm.idle();
        expect(sdk.text(await sdk.create(world.llm))).toBe('answer 1');
        expect(JSON.stringify(await readAll(await sdk.stream(world.llm)))).toContain('1');
        expect(world.provider.requests).toHaveLength(1);
        await settledOnce(world, 3);
      }
    });

    test('after its time asks anew', async () => {
      const { world } = cached({ ttlMs: 1_000 });
      expect(await ask(world)).toBe('answer 1');
      await world.clock.advance(999);
      expect(await ask(world)).toBe('answer 1');
      await world.clock.advance(1);
      expect(await ask(world)).toBe('answer 2');
      expect(statuses(world)).toEqual(['miss', 'hit', 'miss']);
    });

    test('gives an old answer while it asks anew, once for all who are given it', async () => {
      const { world } = cached({ ttlMs: 1_000, staleMs: 1_000 });
      await ask(world);
      await world.clock.advance(1_500);
      const all = await Promise.all([sdk.create(world.llm), sdk.create(world.llm), sdk.create(world.llm)]);
      expect(all.map((reply) => sdk.text(reply))).toEqual(['answer 1', 'answer 1', 'answer 1']);
      await world.llm.idle();
      expect(await ask(world)).toBe('answer 2');
      expect(world.provider.requests).toHaveLength(2);
      const refresh = world.receipts.find(({ parentId }) => parentId !== undefined);
      expect(refresh).toMatchObject({ origin: 'provider', outcome: 'finished' });
      expect(statuses(world).filter((status) => status === 'stale')).toHaveLength(3);
    });
  });

  describe('shares nothing', () => {
    test('between tenants, by exact code points, and one without a tenant is one of its own', async () => {
      const { world } = cached();
      for (const tenant of ['a', 'A', '', 'é', 'e\u0301', 'a\0'])
        expect(
          new Set([
            await ask(world, world.llm.with({ tenant })),
            await ask(world, world.llm.with({ tenant })),
          ]).size,
        ).toBe(1);
      await ask(world);
      expect(world.provider.requests).toHaveLength(7);
    });

    test('between users, where a call asks for that; with everybody where it asks for that', async () => {
      const { world } = cached();
      const as = (user: string, tenant: string, share: 'user' | 'all') =>
        ask(world, world.llm.with({ user, tenant, cache: { share } }));
      expect(await as('alice', 'acme', 'user')).not.toBe(await as('bob', 'acme', 'user'));
      expect(await as('alice', 'acme', 'all')).toBe(await as('bob', 'globex', 'all'));
    });

    test('between those who are no user, where each user has answers of their own', async () => {
      const { world } = cached();
      const llm = world.llm.with({ tenant: 'acme', cache: { share: 'user' } });
      expect([await ask(world, llm), await ask(world, llm)]).toEqual(['answer 1', 'answer 2']);
      expect(statuses(world)).toEqual(['bypass', 'bypass']);
      expect(reasons(world)).toEqual(['no user', 'no user']);
    });

    test('that an interceptor has made different for a tenant', async () => {
      const houseRules: Interceptor = {
        name: 'house-rules',
        stage: 'shape',
        intercept: (call, next) =>
          next(
            call.with({ body: call.dialect.request.withInstruction(call.body, `For ${call.settings.user}`) }),
          ),
      };
      const { world } = cached({}, { interceptors: [houseRules] });
      const [alice, bob] = [world.llm.with({ user: 'alice' }), world.llm.with({ user: 'bob' })];
      expect(await ask(world, alice)).not.toBe(await ask(world, bob));
      expect(await ask(world, alice)).toBe('answer 1');
    });
  });

  describe('does as a call says', () => {
    test('off, read, write, refresh', async () => {
      const { world } = cached();
      const as = (mode: 'off' | 'read' | 'write' | 'refresh' | 'read-write') =>
        ask(world, world.llm.with({ cache: { mode } }));
      expect(await as('read')).toBe('answer 1');
      expect(await as('off')).toBe('answer 2');
      expect(await as('write')).toBe('answer 3');
      expect(await as('write')).toBe('answer 4');
      expect(await as('read')).toBe('answer 3');
      expect(await as('refresh')).toBe('answer 5');
      expect(await as('read-write')).toBe('answer 5');
      expect(statuses(world)).toEqual(['miss', 'bypass', 'miss', 'miss', 'hit', 'miss', 'hit']);
    });

    test('keeps for as long as it says, under the key that it says', async () => {
      const { world } = cached();
      const keyed = world.llm.with({ cache: { key: 'daily', ttlMs: 500 } });
      await ask(world, keyed);
      const other = await sdk.create(keyed, {}, `${sdk.name}/other`);
      expect(sdk.text(other)).toBe('answer 2');
      expect(await ask(world, keyed)).toBe('answer 1');
      await world.clock.advance(500);
      expect(await ask(world, keyed)).toBe('answer 3');
    });
  });

  describe('keeps no', () => {
    test.each([
      ['error', { status: 500 }],
      ['truncated answer', { text: 'cut', stopReason: 'length' }],
      ['filtered answer', { text: 'x', stopReason: 'content-filter' }],
      ['refusal', { refusal: 'No.', stopReason: 'refusal' }],
    ] as const)('%s', async (_name, reply) => {
      const { world } = cached();
      world.provider.next(reply);
      await sdk.create(world.llm, { maxRetries: 0 }).catch(() => {});
      await world.llm.idle();
      expect(await ask(world)).toBe('answer 1');
      world.provider.next(reply);
      const streamed = world.llm.with({ tenant: 'streams' });
      await sdk
        .stream(streamed, { maxRetries: 0 })
        .then(readAll)
        .catch(() => {});
      await world.llm.idle();
      expect(await ask(world, streamed)).toBe('answer 2');
    });

    test('stream that was broken off, aborted or cut', async () => {
      const { world } = cached();
      world.provider.next({ text: ['a ', 'b ', 'c '] });
      for await (const _event of await sdk.stream(world.llm)) break;
      world.provider.next({ text: ['a ', 'b '], endWithoutTerminal: true });
      await rejection(sdk.stream(world.llm).then(readAll));
      world.provider.next({ text: ['a ', 'b '], cutAfterEvents: 2 });
      await rejection(sdk.stream(world.llm).then(readAll));
      const controller = new AbortController();
      world.provider.next({ text: ['a ', 'b '], betweenEventsMs: 100 });
      const aborted = sdk.stream(world.llm, { signal: controller.signal }).then(readAll);
      await world.clock.advance(50);
      controller.abort();
      await aborted.catch(() => {});
      await world.llm.idle();
      expect(await ask(world)).toBe('answer 1');
    });

    test('answer that calls tools, where that is said', async () => {
      const reply = { toolCalls: [{ name: 'look', arguments: {} }] };
      for (const [toolCalls, requests] of [
        [true, 1],
        [false, 2],
      ] as const) {
        const { world } = cached({ toolCalls });
        world.provider.next(reply, reply);
        await ask(world);
        await ask(world);
        expect(world.provider.requests).toHaveLength(requests);
      }
    });

    test('answer that is larger than it may be, plain or streamed', async () => {
      const { world } = cached({ maxEntryBytes: 2_000 });
      world.provider.always({ text: 'x'.repeat(3_000) });
      await ask(world);
      await ask(world);
      await readAll(await sdk.stream(world.llm));
      await readAll(await sdk.stream(world.llm));
      expect(world.provider.requests).toHaveLength(4);
      await settledOnce(world, 4);
    });

    test('answer of another target than the first, unless that is said', async () => {
      for (const [otherTargets, requests] of [
        [false, 4],
        [true, 2],
      ] as const) {
        const { world } = cached(
          { otherTargets },
          { routes: { smart: fallback(`${sdk.name}/first`, 'backup/second') } },
        );
        world.provider.when({ model: 'first' }, { status: 503 });
        for (let call = 0; call < 2; call++) {
          await sdk.create(world.llm, { maxRetries: 0 }, 'smart');
          await world.llm.idle();
        }
        expect(world.provider.requests).toHaveLength(requests);
      }
    });
  });

  test('does not pass for a route that a function decides, unless that has a version', async () => {
    const own: Route = { kind: 'own', choices: [`${sdk.name}/a`], order: (_call, choices) => choices };
    const { world } = cached({}, { routes: { own, versioned: { ...own, version: '1' } } });
    for (const model of ['own', 'own', 'versioned', 'versioned']) {
      await sdk.create(world.llm, {}, model);
      await world.llm.idle();
    }
    expect(statuses(world)).toEqual(['bypass', 'bypass', 'miss', 'hit']);
    expect(reasons(world)[0]).toBe('a function of the route decides');
  });

  test('tells other headers apart that say what a request means', async () => {
    const { world } = cached();
    const name = sdk.name === 'anthropic' ? 'anthropic-beta' : 'openai-beta';
    for (const beta of ['one', 'two', 'one']) {
      await sdk.create(world.llm, { headers: { [name]: beta, 'x-trace': String(Math.random()) } });
      await world.llm.idle();
    }
    expect(statuses(world)).toEqual(['miss', 'miss', 'hit']);
  });

  describe('is put out of date', () => {
    test('by key, tag, model and tenant, and altogether', async () => {
      const { answers, world } = cached();
      const llm = world.llm.with({ tenant: 'acme', tags: { feature: 'search' } });
      const others = world.llm.with({ tenant: 'globex' });
      const both = async (): Promise<readonly string[]> => [await ask(world, llm), await ask(world, others)];
      expect(await both()).toEqual(['answer 1', 'answer 2']);
      const model = sdk.name === 'openai' ? 'gpt' : 'claude';
      const steps: readonly (readonly [Parameters<typeof answers.invalidate>[0], readonly string[]])[] = [
        [{ tag: { feature: 'find' } }, ['answer 1', 'answer 2']],
        [{ tag: { feature: 'search' } }, ['answer 3', 'answer 2']],
        [{ tenant: 'globex' }, ['answer 3', 'answer 4']],
        [{ tenant: null }, ['answer 3', 'answer 4']],
        [{ model: 'other' }, ['answer 3', 'answer 4']],
        [{ model }, ['answer 5', 'answer 6']],
        [{ model: `${sdk.name}/${model}` }, ['answer 7', 'answer 8']],
        [{}, ['answer 9', 'answer 10']],
      ];
      for (const [what, expected] of steps) {
        await world.clock.advance(1);
        await answers.invalidate(what);
        await world.clock.advance(1);
        expect(await both()).toEqual(expected);
      }
      const key = world.receipts.at(-1)?.facts.cache?.key ?? '';
      await answers.invalidate({ key });
      expect(await both()).toEqual(['answer 9', 'answer 11']);
    });

    test('while its answer is on its way', async () => {
      const { answers, world } = cached();
      world.provider.next({ text: 'old', latencyMs: 100 });
      const asked = sdk.create(world.llm);
      await world.clock.advance(50);
      await answers.invalidate({});
      await world.clock.advance(50);
      await asked;
      await world.llm.idle();
      expect(await ask(world)).toBe('answer 1');
    });
  });

  describe('does without its store', () => {
    const broken = (what: Partial<CacheStore>): CacheStore => ({
      get: () => undefined,
      set: () => {},
      delete: () => false,
      ...what,
    });

    test.each([
      ['reading', broken({ get: () => Promise.reject(new Error('down')) })],
      ['reading at once', broken({ get: () => expect.fail('down') })],
      ['writing', broken({ set: () => Promise.reject(new Error('down')) })],
    ])('where %s fails: every call is answered, and it is reported once', async (_name, store) => {
      const { world } = cached({ store });
      expect([await ask(world), await ask(world)]).toEqual(['answer 1', 'answer 2']);
      expect(world.errors).toHaveLength(1);
    });

    test('where what it has is cut short, changed, of another version or nothing of ours: that is not there', async () => {
      const kept = new Map<string, string>();
      const store: CacheStore = {
        get: (key) => kept.get(key),
        set: (key, value) => void kept.set(key, value),
        delete: (key) => kept.delete(key),
      };
      const { world } = cached({ store });
      await ask(world);
      const [key = '', sound = ''] = [...kept].find(([name]) => name.startsWith('answer:')) ?? [];
      const spoilt = [
        sound.slice(0, -1),
        sound.slice(1),
        sound.replace('answer 1', 'answer X'),
        sound.replace('"version":2', '"version":3'),
        '',
        '{}',
        'null',
      ];
      for (const [index, value] of spoilt.entries()) {
        kept.set(key, value);
        expect(await ask(world)).toBe(`answer ${index + 2}`);
      }
      expect(reasons(world).slice(1)).toEqual(spoilt.map(() => 'damaged'));
      kept.set(key, sound);
      expect(await ask(world)).toBe('answer 1');
    });
  });

  describe('of calls that ask the same at the same time', () => {
    test('one asks, for all of them, plain and streamed', async () => {
      const { world } = cached({ ttlMs: 0 });
      world.provider.always({ text: ['a ', 'b '], latencyMs: 10, betweenEventsMs: 5 });
      const streams = Promise.all(Array.from({ length: 20 }, () => sdk.stream(world.llm).then(readAll)));
      const plain = Promise.all(Array.from({ length: 20 }, () => sdk.create(world.llm)));
      await world.clock.advance(1_000);
      for (const all of [await streams, await plain])
        expect(new Set((all as readonly unknown[]).map((each) => JSON.stringify(each))).size).toBe(1);
      expect(world.provider.requests).toHaveLength(2);
      const receipts = await settledOnce(world, 40);
      expect(receipts.filter(({ origin }) => origin === 'coalesced')).toHaveLength(38);
      expect(receipts.filter(({ attempts }) => attempts.length > 0)).toHaveLength(2);
      expect(receipts.every(({ usage }) => usage?.outputTokens !== undefined)).toBe(true);
    });

    test('each that shares the answer has saved what it cost the one that asked', async () => {
      const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 10 };
      const { world } = cached({ ttlMs: 0 }, { models: { 'openai/*': { price }, 'anthropic/*': { price } } });
      await ask(world, world.llm.with({ tenant: 'before' }));
      const answer = { text: ['a ', 'b '], usage: { inputTokens: 10, outputTokens: 5 } };
      world.provider.always({ ...answer, latencyMs: 10, betweenEventsMs: 5 });
      const streams = Promise.all(Array.from({ length: 3 }, () => sdk.stream(world.llm).then(readAll)));
      const plain = Promise.all(Array.from({ length: 3 }, () => sdk.create(world.llm)));
      await world.clock.advance(1_000);
      await Promise.all([streams, plain]);
      const [, ...receipts] = await settledOnce(world, 7);
      const saved = (status: string) =>
        receipts.flatMap(({ facts: { cache: fact } }) =>
          fact?.status === status ? [fact.savedNanoUsd] : [],
        );
      expect(saved('coalesced')).toEqual([60_000, 60_000, 60_000, 60_000]);
      expect(saved('miss')).toEqual([undefined, undefined]);
      expect(new Set(receipts.map(({ target }) => target?.provider))).toEqual(new Set([sdk.name]));
    });

    test('whoever comes late gets a stream from its beginning', async () => {
      const { world } = cached();
      world.provider.always({ text: ['a ', 'b ', 'c '], betweenEventsMs: 10 });
      const first = sdk.stream(world.llm).then(readAll);
      await world.clock.advance(15);
      const late = sdk.stream(world.llm).then(readAll);
      await world.clock.advance(1_000);
      expect(await late).toEqual(await first);
      expect(world.provider.requests).toHaveLength(1);
      await settledOnce(world, 2);
    });

    test('the others go on when the one who asked leaves; when all have left, the provider is stopped', async () => {
      for (const kind of ['create', 'stream'] as const) {
        const { world } = cached();
        world.provider.always({ text: ['a ', 'b '], latencyMs: 10, betweenEventsMs: 10 });
        const start = (signal: AbortSignal) =>
          kind === 'create'
            ? sdk.create(world.llm, { signal })
            : sdk.stream(world.llm, { signal }).then(readAll);
        const controllers = [new AbortController(), new AbortController(), new AbortController()];
        const calls = controllers.map(({ signal }) => start(signal).catch(() => 'left'));
        await turn();
        controllers[0]?.abort();
        await world.clock.advance(12);
        controllers[1]?.abort();
        await world.clock.advance(1_000);
        const [leader, , third] = await Promise.all(calls);
        expect(leader).toBe('left');
        expect(third).not.toBe('left');
        expect(world.provider.requests.map(({ outcome }) => outcome)).toEqual(['finished']);

        world.provider.always({ hang: true });
        const all = [new AbortController(), new AbortController()];
        const hanging = all.map(({ signal }) =>
          rejection(sdk.create(world.llm.with({ tenant: 'x' }), { signal })),
        );
        await turn();
        for (const controller of all) controller.abort();
        await Promise.all(hanging);
        await world.llm.idle();
        expect(world.provider.requests.at(-1)?.outcome).toBe('cancelled');
        expect(world.errors).toEqual([]);
      }
    });

    test('all fail by what the request failed of', async () => {
      const { world } = cached();
      world.provider.always({ status: 400, latencyMs: 10 });
      const errors = [1, 2, 3].map(() => rejection(sdk.create(world.llm, { maxRetries: 0 })));
      await world.clock.advance(10);
      for (const error of await Promise.all(errors)) expect(error).toMatchObject({ status: 400 });
      expect(world.provider.requests).toHaveLength(1);
      await settledOnce(world, 3);
    });

    test('what is refused to one is not refused to the next', async () => {
      let refusals = 0;
      const once: Interceptor = {
        name: 'once',
        stage: 'spend',
        async intercept(call, next) {
          await new Promise((resolve) => void turn().then(resolve));
          if (refusals++ > 0) return next(call);
          throw new (await import('managed-llm')).ManagedLLMError({ code: 'refused', message: 'Not you.' });
        },
      };
      const { world } = cached({}, { interceptors: [once] });
      const results = await Promise.allSettled([1, 2, 3].map(() => sdk.create(world.llm)));
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      expect(world.provider.requests).toHaveLength(1);
    });

    test('each asks for itself where that is said, and never for another tenant', async () => {
      const apart = cached({ coalesce: false }).world;
      await Promise.all([sdk.create(apart.llm), sdk.create(apart.llm)]);
      expect(apart.provider.requests).toHaveLength(2);
      const { world } = cached();
      await Promise.all(['a', 'b', ''].map((tenant) => sdk.create(world.llm.with({ tenant }))));
      expect(world.provider.requests).toHaveLength(3);
    });

    test('a slow reader of a large stream holds up the others rather than filling memory, and all get all of it', async () => {
      const { world } = cached({ maxEntryBytes: 1_000 });
      world.provider.always({ text: Array.from({ length: 200 }, (_, index) => `word ${index} `) });
      const [fast, slow] = await Promise.all([sdk.stream(world.llm), sdk.stream(world.llm)]);
      const read = readAll(fast);
      const slowly: unknown[] = [];
      for await (const event of slow) {
        slowly.push(event);
        await turn();
      }
      expect(slowly).toEqual(await read);
      expect(world.provider.requests).toHaveLength(1);
      await settledOnce(world, 2);
    });
  });
});

test('a chat stream whose usage nobody asked for can be given with usage, and one with it without', async () => {
  const messages = [{ role: 'user' as const, content: 'hello' }];
  for (const [asked, chunking] of [
    [true, 'event'],
    [false, 'event'],
    [false, 1],
    [false, 64],
    [false, 4_096],
  ] as const) {
    const { world } = cached();
    world.provider.always({ text: 'one two three', chunking });
    const { completions } = world.llm.clients.openai.chat;
    const stream = (include_usage: boolean) =>
      completions
        .create({
          model: 'gpt',
          messages,
          stream: true,
          ...(include_usage ? { stream_options: { include_usage } } : {}),
        })
        .then(async (events) => {
          const all = [];
          for await (const event of events) all.push(event);
          return all;
        });
    await stream(asked);
    await world.llm.idle();
    expect((await stream(true)).at(-1)?.usage?.total_tokens).toBeGreaterThan(0);
    expect((await stream(false)).every(({ usage }) => usage == null)).toBe(true);
    expect((await completions.create({ model: 'gpt', messages })).usage?.total_tokens).toBeGreaterThan(0);
    expect(world.provider.requests).toHaveLength(1);
  }
});

test('a stream whose last event repeats a long answer is kept, from its own provider or another', async () => {
  const text = 'word '.repeat(2_000);
  for (const model of ['gpt', 'anthropic/claude']) {
    const { world } = cached();
    world.provider.always({ text, usage: { inputTokens: 3, outputTokens: 2_000 } });
    const { responses } = world.llm.clients.openai;
    await readAll(await responses.create({ model, input: 'hello', stream: true }));
    await world.llm.idle();
    expect((await responses.create({ model, input: 'hello' })).output_text).toBe(text);
    expect(world.provider.requests).toHaveLength(1);
  }
});

test('a stream that its server ends without saying so is not kept, although its caller has it', async () => {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] };
  const events = [
    { type: 'message_start', message: { ...message, usage: { input_tokens: 1, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'All of it?' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
  ];
  const sse = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  let requests = 0;
  const fetch = async () => {
    requests += 1;
    return new Response(sse, { headers: { 'content-type': 'text/event-stream' } });
  };
  const client = new Anthropic({ apiKey: 'test', fetch });
  const llm = new ManagedLLM({
    providers: { local: provider(client, { quirks: { mayEndWithoutTerminal: true } }) },
    interceptors: [cache()],
  });
  for (let call = 0; call < 2; call++) {
    const messages = [{ role: 'user' as const, content: 'hello' }];
    const ask = { model: 'm', max_tokens: 100, messages, stream: true } as const;
    expect(await readAll(await llm.clients.local.messages.create(ask))).toHaveLength(4);
    await llm.idle();
  }
  expect(requests).toBe(2);
});

test('a call that its server has not said the kind of is streamed as one of a function', async () => {
  const { world } = cached();
  const { completions } = world.llm.clients.openai.chat;
  const called = { id: 'call_1', function: { name: 'look', arguments: '{}' } };
  world.provider.next({
    body: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'mistral-small',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: '', tool_calls: [called] },
          finish_reason: 'tool_calls',
        },
      ],
    },
  });
  const ask = { model: 'gpt', messages: [{ role: 'user' as const, content: 'hello' }] };
  await completions.create(ask);
  await world.llm.idle();
  const completion = await completions.stream(ask).finalChatCompletion();
  expect(completion.choices[0]?.message.tool_calls).toMatchObject([{ ...called, type: 'function' }]);
  expect(world.provider.requests).toHaveLength(1);
});

test('what providers hold is never cached: conversations, and what they go on from', async () => {
  const { world } = cached();
  const { responses } = world.llm.clients.openai;
  for (let call = 0; call < 2; call++) {
    await responses.create({ model: 'gpt', input: 'hello', previous_response_id: 'resp_1' }).catch(() => {});
    await world.llm.idle();
  }
  expect(statuses(world)).toEqual(['bypass', 'bypass']);
  expect(reasons(world)[0]).toBe('held by the provider');
});

test('what is left to chance is kept, unless that is said', async () => {
  const messages = [{ role: 'user' as const, content: 'hello' }];
  const { world } = cached({ sampled: false });
  const { completions } = world.llm.clients.openai.chat;
  for (const temperature of [undefined, 1, 0, 0]) {
    await completions.create({
      model: 'gpt',
      messages,
      ...(temperature === undefined ? {} : { temperature }),
    });
    await world.llm.idle();
  }
  expect(statuses(world)).toEqual(['bypass', 'bypass', 'miss', 'hit']);
});

test('one dialect’s answers are not given to another, also of the same target', async () => {
  const { world } = cached({}, { routes: { smart: 'openai/gpt' } });
  await openai.create(world.llm, {}, 'smart');
  await world.llm.idle();
  await world.llm.clients.openai.responses.create({ model: 'smart', input: 'hello' });
  expect(world.provider.requests).toHaveLength(2);
});

test('memory pushes nothing out that is pinned, until there is too much of that: then no answer outlasts it', async () => {
  const clock = manualClock();
  const store = memoryState({ clock, cache: { entries: 2, bytes: 1_000 } }).cache;
  if (store?.pin === undefined) throw new Error('No cache that pins.');
  const found = async (...keys: readonly string[]): Promise<string> =>
    (await Promise.all(keys.map((key) => store.get(key)))).join();
  await store.pin('first', 'first', 1_000);
  for (const key of 'abc') await store.set(key, key, 10_000);
  expect(await found('first', 'a', 'b', 'c')).toBe('first,,b,c');
  await store.pin('first', 'again', 100);
  expect(await store.delete('first')).toBe(true);
  expect(await found('first')).toBe('');
  await store.pin('soon over', 'it', 100);
  await clock.advance(100);
  expect(await store.get('soon over')).toBeUndefined();
  for (let count = 0; count < 5_000; count++) await store.pin(`short ${count}`, 'it', 50);
  for (let count = 0; count < 5_000; count++) await store.pin(`long ${count}`, 'it', 10_000);
  await clock.advance(50);
  for (let count = 0; count < 5_000; count++) await store.pin(`later ${count}`, 'it', 10_000);
  expect(await found('b', 'c', 'short 4999', 'long 0')).toBe('b,c,,it');
  await store.pin('one more', 'it', 10_000);
  expect(await found('b', 'c', 'long 4999', 'later 0', 'one more')).toBe(',,,it,it');
});

test('memory keeps so many answers and so many bytes, and lets go of what was not asked for the longest', async () => {
  const clock = manualClock();
  const store = memoryState({ clock, cache: { entries: 3, bytes: 1_000 } }).cache;
  if (store === undefined) throw new Error('No cache.');
  for (const key of ['a', 'b', 'c']) await store.set(key, key, 1_000);
  expect(await store.get('a')).toBe('a');
  await store.set('d', 'd', 1_000);
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.get(key)))).toEqual([
    'a',
    undefined,
    'c',
    'd',
  ]);
  await store.set('e', 'x'.repeat(450), 1_000);
  expect(await store.get('e')).toHaveLength(450);
  expect(await store.get('a')).toBeUndefined();
  await clock.advance(1_000);
  expect(await store.get('e')).toBeUndefined();
  expect(await store.delete('e')).toBe(false);
});
