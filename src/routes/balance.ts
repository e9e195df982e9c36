import * as z from 'zod/mini';
import type { Call } from '../core/call.ts';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { OnUnsupported } from '../core/provider.ts';
import type { Choice, Route, RouteHost } from '../core/route.ts';
import { byHeadroom } from './by-headroom.ts';
import { byLatency, byLoad } from './by-load.ts';
import { byWeight, stickyOrder } from './by-weight.ts';
import { checkChoices, type AnyChoice, type NamesIn } from './choices.ts';
import { conversationKey } from '../core/conversation.ts';
import { hashOf } from '../core/hash.ts';
import { bestInTurn } from './turns.ts';

const manners = ['weight', 'round-robin', 'least-busy', 'latency', 'headroom'] as const;

/** How calls are spread over choices. */
export interface BalanceOptions {
  /**
   * - `weight` (default): at random, each its share
   * - `round-robin`: each in its turn
   * - `least-busy`: the one with the fewest calls under way
   * - `latency`: of two at random, the one that answers sooner and has less under way
   * - `headroom`: the one with the most left of its tightest limit
   */
  readonly by?: (typeof manners)[number];
  /** A share for each choice, in their order; > 0. With `by: 'weight'` alone. Default: the same for all. */
  readonly weights?: readonly number[];
  /**
   * Calls with the same key go to the same choice, so that what its provider has cached of their prompts is of use: of a
   * `user`, of a `conversation` (its own id where a provider holds it, else all that is said before the first answer), or
   * of what a function says, which must be pure. When a choice is added or is not ready, only its share moves. Calls
   * without a key go `by` the rule.
   */
  readonly stickyBy?: 'user' | 'conversation' | ((call: Call) => string | undefined);
  /** See `CallSettings.onUnsupported`, which goes before it. Default: each provider's own. */
  readonly onUnsupported?: OnUnsupported;
  /** With a function: see `Route.version`. */
  readonly version?: string;
}

const balanceOptionsSchema = z.strictObject({
  by: z.optional(z.enum(manners)),
  weights: z.optional(z.readonly(z.array(z.number()))),
  stickyBy: z.optional(
    z.union([
      z.enum(['user', 'conversation']),
      z.custom<(call: Call) => string | undefined>(
        (value) => typeof value === 'function',
        'must be a function',
      ),
    ]),
  ),
  onUnsupported: z.optional(z.enum(['drop', 'refuse'])),
  version: z.optional(z.string()),
});

/**
 * Spreads calls over choices: targets, other routes, rules. What is not ready gets none, and a call that fails moves on to
 * the others as in `fallback`.
 *
 * @example
 * ```ts
 * routes: { chat: balance(['azure/eu', 'azure/us'], { weights: [3, 1], stickyBy: 'conversation' }) }
 * ```
 * @throws `invalid-options` when no choice is given, for one given twice, for weights that are not > 0 or not one for
 * each choice, or for unknown options.
 */
export function balance<const T extends readonly AnyChoice[]>(
  choices: T,
  options?: BalanceOptions,
): Route<NamesIn<T[number]>>;
export function balance(choices: readonly AnyChoice[], options: BalanceOptions = {}): Route {
  if (!Array.isArray(choices))
    throw invalidOption('balance', "takes its choices as a list: `balance(['a/x', 'b/y'])`");
  checkChoices('balance', choices);
  const {
    by = 'weight',
    stickyBy,
    onUnsupported,
    version,
  } = parseOptions(balanceOptionsSchema, options, 'balance');
  const weights = weightsOf(choices, options);
  const manner = mannerOf(by, weights);
  const keyOf = stickyBy === undefined ? undefined : keyReader(stickyBy);
  return {
    kind: 'balance',
    choices,
    onUnsupported,
    version,
    ...(typeof stickyBy === 'function' ? {} : { definition: [by, weights, stickyBy ?? null] }),
    usesLoad: by === 'least-busy' || by === 'latency',
    order(call, all, host) {
      const key = keyOf?.(call);
      return key === undefined ? manner.order(call, all, host) : stickyOrder(all, key, weights);
    },
    ...(manner.advance === undefined ? {} : { advance: manner.advance }),
    why: (index) => describe(by, stickyBy, weights, index),
  };
}

/** One way to order choices. */
interface Manner {
  order(call: Call, choices: readonly Choice[], host: RouteHost): readonly Choice[];
  advance?(): void;
}

function mannerOf(by: (typeof manners)[number], weights: readonly number[]): Manner {
  switch (by) {
    case 'weight':
      return { order: (_call, choices, host) => byWeight(choices, weights, host) };
    case 'round-robin':
      // Among those that are ready: else the next one would get the turns of those that are not.
      return bestInTurn((call, choice) => (choice.ready(call).ok ? 1 : 0));
    case 'least-busy':
      return byLoad();
    case 'latency':
      return { order: byLatency };
    case 'headroom':
      return byHeadroom();
    default:
      return by satisfies never;
  }
}

function keyReader(stickyBy: NonNullable<BalanceOptions['stickyBy']>): (call: Call) => number | undefined {
  if (stickyBy === 'conversation') return conversationKey;
  const read = stickyBy === 'user' ? ({ settings }: Call) => settings.user : stickyBy;
  return (call) => {
    const key = read(call);
    return key === undefined ? undefined : hashOf(key);
  };
}

function weightsOf(
  choices: readonly AnyChoice[],
  { by = 'weight', weights }: BalanceOptions,
): readonly number[] {
  if (weights === undefined) return choices.map(() => 1);
  if (by !== 'weight')
    throw invalidOption('balance.weights', `is for \`by: 'weight'\`, not for \`by: '${by}'\``);
  if (weights.length !== choices.length)
    throw invalidOption(
      'balance.weights',
      `has ${weights.length} weights for ${choices.length} choices: give one for each`,
    );
  for (const [index, weight] of weights.entries()) {
    if (!(weight > 0 && weight < Infinity))
      throw invalidOption(
        `balance.weights.${index}`,
        `is ${weight}: a weight is more than 0. Leave out a choice that is to get nothing`,
      );
  }
  return weights;
}

function describe(
  by: string,
  stickyBy: BalanceOptions['stickyBy'],
  weights: readonly number[],
  index: number,
): string {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const manner = by === 'weight' ? `weight ${weights[index] ?? 0} of ${total}` : by;
  if (stickyBy === undefined) return `by ${manner}`;
  return `sticky by ${typeof stickyBy === 'function' ? 'a function' : stickyBy}, else by ${manner}`;
}
