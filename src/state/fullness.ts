import type { Amounts } from '../core/accounts.ts';

const kinds = ['nanoUsd', 'tokens'] as const;

/** How much of its limits is taken, by whichever is nearer, 1 when there is nothing left; `undefined` without limits. */
export function fullnessOf(
  limits: Partial<Amounts>,
  used: Amounts,
  reserved: Amounts,
  raised: Amounts,
): number | undefined {
  let fullest: number | undefined;
  for (const kind of kinds) {
    const limit = limits[kind];
    if (limit === undefined) continue;
    const taken = used[kind] + reserved[kind];
    const most = limit + raised[kind];
    fullest = Math.max(fullest ?? 0, most > 0 ? taken / most : taken > 0 ? Infinity : 1);
  }
  return fullest;
}
