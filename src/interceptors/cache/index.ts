import { attached } from '../../core/attached.ts';
import type { CacheStore } from '../../core/cache-store.ts';
import { checkModel } from '../../core/check-model.ts';
import type { Host, Interceptor } from '../../core/interceptor.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import { Answers } from './answers.ts';
import { GivenStore } from './given-store.ts';
import { ItemAnswers } from './items/item-answers.ts';
import { parseInvalidation, type Invalidation } from './invalidation.ts';
import { cacheOptionsSchema, type CacheOptions } from './options.ts';
import type { SemanticExplanation } from './semantic/compared.ts';
import type { SemanticOptions } from './semantic/options.ts';
import type { SemanticAnswers } from './semantic/semantic-answers.ts';
import { Shelf } from './shelf.ts';

/** What {@link cache} gives: an interceptor, and what it keeps. Methods need the `ManagedLLM` it was given to. */
export interface Cache extends Interceptor {
  /**
   * Puts answers out of date, for all who share the store: those that are kept, and those on their way. Whatever one of
   * these names; `{}` is everything. A `model` that is nothing here, and nearly the name of something, is reported too.
   *
   * @example
   * ```ts
   * await answers.invalidate({ tag: { feature: 'search' } });
   * ```
   * @throws `state-unreachable`, and `invalid-options` for what names nothing
   */
  invalidate(what: Invalidation): Promise<void>;
  /**
   * How a call came by the answer to another question, or why it did not: what was compared, and what came of it.
   * `undefined` where nothing was compared, and for calls before the latest 1,000, or of other processes. Holds what was
   * asked.
   *
   * @param callId of its receipt
   * @throws `invalid-options` without `semantic`
   */
  explain(callId: string): Promise<SemanticExplanation | undefined>;
  /**
   * A call was given the answer to a question that means something else: lets go of that answer, and does not take the two
   * questions for the same again for 30 days. Resolves to whether it was given one, or would have been in shadow, as far as
   * is known (see `explain`).
   *
   * @throws `state-unreachable`, and `invalid-options` without `semantic`
   */
  evict(callId: string): Promise<boolean>;
}

/**
 * Never pays twice for the same answer: what was asked before is answered from what was kept, plain or streamed, and calls
 * that ask the same at the same time share one answer. Once a call, inside policy and outside routes: a hit makes no
 * attempt, and costs nothing.
 *
 * - The key holds all that shapes the answer: where the call goes (the target, or the rules of its route), the dialect, and
 *   the request but for what does not shape it (user ids, metadata, whether it is streamed), in whatever order it is
 *   written. It holds the tenant, unless the call says otherwise (`cache: { share }`).
 * - Kept is what is complete: no errors, truncations or refusals, no conversations that a provider holds, and no stream that
 *   was not read to its end.
 * - Embeddings are kept by input: of 100 inputs of which 90 are known, the provider is asked for 10. What one reply holds is
 *   always of one model.
 * - A streamed answer is given to callers who want it plain and the reverse.
 * - Of calls that share an answer one pays: the one that asked first. When it leaves, the others go on.
 *
 * Fails open: a store that cannot be asked, or does not answer within a second, is a miss, which is reported; what is
 * damaged is not there. Receipts tell in
 * `facts.cache` what became of a call, and what it saved.
 *
 * @example
 * ```ts
 * const answers = cache({ ttlMs: 3_600_000 });
 * const llm = new ManagedLLM({ providers: { openai }, interceptors: [answers] });
 * ```
 * @throws `invalid-options` for wrong or unknown options and, when the `ManagedLLM` is made, for a state that keeps no answers.
 */
export function cache(options: CacheOptions = {}): Cache {
  const parsed = parseOptions(cacheOptionsSchema, options, 'cache');
  const { ttlMs = 3_600_000, staleMs = 0, coalesce = true, sampled = true } = parsed;
  const { toolCalls = true, otherTargets = false, maxEntryBytes = 1_048_576, semantic } = parsed;
  if (ttlMs === 0 && !coalesce)
    throw invalidOption('cache', 'does nothing with `ttlMs: 0` and without `coalesce`');
  if (ttlMs === 0 && semantic !== undefined)
    throw invalidOption('cache.semantic', 'finds nothing with `ttlMs: 0`: nothing is kept');
  if (ttlMs === 0 && staleMs > 0)
    throw invalidOption('cache.staleMs', 'says nothing with `ttlMs: 0`: nothing is kept');
  let answers: Answers | undefined;
  let itemAnswers: ItemAnswers | undefined;
  let compare: (() => Promise<SemanticAnswers>) | undefined;
  const compared = (): Promise<SemanticAnswers> => {
    if (semantic === undefined)
      throw invalidOption('cache.semantic', 'is not given: no questions are compared');
    return attached(compare, 'cache')();
  };
  return {
    name: 'cache',
    stage: 'reuse',
    on: ['chat', 'embed'],
    attach(host) {
      const store = storeFor(host, parsed);
      const shelf = new Shelf(host, store);
      const keeping = { ttlMs, staleMs, toolCalls, otherTargets, maxEntryBytes };
      if (semantic !== undefined) compare = comparing(host, shelf, store, semantic);
      answers = new Answers(host, shelf, { coalesce, sampled, keeping }, compare);
      itemAnswers = new ItemAnswers(host, shelf, { coalesce, keeping });
    },
    intercept: (call, next) =>
      (call.operation === 'embed' ? itemAnswers : answers)?.answer(call, next) ?? next(call),
    idle: () => answers?.shelf.idle() ?? Promise.resolve(),
    invalidate: async (what) => attached(answers, 'cache').shelf.invalidate(parseInvalidation(what)),
    explain: async (callId) => (await compared()).explain(callId),
    evict: async (callId) => (await compared()).evict(callId),
  };
}

/** What compares questions, loaded when it is first needed. */
function comparing(
  host: Host,
  shelf: Shelf,
  answers: CacheStore,
  options: SemanticOptions,
): () => Promise<SemanticAnswers> {
  for (const name of ['embed', 'verify'] as const) {
    const model = options[name];
    if (typeof model === 'string') checkModel(host, `cache.semantic.${name}`, model);
  }
  let loading: Promise<SemanticAnswers> | undefined;
  const load = async (): Promise<SemanticAnswers> => {
    const { SemanticAnswers: Loaded, memoryVectors } = await import('./semantic/on-demand.ts');
    const vectors = options.vectors ?? memoryVectors({ clock: host.clock });
    return new Loaded(host, shelf, { answers, vectors }, options);
  };
  return () => (loading ??= load());
}

function storeFor({ state, clock }: Host, { store, ttlMs }: CacheOptions) {
  if (ttlMs === 0) return nowhere;
  if (store !== undefined) return new GivenStore(store, clock);
  if (state.cache !== undefined) return state.cache;
  throw invalidOption('state', `(\`${state.name}\`) keeps no answers: give \`cache({ store })\``);
}

/** Where nothing is kept. */
const nowhere = { get: () => undefined, set: () => {}, delete: () => false };
