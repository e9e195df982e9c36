import type { Sums } from '../core/tallies.ts';
import type { Moments } from '../experiments/mean.ts';
import type { CanaryArm } from './definition.ts';
import { lastBucket } from './latency-buckets.ts';

/** What has means. */
export type Measured = 'error' | 'costUsd' | 'score';

/** What a tally has of the calls of one step: of the first call of each subject. */
export class StepSums {
  readonly #sums: Sums;
  readonly #step: number;

  constructor(sums: Sums, step: number) {
    this.#sums = sums;
    this.#step = step;
  }

  moments(arm: CanaryArm, metric: Measured): Moments {
    const of = (name: string): number => this.#sum(`${arm}/${metric}/${name}`);
    return { n: of('n'), sum: of('sum'), squares: of('squares') };
  }

  /** Subjects of an arm whose first call was answered or failed. */
  subjects(arm: CanaryArm): number {
    return this.#sum(`${arm}/error/n`);
  }

  /** Of those that were answered, how many took longer than the limit. */
  over(arm: CanaryArm): number {
    return this.#sum(`${arm}/latency/over`);
  }

  /** How many took longer than the end of each bucket; the first of these is that of all. */
  longerThan(arm: CanaryArm): { readonly n: number; readonly beyond: readonly number[] } {
    const beyond: number[] = Array.from({ length: lastBucket + 1 }, () => 0);
    let n = 0;
    for (let bucket = lastBucket; bucket >= 0; bucket--) {
      beyond[bucket] = n;
      n += this.#sum(`${arm}/latency/${bucket}`);
    }
    return { n, beyond };
  }

  /** Matched sets of failures. */
  sets(): Readonly<Record<string, number>> {
    const start = `${this.#step}/sets/`;
    return Object.fromEntries(
      Object.entries(this.#sums).flatMap(([field, sum]) =>
        field.startsWith(start) ? [[field.slice(start.length), sum]] : [],
      ),
    );
  }

  #sum(path: string): number {
    return this.#sums[`${this.#step}/${path}`] ?? 0;
  }
}

/** Calls of an arm at all steps, also those that nothing was measured of. */
export function callsOf(sums: Sums, arm: CanaryArm, steps: number): number {
  let calls = 0;
  for (let step = 0; step < steps; step++) calls += sums[`${step}/${arm}/calls`] ?? 0;
  return calls;
}
