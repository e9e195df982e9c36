import { explained, type Explanation } from './core/explanation.ts';
import type { CallSettings } from './core/settings.ts';
import { Branch } from './core/route-tree.ts';
import { callAsked, foundFor, type AskedRequest } from './asked-call.ts';
import type { ManagedEngine } from './engine.ts';

/** What `llm.explain` takes: a request of the neutral API, or the body of an SDK's request with its `provider`. */
export type ExplainRequest<M extends string = string, N extends string = string> = AskedRequest<M, N>;

/**
 * Says where a call would go now and why. Throws `invalid-options` for a request that is none, and `unknown-target` as the
 * call itself would.
 */
export async function explain(
  engine: ManagedEngine,
  request: ExplainRequest,
  settings: CallSettings,
): Promise<Explanation> {
  const call = callAsked(engine, 'explain', request, settings);
  const found = foundFor(engine, call);
  const notices = await engine.models.notices();
  if (found instanceof Branch && found.usesModels) await engine.pricing.load();
  return engine.ruleHost.quietly(() =>
    explained(engine, found, call, (target) => notices.retirementOf(target, call.settings)),
  );
}
