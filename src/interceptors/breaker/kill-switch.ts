import * as z from 'zod/mini';
import { invalidOption, nearestOf, parseOptions } from '../../core/parse-options.ts';
import type { Target } from '../../core/target.ts';

/** What is switched off: a whole provider, a model at every provider, or with both one target. */
export interface KillScope {
  /** The name of a pool stands for all its members. */
  readonly provider?: string;
  /** As targets name it, without the provider. */
  readonly model?: string;
}

/** A switch thrown by hand. */
export interface Kill extends KillScope {
  /** For people: it stands in refusals. Never a prompt, completion or key. */
  readonly reason?: string;
}

const scopeShape = { provider: z.optional(z.string()), model: z.optional(z.string()) };
const killSchema = z.strictObject({ ...scopeShape, reason: z.optional(z.string()) });
const scopeSchema = z.strictObject(scopeShape);

/** What was switched off by hand. Never forgets: it holds what an operator put in. */
export class KillSwitch {
  readonly #kills = new Map<string, Kill>();

  /** Throws `invalid-options` for a scope that names nothing, or no provider there is. */
  kill(kill: Kill, providers: readonly string[] | undefined): void {
    const { provider, model } = parseOptions(killSchema, kill, 'kill');
    if (provider === undefined && model === undefined)
      throw invalidOption('kill', 'names nothing: give `provider`, `model` or both');
    if (provider !== undefined && providers?.includes(provider) === false) {
      const nearest = nearestOf(provider, providers);
      throw invalidOption(
        'kill.provider',
        `names no provider: ${JSON.stringify(provider)}. ` +
          (nearest === undefined ? `Providers: ${providers.join(', ')}` : `Did you mean \`${nearest}\`?`),
      );
    }
    const [first = ''] = model?.split('/', 1) ?? [];
    if (provider === undefined && model !== first && providers?.includes(first) === true)
      throw invalidOption(
        'kill.model',
        `begins with the provider \`${first}\`, of which it would switch off nothing: give \`provider\` and \`model\``,
      );
    this.#kills.set(keyOf(kill), Object.freeze({ ...kill }));
  }

  /** Takes back the kill of exactly this scope; `undefined` when there was none. */
  revive(scope: KillScope): Kill | undefined {
    const key = keyOf(parseOptions(scopeSchema, scope, 'revive'));
    const kill = this.#kills.get(key);
    this.#kills.delete(key);
    return kill;
  }

  /** The kill that covers a target. */
  covering(target: Target, poolOf: (provider: string) => string | undefined): Kill | undefined {
    if (this.#kills.size === 0) return undefined;
    const pool = poolOf(target.provider);
    for (const kill of this.#kills.values()) {
      const { provider = target.provider, model = target.model } = kill;
      if ((provider === target.provider || provider === pool) && model === target.model) return kill;
    }
    return undefined;
  }

  all(): readonly Kill[] {
    return [...this.#kills.values()];
  }
}

function keyOf({ provider, model }: KillScope): string {
  return JSON.stringify([provider ?? null, model ?? null]);
}
