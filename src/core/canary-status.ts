import type { PlainArm } from './plain-arm.ts';

/** Where a canary stands: it gets more subjects step by step, or all of them, or none any more. */
export type CanaryPhase = 'ramping' | 'promoted' | 'rolled-back';

/** What a canary is watched for. */
export type CanaryGuardName = 'errorRate' | 'p95LatencyMs' | 'costUsd' | 'score';

/** A step that a canary took, or was made to take. Plain data. */
export interface CanaryStep {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Who had it promoted or aborted; `undefined`: it went by itself. */
  readonly by: string | undefined;
  readonly from: CanaryPhase;
  /** The same as `from` where it gets more subjects. */
  readonly to: CanaryPhase;
  /** How many of 100 subjects get it from then on. */
  readonly percent: number;
  /** Why, in words: safe to log. */
  readonly reason: string;
}

/** What is known of one guard, of the calls of the current step. Plain data. */
export interface CanaryGuardStatus {
  readonly guard: CanaryGuardName;
  /** `breached`: it is worse than tolerated. `held`: it is not harmful. `open`: not known yet. */
  readonly verdict: 'breached' | 'held' | 'open';
  /** What speaks for its being worse than tolerated, in parts of what is needed to roll back, from 0 to 1. */
  readonly towardsBreach: number;
  /** What speaks for its not being harmful, in parts of what is needed to promote, from 0 to 1. */
  readonly towardsHeld: number;
  /** What has been shown so far, and what is still wanted, unless the canary has ended, in words. */
  readonly shown: string;
}

/** What was measured of one arm. Plain data. */
export interface CanaryArmStatus {
  /** All calls that were divided while it was ramping, those too of which nothing was measured. */
  readonly calls: number;
  /** The first call of each subject at the current step: those that are compared. */
  readonly subjects: number;
  /** Means of these. `undefined`: none was measured. `p95LatencyMs` is the end of a bucket, up to 15 % above the true one. */
  readonly errorRate: number | undefined;
  readonly p95LatencyMs: number | undefined;
  readonly costUsd: number | undefined;
  readonly score: number | undefined;
}

/** Where a canary stands, and what is known of it. Plain data, the same in all processes that share the state. */
export interface CanaryStatus {
  readonly canary: string;
  /** Tells it from other definitions of its name, as in `receipt.facts.canaries`. */
  readonly definition: string;
  /** What each arm makes of its calls. */
  readonly changes: Readonly<Record<'stable' | 'canary', PlainArm>>;
  readonly phase: CanaryPhase;
  /** How many of 100 subjects get the canary. */
  readonly percent: number;
  /** The place of the current step among `steps`, from 0; the last one that it was at, once it has ended. */
  readonly step: number;
  /** In percent. */
  readonly steps: readonly number[];
  /** Subjects of the canary that each step wants before the next. */
  readonly minSamples: number;
  /** When it came to where it is. Epoch milliseconds. */
  readonly since: number;
  readonly startedAt: number;
  readonly arms: Readonly<Record<'stable' | 'canary', CanaryArmStatus>>;
  /** Calls while it was ramping that had nobody whom `by` tells: they got stable, and nothing was measured of them. */
  readonly withoutSubject: number;
  readonly guards: readonly CanaryGuardStatus[];
  /** What it waits for, in words. Empty once it has ended. */
  readonly waitsFor: string;
  /** The oldest first; of very many, the latest. */
  readonly history: readonly CanaryStep[];
}
