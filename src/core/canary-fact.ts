import type { AssignedBy } from './experiment-fact.ts';
import type { Run } from './run.ts';

/** That a call was divided by a canary: one of `receipt.facts.canaries`. */
export interface CanaryPlace {
  readonly canary: string;
  /** Tells its definition from others of its name: feedback by receipt counts in the one that the call was divided by. */
  readonly definition: string;
  /** The one whose prompt, model and parameters it got. */
  readonly arm: 'stable' | 'canary';
  /** How many of 100 subjects got the canary then: 0 once it was rolled back, 100 once it was promoted. */
  readonly percent: number;
  /** By what it came to that arm: `own` is a function of the application. */
  readonly by: AssignedBy;
  /** Who that is, hashed: places with the same one are of the same user, tenant, …. Absent with `by: 'call'`, and where nobody is. */
  readonly subject?: string;
  /** Parameters of the arm that the call's format has no place for, by their neutral names. Absent where there are none. */
  readonly leftOut?: readonly string[];
}

/** Notes a place behind those that are noted already. */
export function noteCanary(run: Run, place: CanaryPlace): void {
  run.note('canaries', [...(run.facts.canaries ?? []), place]);
}
