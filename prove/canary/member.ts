// A process of the fleet: asks in many canaries at once, until each has ended. node member.ts <options as JSON>
import { setImmediate as turn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { canary } from 'managed-llm';
import { redisState } from 'managed-llm/redis';
import { derived, seeded } from '../availability/random.ts';
import { mostCanaryCalls } from './effects.ts';
import { askingOf, canaryModel, type Asking } from './provider.ts';
import { base, members, type MemberOptions, type Told } from './fleet-options.ts';

const { redisUrl, prefix, member, seed, trials } = JSON.parse(process.argv[2] ?? '') as MemberOptions;
const client = new Redis(redisUrl);
const state = redisState({ client, prefix });
/** Callers at once in each process. */
const callers = 16;
/** Of so many calls, one waits until all of its canary are counted, as no faster than that anybody could count. */
const eachCounted = 20;
/** Ends of canaries that this process was the one to tell. */
const ends: string[] = [];
const errors: string[] = [];

interface Trying {
  readonly name: string;
  readonly asking: Asking;
  hasEnded: boolean;
}

const trying = trials.map(({ name, times }): Trying => {
  const random = seeded(derived(seed, name, member));
  const rollout = canary({ name, canary: { model: canaryModel }, by: 'call' });
  const asking = askingOf(
    rollout,
    (isCanary) => ({ fails: random() < base * (isCanary ? times : 1), afterMs: 0 }),
    { state, onError: ({ code }) => void errors.push(code) },
  );
  const trial: Trying = { name, asking, hasEnded: false };
  asking.llm.on('canary:change', ({ to }) => {
    if (to !== 'ramping') ends.push(name);
  });
  // What every call is told of it is how a process knows what another has made of it.
  asking.llm.on('call:end', ({ facts: { canaries } }) => {
    const percent = canaries?.[0]?.percent;
    if (percent === 0 || percent === 100) trial.hasEnded = true;
  });
  return trial;
});

let left = trying;
let next = 0;
async function caller(): Promise<void> {
  for (;;) {
    left = left.filter(({ hasEnded, asking }) => !hasEnded && asking.canaryCalls < mostCanaryCalls / members);
    const trial = left[next++ % Math.max(1, left.length)];
    if (trial === undefined) return;
    // The provider answers at once: without these, nobody else would come to anything.
    if (next % eachCounted === 0) await trial.asking.llm.idle();
    else await turn();
    await trial.asking.ask('anybody').catch((thrown: unknown) => errors.push(String(thrown)));
  }
}

await Promise.all(Array.from({ length: callers }, caller));
await Promise.all(trying.map(({ asking }) => asking.llm.close()));
const told: Told = { ends, errors };
process.send?.(told, () => {
  client.disconnect();
  process.disconnect();
});
