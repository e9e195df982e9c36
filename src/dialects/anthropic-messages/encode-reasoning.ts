import type { Loss } from '../neutral/loss.ts';
import type { Reasoning } from '../neutral/request.ts';
import { asRecord, type JsonRecord } from '../record.ts';

/** The API's lower bound of `budget_tokens`; the upper one is `max_tokens` (SDK type `ThinkingConfigEnabled`). */
const leastBudget = 1_024;

/** What else of the request rules how it may think. */
interface Bounds {
  readonly maxTokens: number;
  /** The model must call a tool: that goes with adaptive thinking, not with a budget ("Extended thinking"). */
  readonly forced: boolean;
  readonly own: JsonRecord;
}

interface EncodedReasoning {
  readonly thinking: JsonRecord | undefined;
  readonly effort: string | undefined;
}

/**
 * SDK types `ThinkingConfigParam` and `OutputConfig`. An effort of reasoning asks for thinking as the model sees fit,
 * and for that effort, which counts for the rest of the answer too. Which of it a model takes is for the one who
 * chooses the model: the newest take no budget, the oldest nothing else.
 */
export function encodeReasoning(
  reasoning: Reasoning | undefined,
  { maxTokens, forced, own }: Bounds,
  losses: Loss[],
): EncodedReasoning {
  const ownThinking = asRecord(own['thinking']);
  if (reasoning === undefined) return { thinking: ownThinking, effort: undefined };
  const { effort, budgetTokens, show, effortOnly } = reasoning;
  if (effort === 'none') return { thinking: { ...ownThinking, type: 'disabled' }, effort: undefined };
  if (effort === 'minimal') {
    losses.push({ path: 'reasoning.effort', reason: 'There is no minimal effort; it was asked for low.' });
  }
  const asked = effort === 'minimal' ? 'low' : effort;
  if (effortOnly === true && budgetTokens === undefined && show === undefined) {
    return { thinking: ownThinking, effort: asked };
  }
  if (forced && budgetTokens !== undefined) {
    losses.push({
      path: 'reasoning.budgetTokens',
      reason: 'It cannot think on a budget when it must call a tool; it was left out.',
    });
    return { thinking: undefined, effort: asked };
  }
  const display = show === undefined ? {} : { display: show ? 'summarized' : 'omitted' };
  const budget = budgetTokens === undefined ? undefined : boundedBudget(budgetTokens, maxTokens, losses);
  if (budgetTokens !== undefined && budget === undefined) return { thinking: undefined, effort: asked };
  return {
    thinking: {
      ...ownThinking,
      ...(budget === undefined ? { type: 'adaptive' } : { type: 'enabled', budget_tokens: budget }),
      ...display,
    },
    effort: asked,
  };
}

/** A budget that the API takes; `undefined` when the output limit leaves no room for one. */
function boundedBudget(tokens: number, maxTokens: number, losses: Loss[]): number | undefined {
  const budget = Math.min(Math.max(tokens, leastBudget), maxTokens - 1);
  if (budget < leastBudget) {
    losses.push({ path: 'reasoning.budgetTokens', reason: 'The output limit leaves no room for thinking.' });
    return undefined;
  }
  if (budget !== tokens) {
    losses.push({
      path: 'reasoning.budgetTokens',
      reason: `It must be at least ${leastBudget} and below the output limit; it was changed.`,
    });
  }
  return budget;
}
