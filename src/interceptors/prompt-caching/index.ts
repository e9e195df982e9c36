import type { Call } from '../../core/call.ts';
import type { DialectId } from '../../core/dialect.ts';
import type { Destination, Finish } from '../../core/finish.ts';
import type { Host, Interceptor, Next } from '../../core/interceptor.ts';
import type { PromptCacheLens } from '../../core/prompt-cache-lens.ts';
import type { Reply } from '../../core/reply.ts';
import { keyByRouteAndTenant, keyOf, takesHints } from './cache-key.ts';
import { parsePromptCaching, type PromptCachingOptions, type PromptCachingRules } from './options.ts';
import { added, cachedIn } from './saved.ts';

/**
 * Helps requests to find their beginning in the provider's prompt cache, and tells what that saved. Once an attempt, on
 * the request as it is sent, in the words of whichever target it goes to: policy, `cache()`, budgets and the caller see it
 * as it was made, and the answer is the same.
 *
 * - To Anthropic: breakpoints (`cache_control`) behind tools, system prompt and the turns that the next request repeats.
 *   The caller's own stay, and count: no request gets more than four.
 * - To OpenAI: `prompt_cache_key` from route and tenant, hashed. Servers that are not known to take it get none; see
 *   `promptCacheKey` of `Quirks`.
 * - Receipts have `facts.promptCache`: tokens read and written as the provider reports them, whoever asked for it, and
 *   what they saved. It is known for a stream when it has ended.
 *
 * Writing costs more than not caching, which a strict budget reserves anyway: its bound takes the dearest input.
 * Fails open: what throws here is reported, and the request goes as it is.
 *
 * @example
 * ```ts
 * const llm = new ManagedLLM({
 *   providers: { anthropic: new Anthropic() },
 *   interceptors: [promptCaching({ anthropic: { tools: '1h', system: '1h' } })],
 * });
 * ```
 * @throws `invalid-options` for wrong or unknown options, and for lifetimes that Anthropic refuses together.
 */
export function promptCaching(options: PromptCachingOptions = {}): Interceptor {
  const rules = parsePromptCaching(options);
  let helper: Helper | undefined;
  return {
    name: 'prompt-caching',
    stage: 'send',
    on: ['chat'],
    attach(host) {
      helper = new Helper(host, rules);
    },
    intercept: (call, next) => helper?.help(call, next) ?? next(call),
  };
}

const formats = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const satisfies DialectId[];

type Lenses = ReadonlyMap<DialectId, PromptCacheLens>;

class Helper {
  readonly #host: Host;
  readonly #rules: PromptCachingRules;
  /** Loaded with the first call. */
  #lenses: Lenses | undefined;

  constructor(host: Host, rules: PromptCachingRules) {
    this.#host = host;
    this.#rules = rules;
  }

  help(call: Call, next: Next): Promise<Reply> {
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
    const { run } = call;
    reply.onSettled((settlement) => {
      const cached = cachedIn(settlement, this.#host.pricing);
      if (cached !== undefined) run.note('promptCache', added(run.facts.promptCache, cached));
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
    if (lens.withBreakpoints !== undefined && anthropic !== undefined)
      changed = lens.withBreakpoints(changed, anthropic.wanted, (prefix) =>
        this.#isLong(prefix, anthropic.minTokens, destination),
      );
    if (lens.withHints !== undefined && openai !== undefined && takesHints(destination))
      changed = lens.withHints(changed, {
        key: keyFor(openai.key, call, destination),
        retention: openai.retention,
      });
    return changed;
  }

  #isLong(prefix: unknown, minTokens: number, { target, dialect }: Destination): boolean {
    if (minTokens === 0) return true;
    const measure = dialect.request.measure(prefix);
    return this.#host.estimates.estimate(target, measure, undefined).inputTokens >= minTokens;
  }
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
