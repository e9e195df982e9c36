import { setTimeout as sleep } from 'node:timers/promises';
import { standIn } from 'managed-llm/testing';
import { BareApplication, bareMark } from './bare.ts';
import { GovernedApplication } from './governed.ts';
import { phases, type Phase } from './phases.ts';
import { printHead, printPhase, type Counts } from './print-phase.ts';
import { judge } from './verdict.ts';

const turnMs = 40;
/** The last phase lasts until calls go back to the first provider, but no longer. */
const patienceMs = 15_000;

/**
 * A provider has a bad day while two applications ask on, at the same moments: a governed one with another provider
 * behind its route, and one on that provider's SDK as it comes. Returns what was not as promised.
 */
export async function liveThroughOutage(): Promise<readonly string[]> {
  const reached = { governed: 0, bare: 0 };
  const [well] = phases;
  let phase: Phase = well;
  const first = standIn().always((request) => {
    reached[bareMark in request.headers ? 'bare' : 'governed'] += 1;
    return phase.reply(request);
  });
  await using firstServer = await first.listen();
  await using secondServer = await standIn().always({ latencyMs: 10, betweenEventsMs: 1 }).listen();
  await using governed = new GovernedApplication(firstServer.url, secondServer.url);
  const bare = new BareApplication(firstServer.url);

  const counts = (): Counts => ({
    asked: governed.tally.asked,
    answered: governed.tally.answered,
    failed: governed.tally.failed,
    byFirst: governed.served.first,
    bySecond: governed.served.second,
    reached: reached.governed,
    bareAnswered: bare.tally.answered,
    bareFailed: bare.tally.failed,
    bareReached: reached.bare,
  });
  printHead();
  let isBack = false;
  for (phase of phases) {
    const before = counts();
    const print = (isOver: boolean): void =>
      printPhase(phase.name, before, counts(), governed.circuit, bare.tally.waiting, isOver);
    const giveUpAt = performance.now() + patienceMs;
    const lastsOn = (turn: number): boolean =>
      turn < phase.turns || (phase === phases.at(-1) && !isBack && performance.now() < giveUpAt);
    for (let turn = 0; lastsOn(turn); turn += 1) {
      governed.ask();
      bare.ask();
      await sleep(turnMs);
      isBack = governed.circuit === 'closed' && governed.served.first > before.byFirst;
      print(false);
    }
    await governed.tally.idle();
    print(true);
  }
  const waiting = bare.tally.waiting;
  const end = counts();
  await bare.stop();
  return judge({ governed, isBack, counts: end, bareAsked: bare.tally.asked, bareWaiting: waiting });
}
