import { bucketLimits, toldLimits, type BucketLimit, type ThrottleLimits } from './limits.ts';
import { Meter } from './meter.ts';
import { RateLimitReader } from './rate-limit-headers.ts';

/** The limits of one provider or one target, for everybody or for one caller. */
export class Limiter {
  /** Unique among all that share a state. */
  readonly key: string;
  /** For people: `azure`, `openai/gpt-6-luna`. */
  readonly name: string;
  readonly concurrency: number;
  readonly meters: readonly Meter[];
  readonly told = new RateLimitReader();
  /** Attempts under way in this process. */
  running = 0;
  /** What those of them that set no limit are expected to put out: providers may not count that before it is there. */
  expectedOutput = 0;
  /** How often something was given back or learnt, so that whoever waits may ask again. */
  changes = 0;
  pausedUntil = 0;
  /** When the last pause became known. */
  pausedAt = -Infinity;

  /** @param adaptive whether what providers tell is kept as well */
  constructor(key: string, name: string, limits: ThrottleLimits, adaptive: boolean) {
    this.key = key;
    this.name = name;
    this.concurrency = limits.concurrency ?? Infinity;
    const told: readonly BucketLimit[] = adaptive ? toldLimits : [];
    this.meters = bucketLimits
      .filter((limit) => limits[limit] !== undefined || told.includes(limit))
      .map((limit) => new Meter(this, limit, limits[limit], told.includes(limit)));
  }
}
