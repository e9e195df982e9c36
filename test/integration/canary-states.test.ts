import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { canary, canaryStatuses, type Canary, type CanaryChange, type State } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RedisServer } from '../../prove/fleet/redis-server.ts';
import { clear, connect, freshPrefix, redisUrl, withoutRedis, withoutRedisServer } from '../redis.ts';
import { governed, openai, type Governed } from './governed.ts';
import { once as onceEach } from './neutral.ts';
import { twoStates } from './two-states.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

interface World extends Governed {
  readonly rollout: Canary;
  readonly changes: CanaryChange[];
}

function worldOf(state: State): World {
  const short = { parameters: { maxOutputTokens: 50 } };
  const rollout = canary({ name: 'short', canary: short, steps: [40, 60], minSamples: 1_000 });
  const all = governed({ state, interceptors: [rollout, onceEach] });
  all.provider.when(({ body }) => JSON.stringify(body).includes('"max_completion_tokens":50'), {
    status: 500,
  });
  const changes: CanaryChange[] = [];
  all.llm.on('canary:change', (change) => changes.push(change));
  endings.push(() => all.llm.close());
  return { ...all, rollout, changes };
}

async function ask({ llm }: World, from: number, to: number): Promise<void> {
  for (let user = from; user < to; user++)
    await openai.create(llm.with({ user: `user-${user}` })).catch(() => undefined);
  await llm.idle();
}

describe.each(twoStates((end) => void endings.push(end)))('in the state %s', (_name, isAway, open) => {
  test.skipIf(isAway)(
    'two that share it count together, one of them rolls back and tells so, and the other follows within a second',
    async () => {
      const [one = expect.fail(), other = expect.fail()] = (await open()).map(worldOf);
      await Promise.all([one.llm.idle(), other.llm.idle()]);
      for (let user = 0; one.changes.length + other.changes.length === 0 && user < 300; user += 4) {
        await ask(one, user, user + 2);
        await ask(other, user + 2, user + 4);
      }
      const changes = [...one.changes, ...other.changes];
      expect(changes).toMatchObject([{ from: 'ramping', to: 'rolled-back', percent: 0 }]);
      const [status, seen] = [await one.rollout.status(), await other.rollout.status()];
      expect(seen).toEqual(status);
      expect(status.arms.canary).toMatchObject({ errorRate: 1 });
      expect(status.arms.canary.calls).toBeLessThan(30);
      for (const all of [one, other]) {
        const before = all.receipts.length;
        await all.clock.advance(1_000);
        await ask(all, 0, 1);
        await ask(all, 1, 21);
        expect(all.receipts.slice(before + 1).map(({ facts }) => facts.canaries?.[0])).toEqual(
          Array.from({ length: 20 }, () => ({
            canary: 'short',
            definition: status.definition,
            arm: 'stable',
            percent: 0,
            by: 'user',
          })),
        );
      }
      expect([...one.changes, ...other.changes]).toHaveLength(1);
    },
  );

  test.skipIf(isAway)(
    'of who promotes, who aborts and what it does of its own accord at the same time, each is told once and in order',
    async () => {
      const states = await open();
      const worlds = states.map(worldOf);
      const [one = expect.fail(), other = expect.fail()] = worlds;
      await Promise.all(worlds.map(({ llm }) => llm.idle()));
      await ask(one, 0, 12);
      const asking = ask(one, 12, 40);
      await Promise.all([
        one.rollout.promote({ by: 'alice' }),
        other.rollout.abort({ by: 'bob' }),
        other.rollout.promote({ by: 'carol' }),
        asking,
      ]);
      const { history, phase, percent } = await one.rollout.status();
      expect(await other.rollout.status()).toMatchObject({ history, phase, percent });
      const told = [...one.changes, ...other.changes].map(
        ({ canary: _canary, guards: _guards, ...step }) => step,
      );
      const inOrder = (steps: readonly object[]) => steps.map((step) => JSON.stringify(step)).toSorted();
      expect(inOrder(told)).toEqual(inOrder(history));
      for (const [at, step] of history.entries())
        expect(step.from).toBe(at === 0 ? 'ramping' : history[at - 1]?.to);
      expect(history.at(-1)).toMatchObject({ to: phase, percent });
      // Once somebody has ended it, it takes no step of its own accord.
      expect(history.slice(1).every(({ by }) => by !== undefined)).toBe(true);
      const [state = expect.fail()] = states;
      expect(await canaryStatuses(state)).toMatchObject([{ canary: 'short', phase, history }]);
    },
  );
});

test.skipIf(withoutRedis)(
  'four processes over Redis roll back a canary whose calls all fail, together and once',
  async () => {
    const [client, prefix] = [connect(), freshPrefix()];
    endings.push(async () => {
      await clear(client, prefix);
      client.disconnect();
    });
    const asker = fileURLToPath(new URL('canary-children/asker.ts', import.meta.url));
    const children = Array.from({ length: 4 }, (_, at) =>
      fork(asker, [redisUrl, prefix, `process-${at}`], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      }),
    );
    endings.push(() => children.map((child) => child.kill('SIGKILL')));
    const told = await Promise.all(
      children.map(
        async (child) =>
          JSON.parse((await once(child, 'message'))[0] as string) as {
            readonly changes: readonly string[];
            readonly percent: number;
          },
      ),
    );
    expect(told.map(({ percent }) => percent)).toEqual([0, 0, 0, 0]);
    expect(told.flatMap(({ changes }) => changes)).toEqual(['rolled-back']);
    const [status = expect.fail()] = await canaryStatuses(redisState({ client, prefix }));
    expect(status).toMatchObject({ phase: 'rolled-back', step: 0, arms: { canary: { errorRate: 1 } } });
    expect(status.history).toHaveLength(1);
  },
  60_000,
);

test.skipIf(withoutRedisServer)(
  'a Redis that is killed and comes back empty hurts no call, takes nobody a step up, and is told again what was rolled back',
  async () => {
    await using server = await RedisServer.start();
    const client = connect({ retryStrategy: () => 20 }, server.url);
    endings.push(() => client.disconnect());
    const all = worldOf(redisState({ client, prefix: 'test:' }));
    await all.llm.idle();
    await ask(all, 0, 4);
    const percents = (): unknown[] => all.receipts.map(({ facts }) => facts.canaries?.[0]?.percent);
    expect(percents()).toEqual([40, 40, 40, 40]);
    await server.kill();
    await all.clock.advance(1_500);
    await ask(all, 4, 30);
    expect(percents().slice(4)).toEqual(Array.from({ length: 26 }, () => 40));
    expect(all.changes).toEqual([]);
    expect(all.errors.map(({ code }) => code)).toContain('state-unreachable');

    await server.restart();
    await vi.waitUntil(() => client.status === 'ready');
    await all.rollout.abort({ by: 'alice' });
    await server.kill();
    await server.restart();
    await vi.waitUntil(() => client.status === 'ready');
    await all.clock.advance(1_000);
    expect(await all.rollout.status()).toMatchObject({ phase: 'rolled-back', history: [{ by: 'alice' }] });
    await ask(all, 30, 32);
    expect(percents().slice(30)).toEqual([0, 0]);
  },
  30_000,
);
