import { ask } from './ask.ts';
import { nano } from './budgets.ts';
import type { Plan } from './plan.ts';
import { faceOf, type RacedLLM } from './raced-llm.ts';

/** The first refusal that somebody was told. */
export interface FirstRefusal {
  /** By the machine's clock. */
  readonly atMs: number;
  readonly usedNanoUsd: number;
}

/** How calls ended for the application. */
export interface Endings {
  /** Counts by how. */
  readonly ended: Readonly<Record<string, number>>;
  /** Failures by what was thrown. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly firstRefusal: FirstRefusal | undefined;
}

/**
 * Makes all of these calls at once. Resolves when the application has heard the last of them.
 *
 * @param limitedBy which refusals are looked at for the first
 */
export async function runCalls(
  llm: RacedLLM,
  url: string,
  plans: readonly Plan[],
  limitedBy: 'budget-exceeded' | 'ceiling-exceeded' = 'budget-exceeded',
): Promise<Endings> {
  const ended: Record<string, number> = {};
  const reasons: Record<string, number> = {};
  let firstRefusal: FirstRefusal | undefined;
  await Promise.all(
    plans.map(async (plan) => {
      const { how, why, refusal } = await ask(faceOf(llm, url, plan.index), plan);
      ended[how] = (ended[how] ?? 0) + 1;
      // Where one target fails and money is refused for the other, whichever comes last is told.
      if (how === 'failed' && plan.way !== 'hedged') reasons[why] = (reasons[why] ?? 0) + 1;
      if (refusal?.code === limitedBy)
        firstRefusal ??= { atMs: Date.now(), usedNanoUsd: nano(Number(refusal.details['usedUsd'])) };
    }),
  );
  return { ended, reasons, firstRefusal };
}

export function joined(all: readonly Endings[]): Endings {
  return {
    ended: added(all.map(({ ended }) => ended)),
    reasons: added(all.map(({ reasons }) => reasons)),
    firstRefusal: all
      .map(({ firstRefusal }) => firstRefusal)
      .filter((refusal) => refusal !== undefined)
      .toSorted((one, other) => one.atMs - other.atMs)[0],
  };
}

function added(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const each of all)
    for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
