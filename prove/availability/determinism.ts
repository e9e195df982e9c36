import type { Goals } from './goals.ts';
import { runSchedule } from './run-schedule.ts';
import type { Group } from './schedules.ts';
import { bare, ours } from './sides.ts';
import { oneTurn, severalTurns } from './simulator.ts';

const calls = 300;

/**
 * The same schedule comes to the same end, call by call, each time; also when code gets several turns of the event loop
 * before time goes on, where otherwise it has one: nothing was cut short.
 */
export async function checkDeterminism(groups: readonly Group[], goals: Goals): Promise<void> {
  for (const { name, schedules } of groups) {
    for (const side of [bare, ours]) {
      const schedule = schedules[0];
      if (schedule === undefined) continue;
      const shorter = { ...schedule, calls };
      const first = await runSchedule(shorter, side, oneTurn);
      const again = await runSchedule(shorter, side, oneTurn);
      const slower = await runSchedule(shorter, side, severalTurns);
      goals.that(first.digest === again.digest, `${name}, ${side.name}: two runs of one schedule differ`);
      goals.that(
        first.digest === slower.digest,
        `${name}, ${side.name}: more turns of the event loop change the outcome`,
      );
    }
  }
}
