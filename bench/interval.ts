import { seededRandom } from './seeded-random.ts';

/** A figure with its 95 % interval. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const resamples = 2_000;

/**
 * The 95 % percentile bootstrap of a statistic: what it comes to when the samples are drawn again and again from
 * themselves. Seeded, so that the same samples give the same interval.
 */
export function bootstrap<T>(samples: readonly T[], statistic: (drawn: readonly T[]) => number): Interval {
  const random = seededRandom(20_261_123);
  const draws = Array.from({ length: resamples }, () =>
    statistic(samples.map(() => samples[Math.floor(random() * samples.length)] as T)),
  ).toSorted((a, b) => a - b);
  return {
    value: statistic(samples),
    low: draws[Math.floor(resamples * 0.025)] ?? Number.NaN,
    high: draws[Math.ceil(resamples * 0.975) - 1] ?? Number.NaN,
  };
}

/** A figure that does not vary. */
export function exactly(value: number): Interval {
  return { value, low: value, high: value };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
    : (sorted[Math.floor(middle)] ?? Number.NaN);
}

/** The mean of the middle half: neither a few slow blocks nor where exactly the median falls decides. */
export function middleMean(values: readonly number[]): number {
  const quarter = Math.floor(values.length / 4);
  const middle = values.toSorted((a, b) => a - b).slice(quarter, values.length - quarter);
  return sum(middle) / middle.length;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
