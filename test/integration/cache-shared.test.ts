import { setImmediate as turn } from 'node:timers/promises';
import { cache, memoryState, type CacheOptions, type CacheStore } from 'managed-llm';
import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import {
  governed,
  readAll,
  settledOnce,
  type Governed,
  type RequestOptions,
  type TestClients,
  type TestOptions,
} from './governed.ts';

function cached(options: CacheOptions = {}, more: TestOptions = {}) {
  const answers = cache(options);
  const world = governed({ ...more, interceptors: [answers, ...(more.interceptors ?? [])] });
  let count = 0;
  world.provider.always(({ path }) =>
    path.endsWith('/embeddings') ? { latencyMs: 100 } : { text: `answer ${++count}`, latencyMs: 100 },
  );
  return { answers, world };
}

const said = ({ choices }: OpenAI.ChatCompletion) => choices[0]?.message.content;
const nameOf = (thrown: unknown) => (thrown as Error).constructor.name;

const body: OpenAI.ChatCompletionCreateParamsNonStreaming = {
  model: 'gpt',
  messages: [{ role: 'user', content: 'hello' }],
};

/** What is said, or what the call fails of. */
const ask = (llm: TestClients, options: RequestOptions = {}) =>
  llm.clients.openai.chat.completions.create(body, options).then(said, nameOf);

const stream = (llm: TestClients) =>
  llm.clients.openai.chat.completions.create({ ...body, stream: true }).then(readAll);

const embed = (llm: TestClients, input: string | string[], options: RequestOptions = {}) =>
  llm.clients.openai.embeddings
    .create({ model: 'text-embedding-3-small', dimensions: 8, input }, options)
    .then(({ data }) => data.length, nameOf);

const kinds = [
  ['plain', ask],
  ['streamed', stream],
  ['embeddings', (llm: TestClients) => embed(llm, 'one')],
  ['embeddings of which one is asked for twice', (llm: TestClients) => embed(llm, ['one', 'two', 'one'])],
] as const;

const statuses = ({ receipts }: Governed) => receipts.map(({ facts }) => facts.cache?.status);

/** Until whatever needs no clock has come to rest. */
async function turns(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

/** Until a request is on its way: what a cache needs is loaded when it is first asked, which takes no time of the clock. */
async function underWay({ provider }: Governed): Promise<void> {
  while (provider.requests.length === 0) await turn();
}

/** Lets time go by in steps, so that what waits for one thing after another has them all. */
async function pass(world: Governed, ms: number): Promise<void> {
  for (let gone = 0; gone < ms; gone += 50) {
    await world.clock.advance(50);
    await turns();
  }
}

describe('an answer on its way', () => {
  describe('that is put out of date', () => {
    test.each(kinds)('is not shared with calls that begin after that: %s', async (_name, asking) => {
      const { answers, world } = cached();
      const before = asking(world.llm);
      await underWay(world);
      await world.clock.advance(10);
      await answers.invalidate({ tenant: 'someone else’s' });
      await world.clock.advance(10);
      const after = [asking(world.llm), asking(world.llm)];
      await pass(world, 500);
      await Promise.all([before, ...after]);
      expect(world.provider.requests).toHaveLength(2);
      await settledOnce(world, 3);
      expect(statuses(world).toSorted()).toEqual(['coalesced', 'miss', 'miss']);
    });

    test.each(kinds)(
      'by another process is not shared either, and is asked for once: %s',
      async (_name, asking) => {
        const state = memoryState();
        const [one, two] = [cached({}, { state }), cached({}, { state })];
        const before = asking(one.world.llm);
        await underWay(one.world);
        await one.world.clock.advance(10);
        await two.world.clock.advance(10);
        await two.answers.invalidate({ model: 'other' });
        await turns();
        const joined = asking(one.world.llm);
        await turns();
        expect(one.world.provider.requests).toHaveLength(1);
        await two.answers.invalidate({});
        const after = [asking(one.world.llm), asking(one.world.llm), asking(one.world.llm)];
        await pass(one.world, 500);
        await Promise.all([before, joined, ...after]);
        expect(one.world.provider.requests).toHaveLength(2);
      },
    );

    test('is not shared by who is of what was put out of date, nor where a mark is damaged', async () => {
      const kept = new Map<string, string>();
      const store: CacheStore = {
        get: (key) => kept.get(key),
        set: (key, value) => void kept.set(key, value),
        delete: (key) => kept.delete(key),
      };
      const [one, two] = [cached({ store }), cached({ store })];
      const tagged = one.world.llm.with({ tags: { feature: 'search' } });
      const before = ask(one.world.llm);
      await turns();
      await two.answers.invalidate({ tag: { feature: 'search' } });
      const same = ask(one.world.llm);
      await turns();
      expect(one.world.provider.requests).toHaveLength(1);
      const other = ask(tagged);
      await turns();
      expect(one.world.provider.requests).toHaveLength(2);
      for (const key of kept.keys()) kept.set(key, 'damaged');
      const third = ask(tagged);
      await turns();
      expect(one.world.provider.requests).toHaveLength(3);
      await pass(one.world, 200);
      await Promise.all([before, same, other, third]);
    });

    test('is shared where the store cannot be asked', async () => {
      let isDown = false;
      const store: CacheStore = {
        get: () => (isDown ? Promise.reject(new Error('down')) : undefined),
        set: () => {},
        delete: () => false,
      };
      const { world } = cached({ store });
      const before = ask(world.llm);
      await turns();
      isDown = true;
      const joined = ask(world.llm);
      await pass(world, 200);
      expect([await before, await joined]).toEqual(['answer 1', 'answer 1']);
    });
  });

  describe('that fails of what the one who asked has set', () => {
    test.each([
      ['plain', ask],
      ['embeddings', (llm: TestClients, options?: RequestOptions) => embed(llm, 'one', options)],
    ] as const)('fails for nobody who has more time: %s', async (_name, asking) => {
      const { world } = cached();
      world.provider.always({ text: 'late', latencyMs: 500 });
      const hasty = asking(world.llm, { timeout: 100, maxRetries: 0 });
      await turns();
      const others = [1, 2].map(() => asking(world.llm, { maxRetries: 0 }));
      await pass(world, 1_000);
      expect(await hasty).toBe('APIConnectionTimeoutError');
      expect(await Promise.all(others)).not.toContain('APIConnectionTimeoutError');
      expect(world.provider.requests).toHaveLength(2);
    });

    test('fails for those who have waited as long as they would themselves, and for no other', async () => {
      const { world } = cached();
      world.provider.always({ text: 'late', latencyMs: 500 });
      const options = { timeout: 100, maxRetries: 0 };
      const early = Array.from({ length: 20 }, () => ask(world.llm, options));
      await world.clock.advance(50);
      const late = Array.from({ length: 20 }, () => ask(world.llm, options));
      await pass(world, 50);
      expect(new Set(await Promise.all(early))).toEqual(new Set(['APIConnectionTimeoutError']));
      expect(world.provider.requests).toHaveLength(2);
      await pass(world, 100);
      expect(new Set(await Promise.all(late))).toEqual(new Set(['APIConnectionTimeoutError']));
      expect(world.provider.requests).toHaveLength(2);
    });

    test('a deadline, fails for nobody else', async () => {
      const { world } = cached();
      const hasty = ask(world.llm.with({ deadlineMs: 50 }));
      await turns();
      const other = ask(world.llm);
      await pass(world, 300);
      expect(await hasty).toBe('APIConnectionTimeoutError');
      expect(await other).toBe('answer 1');
    });

    test.each([
      ['plain', ask],
      ['embeddings', (llm: TestClients, options?: RequestOptions) => embed(llm, ['one'], options)],
    ] as const)(
      'is asked for anew by those who try again, once for all of them, and fails for those who do not: %s',
      async (_name, asking) => {
        const { world } = cached();
        world.provider.next({ status: 500, latencyMs: 10 });
        const once = Array.from({ length: 50 }, () => asking(world.llm, { maxRetries: 0 }));
        const again = Array.from({ length: 50 }, () => asking(world.llm, { maxRetries: 3 }));
        await pass(world, 5_000);
        expect(new Set(await Promise.all(once))).toEqual(new Set(['InternalServerError']));
        expect(new Set(await Promise.all(again))).not.toContain('InternalServerError');
        expect(world.provider.requests).toHaveLength(2);
      },
    );

    test('brings no rush of those who share a part of it', async () => {
      const { world } = cached();
      world.provider.next({ status: 500, latencyMs: 10 });
      const options = { maxRetries: 0 };
      const first = embed(world.llm, ['one', 'two'], options);
      await turns();
      const others = Array.from({ length: 50 }, () => embed(world.llm, ['one', 'three'], options));
      await pass(world, 1_000);
      expect(await first).toBe('InternalServerError');
      expect(new Set(await Promise.all(others))).toEqual(new Set([2]));
      expect(world.provider.requests.length).toBeLessThanOrEqual(4);
    });
  });

  test('is kept for the shortest time that one of those says who share it, under the tags of all', async () => {
    const { answers, world } = cached();
    const first = ask(world.llm.with({ tags: { feature: 'find' }, cache: { ttlMs: 1_000_000 } }));
    await turns();
    const read = ask(world.llm.with({ cache: { mode: 'read', ttlMs: 1 } }));
    const second = ask(
      world.llm.with({ tags: { feature: 'search', team: 'blue' }, cache: { ttlMs: 10_000 } }),
    );
    await pass(world, 100);
    expect([await first, await read, await second]).toEqual(['answer 1', 'answer 1', 'answer 1']);
    await world.llm.idle();
    await world.clock.advance(9_000);
    expect(await ask(world.llm)).toBe('answer 1');
    for (const [at, tag] of [{ feature: 'search' }, { team: 'blue' }, { feature: 'find' }].entries()) {
      const { answers: own, world: other } = cached();
      const both = [
        ask(other.llm.with({ tags: { feature: 'find' } })),
        ask(other.llm.with({ tags: { feature: 'search', team: 'blue' } })),
      ];
      await pass(other, 100);
      await Promise.all(both);
      await other.llm.idle();
      await own.invalidate({ tag });
      const next = ask(other.llm);
      await pass(other, 100);
      expect([at, await next]).toEqual([at, 'answer 2']);
    }
    await answers.invalidate({ tag: { feature: 'other' } });
    await world.clock.advance(1_000);
    const after = ask(world.llm);
    await pass(world, 100);
    expect(await after).toBe('answer 2');
  });

  test('is that of every reader alone, whatever another does to the bytes it is given', async () => {
    const { world } = cached();
    const reading = async (spoils: boolean): Promise<string> => {
      const { response } = await world.llm.clients.openai.chat.completions
        .create({ ...body, stream: true })
        .withResponse();
      let text = '';
      for await (const chunk of response.body ?? expect.fail('no body')) {
        text += Buffer.from(chunk).toString();
        const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
        const at = spoils ? bytes.indexOf('answer') : -1;
        if (at >= 0) bytes.write('spoilt', at);
      }
      return text;
    };
    const all = Promise.all([reading(true), reading(false), reading(true), reading(false)]);
    await pass(world, 200);
    const [, first, , last] = await all;
    expect(first).toMatch(/answer.*\[DONE\]\s*$/s);
    expect(last).toBe(first);
    await world.llm.idle();
    await reading(true);
    expect(await reading(false)).toBe(first);
    await settledOnce(world, 6);
    expect(statuses(world).filter((status) => status === 'hit')).toHaveLength(2);
  });

  test('has its place in the receipt of who gives up waiting for it', async () => {
    for (const [, asking] of [
      ['plain', ask] as const,
      ['part', embedTwo] as const,
      ['whole', embedOne] as const,
    ]) {
      const { world } = cached();
      const controller = new AbortController();
      const leaving = asking(world.llm, { signal: controller.signal });
      await turns();
      const other = new AbortController();
      const following = asking(world.llm, { signal: other.signal });
      await turns();
      other.abort();
      await following;
      controller.abort();
      await leaving;
      await settledOnce(world, 2);
      expect(statuses(world)).toEqual(['coalesced', 'miss']);
    }
  });
});

const embedOne = (llm: TestClients, options: RequestOptions) => embed(llm, 'one', options);
const embedTwo = (llm: TestClients, options: RequestOptions) => embed(llm, ['one', 'one'], options);

test('who only reads is given an old answer, and has none asked for anew', async () => {
  for (const asking of [ask, embedOne]) {
    const { world } = cached({ ttlMs: 1_000, staleMs: 10_000 });
    const llm = world.llm.with({ cache: { mode: 'read' } });
    const first = asking(world.llm, {});
    await pass(world, 100);
    await first;
    await world.llm.idle();
    await world.clock.advance(1_500);
    await asking(llm, {});
    await pass(world, 200);
    await world.llm.idle();
    await asking(llm, {});
    expect(world.provider.requests).toHaveLength(1);
    await settledOnce(world, 3);
    expect(statuses(world)).toEqual(['miss', 'stale', 'stale']);
  }
});
