import { denying, incidentsFor, nuisancesFor, type Incident, type Trouble } from './incident.ts';
import { byProvider } from './provider-name.ts';
import { between, derived, seeded } from './random.ts';
import type { Schedule } from './schedule.ts';

/** Schedules of one kind. */
export interface Group {
  readonly name: string;
  /** Share of the time that each target is down, independently of the others; `undefined` where that is not the point. */
  readonly unavailability: number | undefined;
  readonly schedules: readonly Schedule[];
}

interface Plan {
  readonly name: string;
  readonly unavailability?: number;
  readonly schedules: number;
  readonly calls: number;
  make(seed: number, calls: number, index: number): Omit<Schedule, 'number' | 'seed' | 'calls'>;
}

const both = ['openai', 'anthropic'] as const;

/** 50 schedules, 1,096,000 calls. */
const plans: readonly Plan[] = [
  { name: 'each target up 99 %', unavailability: 0.01, schedules: 24, calls: 24_000, make: upMostly(0.01) },
  { name: 'each target up 90 %', unavailability: 0.1, schedules: 8, calls: 20_000, make: upMostly(0.1) },
  { name: 'all targets down', schedules: 6, calls: 20_000, make: allDown },
  { name: 'one target down', schedules: 6, calls: 20_000, make: oneDown },
  { name: 'limits and outages', schedules: 6, calls: 20_000, make: limited },
];

export function groupsFor(seed: number, small: boolean): readonly Group[] {
  let number = 0;
  return plans.map(({ name, unavailability, schedules, calls, make }) => ({
    name,
    unavailability,
    schedules: Array.from({ length: small ? 1 : schedules }, (_, index) => {
      number++;
      const own = derived(seed, name, index);
      const count = small ? calls / 8 : calls;
      return { number, seed: own, calls: count, ...make(own, count, index) };
    }),
  }));
}

/** One call a second; incidents of any kind, independent of one another, for exactly this share of each target's time. */
function upMostly(unavailability: number): Plan['make'] {
  return (seed, calls) => {
    const durationMs = calls * 1_000;
    return {
      durationMs,
      families: both,
      outages: [],
      allowance: undefined,
      incidents: byProvider((name) => [
        ...incidentsFor(seeded(derived(seed, 'incidents', name)), durationMs, unavailability),
        ...nuisancesFor(seeded(derived(seed, 'nuisances', name)), durationMs),
      ]),
    };
  };
}

/** Twenty calls a second; every target fails in the same way for half of the time. */
function allDown(_seed: number, calls: number, index: number): ReturnType<Plan['make']> {
  const outage = { fromMs: calls * 10, untilMs: calls * 35 };
  const down = [whole(outage, denying[index % denying.length]!)];
  return {
    durationMs: calls * 50,
    families: both,
    outages: [outage],
    allowance: undefined,
    incidents: { openai: down, anthropic: down, spare: down },
  };
}

/** Twenty calls a second; the first target of half of the callers fails for more than half of the time. */
function oneDown(_seed: number, calls: number, index: number): ReturnType<Plan['make']> {
  const outage = { fromMs: calls * 10, untilMs: calls * 40 };
  return {
    durationMs: calls * 50,
    families: both,
    outages: [outage],
    allowance: undefined,
    incidents: { openai: [whole(outage, denying[index % denying.length]!)], anthropic: [], spare: [] },
  };
}

/** Five calls a second against limits that hold four fifths of it, with outages of a fiftieth of the time. */
function limited(seed: number, calls: number): ReturnType<Plan['make']> {
  const durationMs = calls * 200;
  const random = seeded(derived(seed, 'allowance'));
  const allowance = byProvider(() => {
    const tokensPerMinute = Math.round(between(random, 40_000, 60_000));
    return { tokensPerMinute, requestsPerMinute: Math.round(tokensPerMinute / 250) };
  });
  return { ...upMostly(0.02)(seed, durationMs / 1_000, 0), durationMs, allowance };
}

function whole(outage: { readonly fromMs: number; readonly untilMs: number }, trouble: Trouble): Incident {
  return { ...outage, trouble, share: 1 };
}
