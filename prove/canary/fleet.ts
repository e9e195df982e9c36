import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { canary } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { RedisServer } from '../fleet/redis-server.ts';
import type { Call, Effect, Ended } from './effects.ts';
import { members, type MemberOptions, type Told, type Trial } from './fleet-options.ts';
import { askingOf, canaryModel } from './provider.ts';

const program = fileURLToPath(new URL('member.ts', import.meta.url));
/** As many as go by one step together: more at once would only wait for each other. */
const atOnce = 50;
const prefix = 'canary:';
/** All calls here are alike. */
const anyCall: Call = { index: 0, user: 0, nth: 0 };

/** How canaries ended that four processes made the calls of, and what went wrong besides. */
export interface FleetRuns {
  readonly ended: ReadonlyMap<Effect, readonly Ended[]>;
  /** Canaries whose end was told by no process, or by several. */
  readonly toldWrong: readonly string[];
  readonly errors: readonly string[];
}

interface Tried extends Trial {
  readonly effect: Effect;
}

export async function rollOutInFleet(
  effects: readonly Effect[],
  seeds: readonly number[],
  seed: number,
  log: (line: string) => void,
): Promise<FleetRuns> {
  await using redis = await RedisServer.start();
  const trials = seeds.flatMap((one) =>
    effects.map((effect, at): Tried => ({ name: `try-${at}-${one}`, times: effect.times(anyCall), effect })),
  );
  const ends: string[] = [];
  const errors: string[] = [];
  for (let from = 0; from < trials.length; from += atOnce) {
    const now = trials.slice(from, from + atOnce).map(({ name, times }) => ({ name, times }));
    const told = await Promise.all(
      Array.from({ length: members }, (_, member) =>
        tell({ redisUrl: redis.url, prefix, member, seed, trials: now }),
      ),
    );
    ends.push(...told.flatMap((one) => one.ends));
    errors.push(...told.flatMap((one) => one.errors));
    log(`${from + now.length} of ${trials.length} in four processes`);
  }
  const ended = new Map(effects.map((effect): [Effect, Ended[]] => [effect, []]));
  const client = new Redis(redis.url);
  for (const { name, effect } of trials) ended.get(effect)?.push(await endOf(name, client));
  client.disconnect();
  const toldWrong = trials.flatMap(({ name, effect }) => {
    const times = ends.filter((end) => end === name).length;
    const hasEnded = ended.get(effect)?.[seeds.indexOf(Number(name.split('-')[2]))]?.phase !== 'ramping';
    return times === (hasEnded ? 1 : 0) ? [] : [`${name}: its end was told ${times} times`];
  });
  return { ended, toldWrong, errors };
}

async function tell(options: MemberOptions): Promise<Told> {
  const member = fork(program, [JSON.stringify(options)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [told] = (await Promise.race([
    once(member, 'message'),
    once(member, 'exit').then(([code]) => {
      throw new Error(`a process of the fleet ended with ${code}`);
    }),
  ])) as [Told];
  return told;
}

async function endOf(name: string, client: Redis): Promise<Ended> {
  const rollout = canary({ name, canary: { model: canaryModel }, by: 'call' });
  const { llm } = askingOf(rollout, () => ({ fails: false, afterMs: 0 }), {
    state: redisState({ client, prefix }),
  });
  const { phase, arms } = await rollout.status();
  await llm.close();
  return { phase, canaryCalls: arms.canary.calls, calls: arms.canary.calls + arms.stable.calls };
}
