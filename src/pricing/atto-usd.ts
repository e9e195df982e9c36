/**
 * Rates are kept in whole billionths of a billionth of a USD: a USD per million tokens is 10^12 of them a token, so that
 * every price in a catalogue is whole, and so is half of it.
 */
const attoPerNano = 1_000_000_000n;

/** Of a rate in USD per million tokens, for one token. */
export function attoPerToken(usdPerMTok: number): bigint {
  return wholeTrillionths(usdPerMTok);
}

/** Of an amount in USD. */
export function attoOf(usd: number): bigint {
  return wholeTrillionths(usd) * 1_000_000n;
}

/** USD per million tokens, for people. */
export function usdPerMTok(attoPerToken: bigint): number {
  return Number(attoPerToken) / 1e12;
}

/** USD, for people. */
export function usdOf(atto: bigint): number {
  return Number(atto) / 1e18;
}

/** So many times as much. A factor may have 12 digits after the point. */
export function times(atto: bigint, factor: number): bigint {
  return factor === 1 ? atto : (atto * wholeTrillionths(factor)) / 1_000_000_000_000n;
}

/** Whole nano-USD, to the nearest; half a nano-USD is rounded up. */
export function nearestNano(atto: bigint): number {
  return Number((atto + attoPerNano / 2n) / attoPerNano);
}

/** Whole nano-USD, rounded up. */
export function nanoUp(atto: bigint): number {
  return Number((atto + attoPerNano - 1n) / attoPerNano);
}

export function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/** `toFixed` gives the digits of the number itself; those of a product may differ in the last. */
function wholeTrillionths(value: number): bigint {
  return BigInt(value.toFixed(12).replace('.', ''));
}
