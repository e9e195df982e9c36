import type { Call } from '../../core/call.ts';
import type { DialectId } from '../../core/dialect.ts';
import type { Destination, Finish } from '../../core/finish.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import type { PromptCacheLens } from '../../core/prompt-cache-lens.ts';
import type { Reply } from '../../core/reply.ts';
import { keyByRouteAndTenant, keyOf, takesHints } from './cache-key.ts';
import type { PromptCachingRules } from './rules.ts';
import { cachedFor } from './saved.ts';

const formats = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const satisfies DialectId[];

type Lenses = ReadonlyMap<DialectId, PromptCacheLens>;

/** What is done for the prompt caches of targets, and what these have done. */
export class PromptCaches {
  readonly #host: Host;
  readonly #rules: PromptCachingRules;
  /** Loaded with the first call. */
  #lenses: Lenses | undefined;

  constructor(host: Host, rules: PromptCachingRules) {
    this.#host = host;
    this.#rules = rules;
  }

  send(call: Call, next: Next): Promise<Reply> {
    const lenses = this.#lenses;
    return lenses !== undefined && this.#host.pricing.loaded
      ? this.#send(lenses, call, next)
      : this.#load().then((loaded) => this.#send(loaded, call, next));
  }

  async #load(): Promise<Lenses> {
    const { dialects, pricing } = this.#host;
    const [loaded] = await Promise.all([
      Promise.all(formats.map(async (id) => [id, await dialects[id].promptCache?.()] as const)),
      pricing.load(),
    ]);
    return (this.#lenses ??= new Map(
      loaded.flatMap(([id, lens]) => (lens === undefined ? [] : [[id, lens]])),
    ));
  }

  async #send(lenses: Lenses, call: Call, next: Next): Promise<Reply> {
    const reply = await next(call.with({ finish: this.#finish(lenses, call) }));
    const { run, settings } = call;
    // Of all its attempts each time: others may have ended meanwhile, and nothing counts twice.
    reply.onSettled(() => {
      const cached = cachedFor(run.attempts, this.#host.pricing, settings);
      if (cached !== undefined) run.note('promptCache', cached);
    });
    return reply;
  }

  #finish(lenses: Lenses, call: Call): Finish {
    return (body, destination) => {
      const lens = lenses.get(destination.dialect.id);
      if (lens === undefined) return body;
      try {
        return this.#helped(lens, call, body, destination);
      } catch (thrown) {
        this.#host.report(thrown, 'prompt-caching');
        return body;
      }
    };
  }

  #helped(lens: PromptCacheLens, call: Call, body: unknown, destination: Destination): unknown {
    const { anthropic, openai, stableTools } = this.#rules;
    let changed = stableTools ? lens.withStableTools(body) : body;
    if (lens.withBreakpoints !== undefined && anthropic !== undefined && takesBreakpoints(destination))
      changed = lens.withBreakpoints(changed, anthropic.wanted, {
        minTokens: anthropic.minTokens,
        tokensOf: (part) => this.#tokensOf(part, destination),
      });
    if (lens.withHints !== undefined && openai !== undefined && takesHints(destination))
      changed = lens.withHints(changed, {
        key: keyFor(openai.key, call, destination),
        retention: openai.retention,
      });
    return changed;
  }

  #tokensOf(part: unknown, { target, dialect }: Destination): number {
    const measure = dialect.request.measure(part);
    return this.#host.estimates.estimate(target, measure, undefined).inputTokens;
  }
}

/** All that speak Anthropic's protocol, but for those that are declared not to. */
function takesBreakpoints({ quirks }: Destination): boolean {
  return quirks.cacheControl ?? true;
}

function keyFor(
  key: boolean | ((call: Call) => string | undefined) | undefined,
  call: Call,
  destination: Destination,
): string | undefined {
  if (typeof key !== 'function') return key === true ? keyByRouteAndTenant(call, destination) : undefined;
  const said = key(call);
  return said === undefined ? undefined : keyOf(said);
}
