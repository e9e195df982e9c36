import * as z from 'zod/mini';
import { failureKinds, type FailureKind } from '../core/call-error.ts';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { OnUnsupported } from '../core/provider.ts';
import { isRoute, type Route } from '../core/route.ts';
import { checkChoice, checkChoices, type AnyChoice, type NamesIn } from './choices.ts';

/** What a fallback route says for all its calls. */
export interface FallbackOptions<C extends string = string> {
  /**
   * What follows a failure of a kind, where that differs from its `fallbackable`: the `next` choice, none (`stop`), or
   * this very one, a target, route or rule, which is asked only then. If that has been tried already or is not ready,
   * the failure stands.
   */
  readonly on?: { readonly [K in Exclude<FailureKind, 'aborted'>]?: C | Route<C> | 'next' | 'stop' };
  /** See `CallSettings.onUnsupported`, which goes before it. Default: each provider's own. */
  readonly onUnsupported?: OnUnsupported;
}

const kinds = Object.keys(failureKinds).filter((kind) => kind !== 'aborted');

const fallbackOptionsSchema = z.strictObject({
  on: z.optional(z.strictObject(Object.fromEntries(kinds.map((kind) => [kind, z.optional(z.unknown())])))),
  onUnsupported: z.optional(z.enum(['drop', 'refuse'])),
});

/**
 * Tries choices in order until one answers: targets, other routes, rules. Moves on at a failure that another target may
 * not have (`fallbackable`), or by what `on` says of its kind, and before anything of a stream has been handed on; what
 * is not ready is passed over. Nor does it move on from the caller's abort, or from a failure that the caller's SDK
 * answers by sending the whole conversation. When all fail, the application gets the last provider's own error, with
 * every failure behind it (`ManagedLLMError.from`).
 *
 * @example
 * ```ts
 * routes: {
 *   smart: fallback('azure/chat-prod', 'anthropic/claude-sonnet-5-5', {
 *     on: { 'context-overflow': 'openai/gpt-large', 'content-policy': 'next' },
 *   }),
 * }
 * ```
 * @throws `invalid-options` when no choice is given, for one given twice, or for unknown options.
 */
export function fallback<const T extends readonly AnyChoice[]>(...choices: T): Route<NamesIn<T[number]>>;
export function fallback<const T extends readonly AnyChoice[], const C extends string = never>(
  ...given: readonly [...choices: T, options: FallbackOptions<C>]
): Route<NamesIn<T[number]> | NoInfer<C>>;
export function fallback(...given: readonly (AnyChoice | FallbackOptions)[]): Route {
  if (given.some((choice) => Array.isArray(choice)))
    throw invalidOption('fallback', "takes choices one by one, not as a list: `fallback('a/x', 'b/y')`");
  const last = given.at(-1);
  const options =
    typeof last === 'object' && !isRoute(last) ? parseOptions(fallbackOptionsSchema, last, 'fallback') : {};
  const choices: readonly unknown[] = last === options ? given.slice(0, -1) : given;
  checkChoices('fallback', choices);
  const { extra, places, following } = rulesOf(choices, options.on ?? {});
  return {
    kind: 'fallback',
    choices: [...choices, ...extra],
    places: [...choices.map((_choice, index) => `choices.${index}`), ...places],
    onUnsupported: options.onUnsupported,
    definition: [choices.length, [...following]],
    order: (_call, all) => (extra.length === 0 ? all : all.slice(0, choices.length)),
    ...(options.on === undefined
      ? {}
      : {
          next({ kind }, all) {
            const said = following.get(kind);
            return typeof said === 'number' ? all[said] : said;
          },
        }),
  };
}

interface Rules {
  /** Choices that only a failure leads to, and where they were given. */
  readonly extra: readonly AnyChoice[];
  readonly places: readonly string[];
  /** What follows which failure: a choice by its index, or a word. */
  readonly following: ReadonlyMap<FailureKind, number | 'next' | 'stop'>;
}

function rulesOf(choices: readonly AnyChoice[], on: NonNullable<FallbackOptions['on']>): Rules {
  const extra: AnyChoice[] = [];
  const places: string[] = [];
  const following = new Map<FailureKind, number | 'next' | 'stop'>();
  for (const [key, said] of Object.entries(on)) {
    const kind = key as FailureKind;
    if (said === undefined) continue;
    if (said === 'next' || said === 'stop') {
      following.set(kind, said);
      continue;
    }
    checkChoice(`fallback.on.${kind}`, said);
    const known = [...choices, ...extra].indexOf(said);
    following.set(kind, known < 0 ? choices.length + extra.length : known);
    if (known >= 0) continue;
    extra.push(said);
    places.push(`on.${kind}`);
  }
  return { extra, places, following };
}
