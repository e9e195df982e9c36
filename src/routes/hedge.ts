import * as z from 'zod/mini';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { OnUnsupported } from '../core/provider.ts';
import type { Route } from '../core/route.ts';
import { Allowance } from './allowance.ts';
import { checkChoices, type AnyChoice, type NamesIn } from './choices.ts';
import { HedgeRace } from './hedge-race.ts';
import { LatencyHistogram } from './latency-histogram.ts';

/** When a second choice is asked beside the first, and how often. */
export interface HedgeOptions {
  /** Milliseconds without an answer of the first, > 0. This or `after`. */
  readonly afterMs?: number;
  /**
   * After as long as all but the slowest twentieth of this rule's first choices took, streams and plain replies apart.
   * Until 20 of them have been seen, none is hedged.
   */
  readonly after?: 'p95';
  /** Share of the calls that may be hedged, above 0 and up to 1. Default 0.05; one more call may be at any time. */
  readonly maxExtra?: number;
  /** See `CallSettings.onUnsupported`, which goes before it. Default: each provider's own. */
  readonly onUnsupported?: OnUnsupported;
}

const hedgeOptionsSchema = z.strictObject({
  afterMs: z.optional(z.number().check(z.positive())),
  after: z.optional(z.literal('p95')),
  maxExtra: z.optional(z.number().check(z.positive(), z.maximum(1))),
  onUnsupported: z.optional(z.enum(['drop', 'refuse'])),
});

/**
 * Asks a second choice beside the first when that one is slow, and takes whichever answers first: a plain reply, or the
 * first content of a stream. The other is aborted at once, and its tokens so far are paid for. When the first fails, the
 * second is asked at once, as in `fallback`, which counts nothing towards `maxExtra`. When both fail, the application
 * gets the last failure with both behind it. The second is asked only if it is ready, and never for a request that can
 * be sent but once.
 *
 * @example
 * ```ts
 * routes: { fast: hedge('openai/gpt-6-luna', 'azure/mini', { after: 'p95', maxExtra: 0.05 }) }
 * ```
 * @throws `invalid-options` for unknown options, and unless one of `afterMs` and `after` is given.
 */
export function hedge<const A extends AnyChoice, const B extends AnyChoice>(
  primary: A,
  second: B,
  options: HedgeOptions,
): Route<NamesIn<A | B>>;
export function hedge(primary: AnyChoice, second: AnyChoice, options: HedgeOptions): Route {
  checkChoices('hedge', [primary, second]);
  const {
    afterMs,
    after,
    maxExtra = 0.05,
    onUnsupported,
  } = parseOptions(hedgeOptionsSchema, options, 'hedge');
  if ((afterMs === undefined) === (after === undefined))
    throw invalidOption('hedge', "needs `afterMs` or `after: 'p95'`, one of the two");
  const allowance = new Allowance(maxExtra);
  const plain = new LatencyHistogram();
  const streams = new LatencyHistogram();
  return {
    kind: 'hedge',
    choices: [primary, second],
    places: ['primary', 'second'],
    onUnsupported,
    definition: [],
    order: (_call, choices) => choices,
    advance: () => allowance.earn(),
    why: (index) => (index === 0 ? 'first' : `after ${after ?? `${afterMs} ms`}`),
    run(call, turn) {
      const seen = call.stream ? streams : plain;
      return new HedgeRace(call, turn, {
        delayMs: afterMs ?? seen.quantile(0.95),
        mayHedge: () => allowance.spend(),
        answered: (choice, ms) => {
          if (choice.index === 0) seen.add(ms);
        },
      }).run();
    },
  };
}
