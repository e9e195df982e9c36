import { setImmediate as turn } from 'node:timers/promises';
import {
  cache,
  memoryState,
  type CacheOptions,
  type CacheStore,
  type Interceptor,
  type Invalidation,
} from 'managed-llm';
import { Keyv as Keyv5 } from 'keyv';
import { describe, expect, test } from 'vitest';
import {
  governed,
  openai,
  rejection,
  type Governed,
  type TestClients,
  type TestOptions,
} from './governed.ts';

const dayMs = 86_400_000;

function cached(options: CacheOptions = {}, more: TestOptions = {}) {
  const answers = cache(options);
  const world = governed({ ...more, interceptors: [answers, ...(more.interceptors ?? [])] });
  let count = 0;
  world.provider.always(() => ({ text: `answer ${++count}` }));
  /** Puts answers out of date at a moment of its own. */
  const invalidate = async (what: Invalidation): Promise<void> => {
    await world.clock.advance(1);
    await answers.invalidate(what);
    await world.clock.advance(1);
  };
  return { answers, world, invalidate };
}

/** Asks, and lets what is to be kept be kept. */
async function ask(world: Governed, llm: TestClients = world.llm, model = 'gpt'): Promise<string> {
  const reply = await openai.create(llm, {}, model);
  await world.llm.idle();
  return openai.text(reply);
}

const keyOf = ({ receipts }: Governed): string => receipts.at(-1)?.facts.cache?.key ?? '';

/** Answers that have come, and are held back until somebody lets them go. */
function gate() {
  const held: (() => void)[] = [];
  let isShut = false;
  const interceptor: Interceptor = {
    name: 'gate',
    stage: 'send',
    async intercept(call, next) {
      const reply = await next(call);
      if (isShut) await new Promise<void>((resolve) => held.push(resolve));
      return reply;
    },
  };
  return {
    interceptor,
    shut: () => (isShut = true),
    open: () => {
      isShut = false;
      for (const release of held.splice(0)) release();
    },
    held,
  };
}

/** Until whatever needs no clock has come to rest. */
async function turns(): Promise<void> {
  for (let count = 0; count < 30; count++) await turn();
}

/** A store that is what its map is. */
function mapped() {
  const kept = new Map<string, string>();
  const store: CacheStore = {
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
    delete: (key) => kept.delete(key),
  };
  return { kept, store };
}

describe('an answer that is put out of date by its key', () => {
  test('is not kept when it was on its way by then', async () => {
    const { interceptor, shut, open } = gate();
    const { world, invalidate } = cached({}, { interceptors: [interceptor] });
    await ask(world);
    const refresh = world.llm.with({ cache: { mode: 'refresh' } });
    shut();
    const asked = openai.create(refresh);
    await turns();
    await invalidate({ key: keyOf(world) });
    open();
    expect(openai.text(await asked)).toBe('answer 2');
    await world.llm.idle();
    expect(await ask(world)).toBe('answer 3');
    expect(await ask(world)).toBe('answer 3');
  });

  test('is not kept when it was asked for anew by then', async () => {
    const { interceptor, shut, open } = gate();
    const { world, invalidate } = cached({ ttlMs: 1_000, staleMs: dayMs }, { interceptors: [interceptor] });
    await ask(world);
    await world.clock.advance(1_500);
    shut();
    expect(openai.text(await openai.create(world.llm))).toBe('answer 1');
    await turns();
    await invalidate({ key: keyOf(world) });
    open();
    await world.llm.idle();
    expect(await ask(world)).toBe('answer 3');
  });

  test('is let go of where another process puts it out of date while this one keeps it', async () => {
    const { kept, store } = mapped();
    const others: { invalidate?: () => Promise<void> } = {};
    const set: CacheStore['set'] = async (key, value) => {
      if (key.startsWith('answer:')) await others.invalidate?.();
      kept.set(key, value);
    };
    const { world } = cached({ store: { ...store, set } });
    const other = cache({ store });
    governed({ interceptors: [other] }, {}, world);
    await ask(world);
    const key = keyOf(world);
    kept.delete(key);
    others.invalidate = () => other.invalidate({ key });
    await ask(world);
    expect(kept.has(key)).toBe(false);
  });
});

describe('what was put out of date stays so', () => {
  const longest = { ttlMs: 30 * dayMs, staleMs: 30 * dayMs };

  test('for as long as anything can be given', async () => {
    const { world, invalidate } = cached(longest);
    expect(await ask(world)).toBe('answer 1');
    await invalidate({ tenant: null });
    await world.clock.advance(60 * dayMs - 10);
    expect(await ask(world)).toBe('answer 2');
  });

  test('whatever else is kept meanwhile in memory', async () => {
    const { interceptor, shut, open } = gate();
    const state = memoryState({ cache: { entries: 3 } });
    const { world, invalidate } = cached({}, { interceptors: [interceptor], state });
    shut();
    const asked = openai.create(world.llm);
    await turns();
    await invalidate({ tenant: null });
    open();
    await asked;
    await world.llm.idle();
    for (const tenant of ['a', 'b']) await ask(world, world.llm.with({ tenant }));
    expect(await ask(world)).toBe('answer 4');
  });

  test('no call has its answer kept for longer than 30 days', async () => {
    const { world } = cached();
    const error = await rejection((async () => world.llm.with({ cache: { ttlMs: 30 * dayMs + 1 } }))());
    expect(error).toMatchObject({
      code: 'invalid-settings',
      message: expect.stringContaining('cache.ttlMs'),
    });
    expect(() => world.llm.with({ cache: { ttlMs: 30 * dayMs } })).not.toThrow();
  });

  test('no call has its answer kept for no time: the message says what keeps none', () => {
    const { world } = cached();
    expect(() => world.llm.with({ cache: { ttlMs: 0 } })).toThrow(
      "`with.cache.ttlMs` must be more than 0: to keep no answer say `mode: 'read'`, or `'off'`.",
    );
  });

  test('a key that says nothing is refused: all calls with it would have one answer', () => {
    const { world } = cached();
    expect(() => world.llm.with({ cache: { key: '' } })).toThrow('with.cache.key');
  });
});

describe('a model whose answers are put out of date', () => {
  const told = async (model: string): Promise<readonly string[]> => {
    const { world, invalidate } = cached({}, { routes: { smart: 'openai/gpt', 'gpt-6': 'openai/gpt' } });
    await invalidate({ model });
    return world.errors.map(({ code, message }) => `${code}: ${message}`);
  };

  test.each([
    ['opneai/gpt', 'openai/gpt'],
    ['smrt', 'smart'],
  ])('is reported where it is nothing, and nearly the name of something: %s', async (model, nearest) => {
    expect(await told(model)).toEqual([
      expect.stringMatching(
        `^invalid-options: \`invalidate.model\` is "${model}", .* Did you mean "${nearest}"\\?$`,
      ),
    ]);
  });

  test.each(['smart', 'openai/gpt', 'gpt-5', 'backup2/gpt', 'of-old', 'gone/gpt'])(
    'may be a route, a target, a client’s own or one of before: %s',
    async (model) => expect(await told(model)).toEqual([]),
  );

  test('is out of date whatever is reported: there may have been one of that name', async () => {
    const { world, invalidate } = cached({}, { routes: { smart: 'openai/gpt' } });
    await ask(world, world.llm, 'smrt');
    await invalidate({ model: 'smrt' });
    expect(world.errors).toHaveLength(1);
    expect(await ask(world, world.llm, 'smrt')).toBe('answer 2');
  });
});

describe('what is put out of date is not given', () => {
  test('to those who are named, whoever has bought it', async () => {
    const { world, invalidate } = cached();
    const search = world.llm.with({ tags: { feature: 'search' } });
    expect([await ask(world), await ask(world, search)]).toEqual(['answer 1', 'answer 1']);
    await invalidate({ tag: { feature: 'search' } });
    expect(await ask(world)).toBe('answer 1');
    expect(await ask(world, search)).toBe('answer 2');
    await invalidate({ model: 'openai/gpt' });
    expect(await ask(world)).toBe('answer 3');
  });

  test('to a tenant that has it of another', async () => {
    const { world, invalidate } = cached();
    const of = (tenant: string) => world.llm.with({ tenant, cache: { share: 'all' } });
    expect([await ask(world, of('a')), await ask(world, of('b'))]).toEqual(['answer 1', 'answer 1']);
    await invalidate({ tenant: 'b' });
    expect(await ask(world, of('a'))).toBe('answer 1');
    expect(await ask(world, of('b'))).toBe('answer 2');
  });

  test('by a name for its model that only the one who asks has used', async () => {
    const { world, invalidate } = cached({}, { routes: { smart: 'openai/gpt' } });
    const llm = world.llm.with({ cache: { key: 'daily' } });
    const [plain, smart] = [() => ask(world, llm), () => ask(world, llm, 'smart')];
    expect([await plain(), await smart()]).toEqual(['answer 1', 'answer 1']);
    await invalidate({ model: 'smart' });
    expect([await plain(), await smart()]).toEqual(['answer 1', 'answer 2']);
  });

  test('where the mark that says so is damaged', async () => {
    for (const damaged of ['garbage', '', ';', 'NaN;', '17', '17e;']) {
      const { kept, store } = mapped();
      const { world, invalidate } = cached({ store });
      await ask(world);
      await invalidate({});
      for (const key of kept.keys()) if (key.startsWith('stamp:')) kept.set(key, damaged);
      expect(await ask(world)).toBe('answer 2');
    }
  });

  test('where the mark is something else than a text', async () => {
    const store = new Keyv5();
    const { world, invalidate } = cached({ store });
    await ask(world);
    const set = store.set.bind(store);
    store.set = (key: string, value: unknown, ttlMs?: number) => set(key, { not: value }, ttlMs);
    await invalidate({});
    expect(await ask(world)).toBe('answer 2');
  });

  test('where a mark cannot be read, by a Keyv 5 that throws', async () => {
    const { kept } = mapped();
    const broken = { isSo: false };
    const adapter = {
      opts: {},
      namespace: undefined,
      get: async (key: string) => {
        if (broken.isSo && key.includes('stamp:')) throw new Error('cut off');
        return kept.get(key);
      },
      set: async (key: string, value: string) => void kept.set(key, value),
      delete: async (key: string) => kept.delete(key),
      clear: async () => kept.clear(),
    };
    const { world, invalidate } = cached({ store: new Keyv5({ store: adapter, throwOnErrors: true }) });
    await ask(world);
    await invalidate({});
    broken.isSo = true;
    expect(await ask(world)).toBe('answer 2');
    expect(world.errors).toHaveLength(1);
  });
});

test('an older answer that comes later does not take the place of a newer one', async () => {
  const { interceptor, shut, open, held } = gate();
  const { world } = cached({}, { interceptors: [interceptor] });
  shut();
  const older = openai.create(world.llm);
  await turns();
  await world.clock.advance(10);
  const newer = openai.create(world.llm.with({ cache: { mode: 'refresh' } }));
  await turns();
  held.pop()?.();
  expect(openai.text(await newer)).toBe('answer 2');
  await turns();
  open();
  expect(openai.text(await older)).toBe('answer 1');
  await world.llm.idle();
  expect(await ask(world)).toBe('answer 2');
});

test('who names nothing is told so, and only `{}` is everything', async () => {
  const { answers, world, invalidate } = cached();
  await ask(world);
  const naming: readonly (readonly [object, string])[] = [
    [{ tag: {} }, 'invalidate.tag'],
    [{ tag: undefined }, 'invalidate.tag'],
    [{ tenant: undefined }, 'invalidate.tenant'],
    [{ tenant: undefined, tag: { feature: 'search' } }, 'invalidate.tenant'],
    [{ model: undefined }, 'invalidate.model'],
    [{ key: undefined }, 'invalidate.key'],
    [{ tag: { feature: undefined } }, 'invalidate.tag.feature'],
  ];
  for (const [what, path] of naming)
    expect(await rejection(answers.invalidate(what as Invalidation))).toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining(path),
    });
  await world.clock.advance(1);
  expect(await ask(world)).toBe('answer 1');
  await invalidate({});
  expect(await ask(world)).toBe('answer 2');
});

test('what a listener makes of a receipt does not change what others are told', async () => {
  const { world } = cached();
  const ask2 = () => openai.create(world.llm);
  world.llm.on('call:end', ({ usage }) => {
    if (usage !== undefined) Object.assign(usage, { inputTokens: 1e9 });
  });
  await Promise.all([ask2(), ask2()]);
  await world.llm.idle();
  for (let count = 0; count < 2; count++) await ask(world);
  expect(world.receipts.map(({ facts }) => facts.cache?.status)).toEqual(['miss', 'coalesced', 'hit', 'hit']);
  expect(Math.max(...world.receipts.map(({ usage }) => usage?.inputTokens ?? 1e9))).toBeLessThan(1e9);
});
