/** Billionths of a USD in one USD: money is counted in whole ones. */
export const nanoPerUsd = 1_000_000_000;

/**
 * The largest sum that is kept exactly, in USD: 9,000,000. Beyond it a nano-USD is no longer a whole number of its own in
 * JSON, in Lua or in a double.
 */
export const mostUsd = 9_000_000;

/** Whole nano-USD of an amount in USD, to the nearest. */
export function toNanoUsd(usd: number): number {
  return Math.round(usd * nanoPerUsd);
}

/** USD of whole nano-USD, for people: the same number that its decimal notation reads as. */
export function toUsd(nanoUsd: number): number {
  return nanoUsd / nanoPerUsd;
}

/** For messages: `$0.5`, `$0.000000012`. */
export function formatUsd(nanoUsd: number): string {
  const [whole = '0', fraction = ''] = (Math.abs(nanoUsd) / nanoPerUsd).toFixed(9).split('.');
  const digits = fraction.replace(/0+$/, '');
  return `${nanoUsd < 0 ? '-' : ''}$${whole}${digits === '' ? '' : `.${digits}`}`;
}
