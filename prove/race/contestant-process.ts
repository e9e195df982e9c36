// A process of a race: makes all its calls at once. node contestant-process.ts <options as JSON>
import { budgetsOf, standingOf } from './budgets.ts';
import { Charges } from './charges.ts';
import { underCeiling, type ContestantOptions, type Standings, type Tally } from './contestant.ts';
import { journaled } from './journal.ts';
import { plansFor, sizes } from './plan.ts';
import { racedLLM } from './raced-llm.ts';
import { joined, runCalls } from './run-calls.ts';
import { openState } from './states.ts';

const options = JSON.parse(process.argv[2] ?? '') as ContestantOptions;
const { url, seed, course, first, until, journal } = options;
const size = sizes[options.size];
const opened = openState(options.state);
const budgets = budgetsOf(options.budget, size);
const { llm, faults } = racedLLM({
  ...size,
  url,
  interceptors: [budgets.raced, budgets.apart],
  stoppedStreams: 'estimate',
  state: journal === undefined ? opened.state : journaled(opened.state, journal),
});
const charges = new Charges(llm);
process.on('unhandledRejection', (reason) => faults.push(`unhandled rejection: ${String(reason)}`));

async function race(): Promise<Tally> {
  const plans = plansFor(seed, course, size);
  const ceiling = underCeiling(options, size);
  const endings = await Promise.all([
    llm.run({ maxCostUsd: ceiling.maxCostUsd }, () => runCalls(llm, url, plans.slice(first, ceiling.until))),
    runCalls(llm, url, plans.slice(ceiling.until, until)),
  ]);
  await llm.idle();
  const { amounts, untold, waited, lowered } = charges;
  return { ...joined(endings), faults, amounts, untold, waited, lowered };
}

async function standings(): Promise<Standings> {
  return {
    raced: await standingOf(budgets),
    apart: {
      openai: await standingOf(budgets, 'openai'),
      anthropic: await standingOf(budgets, 'anthropic'),
    },
  };
}

async function stop(): Promise<void> {
  await llm.close();
  await opened.close();
  process.disconnect();
}

process.on('message', (message) => {
  if (message === 'go') void race().then((tally) => process.send?.(tally));
  else if (message === 'standings') void standings().then((told) => process.send?.(told));
  else void stop();
});
// What is loaded on first use is loaded before anybody starts.
await standings();
process.send?.('ready');
