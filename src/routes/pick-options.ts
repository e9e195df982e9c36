import * as z from 'zod/mini';
import { capabilityNames, type Capability } from '../core/capabilities.ts';
import type { OnUnsupported } from '../core/provider.ts';
import type { OneOf } from '../core/call-match.ts';
import type { AnyChoice } from './choices.ts';

/** Which models a call may go to, and which first. */
export interface PickOptions<T extends readonly AnyChoice[] = readonly AnyChoice[]> {
  /**
   * What to pick from: targets, other routes, rules. Default: the targets that the option `models` names one by one
   * (`provider/model`), in the order they have there.
   */
  readonly from?: T;
  /** What each must be known to be capable of. Default: what the call itself needs, see {@link pick}. */
  readonly requires?: readonly Capability[];
  /** At least so large a context window, in tokens. One that is not known is none. Default: as large as the call. */
  readonly minContextTokens?: number;
  /** At least so many tokens in one answer. One that is not known is none. Default: none is asked. */
  readonly minOutputTokens?: number;
  /**
   * USD per million input tokens at most: at the standard service tier, for prompts of ordinary length, discounts taken off. A
   * price that is not known is too high. Default: whatever it costs.
   */
  readonly maxInputUsdPerMTok?: number;
  /** Likewise for output tokens. */
  readonly maxOutputUsdPerMTok?: number;
  /** Where it runs, in the words of `region` under `models`; of a list, one of them. Default: anywhere. */
  readonly region?: OneOf<string>;
  /**
   * - `cost`: the one that such a call is expected to cost least at, by its prompt and its output limit (1,000 tokens where it
   *   has none); what has no known price comes last
   * - `latency`: of two at random, the one that answers sooner and has less under way, as `balance({ by: 'latency' })`
   *
   * Default: in the order given.
   */
  readonly prefer?: 'cost' | 'latency';
  /** See `CallSettings.onUnsupported`, which goes before it. Default: each provider's own. */
  readonly onUnsupported?: OnUnsupported;
}

const name = z.string().check(z.minLength(1));
const tokens = z.optional(z.int().check(z.gte(1)));
const usd = z.optional(z.number().check(z.nonnegative()));

/** Schema of what is asked of models alone. */
export const askedOfModels = {
  requires: z.optional(z.readonly(z.array(z.enum(capabilityNames)))),
  minContextTokens: tokens,
  minOutputTokens: tokens,
  maxInputUsdPerMTok: usd,
  maxOutputUsdPerMTok: usd,
};

/** Schema of {@link PickOptions}; `from` is checked choice by choice. */
export const pickOptionsSchema = z.strictObject({
  from: z.optional(z.unknown()),
  ...askedOfModels,
  region: z.optional(z.union([name, z.readonly(z.array(name).check(z.minLength(1)))])),
  prefer: z.optional(z.enum(['cost', 'latency'])),
  onUnsupported: z.optional(z.enum(['drop', 'refuse'])),
});
