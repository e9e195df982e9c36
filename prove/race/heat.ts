import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { between, seeded } from '../availability/random.ts';
import type { Arena } from './arenas.ts';
import { nano, type Standing } from './budgets.ts';
import { sumsByCall } from './charges.ts';
import { Contestant, underCeiling, type ContestantOptions } from './contestant.ts';
import type { Books } from './judge-calls.ts';
import { readJournal, type Journal } from './journal.ts';
import { plansFor, sizes, type Course, type Provider, type SizeName } from './plan.ts';
import { BilledProvider, type Billed } from './provider.ts';
import { joined, type Endings } from './run-calls.ts';

/** One race for one budget. */
export interface HeatTerms {
  readonly arena: Arena;
  readonly course: Course;
  /** Whether the first process is killed while its calls are under way. */
  readonly kills: boolean;
  readonly size: SizeName;
  readonly seed: number;
  /** Unlike that of any other race in the same state. */
  readonly budget: string;
}

/** A process that was killed. */
export interface Killed {
  readonly atMs: number;
  readonly journal: Journal;
  readonly billed: Billed;
}

/** What came of a race. */
export interface Heat extends Endings, Books {
  readonly terms: HeatTerms;
  readonly processes: number;
  readonly seconds: number;
  /** Requests that reached the providers. */
  readonly requests: number;
  /** By the providers' books, all together, and of each provider. */
  readonly billed: Billed;
  readonly billedApart: Readonly<Record<Provider, Billed>>;
  readonly faults: readonly string[];
  readonly exitCodes: readonly (number | null)[];
  /** How the books stand, when everything has ended. */
  readonly standing: Standing;
  readonly apart: Readonly<Record<Provider, Standing>>;
  /** See {@link BilledProvider.mostInput}. */
  readonly mostInput: number;
  readonly waited: number;
  readonly lowered: number;
  readonly killed: Killed | undefined;
  /** What each process was billed for that it did under its ceiling, and that. Whole nano-USD. */
  readonly underCeilings: readonly { readonly billed: number; readonly most: number }[];
}

export async function runHeat(terms: HeatTerms): Promise<Heat> {
  const { arena, course, kills, seed, budget } = terms;
  const size = sizes[terms.size];
  const processes = arena.shared ? size.processes : 1;
  const plans = plansFor(seed, course, size);
  await using stack = new AsyncDisposableStack();
  const asked: BilledProvider[] = [];
  for (let index = 0; index < processes; index += 1)
    asked.push(stack.use(await BilledProvider.listen(plans, course)));
  const directory = await mkdtemp(join(tmpdir(), 'race-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const journal = { path: join(directory, 'journal'), leaseMs: size.leaseMs };
  const options = asked.map(({ url }, index): ContestantOptions => ({
    state: arena.spec,
    url,
    seed,
    course,
    size: terms.size,
    first: Math.round((index * size.calls) / processes),
    until: Math.round(((index + 1) * size.calls) / processes),
    budget,
    ...(kills && index === 0 ? { journal } : {}),
  }));
  const contestants = await Promise.all(options.map((each) => Contestant.start(each)));
  for (const contestant of contestants) stack.defer(() => contestant.crash());
  const startedAt = performance.now();
  const [victim] = contestants;
  let killedAtMs = 0;
  const races = contestants.map((contestant) => {
    if (!kills || contestant !== victim) return contestant.race();
    contestant.go();
    return crashUnderWay(contestant, asked[0], between(seeded(seed), 0, 1_000)).then((atMs) => {
      killedAtMs = atMs;
      return undefined;
    });
  });
  const tallies = (await Promise.all(races)).filter((tally) => tally !== undefined);
  await untilAllEnded(asked);
  const last = contestants.at(-1);
  if (last === undefined) throw new Error('Nobody has raced.');
  const standings = await last.standings();
  const seconds = (performance.now() - startedAt) / 1_000;
  const survivors = contestants.filter((contestant) => !kills || contestant !== victim);
  const exitCodes = await Promise.all(survivors.map((contestant) => contestant.stop()));
  const billedByCall = sumsByCall(asked.flatMap((provider) => [...provider.billedByCall()]));
  return {
    terms,
    processes,
    seconds,
    requests: asked.reduce((sum, { requests }) => sum + requests, 0),
    billed: totalOf(asked.map((provider) => provider.billed())),
    billedApart: {
      openai: totalOf(asked.map((provider) => provider.billed('openai'))),
      anthropic: totalOf(asked.map((provider) => provider.billed('anthropic'))),
    },
    ...joined(tallies),
    faults: tallies.flatMap(({ faults }) => faults),
    exitCodes,
    standing: standings.raced,
    apart: standings.apart,
    chargedByCall: sumsByCall(tallies.flatMap(({ amounts }) => amounts)),
    billedByCall,
    underCeilings: options.map((each) => {
      const { until, maxCostUsd } = underCeiling(each, size);
      let billed = 0;
      for (let call = each.first; call < until; call += 1) billed += billedByCall.get(call) ?? 0;
      return { billed, most: nano(maxCostUsd) };
    }),
    untold: new Set(tallies.flatMap(({ untold }) => untold)),
    mostInput: Math.max(...asked.map(({ mostInput }) => mostInput)),
    waited: tallies.reduce((sum, { waited }) => sum + waited, 0),
    lowered: tallies.reduce((sum, { lowered }) => sum + lowered, 0),
    killed: kills
      ? { atMs: killedAtMs, journal: readJournal(journal.path), billed: billedBy(asked[0]) }
      : undefined,
  };
}

/** Kills it when many of its calls are under way. Resolves to when that was. */
async function crashUnderWay(
  contestant: Contestant,
  provider: BilledProvider | undefined,
  laterMs: number,
): Promise<number> {
  const hasBegun = (): boolean => provider !== undefined && provider.open >= 10;
  for (let tries = 0; !hasBegun(); tries += 1) {
    if (tries > 1_000) throw new Error('The process that is to be killed asks for nothing.');
    await sleep(10);
  }
  await sleep(laterMs);
  await contestant.crash();
  return Date.now();
}

/** What has lost its client is noticed by and by. */
async function untilAllEnded(asked: readonly BilledProvider[]): Promise<void> {
  for (let tries = 0; asked.some(({ open }) => open > 0); tries += 1) {
    if (tries > 500) throw new Error('Requests are still under way, ten seconds after the race.');
    await sleep(20);
  }
}

function billedBy(provider: BilledProvider | undefined): Billed {
  return provider?.billed() ?? { nanoUsd: 0, tokens: 0 };
}

function totalOf(all: readonly Billed[]): Billed {
  return {
    nanoUsd: all.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0),
    tokens: all.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}
