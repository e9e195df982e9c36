import type { RacedLLM } from './raced-llm.ts';

/** What was counted as spent, as receipts tell it. */
export class Charges {
  /** By the call's number, in whole nano-USD; a call that asks several times has several. */
  readonly amounts: (readonly [call: number, nanoUsd: number])[] = [];
  /** Calls of which an attempt ended before its usage was told: it lost a race, or its connection. */
  readonly untold: number[] = [];
  /** Calls that waited for what others had set aside, and such that were given less room for their answers. */
  waited = 0;
  lowered = 0;

  constructor(llm: RacedLLM) {
    llm.on('call:end', ({ caller, attempts, facts: { spend } }) => {
      if (spend === undefined) return;
      const call = Number(caller.tags?.['call']);
      this.amounts.push([call, spend.chargedNanoUsd]);
      if (attempts.some(({ usage }) => usage?.provenance === 'estimated')) this.untold.push(call);
      if (spend.waitedMs !== undefined) this.waited += 1;
      if (spend.loweredTo !== undefined) this.lowered += 1;
    });
  }
}

/** What calls come to, each in all its parts. */
export function sumsByCall(
  amounts: Iterable<readonly [call: number, nanoUsd: number]>,
): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const [call, nanoUsd] of amounts) sums.set(call, (sums.get(call) ?? 0) + nanoUsd);
  return sums;
}
