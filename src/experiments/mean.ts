import { mostEvidence, noEvidence, type Evidence } from './odds-evidence.ts';

/** Numbers as their sums. */
export interface Moments {
  readonly n: number;
  readonly sum: number;
  /** Of their squares. */
  readonly squares: number;
  /** Of their cubes. Where they are given, nothing is concluded as long as few values are far from the others: see {@link burnIn}. */
  readonly cubes?: number;
}

export interface Mean {
  readonly mean: number;
  /** Standard deviation of single calls. */
  readonly sd: number;
  /** `undefined` below {@link burnIn} calls. */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/** The arm's mean less the control's. */
export interface MeanDifference extends Evidence {
  readonly difference: number;
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/**
 * Calls of each side before anything is concluded from means. Where cubes are counted, and values are skewed, more are wanted
 * until means are about normally distributed: 25 times the square of their skewness (Cochran's rule).
 */
export const burnIn = 200;
const perSquaredSkewness = 25;

/** Differences below this part of the means come of adding up. */
const rounding = 1e-9;

/** Calls of both sides together at which intervals are at their narrowest, compared with ones for a single look. */
const tunedFor = 2_000;

/** The mean, with an interval that has the true one in it at all times together, as {@link compareMeans} tells. `undefined` of no calls. */
export function meanOf(moments: Moments, alpha: number): Mean | undefined {
  const { n, sum } = moments;
  if (n === 0) return undefined;
  const mean = sum / n;
  const variance = varianceOf(moments);
  const margin = n < burnIn ? undefined : marginOf(variance / n, n, alpha);
  return { mean, sd: Math.sqrt(variance), ...around(mean, margin) };
}

/** Evidence that the mean is another than this value, as {@link compareMeans} has it of a difference. None below {@link burnIn} calls. */
export function meanEvidence(moments: Moments, value: number, alpha: number): Evidence {
  const { n, sum } = moments;
  if (!areEnough(moments)) return noEvidence;
  const difference = differenceOf(sum / n, value);
  const eValue = evidenceOf(difference, varianceOf(moments) / n, n, alpha);
  return { eValue, points: difference >= 0 ? 'up' : 'down' };
}

/**
 * How two means differ, and what speaks against their being the same, after every call if wanted.
 *
 * Asymptotic: the difference is taken for a Brownian motion with the variance that was seen (Waudby-Smith, Arbour, Sinha, Kennedy
 * and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences"), averaged over normally distributed
 * effects (Robbins, 1970). So the probability of ever being wrong comes to `alpha` the more calls there were before the first
 * look. Nothing is said below {@link burnIn} calls of each side, and where values differ by orders of magnitude more are needed.
 */
export function compareMeans(control: Moments, arm: Moments, alpha: number): MeanDifference | undefined {
  if (control.n === 0 || arm.n === 0) return undefined;
  const difference = differenceOf(arm.sum / arm.n, control.sum / control.n);
  if (!areEnough(control) || !areEnough(arm))
    return { difference, ...around(difference, undefined), ...noEvidence };
  const [ofControl, ofArm] = [varianceOf(control), varianceOf(arm)];
  const variance = ofControl / control.n + ofArm / arm.n;
  const pooled = (ofControl * control.n + ofArm * arm.n) / (control.n + arm.n);
  // As many calls as tell as much where both sides have the same number.
  const calls = variance === 0 ? control.n + arm.n : (4 * pooled) / variance;
  return {
    difference,
    ...around(difference, marginOf(variance, calls, alpha)),
    eValue: evidenceOf(difference, variance, calls, alpha),
    points: difference >= 0 ? 'up' : 'down',
  };
}

function differenceOf(mean: number, other: number): number {
  const difference = mean - other;
  return Math.abs(difference) <= rounding * Math.max(Math.abs(mean), Math.abs(other)) ? 0 : difference;
}

function areEnough(moments: Moments): boolean {
  return moments.n >= Math.max(burnIn, perSquaredSkewness * skewnessOf(moments) ** 2);
}

/** 0 where it is not known, and of values that are all alike. */
function skewnessOf({ n, sum, squares, cubes }: Moments): number {
  if (cubes === undefined) return 0;
  const mean = sum / n;
  const variance = squares / n - mean ** 2;
  if (variance <= rounding * mean ** 2) return 0;
  return (cubes / n - 3 * mean * (squares / n) + 2 * mean ** 3) / variance ** 1.5;
}

/** How likely large effects are held to be: for the narrowest interval at {@link tunedFor}, as the paper derives it. */
function spreadOf(alpha: number): number {
  const doubled = -2 * Math.log(alpha);
  return (doubled + Math.log(doubled) + 1) / tunedFor;
}

function evidenceOf(difference: number, variance: number, calls: number, alpha: number): number {
  if (difference === 0) return 1 / Math.sqrt(1 + calls * spreadOf(alpha));
  const grown = calls * spreadOf(alpha);
  const exponent = (difference ** 2 / variance / 2) * (grown / (1 + grown));
  return Math.min(mostEvidence, Math.exp(exponent - Math.log1p(grown) / 2));
}

/** Half the width of the interval: all differences that the evidence does not speak against. */
function marginOf(variance: number, calls: number, alpha: number): number {
  const grown = calls * spreadOf(alpha);
  return Math.sqrt(variance * 2 * ((1 + grown) / grown) * (Math.log1p(grown) / 2 - Math.log(alpha)));
}

function varianceOf({ n, sum, squares }: Moments): number {
  return n < 2 ? 0 : Math.max(0, (squares - sum ** 2 / n) / (n - 1));
}

function around(
  middle: number,
  margin: number | undefined,
): { readonly low: number | undefined; readonly high: number | undefined } {
  return margin === undefined
    ? { low: undefined, high: undefined }
    : { low: middle - margin, high: middle + margin };
}
