import type { Run } from './run.ts';

/** By whom calls are divided among the arms of an experiment: whoever it is stays with an arm. */
export type AssignedBy = 'user' | 'tenant' | 'conversation' | 'call' | 'own';

/** That a call was in an experiment: one of `receipt.facts.experiments`. */
export interface Exposure {
  readonly experiment: string;
  /** Tells its definition from others of its name: feedback by receipt counts in the one that the call was in. */
  readonly definition: string;
  /** The one whose prompt, model and parameters it got. */
  readonly arm: string;
  /** By what it came to that arm: `own` is a function of the application. */
  readonly by: AssignedBy;
  /** Who that is, hashed: exposures with the same one are of the same user, tenant, …. Absent with `by: 'call'`. */
  readonly subject?: string;
  /** Parameters of the arm that the call's format has no place for, by their neutral names. Absent where there are none. */
  readonly leftOut?: readonly string[];
}

/** Notes an exposure behind those that are noted already. */
export function noteExposure(run: Run, exposure: Exposure): void {
  run.note('experiments', [...(run.facts.experiments ?? []), exposure]);
}
