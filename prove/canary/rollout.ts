import { canary, memoryState } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { derived, seeded } from '../availability/random.ts';
import { mostCanaryCalls, type Effect, type Ended } from './effects.ts';
import { askingOf, canaryModel } from './provider.ts';

/** Twenty calls a second. */
const everyMs = 50;
/** Users whose calls come mixed, where each makes several. */
const atOnce = 20;

/** One canary from its first call to its end, in this process: all that users run, but for the provider and the time. */
export async function rollOut(effect: Effect, seed: number): Promise<Ended> {
  const random = seeded(derived(seed, 'canary', effect.of));
  const clock = manualClock(Date.UTC(2026, 10, 23));
  const rollout = canary({ name: `try-${seed}`, canary: { model: canaryModel } });
  let [calls, user] = [0, 0];
  const asking = askingOf(
    rollout,
    (isCanary) => random() < effect.rateOf(calls, user) * (isCanary ? effect.times : 1),
    { state: memoryState({ clock }), clock },
  );
  const end = { phase: 'ramping' };
  asking.llm.on('canary:change', ({ to }) => (end.phase = to));
  while (end.phase === 'ramping' && asking.canaryCalls < mostCanaryCalls) {
    user = userOf(calls, effect.callsOfUser);
    await asking.ask(`user-${user}`);
    calls += 1;
    await clock.advance(everyMs);
  }
  const { canaryCalls } = asking;
  await asking.llm.close();
  return { ...end, canaryCalls, calls };
}

function userOf(call: number, callsOfUser: number): number {
  if (callsOfUser === 1) return call;
  return Math.floor(call / (callsOfUser * atOnce)) * atOnce + (call % atOnce);
}
