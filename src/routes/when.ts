import * as z from 'zod/mini';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { Call } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Route } from '../core/route.ts';
import { matcher, type CallMatch } from '../core/call-match.ts';
import { checkChoice, type AnyChoice, type NamesIn } from './choices.ts';

/** Which calls go where. */
export interface WhenRule<U extends AnyChoice = AnyChoice> {
  /** What the call must be like, all of it; or a function, which must be pure. One that throws fails the call. */
  readonly if: CallMatch | ((call: Call) => boolean);
  readonly use: U;
}

/** Options of {@link when}. */
export interface WhenOptions {
  /** With a function: see `Route.version`. */
  readonly version?: string;
}

const whenOptionsSchema = z.strictObject({ version: z.optional(z.string()) });

/**
 * Sends a call where the first rule that matches it says, else where `otherwise` says. A choice that fails is not followed
 * by another: put a `fallback` there, or round it.
 *
 * @example
 * ```ts
 * routes: { smart: when([{ if: { promptTokensBelow: 2_000 }, use: 'openai/gpt-6-luna' }], 'openai/gpt-6.1-sol') }
 * ```
 * @throws `invalid-options` when no rule is given, or for unknown conditions.
 */
export function when<const U extends readonly AnyChoice[], const O extends AnyChoice>(
  rules: { readonly [K in keyof U]: WhenRule<U[K]> },
  otherwise: O,
  options?: WhenOptions,
): Route<NamesIn<U[number] | O>>;
export function when(rules: readonly WhenRule[], otherwise: AnyChoice, options: WhenOptions = {}): Route {
  if (!Array.isArray(rules) || rules.length === 0)
    throw invalidOption('when', 'needs at least one rule: `[{ if: { … }, use: … }]`');
  const matches = rules.map((rule, index) => matchOf(rule, `when.${index}`));
  checkChoice('when.otherwise', otherwise);
  const { version } = parseOptions(whenOptionsSchema, options, 'when');
  const conditions = rules.map(({ if: condition }) => condition);
  const matching = (call: Call, clock: Clock): number => {
    const found = matches.findIndex((matches) => matches(call, clock));
    return found < 0 ? rules.length : found;
  };
  return {
    kind: 'when',
    choices: [...rules.map(({ use }) => use), otherwise],
    version,
    ...(conditions.some((condition) => typeof condition === 'function') ? {} : { definition: conditions }),
    places: [...rules.map((_rule, index) => `${index}.use`), 'otherwise'],
    order(call, choices, { clock }) {
      const index = matching(call, clock);
      return choices.slice(index, index + 1);
    },
    decidedBy: (call, { clock }) => matching(call, clock),
    why: (index) => (index < rules.length ? `rule ${index}` : 'otherwise'),
  };
}

function matchOf(rule: WhenRule, path: string): (call: Call, clock: Clock) => boolean {
  if (typeof rule !== 'object' || rule === null || !('if' in rule))
    throw invalidOption(path, 'is no rule: give `{ if: { … }, use: … }`');
  const unknown = Object.keys(rule).find((key) => key !== 'if' && key !== 'use');
  if (unknown !== undefined)
    throw invalidOption(path, `has no option \`${unknown}\`: a rule has \`if\` and \`use\``);
  checkChoice(`${path}.use`, rule.use);
  return typeof rule.if === 'function' ? rule.if : matcher(rule.if, `${path}.if`);
}
