import {
  fallback,
  memoryState,
  throttle,
  type Bucket,
  type State,
  type ThrottleLimits,
  type ThrottleOptions,
} from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { describe, expect, test } from 'vitest';
import { governed, openai, rejection, type Governed, type TestRoutes } from './governed.ts';

/** Limits in a store that takes 5 ms to answer, and where no time passes. */
function asking(limits: ThrottleLimits, options: ThrottleOptions = {}, routes: TestRoutes = {}) {
  const { ledger } = memoryState({ clock: manualClock() });
  const buckets = new Set<Bucket>();
  const state: State = {
    name: 'distant',
    shared: true,
    ledger: {
      async take(takes) {
        await new Promise<void>((resolve) => void world.clock.setTimeout(resolve, 5));
        for (const { bucket } of takes) buckets.add(bucket);
        return ledger.take(takes);
      },
      adjust: async (takes) => ledger.adjust(takes),
      learn: async (bucket, facts) => ledger.learn(bucket, facts),
      level: async (bucket) => ledger.level(bucket),
    },
  };
  const world = governed({ state, routes, interceptors: [throttle({ openai: limits }, options)] });
  /** Other processes take all that is left. */
  const emptied = async () => {
    for (const bucket of buckets) await ledger.learn(bucket, { atMost: 0 });
  };
  return { world, emptied };
}

const hosts = ({ provider }: Governed) => provider.requests.map(({ url }) => new URL(url).host);

describe('asking a store is no wait for a limit', () => {
  test.each<ThrottleOptions>([{ maxWaitMs: 0 }, { maxQueue: 0 }])(
    'with %o all that fits goes, and the rest is refused when the store has said so',
    async (options) => {
      const { world } = asking({ requestsPerMinute: 6 }, options);
      const made = Promise.allSettled(Array.from({ length: 10 }, () => openai.create(world.llm)));
      await world.clock.runAll();
      const ended = await made;
      expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
      for (const end of ended)
        if (end.status === 'rejected')
          expect(String(end.reason)).toMatch(
            /would have to wait about \d+ ms for `requestsPerMinute` of openai/,
          );
      expect(world.provider.requests).toHaveLength(6);
    },
  );

  test('a burst does not spill over to the next target of its route while the first has room', async () => {
    const routes = { smart: fallback('openai/m', 'backup/m') };
    const { world } = asking({ requestsPerMinute: 100 }, {}, routes);
    const made = Promise.all(Array.from({ length: 20 }, () => openai.create(world.llm, {}, 'smart')));
    await world.clock.runAll();
    await made;
    expect(new Set(hosts(world))).toEqual(new Set(['api.openai.com']));
  });

  test('what turns out to be used up by other processes is not waited for while the route has another target', async () => {
    const routes = { smart: fallback('openai/m', 'backup/m') };
    const { world, emptied } = asking({ requestsPerMinute: 4 }, {}, routes);
    const first = openai.create(world.llm);
    await world.clock.runAll();
    await first;
    await emptied();
    const made = Promise.all([1, 2, 3].map(() => openai.create(world.llm, {}, 'smart')));
    await world.clock.advance(100);
    await made;
    expect(hosts(world).slice(1)).toEqual(['backup.test', 'backup.test', 'backup.test']);
  });

  test('a call that gives up while the store is asked is out of the queue, and the next one goes', async () => {
    const { world } = asking({ requestsPerMinute: 100 }, { maxWaitMs: 0 });
    const controller = new AbortController();
    const left = rejection(openai.create(world.llm, { signal: controller.signal }));
    const stays = openai.create(world.llm);
    await world.clock.advance(2);
    controller.abort();
    expect(await left).toBeInstanceOf(openai.APIUserAbortError);
    await world.clock.runAll();
    await stays;
    expect(world.provider.requests).toHaveLength(1);
  });
});
