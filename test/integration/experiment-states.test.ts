import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { experiment, type State } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { renderReport } from 'managed-llm/report';
import { afterEach, describe, expect, test } from 'vitest';
import { readPage } from '../../prove/report/read-page.ts';
import { clear, connect, freshPrefix, redisUrl, withoutRedis } from '../redis.ts';
import { governed, openai, type Governed } from './governed.ts';
import { twoStates } from './two-states.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

const lengthOf = () =>
  experiment({
    name: 'length',
    arms: { control: {}, short: { parameters: { maxOutputTokens: 50 } } },
    decideBy: 'score',
  });

interface World extends Governed {
  readonly length: ReturnType<typeof lengthOf>;
}

function worldOf(state: State): World {
  const length = lengthOf();
  return { ...governed({ state, interceptors: [length] }), length };
}

describe.each(twoStates((end) => void endings.push(end)))('in the state %s', (_name, isAway, open) => {
  test.skipIf(isAway)(
    'two that share it count together, and feedback finds the arm of the other’s call',
    async () => {
      const worlds = (await open()).map(worldOf);
      const [one = expect.fail(), other = expect.fail()] = worlds;
      endings.push(() => Promise.all(worlds.map(({ llm }) => llm.close())));
      for (const { llm } of worlds)
        for (let user = 0; user < 10; user++) await openai.create(llm.with({ user: `user-${user}` }));
      await Promise.all(worlds.map(({ llm }) => llm.idle()));
      for (const { callId, facts } of one.receipts)
        await other.llm.feedback(callId, {
          score: facts.experiments?.[0]?.arm === 'short' ? 1 : 0,
          label: 'seen',
        });

      const results = await one.length.results();
      expect(await other.length.results()).toEqual(results);
      const { control, short } = results.arms;
      const inShort = one.receipts.filter(({ facts }) => facts.experiments?.[0]?.arm === 'short').length;
      expect([control.calls, short.calls]).toEqual([20 - 2 * inShort, 2 * inShort]);
      expect(short.metrics.score).toMatchObject({ n: inShort, mean: 1 });
      expect(control.metrics.score).toMatchObject({ n: 10 - inShort, mean: 0 });
      expect(short.metrics.error).toMatchObject({ n: 2 * inShort, mean: 0 });
      expect(short.labels).toEqual({ seen: inShort });
    },
  );
});

test.skipIf(withoutRedis)(
  'four processes over Redis give each user the same arm, and count every call once',
  async () => {
    const [client, prefix] = [connect(), freshPrefix()];
    endings.push(async () => {
      await clear(client, prefix);
      client.disconnect();
    });
    const asker = fileURLToPath(new URL('experiment-children/asker.ts', import.meta.url));
    const children = Array.from({ length: 4 }, () =>
      fork(asker, [redisUrl, prefix, '50'], { execArgv: ['--disable-warning=ExperimentalWarning'] }),
    );
    endings.push(() => children.map((child) => child.kill('SIGKILL')));
    const told = await Promise.all(
      children.map(async (child) => (await once(child, 'message'))[0] as string),
    );
    expect(new Set(told).size).toBe(1);
    const arms = JSON.parse(told[0] ?? '') as readonly string[];
    const short = arms.filter((arm) => arm === 'short').length;
    expect(short).toBeGreaterThan(10);

    const { length, llm } = worldOf(redisState({ client, prefix }));
    const results = await length.results();
    expect([results.arms.control.calls, results.arms.short.calls]).toEqual([4 * (50 - short), 4 * short]);
    expect(results.arms.short.metrics.error).toMatchObject({ n: 4 * short, mean: 0 });
    // Whoever has the state finds it, though four began it at once.
    const page = readPage(await renderReport({ state: redisState({ client, prefix }) }));
    expect(page.below('<bdi>length</bdi>').map(([arm, calls]) => [arm, calls])).toEqual([
      ['arm', 'Calls'],
      ['control', `${4 * (50 - short)}`],
      ['short', `${4 * short}`],
    ]);
    await llm.close();
  },
  60_000,
);
