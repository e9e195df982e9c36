import * as z from 'zod/mini';

/** What a provider lets through, for one provider or one target. Each is optional; at least one is given. All are > 0. */
export interface ThrottleLimits {
  readonly requestsPerMinute?: number;
  readonly requestsPerDay?: number;
  /** Input and output together. */
  readonly tokensPerMinute?: number;
  /**
   * Where the provider counts input apart. What it read from its prompt cache does not count, as at Anthropic
   * (platform.claude.com/docs/en/api/rate-limits, "cache-aware ITPM").
   */
  readonly inputTokensPerMinute?: number;
  /** Where the provider counts output apart. */
  readonly outputTokensPerMinute?: number;
  /** Input and output together. */
  readonly tokensPerDay?: number;
  /** Attempts under way at once; a stream is under way until it ends. An integer. */
  readonly concurrency?: number;
  /** Of a provider: each of its models has these limits for itself. Default `false`: they share them. */
  readonly perModel?: boolean;
  /** Each user, team or tenant has these limits for itself; a call that names none is one of its own. Default: all share them. */
  readonly per?: 'user' | 'team' | 'tenant';
}

/** Limits that are kept in buckets: what is counted, and how long an empty bucket takes to fill. */
export const windowsMs = {
  requestsPerMinute: 60_000,
  requestsPerDay: 86_400_000,
  tokensPerMinute: 60_000,
  inputTokensPerMinute: 60_000,
  outputTokensPerMinute: 60_000,
  tokensPerDay: 86_400_000,
} as const;

/** A limit that is kept in a bucket. */
export type BucketLimit = keyof typeof windowsMs;

/** Any limit of {@link ThrottleLimits}. */
export type LimitName = BucketLimit | 'concurrency';

/** All {@link BucketLimit}s. */
export const bucketLimits = Object.keys(windowsMs).filter((name): name is BucketLimit => name in windowsMs);

/** Those that providers tell about in the headers of their answers. */
export const toldLimits = [
  'requestsPerMinute',
  'tokensPerMinute',
  'inputTokensPerMinute',
  'outputTokensPerMinute',
] as const satisfies readonly BucketLimit[];

/** See {@link toldLimits}. */
export type ToldLimit = (typeof toldLimits)[number];

/** What one attempt draws, or by how much it drew more or less than was thought. */
export interface Cost {
  readonly requests: number;
  readonly input: number;
  /** Share of `input` that was read from the provider's prompt cache. */
  readonly cached: number;
  readonly output: number;
}

/** How much of what a limit counts this is. */
export function amountOf(limit: BucketLimit, { requests, input, cached, output }: Cost): number {
  switch (limit) {
    case 'requestsPerMinute':
    case 'requestsPerDay':
      return requests;
    case 'tokensPerMinute':
    case 'tokensPerDay':
      return input + output;
    case 'inputTokensPerMinute':
      return input - cached;
    case 'outputTokensPerMinute':
      return output;
    default:
      return limit satisfies never;
  }
}

/** What a call has drawn more than it took; below 0: less. */
export function difference(drawn: Cost, taken: Cost): Cost {
  return {
    requests: drawn.requests - taken.requests,
    input: drawn.input - taken.input,
    cached: drawn.cached - taken.cached,
    output: drawn.output - taken.output,
  };
}

const positive = z.optional(z.number().check(z.positive()));

/** Schema of {@link ThrottleLimits}. */
export const throttleLimitsSchema = z.strictObject({
  requestsPerMinute: positive,
  requestsPerDay: positive,
  tokensPerMinute: positive,
  inputTokensPerMinute: positive,
  outputTokensPerMinute: positive,
  tokensPerDay: positive,
  concurrency: z.optional(z.int().check(z.gte(1))),
  perModel: z.optional(z.boolean()),
  per: z.optional(z.enum(['user', 'team', 'tenant'])),
});
