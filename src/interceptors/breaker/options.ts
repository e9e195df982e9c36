import * as z from 'zod/mini';
import type { HealthChange } from './health-change.ts';

/** Options of `breaker`. */
export interface BreakerOptions {
  /** The circuit opens when this share of the calls in the window failed. > 0, at most 1. Default 0.5. */
  readonly failureRatio?: number;
  /** What is looked back at, in ten slices: at least nine tenths of it, at most all. Milliseconds, > 0. Default 30,000. */
  readonly windowMs?: number;
  /** Fewer calls in the window decide nothing. An integer ≥ 1. Default 10. */
  readonly minCalls?: number;
  /**
   * A call that takes longer is slow: a stream to its first bytes, anything else to its end, waiting in queues not
   * counted. Milliseconds, > 0. Default: no call is slow.
   */
  readonly slowCallMs?: number;
  /** The circuit also opens when this share of the calls in the window was slow. > 0, at most 1. Default 0.5. Needs `slowCallMs`. */
  readonly slowCallRatio?: number;
  /**
   * How long an opened circuit lets nobody through, unless the provider asked for a longer wait. It doubles with each
   * probe that fails, less up to a quarter at random. Milliseconds, > 0. Default 10,000.
   */
  readonly cooldownMs?: number;
  /**
   * What the doubling ends at. A probe is waited for as long before another may go, but at least a minute. Milliseconds,
   * at least `cooldownMs`. Default 30,000, or `cooldownMs` if that is more.
   */
  readonly maxCooldownMs?: number;
  /** Decides and tells, and lets every call through: what it would have refused is in the receipt's `facts.shadow`. Default `false`. */
  readonly shadow?: boolean;
  /** Told of every change, after it has happened. A throw is reported and changes nothing. */
  readonly onChange?: (change: HealthChange) => void;
}

const ratio = z.number().check(z.positive(), z.maximum(1));
const duration = z.number().check(z.positive());

/** Schema of {@link BreakerOptions}. */
export const breakerOptionsSchema = z.strictObject({
  failureRatio: z.optional(ratio),
  windowMs: z.optional(duration),
  minCalls: z.optional(z.int().check(z.minimum(1))),
  slowCallMs: z.optional(duration),
  slowCallRatio: z.optional(ratio),
  cooldownMs: z.optional(duration),
  maxCooldownMs: z.optional(duration),
  shadow: z.optional(z.boolean()),
  onChange: z.optional(z.custom((value) => typeof value === 'function', 'must be a function')),
});
