import type { Sums } from '../core/tallies.ts';
import type { Moments } from '../experiments/mean.ts';
import type { CanaryArm } from './definition.ts';
import { lastBucket } from './latency-buckets.ts';

/** What has means. */
export type Measured = 'error' | 'costUsd' | 'score';

/** How many took longer than the end of each bucket. */
export interface Times {
  readonly n: number;
  readonly beyond: readonly number[];
}

/** What a tally has of the calls of one step. */
export class StepSums {
  /** How many of 100 subjects get the canary. */
  readonly percent: number;
  readonly #sums: Sums;
  readonly #step: number;

  constructor(sums: Sums, step: number, percent: number) {
    this.percent = percent;
    this.#sums = sums;
    this.#step = step;
  }

  /** Of the first call of each subject. */
  moments(arm: CanaryArm, metric: Measured): Moments {
    const of = (name: string): number => this.#sum(`${arm}/${metric}/${name}`);
    return { n: of('n'), sum: of('sum'), squares: of('squares'), cubes: of('cubes') };
  }

  /** Scores that are 0 or 1. */
  either(arm: CanaryArm): number {
    return this.#sum(`${arm}/score/either`);
  }

  /** Subjects of an arm whose first call was answered or failed. */
  subjects(arm: CanaryArm): number {
    return this.#sum(`${arm}/error/n`);
  }

  /** Of these, those whose first call was answered. */
  answered(arm: CanaryArm): number {
    return this.subjects(arm) - this.failedAtFirst(arm);
  }

  /** Of these, those whose first call failed. */
  failedAtFirst(arm: CanaryArm): number {
    return this.#sum(`${arm}/error/sum`);
  }

  /** Subjects that any call failed of. */
  failing(arm: CanaryArm): number {
    return this.#sum(`${arm}/failing`);
  }

  /** Calls of an arm that have ended. */
  ended(arm: CanaryArm): number {
    return this.#sum(`${arm}/calls`);
  }

  /**
   * Calls of an arm that are under way, beyond what the other one lets expect. Slow failures are not seen before they come: as
   * long as more of one arm's calls are out, nothing is concluded that these could refute.
   *
   * @param errors how many standard errors are taken off it, since chance adds as much; below 0: added, so that chance hides nothing
   */
  overdue(arm: CanaryArm, errors: number): number {
    const odds = this.percent / (100 - this.percent);
    const [own, other, times] =
      arm === 'canary' ? (['canary', 'stable', odds] as const) : (['stable', 'canary', 1 / odds] as const);
    const [open, expected] = [this.#open(own), this.#open(other) * times];
    return Math.max(0, open - expected - errors * Math.sqrt(open + expected * times));
  }

  /** Of those that were answered at their first call, how many took longer than the limit. */
  over(arm: CanaryArm): number {
    return this.#sum(`${arm}/latency/over`);
  }

  longerThan(arm: CanaryArm): Times {
    const beyond: number[] = Array.from({ length: lastBucket + 1 }, () => 0);
    let n = 0;
    for (let bucket = lastBucket; bucket >= 0; bucket--) {
      beyond[bucket] = n;
      n += this.#sum(`${arm}/latency/${bucket}`);
    }
    return { n, beyond };
  }

  #open(arm: CanaryArm): number {
    return Math.max(0, this.#sum(`${arm}/began`) - this.ended(arm));
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
