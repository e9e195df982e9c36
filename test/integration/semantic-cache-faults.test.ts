import { setImmediate as turn } from 'node:timers/promises';
import {
  cache,
  fallback,
  memoryState,
  memoryVectors,
  type CacheStore,
  type SemanticOptions,
  type Vector,
  type VectorStore,
} from 'managed-llm';
import type { ManualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { governed, readAll, rejection, settledOnce, type Governed } from './governed.ts';
import { until } from './neutral.ts';
import { ask, compared, meaning, norway, norwayAgain, statuses, verdicts } from './semantic.ts';

const norwayOnceMore = 'Norway: the capital?';

/** Asks, and does not wait for what is left to do in the background. */
async function say(
  { llm }: Pick<Governed, 'llm'>,
  content: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  const messages = [{ role: 'user' as const, content }];
  const reply = await llm.clients.openai.chat.completions.create({ model: 'gpt', messages }, options);
  return reply.choices[0]?.message.content ?? '';
}

const turns = async (count = 30): Promise<void> => {
  for (let at = 0; at < count; at += 1) await turn();
};

/** One that never comes, and tells of whoever waits for it. */
function never(): { readonly waiting: AbortSignal[]; wait<T>(signal?: AbortSignal): Promise<T> } {
  const waiting: AbortSignal[] = [];
  return {
    waiting,
    wait(signal) {
      waiting.push(signal ?? new AbortController().signal);
      return new Promise(() => {});
    },
  };
}

/** The store in memory, with some of it done otherwise. */
function vectorsWith(otherwise: (memory: VectorStore) => Partial<VectorStore>): VectorStore {
  const memory = memoryVectors();
  return {
    nearest: (...all) => memory.nearest(...all),
    put: (...all) => memory.put(...all),
    delete: (...all) => memory.delete(...all),
    ...otherwise(memory),
  };
}

/** A `Map`, to be kept by several caches. */
function mapStore(): CacheStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
    delete: (key) => kept.delete(key),
  };
}

describe('a semantic cache takes nothing for granted of its store of vectors', () => {
  test.each([Number.NaN, undefined, null, '1', 7, Infinity])(
    'neither that a similarity is a cosine: %s',
    async (similarity) => {
      const vectors = vectorsWith((memory) => ({
        nearest: async (...all) =>
          (await memory.nearest(...all)).map((one) => ({ ...one, similarity: similarity as number })),
      }));
      const { world } = compared({ vectors });
      await ask(world, norway);
      expect(await ask(world, norwayAgain)).toBe('answer 2');
      expect(verdicts(world)).toEqual([undefined, undefined]);
      expect(world.errors).toHaveLength(1);
    },
  );

  test('nor that it keeps groups apart: no tenant gets, nor is told of, what another has asked', async () => {
    for (const shadow of [false, true]) {
      const vectors = vectorsWith((memory) => ({
        nearest: (_group, ...all) => memory.nearest('one', ...all),
        put: (_group, ...all) => memory.put('one', ...all),
      }));
      const { world, answers } = compared({ vectors, shadow });
      await ask(world, norway, world.llm.with({ tenant: 'a' }));
      expect(await ask(world, norwayAgain, world.llm.with({ tenant: 'b' }))).toBe('answer 2');
      const [, other] = world.receipts;
      expect(other?.facts.semantic).toBeUndefined();
      expect(await answers.explain(other?.callId ?? '')).toBeUndefined();
      expect(world.errors).toHaveLength(1);
    }
  });

  test('nor that it gives no more neighbours than it was asked for', async () => {
    let confirmed = 0;
    const vectors = vectorsWith((memory) => ({
      nearest: (group, vector) => memory.nearest(group, vector, 50),
    }));
    const { world } = compared({
      vectors,
      candidates: 2,
      verify() {
        confirmed += 1;
        return false;
      },
    });
    for (const words of [norway, norwayAgain, norwayOnceMore, 'And the capital of Norway?']) {
      confirmed = 0;
      await ask(world, words);
    }
    expect(confirmed).toBe(2);
  });
});

describe('a semantic cache compares only what one model has told', () => {
  const embedding = ({ path }: { readonly path: string }) => path.endsWith('/embeddings');
  const routed = (target: string) => ({ routes: { meaning: target } });

  test('not what a route of the same name told that led elsewhere', async () => {
    const shared = { store: mapStore(), vectors: memoryVectors() };
    const semantic = { embed: 'meaning', minSimilarity: 0.3, vectors: shared.vectors };
    const one = compared(semantic, { store: shared.store }, routed('openai/ada')).world;
    const other = compared(semantic, { store: shared.store }, routed('openai/small')).world;
    const same = compared(semantic, { store: shared.store }, routed('openai/ada')).world;
    await ask(one, norway);
    await ask(other, norwayAgain);
    expect(other.receipts.at(-1)?.facts).toMatchObject({ cache: { status: 'miss' } });
    expect(other.receipts.at(-1)?.facts.semantic).toBeUndefined();
    await ask(same, norwayOnceMore);
    expect(same.receipts.at(-1)?.facts).toMatchObject({ semantic: { verdict: 'given' } });
  });

  test('not what the second choice told with what the first did, which is asked again when it is back', async () => {
    const routes = { meaning: fallback('openai/small', 'backup/other') };
    const { world } = compared({ embed: 'meaning', minSimilarity: 0.3 }, {}, { routes });
    let isDown = false;
    world.provider.always((request) =>
      isDown && embedding(request) && request.model === 'small'
        ? { status: 404, error: { code: 'model_not_found' } }
        : {},
    );
    await ask(world, norway);
    isDown = true;
    await ask(world, norwayAgain, world.llm.with({ cache: { mode: 'read' } }));
    expect(world.receipts.at(-1)?.facts.semantic).toBeUndefined();
    expect(world.receipts.at(-2)).toMatchObject({ operation: 'embed', target: { provider: 'backup' } });
    isDown = false;
    await ask(world, norwayAgain);
    expect(world.receipts.at(-1)?.facts.semantic).toMatchObject({ verdict: 'given' });
  });

  test('not what another model told that has come to stand behind the name', async () => {
    let served = 'small-1';
    const { world } = compared({ embed: 'openai/small', minSimilarity: 0.3 });
    world.provider.always((request) => (embedding(request) ? { model: served } : {}));
    await ask(world, norway);
    served = 'small-2';
    await ask(world, norwayAgain);
    expect(world.receipts.at(-1)?.facts.semantic).toBeUndefined();
    await ask(world, norwayOnceMore);
    expect(world.receipts.at(-1)?.facts.semantic).toMatchObject({ verdict: 'given' });
  });

  test('not vectors of different lengths, of which none pushes the others out', async () => {
    const { world } = compared({
      embed: (text) => (text === norwayAgain ? [1, 1, 1, 1, 1] : meaning(text)),
    });
    await ask(world, norway);
    await ask(world, norwayAgain);
    expect(await ask(world, norwayOnceMore)).toBe('answer 1');
    expect(verdicts(world)).toEqual([undefined, undefined, 'given']);
    expect(world.errors).toEqual([]);
  });
});

describe('a semantic cache stops what it has asked for when nobody waits for it any more', () => {
  test('so that an embedding which never came is asked for again', async () => {
    const hanging = never();
    let isUp = false;
    const { world } = compared({
      timeoutMs: 300,
      embed: (text, signal) => (isUp ? meaning(text) : hanging.wait<Vector>(signal)),
    });
    const first = say(world, norway);
    await until(() => hanging.waiting.length === 1);
    expect(hanging.waiting[0]?.aborted).toBe(false);
    await world.clock.advance(300);
    expect(hanging.waiting[0]?.aborted).toBe(true);
    await first;
    await world.clock.advance(10_000);
    isUp = true;
    // The same words, in another context.
    await ask(world, norway, world.llm.with({ cache: { share: 'all' } }));
    await ask(world, norwayAgain, world.llm.with({ cache: { share: 'all' } }));
    expect(verdicts(world)).toEqual([undefined, undefined, 'given']);
    expect(hanging.waiting).toHaveLength(1);
  });

  test('and others wait no longer for one whose call was stopped, whatever it is that does not heed that', async () => {
    const hanging = never();
    const stop = new AbortController();
    const { world } = compared({
      embed: (text, signal) =>
        text === norway && hanging.waiting.length === 0 ? hanging.wait<Vector>(signal) : meaning(text),
    });
    await ask(world, norwayAgain);
    const leader = rejection(say(world, norway, { signal: stop.signal }));
    await until(() => hanging.waiting.length === 1);
    const other = say(world, norway);
    await turns();
    stop.abort();
    await leader;
    expect(await other).toBe('answer 1');
    expect(hanging.waiting[0]?.aborted).toBe(true);
    expect(world.errors).toEqual([]);
    await settledOnce(world, 3);
  });

  test('and a call of its own for it ends then', async () => {
    const { world } = compared({ embed: 'openai/small', timeoutMs: 100 });
    world.provider.always(({ path }) => (path.endsWith('/embeddings') ? { latencyMs: 5_000 } : {}));
    const asked = say(world, norway);
    await until(() => world.provider.requests.length === 1);
    await world.clock.advance(100);
    await asked;
    await world.llm.idle();
    expect(world.receipts.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'embed aborted',
      'chat finished',
    ]);
  });

  test('and no verifier is paid for a call that has gone on without', async () => {
    let release = (): void => {};
    const { world } = compared({
      timeoutMs: 100,
      verify: 'openai/judge',
      embed: (text) =>
        text === norway
          ? meaning(text)
          : new Promise((resolve) => {
              release = () => resolve(meaning(text));
            }),
    });
    await ask(world, norway);
    const second = say(world, norwayAgain);
    await turns();
    await world.clock.advance(100);
    await second;
    release();
    await turns();
    await world.llm.idle();
    expect(world.receipts.map(({ model }) => model)).toEqual(['gpt', 'gpt']);
  });

  test('and no second verifier is asked when the first took too long, or was asked for a call that was stopped', async () => {
    for (const ends of ['time', 'call'] as const) {
      const hanging = never();
      const stop = new AbortController();
      const { world } = compared({
        timeoutMs: 100,
        verify: (_pair, signal) => hanging.wait<boolean>(signal),
      });
      await ask(world, norway);
      await ask(world, norwayAgain, world.llm.with({ cache: { mode: 'write' } }));
      const third = say(world, norwayOnceMore, { signal: stop.signal });
      third.catch(() => {});
      await until(() => hanging.waiting.length === 1);
      if (ends === 'time') await world.clock.advance(100);
      else stop.abort();
      await third.catch(() => {});
      await turns();
      expect(hanging.waiting, ends).toHaveLength(1);
      expect(hanging.waiting[0]?.aborted, ends).toBe(true);
      await world.llm.idle();
    }
  });
});

describe('a semantic cache waits for its store of vectors so long', () => {
  test('when it keeps, and for the next ten seconds not at all', async () => {
    const hanging = never();
    const vectors = vectorsWith(() => ({ put: () => hanging.wait<void>() }));
    const { world } = compared({ vectors, timeoutMs: 300 });
    await say(world, norway);
    let isIdle = false;
    const idle = world.llm.idle().then(() => (isIdle = true));
    await turns();
    expect(isIdle).toBe(false);
    await world.clock.advance(300);
    await idle;
    expect(world.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('without comparing questions'),
    ]);
    await ask(world, norwayAgain);
    expect(hanging.waiting).toHaveLength(1);
    await world.clock.advance(10_000);
    const later = ask(world, norwayOnceMore);
    await until(() => hanging.waiting.length === 2);
    await world.clock.advance(300);
    await later;
    expect(world.errors).toHaveLength(1);
  });

  test('when it lets go of a question, which says nothing of the store of answers', async () => {
    for (const isHanging of [true, false]) {
      const hanging = never();
      const vectors = vectorsWith(() => ({
        delete() {
          const done = hanging.wait<void>();
          return isHanging ? done : Promise.reject(new Error('down'));
        },
      }));
      const { world, answers } = compared({ vectors, timeoutMs: 300 });
      await ask(world, norway);
      await answers.invalidate({});
      await world.clock.advance(1);
      await say(world, norwayAgain);
      await until(() => hanging.waiting.length === 1);
      if (isHanging) await world.clock.advance(300);
      await world.llm.idle();
      expect(verdicts(world)).toEqual([undefined, 'gone']);
      expect(world.errors.map(({ message }) => message)).toEqual([
        expect.stringContaining('without comparing questions'),
      ]);
    }
  });

  test.each(['nearest', 'put', 'delete'] as const)(
    'in shadow no receipt waits longer, where `%s` never answers',
    async (what) => {
      const hanging = never();
      const vectors = vectorsWith(() => ({ [what]: () => hanging.wait<never>() }));
      const { world, answers } = compared({ vectors, timeoutMs: 300, shadow: true });
      await say(world, norway);
      await turns();
      await world.clock.advance(300);
      await world.llm.idle();
      expect(world.receipts).toHaveLength(1);
      await answers.invalidate({});
      await world.clock.advance(10_000);
      await say(world, norwayAgain);
      await turns();
      await world.clock.advance(300);
      expect(world.receipts).toHaveLength(2);
      await world.llm.idle();
      expect(hanging.waiting.length).toBeGreaterThan(0);
    },
  );
});

describe('a semantic cache learns what a question means', () => {
  const down = (): never => {
    throw new Error('down');
  };

  test('also where its verifier cannot be asked, which its receipt tells', async () => {
    const { world } = compared({ verify: ({ kept }) => kept !== norway || down() });
    await ask(world, norway);
    await ask(world, norwayAgain);
    expect(world.errors).toHaveLength(1);
    expect(await ask(world, norwayOnceMore)).toBe('answer 2');
    expect(verdicts(world)).toEqual([undefined, 'not confirmed', 'given']);
  });

  test('also where its verifier never answers, and where a model that verifies refuses', async () => {
    const hanging = never();
    const silent = compared({ timeoutMs: 300, verify: () => hanging.wait<boolean>() });
    await ask(silent.world, norway);
    const second = say(silent.world, norwayAgain);
    await until(() => hanging.waiting.length === 1);
    await silent.world.clock.advance(300);
    expect(await second).toBe('answer 2');
    await silent.world.llm.idle();
    expect(verdicts(silent.world)).toEqual([undefined, 'not confirmed']);
    expect(silent.world.errors).toHaveLength(1);

    const refusing = compared({ verify: 'openai/judge' });
    refusing.world.provider.always(({ model }) => (model === 'judge' ? { status: 400 } : {}));
    await ask(refusing.world, norway);
    await ask(refusing.world, norwayAgain);
    expect(refusing.world.receipts.at(-1)?.facts.semantic?.verdict).toBe('not confirmed');
    expect(refusing.world.errors).toHaveLength(1);
  });

  test.each<{ what: string; nearest: () => never | Promise<never> }>([
    { what: 'cannot be asked', nearest: down },
    { what: 'never answers', nearest: () => new Promise(() => {}) },
  ])('also where the store of vectors $what', async ({ nearest }) => {
    const learnt: string[] = [];
    const vectors = vectorsWith(() => ({ nearest, put: (_group, id) => void learnt.push(id) }));
    const { world, asked } = compared({ vectors, timeoutMs: 300 });
    const first = say(world, norway);
    await until(() => asked.length === 1);
    await turns();
    await world.clock.advance(300);
    await first;
    await world.llm.idle();
    expect(learnt).toEqual([world.receipts[0]?.facts.cache?.key]);
  });

  test('never of a stream that was not read to its end', async () => {
    const learnt: string[] = [];
    const vectors = vectorsWith(() => ({ put: (_group, id) => void learnt.push(id) }));
    const { world } = compared({ vectors });
    world.provider.always(() => ({ text: Array.from({ length: 50 }, (_, at) => `word${at} `) }));
    const { completions } = world.llm.clients.openai.chat;
    const body = {
      model: 'gpt',
      messages: [{ role: 'user' as const, content: norway }],
      stream: true as const,
    };
    for await (const _event of await completions.create(body)) break;
    const stop = new AbortController();
    const stopped = await completions.create(body, { signal: stop.signal });
    stop.abort();
    await readAll(stopped).catch(() => {});
    await world.llm.idle();
    expect(learnt).toEqual([]);
    await readAll(await completions.create(body));
    await world.llm.idle();
    expect(learnt).toHaveLength(1);
  });
});

describe('a semantic cache gives nothing that was put out of date meanwhile', () => {
  /** One that says yes when it is told to. */
  function thoughtful() {
    const waiting: (() => void)[] = [];
    const verify = (): Promise<boolean> => new Promise((resolve) => waiting.push(() => resolve(true)));
    return { waiting, verify, release: () => waiting.splice(0).forEach((resolve) => resolve()) };
  }

  test.each(['invalidate', 'evict'] as const)('by `%s`, to who waits for a verifier', async (how) => {
    const judge = thoughtful();
    const { world, answers } = compared({ verify: judge.verify });
    await ask(world, norway);
    let earlier = 'nobody';
    if (how === 'evict') {
      const hit = say(world, norwayAgain);
      await until(() => judge.waiting.length === 1);
      judge.release();
      expect(await hit).toBe('answer 1');
      earlier = world.receipts.at(-1)?.callId ?? '';
    }
    const before = say(world, norwayOnceMore);
    await until(() => judge.waiting.length === 1);
    await world.clock.advance(10);
    if (how === 'evict') expect(await answers.evict(earlier)).toBe(true);
    else await answers.invalidate({});
    await world.clock.advance(10);
    const after = say(world, norwayOnceMore);
    await turns();
    judge.release();
    expect([await before, await after]).not.toContain('answer 1');
    await world.llm.idle();
    expect(verdicts(world).slice(-2)).toContain('gone');
  });

  test('nor to whom it was wrong before, also where the store has let go of that to make room', async () => {
    const state = memoryState({ cache: { entries: 20 } });
    const { world, answers } = compared({}, {}, { state });
    await ask(world, norway);
    await ask(world, norwayAgain);
    expect(await answers.evict(world.receipts.at(-1)?.callId ?? '')).toBe(true);
    await world.clock.advance(1); // what began in the moment of an invalidation is not kept
    for (let at = 0; at < 30; at += 1)
      await ask(world, 'x', world.llm.with({ cache: { key: `another ${at}` } }));
    await ask(world, norway);
    await ask(world, norwayAgain);
    expect(world.receipts.at(-1)?.facts.semantic?.verdict).toBe('set apart');
    await world.clock.advance(30 * 86_400_000);
    await ask(world, norway);
    await ask(world, norwayAgain);
    expect(world.receipts.at(-1)?.facts.semantic?.verdict).toBe('given');
  });

  test('and none who comes later shares in what began to look before', async () => {
    const held: (() => void)[] = [];
    let holds = false;
    const store = mapStore();
    const slow: CacheStore = {
      ...store,
      async get(key) {
        if (holds && key.startsWith('apart:')) await new Promise<void>((resolve) => held.push(resolve));
        return store.kept.get(key);
      },
    };
    const { world, answers } = compared({}, { store: slow });
    await ask(world, norway);
    holds = true;
    const before = say(world, norwayAgain);
    await until(() => held.length === 1);
    await world.clock.advance(10);
    await answers.invalidate({});
    await world.clock.advance(10);
    const after = say(world, norwayAgain);
    await turns();
    for (const release of held) release();
    expect([await before, await after]).toEqual(['answer 1', 'answer 2']);
    await world.llm.idle();
  });
});

describe('a semantic cache', () => {
  test('comes through 50 calls that are stopped at any moment, with right answers and nothing left over', async () => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const random = seededRandom(seed);
      const world = stirred(random, { timeoutMs: 40, shadow: seed % 2 === 0 });
      const topics = ['capital', 'refund', 'weather'];
      const outcomes = await stirring(world, async (at) => {
        const topic = topics[at % 3] ?? '';
        const stop = new AbortController();
        if (random() < 0.5) world.clock.setTimeout(() => stop.abort(), random() * 60);
        const told = await say(world, `${topic} ${'?'.repeat(at % 4)}`, { signal: stop.signal }).catch(
          () => undefined,
        );
        return told === undefined || told === topic;
      });
      expect(outcomes).toEqual(Array.from({ length: 50 }, () => true));
      expect(world.provider.openStreams).toBe(0);
      expect(new Set(world.receipts.map(({ callId }) => callId)).size).toBe(world.receipts.length);
      expect(world.clock.pending).toBe(0);
      expect(verdicts(world)).toContain(seed % 2 === 0 ? 'would be given' : 'given');
      expect(world.receipts.some(({ outcome }) => outcome === 'aborted')).toBe(true);
    }
  });

  test('takes questions whose words are no whole characters', async () => {
    const { world } = compared({ embed: 'openai/small', minSimilarity: 0.3 });
    await ask(world, `${norway} \uD83D`);
    await ask(world, `${norway} \uDE00`);
    await ask(world, `${norway} \uD83D`);
    expect(world.errors).toEqual([]);
    const [miss, other, hit] = world.receipts.filter(({ parentId }) => parentId === undefined);
    expect(miss?.facts.cache?.status).toBe('miss');
    expect(other?.facts.cache).toMatchObject({ kind: 'semantic', status: 'hit' });
    expect(hit?.facts.cache).toMatchObject({ kind: 'exact', status: 'hit' });
  });

  test('gives users of one tenant what they share, and what they do not to nobody else', async () => {
    const { world } = compared();
    const as = (user: string, tenant: string, share: 'user' | 'tenant' | 'all') =>
      world.llm.with({ user, tenant, cache: { share } });
    await ask(world, norway, as('u', 'a', 'user'));
    await ask(world, norwayAgain, as('v', 'a', 'user'));
    await ask(world, norwayOnceMore, as('u', 'b', 'user'));
    await ask(world, 'The capital of Norway', as('u', 'a', 'all'));
    expect(statuses(world)).toEqual(Array.from({ length: 4 }, () => 'exact miss'));
    await ask(world, 'Norway’s capital, the capital', as('u', 'a', 'user'));
    await ask(world, 'The capital of Norway?', as('v', 'b', 'all'));
    expect(statuses(world).slice(4)).toEqual(['semantic hit', 'semantic hit']);
  });
});

/** All of it takes its time, by chance, and sometimes fails; answers are the topics of questions. */
function stirred(random: () => number, semantic: Partial<SemanticOptions>): Governed {
  const world: Governed = governed((clock) => {
    const slowly = async <T>(value: () => T | Promise<T>): Promise<T> => {
      const ms = random() < 0.1 ? 100 : random() * 15;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));
      if (random() < 0.1) throw new Error('down');
      return value();
    };
    const memory = memoryVectors({ clock });
    const answers = cache({
      semantic: {
        embed: (text) => slowly(() => meaning(text)),
        verify: ({ asked, kept }) => slowly(() => asked.split(' ')[0] === kept.split(' ')[0]),
        vectors: {
          nearest: (...all) => slowly(() => memory.nearest(...all)),
          put: (...all) => slowly(() => memory.put(...all)),
          delete: (...all) => slowly(() => memory.delete(...all)),
        },
        gate: false,
        minSimilarity: 0.001,
        ...semantic,
      },
    });
    return { interceptors: [answers] };
  });
  world.provider.always(({ body }) => ({
    text: /capital|refund|weather/.exec(JSON.stringify(body))?.[0] ?? '',
    latencyMs: random() * 20,
  }));
  return world;
}

/** Makes 50 calls, a few at a time, and lets time pass until all have come back. */
async function stirring<T>(
  { clock, llm }: Governed,
  call: (at: number) => Promise<T>,
): Promise<readonly T[]> {
  const under: Promise<T>[] = [];
  for (let at = 0; at < 50; at += 1) {
    under.push(call(at));
    if (at % 5 === 4) await clock.advance(10);
  }
  const all = await passing(clock, Promise.all(under));
  await passing(clock, llm.idle());
  // The timer that all attempts have in common, and what hung by itself.
  await clock.advance(1_000_000);
  return all;
}

/** Lets time pass until it has come, a minute at most. */
async function passing<T>(clock: ManualClock, pending: Promise<T>): Promise<T> {
  const come = { isThere: false };
  void pending.finally(() => (come.isThere = true));
  for (let ms = 0; !come.isThere; ms += 10) {
    if (ms > 60_000) throw new Error('It does not come to rest.');
    await clock.advance(10);
    await turn();
  }
  return pending;
}
