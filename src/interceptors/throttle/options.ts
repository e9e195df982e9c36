import * as z from 'zod/mini';
import { invalidOption, nearestOf, parseOptions } from '../../core/parse-options.ts';
import { bucketLimits, throttleLimitsSchema, type ThrottleLimits } from './limits.ts';

/** Options of `throttle`. */
export interface ThrottleOptions {
  /**
   * Longest wait for a turn, which the call's deadline may shorten. Milliseconds, ≥ 0; 0 never waits. A third of it is
   * what a class of priority is ahead of the next. Default 30,000.
   */
  readonly maxWaitMs?: number;
  /** Calls that may wait for one provider at once; more are refused. 0 lets none wait. Default 1,000. */
  readonly maxQueue?: number;
  /**
   * Learn from what providers say: limits that are not stated here or are lower there, what is left of them, and
   * `retry-after`. Default `true`.
   */
  readonly adaptive?: boolean;
  /** Decide and note, hold back nothing. Default `false`. */
  readonly shadow?: boolean;
}

/** Limits by provider, `azure`, or by target, `openai/gpt-6-luna`. */
export type LimitsByName = Readonly<Record<string, ThrottleLimits>>;

const throttleOptionsSchema = z.strictObject({
  maxWaitMs: z.optional(z.number().check(z.gte(0))),
  maxQueue: z.optional(z.int().check(z.gte(0))),
  adaptive: z.optional(z.boolean()),
  shadow: z.optional(z.boolean()),
});

/** Checks what does not depend on the providers. */
export function parseThrottleOptions(
  limits: LimitsByName,
  options: ThrottleOptions,
): Required<ThrottleOptions> {
  parseOptions(z.record(z.string(), z.unknown()), limits, 'throttle');
  for (const [name, given] of Object.entries(limits)) {
    const path = `throttle.${name}`;
    if (typeof given !== 'object' && name in throttleLimitsSchema.shape)
      throw invalidOption(
        path,
        `stands where a provider’s name is expected: \`throttle({ openai: { ${name}: … } })\``,
      );
    if (typeof given !== 'object' && name in throttleOptionsSchema.shape)
      throw invalidOption(path, `belongs into the second argument: \`throttle({ … }, { ${name}: … })\``);
    const parsed = parseOptions(throttleLimitsSchema, given, path);
    if (parsed.concurrency === undefined && bucketLimits.every((limit) => parsed[limit] === undefined))
      throw invalidOption(path, `states no limit: give one of ${bucketLimits.join(', ')}, concurrency`);
    if (parsed.perModel !== undefined && name.includes('/'))
      throw invalidOption(`${path}.perModel`, 'is for limits of a provider; these are of one model already');
  }
  const { maxWaitMs, maxQueue, adaptive, shadow } = parseOptions(throttleOptionsSchema, options, 'throttle');
  if (maxQueue === 0 && maxWaitMs !== undefined && maxWaitMs > 0)
    throw invalidOption('throttle.maxQueue', 'is 0, so that no call ever waits: leave out `maxWaitMs`');
  if (adaptive === false && Object.keys(limits).length === 0)
    throw invalidOption(
      'throttle.adaptive',
      'is false and no limit is stated, so that nothing would be limited',
    );
  return {
    maxWaitMs: maxWaitMs ?? 30_000,
    maxQueue: maxQueue ?? 1_000,
    adaptive: adaptive ?? true,
    shadow: shadow ?? false,
  };
}

/** Throws `invalid-options` for limits of a provider that there is not. */
export function checkProviders(limits: LimitsByName, providers: readonly string[]): void {
  for (const name of Object.keys(limits)) {
    const slash = name.indexOf('/');
    const provider = slash < 0 ? name : name.slice(0, slash);
    if (providers.includes(provider) && slash !== name.length - 1) continue;
    const nearest = nearestOf(provider, providers);
    throw invalidOption(
      `throttle.${name}`,
      providers.includes(provider)
        ? 'names no model: write `provider/model`, or the provider alone'
        : `is of no provider: ${nearest === undefined ? `there are ${providers.join(', ')}` : `did you mean \`${nearest}\`?`}`,
    );
  }
}
