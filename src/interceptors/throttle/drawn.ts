import type { Settlement } from '../../core/settlement.ts';
import type { Cost } from './limits.ts';

/** No model writes faster than so many tokens a millisecond. */
const topTokensPerMs = 0.5;
/** A request that was stopped here may go on there for so long. */
const cancelMs = 2_000;

/** An attempt that drew nothing at all. */
export const nothing: Cost = { requests: 0, input: 0, cached: 0, output: 0 };
const requestAlone: Cost = { ...nothing, requests: 1 };

/**
 * What an attempt drew from the provider's buckets, once it has settled. What was never sent drew nothing; an answer with
 * an error status drew the request alone, for providers count failed requests too; one that was cut off or stopped may
 * have drawn all that a model can write in its time.
 *
 * @param taken what it was let in with
 * @param likelyOutput what an answer is expected to take, for those whose usage is not reported
 */
export function drawnBy(settlement: Settlement, taken: Cost, likelyOutput: number): Cost {
  const { origin, outcome, status, error } = settlement;
  if (origin !== 'provider') return nothing;
  if (status === undefined && (error?.kind === 'connection' || error?.kind === 'refused')) return nothing;
  if (status !== undefined && status >= 400) return requestAlone;
  const { usage } = settlement;
  const input = usage?.inputTokens ?? taken.input;
  const cached = usage?.cachedInputTokens ?? 0;
  if (outcome === 'finished') {
    const output = usage?.outputTokens ?? Math.min(taken.output, likelyOutput);
    return { requests: 1, input, cached, output };
  }
  const elapsedMs = settlement.settledAt - settlement.startedAt;
  const atMost = Math.min(taken.output, Math.ceil((elapsedMs + cancelMs) * topTokensPerMs));
  return { requests: 1, input, cached, output: Math.max(usage?.outputTokens ?? 0, atMost) };
}
