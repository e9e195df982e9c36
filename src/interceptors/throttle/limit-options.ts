import * as z from 'zod/mini';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';

/** Options of `limit`. At least one of the two limits is given; both are > 0. */
export interface LimitOptions {
  /**
   * Who is counted apart. `credential`: by the provider that is called through, and by the caller where callers have
   * clients of their own.
   */
  readonly per: 'user' | 'team' | 'tenant' | 'credential';
  readonly requestsPerMinute?: number;
  readonly requestsPerDay?: number;
  /**
   * Stands in messages and tells limits apart that share a state. Default `limit-per-user` and the like; two of a kind
   * need names.
   */
  readonly name?: string;
  /** What becomes of a call that does not say whose it is. `skip`: it is not limited. Default `refuse`, with `caller-required`. */
  readonly onMissing?: 'refuse' | 'skip';
  /** Decide and note, refuse nothing. Default `false`. */
  readonly shadow?: boolean;
}

const limitOptionsSchema = z.strictObject({
  per: z.enum(['user', 'team', 'tenant', 'credential']),
  requestsPerMinute: z.optional(z.number().check(z.positive())),
  requestsPerDay: z.optional(z.number().check(z.positive())),
  name: z.optional(z.string().check(z.minLength(1))),
  onMissing: z.optional(z.enum(['refuse', 'skip'])),
  shadow: z.optional(z.boolean()),
});

/** Throws `invalid-options`. */
export function parseLimitOptions(options: LimitOptions): LimitOptions {
  const parsed = parseOptions(limitOptionsSchema, options, 'limit');
  const { per, requestsPerMinute, requestsPerDay, onMissing } = parsed;
  if (requestsPerMinute === undefined && requestsPerDay === undefined)
    throw invalidOption('limit', 'states no limit: give `requestsPerMinute` or `requestsPerDay`');
  if (per === 'credential' && onMissing !== undefined)
    throw invalidOption(
      'limit.onMissing',
      'says nothing with `per: "credential"`: every call goes through a provider',
    );
  return parsed;
}
