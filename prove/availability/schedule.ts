import type { Incident } from './incident.ts';
import type { ByProvider } from './provider-name.ts';
import type { Allowance } from './token-bucket.ts';
import type { Family } from './wire.ts';

/** A time in which providers are down. */
export interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What happens in one simulated world: same seed, same world. Times count from its beginning. */
export interface Schedule {
  readonly number: number;
  readonly seed: number;
  readonly calls: number;
  readonly durationMs: number;
  readonly families: readonly Family[];
  readonly incidents: ByProvider<readonly Incident[]>;
  readonly allowance: ByProvider<Allowance> | undefined;
  /** Told apart, for amplification. */
  readonly outages: readonly Outage[];
}
