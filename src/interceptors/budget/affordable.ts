import type { Amounts } from '../../core/accounts.ts';

/** One of those whose money an attempt needs, while it is decided what it may have. */
export interface Purse {
  /** What it asks for at an output limit. */
  asks(limit: number | undefined): Amounts;
  /** Whether it gives less room for the output rather than none. */
  readonly lowers: boolean;
  /** What its limits leave beside what is used: `Infinity` where there is none. */
  readonly left: Amounts;
  /** Of that, what others have set aside. */
  readonly reserved: Amounts;
}

/** What an attempt may have. */
export type Affordable<P extends Purse> =
  /** All of them have it now, at this output limit. */
  | { readonly kind: 'now'; readonly limit: number | undefined }
  /** They have it, once others give back what they have set aside and do not use. */
  | { readonly kind: 'later'; readonly limit: number | undefined; readonly blocking: readonly P[] }
  /** This one has too little left, whatever others give back. */
  | { readonly kind: 'never'; readonly purse: P };

/**
 * What an attempt may have of all purses together: the output limit that was asked for, or the highest from `least` on that
 * all can afford, others' reservations apart.
 *
 * @param asked `undefined` for an attempt without output
 * @param least at most as high as `asked`
 */
export function affordable<P extends Purse>(
  purses: readonly P[],
  asked: number | undefined,
  least: number,
): Affordable<P> {
  let limit = asked;
  for (const purse of purses) {
    if (!purse.lowers || has(purse.left, purse.asks(limit))) continue;
    const highest =
      limit === undefined ? undefined : highestLimit((at) => has(purse.left, purse.asks(at)), least, limit);
    if (highest === undefined) return { kind: 'never', purse };
    limit = highest;
  }
  const short = purses.find((purse) => !purse.lowers && !has(purse.left, purse.asks(limit)));
  if (short !== undefined) return { kind: 'never', purse: short };
  const blocking = purses.filter((purse) => !has(beside(purse), purse.asks(limit)));
  return blocking.length === 0 ? { kind: 'now', limit } : { kind: 'later', limit, blocking };
}

function has(left: Amounts, asked: Amounts): boolean {
  // What costs nothing is let through also where more was used than the limit.
  return (
    (asked.nanoUsd <= left.nanoUsd || asked.nanoUsd === 0) &&
    (asked.tokens <= left.tokens || asked.tokens === 0)
  );
}

function beside({ left, reserved }: Purse): Amounts {
  return { nanoUsd: left.nanoUsd - reserved.nanoUsd, tokens: left.tokens - reserved.tokens };
}

/** What fits is below what does not. `undefined`: not even the least does. */
function highestLimit(fits: (limit: number) => boolean, least: number, most: number): number | undefined {
  if (!fits(least)) return undefined;
  let low = least;
  let high = most;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
