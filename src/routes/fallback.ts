import * as z from 'zod/mini';
import { invalidOption, parseOptions } from '../core/parse-options.ts';
import type { OnUnsupported } from '../core/provider.ts';
import type { Reply } from '../core/reply.ts';
import type { Route } from '../core/route.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';

/** What a fallback route says for all its calls. */
export interface FallbackOptions {
  /** See `CallSettings.onUnsupported`, which goes before it. Default: each provider's own. */
  readonly onUnsupported?: OnUnsupported;
}

const fallbackOptionsSchema = z.strictObject({ onUnsupported: z.optional(z.enum(['drop', 'refuse'])) });

/**
 * Tries targets in order until one answers. Moves on at any failure but the caller's own abort, before anything of a
 * stream has been handed on; a target that is not ready is passed over while others are left. Nor does it move on from a
 * failure that the caller's SDK answers by sending the whole conversation. When all fail, the
 * application gets the last provider's own error, with every failure behind it (`ManagedLLMError.from`).
 *
 * @example
 * ```ts
 * routes: { smart: fallback('azure/chat-prod', 'anthropic/claude-sonnet-5-5') }
 * ```
 * @throws `invalid-options` when no target is given, or for unknown options.
 */
export function fallback<const T extends readonly string[]>(...targets: T): Route<T[number]>;
export function fallback<const T extends readonly string[]>(
  ...given: readonly [...targets: T, options: FallbackOptions]
): Route<T[number]>;
export function fallback(...given: readonly (string | FallbackOptions)[]): Route {
  if (given.some((target) => Array.isArray(target)))
    throw invalidOption('fallback', "takes targets one by one, not as a list: `fallback('a/x', 'b/y')`");
  const last = given.at(-1);
  const options =
    typeof last === 'object' ? parseOptions(fallbackOptionsSchema, last, 'fallback') : undefined;
  const targets = given.filter((target) => typeof target === 'string');
  if (targets.length === 0) {
    throw new ManagedLLMError({
      code: 'invalid-options',
      message: '`fallback()` needs at least one target, as `provider/model`.',
    });
  }
  return {
    targets,
    onUnsupported: options?.onUnsupported,
    async pick(call, steps) {
      const ready = steps.targets.filter((target) => steps.ready(target).ok);
      const inOrder = ready.length > 0 ? ready : steps.targets;
      let reply: Reply | undefined;
      for (const [index, target] of inOrder.entries()) {
        reply?.discard();
        reply = await steps.attempt(target, index === inOrder.length - 1);
        if (reply.error === undefined || reply.error.asksForAll === true || call.signal.aborted) return reply;
      }
      if (reply === undefined) throw new TypeError('A fallback route has at least one target.');
      return reply;
    },
  };
}
