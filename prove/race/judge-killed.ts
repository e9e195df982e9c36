import { setTimeout as sleep } from 'node:timers/promises';
import { ManagedLLM } from 'managed-llm';
import OpenAI from 'openai';
import { budgetsOf, nano, standingOf } from './budgets.ts';
import { usd, type Goals } from './goals.ts';
import type { Heat } from './heat.ts';
import { untoldAbove } from './judge-calls.ts';
import { nameOf } from './judge-heat.ts';
import { patiently } from './patiently.ts';
import { sizes } from './plan.ts';
import { openState } from './states.ts';

/** What clocks may differ by. */
const moreMs = 1_000;

/** What a killed process has left, in whole nano-USD. */
export interface Left {
  readonly lost: number;
  /** Lost reservations, together. */
  readonly lostNanoUsd: number;
  /** What it may have had set aside when it was killed, together. */
  readonly openNanoUsd: number;
  /** By how much the books exceed the providers', before anything is released by hand. */
  readonly aboveNanoUsd: number;
}

/** What has to hold when the leases of a killed process have ended: until then it waits. */
export async function judgeKilled(heat: Heat, goals: Goals): Promise<Left> {
  const { terms, billed, killed } = heat;
  if (killed === undefined) throw new Error('Nobody was killed.');
  const name = nameOf(heat);
  const { state, close } = openState(terms.arena.spec);
  const budgets = budgetsOf(terms.budget, sizes[terms.size]);
  const llm = new ManagedLLM({
    providers: { openai: new OpenAI({ apiKey: 'none' }) },
    state,
    interceptors: [budgets.raced, budgets.apart],
  });
  const { open, settled } = killed.journal;
  await sleep(Math.max(0, killed.atMs + sizes[terms.size].leaseMs + moreMs - Date.now()));
  const lost = await patiently(() => budgets.raced.lost());
  const before = await standingOf(budgets);
  const openNanoUsd = [...open.values()].reduce((sum, amount) => sum + amount, 0);
  const lostNanoUsd = lost.reduce((sum, { usd: amount }) => sum + nano(amount), 0);
  const untold = untoldAbove(heat);
  const above = before.nanoUsd - billed.nanoUsd;
  const limit = nano(sizes[terms.size].limitUsd);
  goals.that(lost.length > 0, `${name}: nothing was under way when the process was killed`);
  goals.that(before.reservedNanoUsd === 0, `${name}: ${usd(before.reservedNanoUsd)} are still set aside`);
  goals.that(
    before.nanoUsd <= limit,
    `${name}: the books count ${usd(before.nanoUsd - limit)} over the limit`,
  );
  goals.that(
    above >= 0 && above <= lostNanoUsd + untold && lostNanoUsd <= openNanoUsd,
    `${name}: the books are ${usd(above)} above the providers’, ${usd(lostNanoUsd)} is lost, ${usd(openNanoUsd)} was set aside`,
  );
  goals.that(
    lost.every(({ id, usd: amount }) => open.get(id) === nano(amount)),
    `${name}: lost is what was not set aside when the process was killed`,
  );
  for (const { id } of lost)
    goals.that(await patiently(() => budgets.raced.release(id)), `${name}: ${id} cannot be released`);
  const after = await standingOf(budgets);
  const isLost = new Set(lost.map(({ id }) => id));
  // Of the killed process its own books are right as far as it came; of all others, the providers' are, but for attempts
  // whose usage was not told.
  const counted = [...settled].reduce((sum, [id, amount]) => sum + (isLost.has(id) ? 0 : amount), 0);
  const expected = billed.nanoUsd - killed.billed.nanoUsd + counted + untold;
  goals.that(
    after.nanoUsd === expected && after.reservedNanoUsd === 0,
    `${name}: after the release the books differ by ${after.nanoUsd - expected} nano-USD`,
  );
  goals.that(
    counted <= killed.billed.nanoUsd && killed.billed.nanoUsd - counted <= lostNanoUsd,
    `${name}: the killed process was billed ${usd(killed.billed.nanoUsd)}, and had counted ${usd(counted)}`,
  );
  goals.that(
    (await patiently(() => budgets.raced.lost())).length === 0,
    `${name}: something is lost after all was released`,
  );
  await llm.close();
  await close();
  return { lost: lost.length, lostNanoUsd, openNanoUsd, aboveNanoUsd: above };
}
