import type { CanaryGuardName } from '../core/canary-status.ts';

/** The arms of every canary. */
export const arms = ['stable', 'canary'] as const;

export type CanaryArm = (typeof arms)[number];

/** A figure of the canary may be so much of stable's, or so much by itself. */
export type Guard = RelativeGuard | AbsoluteGuard;

/** Compared with stable: times its figure; of scores, so much below its mean. */
export interface RelativeGuard {
  readonly guard: CanaryGuardName;
  /** Up to here it is never rolled back for it, but by chance. */
  readonly tolerated: number;
  /** From here on it is never promoted, but by chance. More than `tolerated`. */
  readonly harmful: number;
}

export interface AbsoluteGuard {
  readonly guard: Exclude<CanaryGuardName, 'score'>;
  /** Above it, it is rolled back; below, it may be promoted. */
  readonly limit: number;
}

/** What a canary goes by. Plain data: it stands in the state, so that others can tell how far it is. */
export interface CanaryDefinition {
  readonly name: string;
  /** Percent of subjects, rising. */
  readonly steps: readonly number[];
  /** Each of another figure. */
  readonly guards: readonly Guard[];
  /** Subjects of the canary that each step wants before the next. */
  readonly minSamples: number;
  /** The probability of ever rolling back what is within all that is tolerated. */
  readonly alpha: number;
  /** The probability of ever promoting what is harmful. */
  readonly beta: number;
}
