/** One weight of a linear model, before anything was seen. */
export interface Prior {
  readonly weight: number;
  /** Standard deviation: how far off it may be. */
  readonly doubt: number;
}

/**
 * A linear model that learns from one observation at a time (recursive least squares), from what is believed of its weights.
 * What lies far off counts less, until it happens again and again. It never grows so sure that it could not follow a change.
 */
export class Regression {
  readonly weights: number[];
  readonly #doubts: readonly number[];
  readonly #covariance: number[][];
  /** So many surprises in a row, upward; below zero: downward. */
  #surprises = 0;

  constructor(priors: readonly Prior[]) {
    this.weights = priors.map(({ weight }) => weight);
    this.#doubts = priors.map(({ doubt }) => doubt);
    this.#covariance = priors.map((_row, row) =>
      priors.map(({ doubt }, column) => (row === column ? doubt * doubt : 0)),
    );
  }

  predict(features: readonly number[]): number {
    return dot(this.weights, features);
  }

  /** @param noise standard deviation of what is seen about what it truly is */
  learn(features: readonly number[], seen: number, noise: number): void {
    const off = seen - this.predict(features);
    if (this.#isSurprised(off, Math.sqrt(this.#variance(features) + noise * noise))) this.#doubt(forgets);
    const gain = this.#covariance.map((row) => dot(row, features));
    const variance = dot(gain, features) + noise * noise;
    const most = surprising * Math.sqrt(variance);
    const counted = Math.min(Math.max(off, -most), most);
    for (const [row, each] of gain.entries()) {
      this.weights[row] = (this.weights[row] ?? 0) + (each * counted) / variance;
      const line = this.#covariance[row] ?? [];
      for (const [column, other] of gain.entries())
        line[column] = (line[column] ?? 0) - (each * other) / variance;
    }
    this.#doubt(drifts);
  }

  #variance(features: readonly number[]): number {
    return dot(
      this.#covariance.map((row) => dot(row, features)),
      features,
    );
  }

  /** Whether too much has been off, in one direction, to be chance. */
  #isSurprised(off: number, deviation: number): boolean {
    const direction = Math.sign(off);
    if (Math.abs(off) <= surprising * deviation) this.#surprises = 0;
    else this.#surprises = Math.sign(this.#surprises) === direction ? this.#surprises + direction : direction;
    return Math.abs(this.#surprises) >= toBeBelieved;
  }

  #doubt(share: number): void {
    for (const [row, doubt] of this.#doubts.entries()) {
      const line = this.#covariance[row] ?? [];
      const known = line[row] ?? 0;
      // What requests never show apart would else be doubted without end.
      if (known < (doubt * Math.max(1, share)) ** 2) line[row] = known + (doubt * share) ** 2;
    }
  }
}

/** Beyond so many deviations something is a surprise, and counts no more than that. */
const surprising = 1.5;
const toBeBelieved = 3;
/** How much of its first doubts it has again then; and with each observation. */
const forgets = 4;
const drifts = 0.02;

function dot(one: readonly number[], other: readonly number[]): number {
  let sum = 0;
  for (const [index, value] of one.entries()) sum += value * (other[index] ?? 0);
  return sum;
}
