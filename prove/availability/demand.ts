import type { Priority } from 'managed-llm';
import { ask, type Ending } from './ask.ts';
import { makeProviders } from './provider.ts';
import { byProvider } from './provider-name.ts';
import { drawPrompt } from './question.ts';
import { between, derived, seeded } from './random.ts';
import type { MakeSide } from './sides.ts';
import { oneTurn, Simulator, type Drain } from './simulator.ts';
import type { Allowance } from './token-bucket.ts';
import type { Family } from './wire.ts';

/** Callers who together want more than a provider allows, each of whom asks again as soon as it has an answer. */
export interface Demand {
  readonly name: string;
  readonly seed: number;
  readonly family: Family;
  readonly allowance: Allowance;
  readonly durationMs: number;
  readonly callers: Readonly<Record<Priority, number>>;
}

/** What came of it. */
export interface Satisfaction {
  readonly counts: Record<Ending['how'], number>;
  /** Of the chain, reported through `onError`. */
  readonly faults: readonly string[];
  /** Answers 429: all, and those after the headers of the first answer. */
  readonly tooMany: number;
  readonly tooManyLate: number;
  /** Of the tokens, or where those are not limited the requests, that the provider's bucket gave out. */
  readonly used: number;
  /** Longest time for which a caller of this priority had no answer, whatever it was told meanwhile. Milliseconds. */
  readonly longestWaitMs: Record<Priority, number>;
  readonly answered: Record<Priority, number>;
  /** Fewest answers that one caller of this priority got. */
  readonly fewest: Record<Priority, number>;
  readonly digest: string;
}

const startMs = Date.UTC(2026, 0, 1);
export const priorities = ['interactive', 'normal', 'batch'] as const satisfies readonly Priority[];

/** How long a caller thinks before it asks again, when it was told no. */
const pauseMs = 1_000;

export async function satisfy(
  demand: Demand,
  sideMaker: MakeSide,
  drain: Drain = oneTurn,
): Promise<Satisfaction> {
  const time = new Simulator(startMs, drain);
  const restore = time.install(derived(demand.seed, 'global'));
  try {
    const { family, seed, callers } = demand;
    const allowance = byProvider(() => demand.allowance);
    const providers = makeProviders({ seed, startMs, incidents: byProvider(() => []), allowance }, time);
    const provider = providers[family];
    const faults: string[] = [];
    const side = sideMaker.make({
      providers,
      allowance,
      time,
      random: seeded(derived(seed, 'chain')),
      onError: ({ message }) => void faults.push(message),
    });
    const counts = { answered: 0, cut: 0, failed: 0, refused: 0 };
    const longestWaitMs = { interactive: 0, normal: 0, batch: 0 };
    const answered = { interactive: 0, normal: 0, batch: 0 };
    const fewest = { interactive: Infinity, normal: Infinity, batch: Infinity };
    const endAt = startMs + demand.durationMs;
    let open = 0;

    const live = async (priority: Priority, number: number): Promise<void> => {
      open++;
      const random = seeded(derived(seed, priority, number));
      await time.wait(random() * 1_000);
      let own = 0;
      let since = time.now();
      while (time.now() < endAt) {
        const question = {
          family,
          priority,
          caller: number,
          stream: random() < 0.5,
          prompt: drawPrompt(random),
          maxOutputTokens: Math.round(between(random, 50, 500)),
        };
        const ending = await ask(side.clientsFor(question), side.models, question, time.now);
        counts[ending.how]++;
        longestWaitMs[priority] = Math.max(longestWaitMs[priority], time.now() - since);
        if (ending.how === 'answered') {
          since = time.now();
          own++;
          continue;
        }
        await time.wait(pauseMs);
      }
      answered[priority] += own;
      fewest[priority] = Math.min(fewest[priority], own);
      open--;
    };

    for (const priority of priorities)
      for (let number = 0; number < callers[priority]; number++) void live(priority, number);
    let used = 0;
    time.setTimeout(() => {
      used = demand.allowance.tokensPerMinute === undefined ? provider.admitted : provider.usedTokens;
    }, demand.durationMs);
    const how = await time.run(() => open === 0);
    if (how === 'stuck') throw new Error(`${demand.name}: ${open} callers were never answered.`);
    await side.close();
    return {
      counts,
      faults,
      tooMany: provider.tooMany.length,
      tooManyLate: provider.tooManyLate,
      used,
      longestWaitMs,
      answered,
      fewest,
      digest: JSON.stringify([counts, longestWaitMs, answered, fewest, used, provider.tooMany]),
    };
  } finally {
    restore();
  }
}

/** What the bucket gives out in that time: what it held at first, and what flowed in. */
export function permitted({ allowance, durationMs }: Demand): number {
  const perMinute = allowance.tokensPerMinute ?? allowance.requestsPerMinute ?? Infinity;
  return perMinute * (1 + durationMs / 60_000);
}
