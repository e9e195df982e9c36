import { canary, memoryState } from 'managed-llm';
import { manualClock } from 'managed-llm/testing';
import { derived, seeded } from '../availability/random.ts';
import { mostCanaryCalls, type Call, type Effect, type Ended } from './effects.ts';
import { askingOf, canaryModel } from './provider.ts';

/** Users whose calls come mixed, where each makes several. */
const atOnce = 20;

/** One canary from its first call to its end, in this process: all that users run, but for the provider and the time. */
export async function rollOut(effect: Effect, seed: number): Promise<Ended> {
  const random = seeded(derived(seed, 'canary', effect.of));
  const clock = manualClock(Date.UTC(2026, 10, 23));
  const rollout = canary({ name: `try-${seed}`, canary: { model: canaryModel } });
  let call: Call = callAt(effect, 0);
  const asking = askingOf(
    rollout,
    (isCanary) => {
      const fails = random() < effect.rateOf(call) * (isCanary ? effect.times(call) : 1);
      return { fails, afterMs: effect.takes(isCanary, fails) };
    },
    { state: memoryState({ clock }), clock },
  );
  const end = { phase: 'ramping' };
  asking.llm.on('canary:change', ({ to }) => (end.phase = to));
  const asked: Promise<void>[] = [];
  for (
    ;
    end.phase === 'ramping' && asking.canaryCalls < mostCanaryCalls;
    call = callAt(effect, call.index + 1)
  ) {
    asked.push(asking.ask(`user-${call.user}`));
    await clock.advance(1_000 / effect.callsPerSecond);
  }
  const { canaryCalls } = asking;
  await clock.runAll();
  await Promise.all(asked);
  await asking.llm.close();
  return { ...end, canaryCalls, calls: call.index };
}

function callAt({ callsOfUser }: Effect, index: number): Call {
  if (callsOfUser === 1) return { index, user: index, nth: 0 };
  const inBlock = index % (callsOfUser * atOnce);
  const before = (index - inBlock) / callsOfUser;
  return { index, user: before + (inBlock % atOnce), nth: Math.floor(inBlock / atOnce) };
}
