import type { Call } from '../core/call.ts';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { Choice, Route, RouteHost } from '../core/route.ts';
import type { Target } from '../core/target.ts';
import { byLatency } from './by-load.ts';
import { needsOf } from './call-needs.ts';
import { checkChoices, type AnyChoice, type NamesIn } from './choices.ts';
import { lackOf } from './lacks.ts';
import { pickOptionsSchema, type PickOptions } from './pick-options.ts';

/**
 * Picks by what models can do and what they cost (the catalogue, and what `models` says), and moves on from a failure as
 * `fallback` does. A model is asked only if it is known to have all that `requires` names and keeps every limit; nor if it is
 * known to lack what the call itself needs (pictures, sound or documents in its prompt, tools, a stream, room for its
 * prompt and its answer), or if it has ended. `llm.explain` says of each what it lacks. When none is left, the call is refused as
 * `no-model-fits`.
 *
 * The first call that comes this way waits until prices are loaded.
 *
 * @example
 * ```ts
 * routes: {
 *   cheap: pick({
 *     from: ['openai/gpt-6-luna', 'anthropic/claude-haiku-5-5', 'anthropic/claude-sonnet-5-5'],
 *     requires: ['tools', 'json-schema'],
 *     prefer: 'cost',
 *   }),
 * }
 * ```
 * @throws `invalid-options` for unknown options, and for an empty `from` or one with a choice twice.
 */
export function pick<const T extends readonly AnyChoice[] = readonly []>(
  options: PickOptions<T>,
): Route<NamesIn<T[number]>>;
export function pick(options: PickOptions): Route {
  const { from, onUnsupported, ...rules } = parseOptions(pickOptionsSchema, options, 'pick') as PickOptions;
  if (from !== undefined) {
    if (!Array.isArray(from)) throw invalidOption('pick.from', "takes a list: `['a/x', 'b/y']`");
    checkChoices('pick.from', from, 'pick.from');
  }
  const { prefer } = rules;
  return {
    kind: 'pick',
    choices: from ?? [],
    places: from?.map((_choice, index) => `from.${index}`),
    picksStated: from === undefined,
    onUnsupported,
    definition: rules,
    usesModels: true,
    usesLoad: prefer === 'latency',
    lacks: (target, call, host) =>
      lackOf(rules, needsOf(call), host.pricing.traits(target, host.clock.now(), call.settings), host.clock),
    order: (call, choices, host) => (prefer === undefined ? choices : preferred(prefer, call, choices, host)),
    why: (index) => (prefer === undefined ? `from.${index}` : `by ${prefer}`),
  };
}

function preferred(
  prefer: 'cost' | 'latency',
  call: Call,
  choices: readonly Choice[],
  host: RouteHost,
): readonly Choice[] {
  switch (prefer) {
    case 'latency':
      return byLatency(call, choices, host);
    case 'cost':
      return byCost(call, choices, host);
    default:
      return prefer satisfies never;
  }
}

/** What an answer without a limit is taken to have. */
const usualOutputTokens = 1_000;

/** The cheapest first; where they are equal, in the order given. A rule or a pool is as dear as its cheapest target that fits. */
function byCost(call: Call, choices: readonly Choice[], { pricing, clock }: RouteHost): readonly Choice[] {
  const { inputTokens, outputTokens = usualOutputTokens } = needsOf(call);
  const now = clock.now();
  const costOf = (target: Target): number =>
    pricing.model(target, now, call.settings).cost({ inputTokens, outputTokens, provenance: 'estimated' }) ??
    Infinity;
  const costs = new Map(choices.map((choice) => [choice, Math.min(...choice.fitting(call).map(costOf))]));
  const cost = (choice: Choice): number => costs.get(choice) ?? Infinity;
  return choices.toSorted((a, b) => (cost(a) === cost(b) ? 0 : cost(a) - cost(b)));
}
