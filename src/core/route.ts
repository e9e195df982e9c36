import type { CallError } from './call-error.ts';
import type { Call } from './call.ts';
import type { Clock } from './clock.ts';
import type { Readiness } from './interceptor.ts';
import type { Pricing } from './pricing.ts';
import type { OnUnsupported } from './provider.ts';
import type { Reply } from './reply.ts';
import type { Target } from './target.ts';

/**
 * A rule that picks where a call goes, for a logical model name or inside another rule. A choice is a target
 * `provider/model`, the name of another route of the same `ManagedLLM`, or a rule. The built-in rules are written
 * against this contract alone: `kind`, `choices` and `order` make a rule, and the rest is for those that need it.
 *
 * @example
 * ```ts
 * const byHour: Route<'openai/gpt-6.1-sol' | 'local/llama3.2'> = {
 *   kind: 'by-hour',
 *   choices: ['openai/gpt-6.1-sol', 'local/llama3.2'],
 *   order: (_call, choices, { clock }) =>
 *     new Date(clock.now()).getUTCHours() < 6 ? choices.toReversed() : choices,
 * };
 * ```
 */
export interface Route<C extends string = string> {
  /** What kind of rule it is, for messages and `explain`: `fallback`. */
  readonly kind: string;
  /** Everything it can pick, checked at construction. At least one, unless it says {@link Route.picksStated}. */
  readonly choices: readonly (C | Route<C>)[];
  /** Without choices of its own it picks among the targets that the option `models` names. Default `false`. */
  readonly picksStated?: boolean | undefined;
  /** Where each choice stands in the rule's own options, for messages and `explain`. Default `choices.0`, `choices.1`, … */
  readonly places?: readonly string[] | undefined;
  /** For calls that go through it, unless they or a rule further in say otherwise. */
  readonly onUnsupported?: OnUnsupported | undefined;
  /**
   * What decides where calls go, beside the choices and {@link Route.kind}, as plain data: rules that agree in all of it
   * send calls alike, and caches tell answers apart by it. Default: it cannot be said, as where a function of yours decides.
   */
  readonly definition?: unknown;
  /**
   * Says the same of a rule with a function of yours: give it another one whenever the function changes. Answers of routes
   * that have neither a definition nor a version are not cached.
   */
  readonly version?: string | undefined;
  /**
   * What of a call decides where it goes here, beside its request, as plain data: who asks, in which form, at what hour.
   * Caches tell answers apart by that too. Default: nothing that matters to whoever is answered.
   */
  decidedBy?(call: Call, host: RouteHost): unknown;
  /** Whether `order` reads {@link Choice.load}. Default `false`: then none is kept. */
  readonly usesLoad?: boolean | undefined;
  /**
   * Whether it reads {@link RouteHost.pricing}. Default `false`. With `true`, a call waits until prices are there before it is
   * asked.
   */
  readonly usesModels?: boolean | undefined;
  /**
   * Why a target below it cannot serve a call, in a few words: it is then not ready, and never asked by way of this rule.
   * `undefined`: it can. Must be pure. Default: each can.
   */
  lacks?(target: Target, call: Call, host: RouteHost): string | undefined;
  /**
   * The choices to try for this call, best first; at least one. Those that are not ready are passed over afterwards. Must
   * be pure: it is asked by `explain` too, and where this rule is a choice of another one, to see whether it is ready.
   */
  order(call: Call, choices: readonly Choice[], host: RouteHost): readonly Choice[];
  /** Told once for each call that takes its turn here, after `order`. For rules that take turns. */
  advance?(call: Call): void;
  /**
   * What follows a failure: a choice that has not been tried, `next` in order, or `stop`. `undefined`: on to the next, if
   * the failure is `fallbackable`. Not asked where nothing may follow: see `RouteTurn.movesOn`. Must be pure: it is asked
   * before a failure would be repeated at the same target, too.
   */
  next?(error: CallError, choices: readonly Choice[], call: Call): Choice | 'next' | 'stop' | undefined;
  /** Why the choice at this place would be taken, in a few words. Default: its place. */
  why?(index: number): string;
  /** For what cannot be said by an order, such as several choices at once: asks by itself, and discards what it does not return. */
  run?(call: Call, turn: RouteTurn): Promise<Reply>;
}

/** One choice of a rule, in one place of one `ManagedLLM`. The same object for every call. */
export interface Choice {
  /** `provider/model`, the name of a route, or what the rule is. Unique within its rule. */
  readonly name: string;
  /** Its place in `choices`. */
  readonly index: number;
  /** Whether it would be let through now; of a rule: the first of its own that is. */
  ready(call: Call): Readiness;
  /** What it has under way; `undefined` unless the rule says `usesLoad`. */
  readonly load: Load | undefined;
  /** What it can lead to: itself, or all targets below it, each once. Of a pool, its members. */
  readonly targets: readonly Target[];
  /** Those of {@link Choice.targets} that no rule on the way to them keeps the call from for what they lack. */
  fitting(call: Call): readonly Target[];
}

/** What is known of a target from the calls it had: through any route, and without one. */
export interface Load {
  /** Calls under way, waiting for their turn included. */
  readonly inFlight: number;
  /**
   * Milliseconds to the first event of a stream, or to a plain reply: an average that rises at once and falls slowly.
   * `undefined` before the first answer.
   */
  latencyMs(now: number): number | undefined;
}

/** Time, randomness, and what is known of models, for rules. */
export interface RouteHost {
  readonly clock: Clock;
  /** What models cost and can do. Nothing is known before it is loaded, which rules that say `usesModels` may rely on. */
  readonly pricing: Pricing;
  /** Uniform in [0, 1). */
  random(): number;
}

/** What a rule with a `run` of its own works with, for one call. */
export interface RouteTurn extends RouteHost {
  readonly choices: readonly Choice[];
  /** Where to begin: the first in order that is ready, else the one whose queue is shortest, else the first. */
  readonly first: Choice;
  /** Sends the call to a choice. Never rejects for what a provider or an interceptor does. */
  ask(choice: Choice, how: AskHow): Promise<Reply>;
  /**
   * Whether another choice may follow this failure: it is `fallbackable`, the call goes on, it can be sent again, and its
   * SDK does not answer the failure by sending the whole conversation.
   */
  movesOn(error: CallError): boolean;
}

/** How {@link RouteTurn.ask} sends. */
export interface AskHow {
  /** Choices still left to this rule: if one is ready, attempts fail rather than wait. */
  readonly others: readonly Choice[];
  /** Ends what is asked here alone. It must also abort when the call's own does. */
  readonly signal: AbortSignal;
  /** Hold a stream back until its first content, so that an error before it is a failure. */
  readonly peek: boolean;
}

/** Where a call was sent by its route, as receipts tell it. */
export interface RouteFact {
  /** The route's name. */
  readonly name: string;
  /** Which place in its rules the target has: `smart.choices.1.choices.0`. */
  readonly path: string;
  /** Why, from the outermost rule inwards: `balance by weight (3 of 10) > fallback (choices.0)`. */
  readonly because: string;
  /** Whether each rule on the way to it had it first, so that neither a failure nor what was not ready led there. */
  readonly first: boolean;
}

/** Whether a value has the shape of a {@link Route}. */
export function isRoute(value: unknown): value is Route {
  return (
    typeof value === 'object' &&
    value !== null &&
    'order' in value &&
    typeof value.order === 'function' &&
    'choices' in value &&
    Array.isArray(value.choices)
  );
}
