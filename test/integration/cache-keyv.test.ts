import KeyvRedis from '@keyv/redis';
import { cache, ManagedLLM, type CacheOptions } from 'managed-llm';
import { standIn } from 'managed-llm/testing';
import { Keyv as Keyv5 } from 'keyv';
import { Keyv as Keyv6 } from 'keyv6';
import { describe, expect, test } from 'vitest';
import { OpenAI } from 'openai';
import { RedisServer } from '../../prove/fleet/redis-server.ts';
import { freshPrefix, redisUrl, withoutRedis, withoutRedisServer } from '../redis.ts';
import { governed, openai, readAll, type Governed } from './governed.ts';

type Store = NonNullable<CacheOptions['store']>;

/** An adapter as Keyv takes them, whose server is gone. */
function failing() {
  const fail = (): Promise<never> => Promise.reject(new Error('connect ECONNREFUSED'));
  return { opts: {}, namespace: undefined, get: fail, set: fail, delete: fail, clear: fail };
}

function keptIn(store: Store): Governed {
  const world = governed({ interceptors: [cache({ store })] });
  let count = 0;
  world.provider.always(() => ({ text: `answer ${++count} \u0000 \ud800 \u{1f600}` }));
  return world;
}

async function ask({ llm }: Governed): Promise<string> {
  const reply = await openai.create(llm);
  await llm.idle();
  return openai.text(reply);
}

const statuses = ({ receipts }: Governed) => receipts.map(({ facts }) => facts.cache?.status);

const kinds = [
  {
    name: 'Keyv 5',
    inMemory: () => new Keyv5(),
    broken: () => new Keyv5({ store: failing() }),
    overRedis: (adapter: KeyvRedis<unknown>, namespace: string) => new Keyv5(adapter, { namespace }),
  },
  {
    name: 'Keyv 6',
    inMemory: () => new Keyv6(),
    broken: () => new Keyv6({ store: failing() }),
    overRedis: (adapter: KeyvRedis<unknown>, namespace: string) => new Keyv6(adapter, { namespace }),
  },
];

describe.each(kinds)('$name', ({ inMemory, broken, overRedis }) => {
  test('keeps answers, plain and streamed', async () => {
    const world = keptIn(inMemory());
    const first = await ask(world);
    expect(await ask(world)).toBe(first);
    const events = await readAll(await openai.stream(world.llm));
    expect(events.length).toBeGreaterThan(1);
    await world.llm.idle();
    expect(statuses(world)).toEqual(['miss', 'hit', 'hit']);
    expect(world.provider.requests).toHaveLength(1);
    expect(world.errors).toEqual([]);
  });

  test('has another’s answers for no longer than they are kept, whatever else is in it', async () => {
    const store = inMemory();
    const world = keptIn(store);
    await ask(world);
    const { key = '' } = world.receipts[0]?.facts.cache ?? {};
    await store.set(key, { not: 'ours' });
    expect(await ask(world)).toContain('answer 2');
    expect(await ask(world)).toContain('answer 2');
    await store.set(key, 'cut sho');
    expect(await ask(world)).toContain('answer 3');
    expect(statuses(world)).toEqual(['miss', 'miss', 'hit', 'miss']);
  });

  test.each([true, false])(
    'whose adapter fails costs an answer and no call (listened to: %s)',
    async (hears) => {
      const store = broken();
      const told: unknown[] = [];
      if (hears) store.on('error', (error: unknown) => told.push(error));
      const world = keptIn(store);
      await ask(world);
      await ask(world);
      await readAll(await openai.stream(world.llm));
      await world.llm.idle();
      expect(world.receipts.map(({ outcome }) => outcome)).toEqual(['finished', 'finished', 'finished']);
      expect(statuses(world)).toEqual(['miss', 'miss', 'miss']);
      expect(told.length > 0).toBe(hears);
      expect(world.errors).toHaveLength(1);
    },
  );

  test.skipIf(withoutRedisServer)(
    'whose server is killed, hangs and comes back costs answers, and neither calls nor the process',
    async () => {
      await using server = await RedisServer.start();
      const store = overRedis(new KeyvRedis(server.url), 'test');
      const answers = cache({ store });
      const provider = standIn();
      const llm = new ManagedLLM({
        providers: { openai: new OpenAI({ apiKey: 'test', fetch: provider.fetch }) },
        interceptors: [answers],
        onError: () => {},
      });
      const found: (string | undefined)[] = [];
      llm.on('call:end', ({ outcome, facts }) =>
        found.push(outcome === 'finished' ? facts.cache?.status : outcome),
      );
      const ask = async (): Promise<string | undefined> => {
        await llm.clients.openai.responses.create({ model: 'gpt', input: 'hello' });
        await llm.idle();
        return found.at(-1);
      };
      expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
      await server.kill();
      expect([await ask(), await ask()]).toEqual(['miss', 'miss']);
      await server.restart();
      await expect.poll(ask, { timeout: 15_000, interval: 100 }).toBe('hit');
      server.pause();
      expect([await ask(), await ask()]).toEqual(['miss', 'miss']);
      server.resume();
      await expect.poll(ask, { timeout: 15_000, interval: 100 }).toBe('hit');
      expect(new Set(found)).toEqual(new Set(['hit', 'miss']));
      await store.disconnect();
    },
    40_000,
  );

  test.skipIf(withoutRedis)(
    'over @keyv/redis shares answers between processes, and outlasts its end',
    async () => {
      const namespace = freshPrefix();
      const adapters = [new KeyvRedis(redisUrl), new KeyvRedis(redisUrl)];
      const stores = adapters.map((adapter) => overRedis(adapter, namespace));
      const [one, other] = stores.map(keptIn);
      if (one === undefined || other === undefined) throw new Error('There are two.');
      try {
        const first = await ask(one);
        expect(await ask(one)).toBe(first);
        expect(await ask(other)).toBe(first);
        expect([statuses(one), statuses(other)]).toEqual([['miss', 'hit'], ['hit']]);
        expect(other.provider.requests).toEqual([]);
      } finally {
        await stores[0]?.clear();
        for (const store of stores) await store.disconnect();
      }
    },
  );
});
