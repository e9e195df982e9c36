import { explained, type Explanation } from './core/explanation.ts';
import type { CallSettings } from './core/settings.ts';
import { callAsked, foundFor, type AskedRequest } from './asked-call.ts';
import type { ManagedEngine } from './engine.ts';

/** What `llm.explain` takes: a request of the neutral API, or the body of an SDK's request with its `provider`. */
export type ExplainRequest<M extends string = string, N extends string = string> = AskedRequest<M, N>;

/**
 * Says where a call would go now and why. Throws `invalid-options` for a request that is none, and `unknown-target` as the
 * call itself would.
 */
export function explain(engine: ManagedEngine, request: ExplainRequest, settings: CallSettings): Explanation {
  const call = callAsked(engine, 'explain', request, settings);
  return engine.ruleHost.quietly(() => explained(engine, foundFor(engine, call), call));
}
