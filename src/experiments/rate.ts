import { mostEvidence, type Evidence } from './odds-evidence.ts';

/** A share, and what bounds it. */
export interface Rate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The share of calls that were so, with an interval that has the true share in it at all times together, with a probability
 * of at least `1 - alpha`, if calls are independent and equally likely to be so. Exact for any number of calls: all shares that
 * are not refuted by the likelihood of what was seen, averaged over all shares (Robbins, 1970; Howard, Ramdas, McAuliffe and
 * Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences"). `undefined` of no calls.
 */
export function rateOf(positives: number, calls: number, alpha: number): Rate | undefined {
  if (calls === 0) return undefined;
  const negatives = calls - positives;
  const mean = positives / calls;
  const averaged = logBeta(1 + positives, 1 + negatives);
  const isRefuted = (share: number): boolean =>
    averaged - logPower(share, positives) - logPower(1 - share, negatives) >= -Math.log(alpha);
  return {
    mean,
    low: positives === 0 ? 0 : edge(mean, 0, isRefuted),
    high: negatives === 0 ? 1 : edge(mean, 1, isRefuted),
  };
}

/**
 * Evidence that the share of calls that are so is another than this one, which {@link rateOf} bounds the shares by: the bound for
 * an `alpha` has passed a share once its evidence is `1 / alpha`. For a number of calls it grows with how many were so beyond
 * the share, and with how few below it.
 *
 * @param share more than 0, less than 1
 */
export function rateEvidence(positives: number, calls: number, share: number): Evidence {
  const negatives = calls - positives;
  const log =
    logBeta(1 + positives, 1 + negatives) - logPower(share, positives) - logPower(1 - share, negatives);
  return {
    eValue: Math.min(mostEvidence, Math.exp(log)),
    points: positives >= calls * share ? 'up' : 'down',
  };
}

function logPower(base: number, exponent: number): number {
  return exponent === 0 ? 0 : exponent * Math.log(base);
}

const halvings = 60;

/** Where what holds inside is refuted first on the way out. */
function edge(inside: number, outside: number, isRefuted: (share: number) => boolean): number {
  let [held, refuted] = [inside, outside];
  for (let halved = 0; halved < halvings; halved++) {
    const middle = (held + refuted) / 2;
    if (isRefuted(middle)) refuted = middle;
    else held = middle;
  }
  return refuted;
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Stirling's series, which is good to 12 digits from 10 on; below, by the recurrence. */
function logGamma(x: number): number {
  let shifted = x;
  let below = 0;
  for (; shifted < 10; shifted++) below += Math.log(shifted);
  const inverse = 1 / shifted;
  const series =
    inverse * (1 / 12 - inverse ** 2 * (1 / 360 - inverse ** 2 * (1 / 1_260 - inverse ** 2 / 1_680)));
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - below;
}
