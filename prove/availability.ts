import { checkDeterminism } from './availability/determinism.ts';
import { checkDemandAgain, demandsFor, judgeDemand } from './availability/demands.ts';
import { Goals } from './availability/goals.ts';
import { runSchedule } from './availability/run-schedule.ts';
import { groupsFor } from './availability/schedules.ts';
import { bare, ours } from './availability/sides.ts';
import { realTime } from './availability/simulator.ts';
import { Summary } from './availability/summary.ts';
import type { Proof, ProofContext, ProofResult, ProofRow } from './proof.ts';

/** Two applications live through the same bad times: one with the SDKs as they are, one governed. */
export const proof: Proof = {
  name: 'availability',
  claim:
    'With three targets each up 99 %, 99.99 % of calls get content; an outage is not made worse by those who ask; ' +
    'limits are kept without a 429 and used to the full.',
  run,
};

async function run({ small, seed, log }: ProofContext): Promise<ProofResult> {
  const groups = groupsFor(seed, small);
  const goals = new Goals();
  const rows: ProofRow[] = [];
  const notes: string[] = [];
  // What is loaded on first use takes real time, which must not pass within simulated time.
  for (const { schedules } of groups)
    for (const schedule of schedules.slice(0, 1))
      await runSchedule({ ...schedule, calls: 40 }, ours, realTime);
  await checkDeterminism(groups, goals);
  let asked = 0;
  let simulatedMs = 0;
  let timers = 0;
  for (const group of groups) {
    const { name, schedules } = group;
    goals.judgeSchedules(group);
    for (const side of [bare, ours]) {
      const runs = [];
      for (const schedule of schedules) {
        log(`${name}, schedule ${schedule.number}, ${side.name}`);
        runs.push(await runSchedule(schedule, side));
      }
      const summary = new Summary(runs);
      rows.push(summary.row(name, side.name));
      notes.push(`${name}, ${side.name}: ${summary.reasons()}`);
      goals.judge(name, side.name, summary);
      if (side === ours) asked += summary.asked;
      for (const run of runs) {
        simulatedMs += run.simulatedMs;
        timers += run.timers;
      }
    }
  }
  for (const demand of demandsFor(seed, small)) {
    log(`demand, ${demand.name}`);
    await checkDemandAgain(demand, goals);
    rows.push(...(await judgeDemand(demand, goals)));
  }
  const schedules = groups.reduce((sum, group) => sum + group.schedules.length, 0);
  return {
    sample:
      `${asked.toLocaleString('en-US')} calls on each side over ${schedules} schedules, ` +
      `${Math.round(simulatedMs / 3_600_000).toLocaleString('en-US')} simulated hours, ${timers.toLocaleString('en-US')} timers; ` +
      'both SDKs, streams and plain replies mixed',
    rows,
    passed: goals.met,
    failures: goals.missed,
    notes: [
      ...notes,
      'both sides wait 60 s for headers, where the SDKs would wait 10 minutes by themselves',
      'three figures in one cell: requests a call at openai, anthropic and spare; of a demand, callers of priority interactive, normal and batch',
      'a stream that breaks off after its content had begun is delivered content that was cut later: nobody may repeat it unasked',
    ],
  };
}
