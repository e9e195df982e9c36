import type { CircuitState } from './health-change.ts';
import type { Kill } from './kill-switch.ts';

/** One target, as its circuit sees it. */
export interface TargetHealth {
  /** `provider/model`. */
  readonly target: string;
  readonly state: CircuitState;
  /** In the window; 0 unless closed. */
  readonly calls: number;
  /** Of those calls; 0 without any. */
  readonly failureRatio: number;
  readonly slowRatio: number;
  /** How often it has opened, failed probes included. */
  readonly opens: number;
  /** When it opened, if it has not closed since. Milliseconds since the epoch. */
  readonly openSince: number | undefined;
  /** When a probe may go; `undefined` while closed, or while one is out. */
  readonly nextProbeAt: number | undefined;
  /** The kill that covers it. */
  readonly killed: Kill | undefined;
}

/** What a breaker knows. */
export interface HealthStatus {
  /** Those that calls came to: at most 1,000, the healthy ones not used of late are forgotten. */
  readonly targets: readonly TargetHealth[];
  /** What is switched off by hand. */
  readonly kills: readonly Kill[];
}
