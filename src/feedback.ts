import * as z from 'zod/mini';
import { invalidOption, parseOptions } from './core/parse-options.ts';
import type { Receipt } from './core/receipt.ts';
import type { ManagedEngine } from './engine.ts';

/** How good an answer was: a score, a label, or both. */
export interface Feedback {
  /**
   * The higher, the better: 1 and 0 for thumbs up and down, or any finite number up to a million in size. Experiments and
   * canaries compare their means.
   */
  readonly score?: number;
  /** Why, in a word or a few, which are counted: at most 64 UTF-16 code units. */
  readonly label?: string;
}

/** The call that an answer came of: its id or its receipt. */
export type FeedbackOf = string | Pick<Receipt, 'callId' | 'facts'>;

const largestScore = 1e6;
const longestLabel = 64;

const feedbackSchema = z.strictObject({
  score: z.optional(z.number().check(z.gte(-largestScore), z.lte(largestScore))),
  label: z.optional(z.string().check(z.minLength(1), z.maxLength(longestLabel))),
});

export async function tellFeedback(
  engine: ManagedEngine,
  call: FeedbackOf,
  feedback: Feedback,
): Promise<void> {
  const { score, label } = parseOptions(feedbackSchema, feedback, 'feedback');
  if (score === undefined && label === undefined)
    throw invalidOption('feedback', 'says nothing: give a `score` or a `label`');
  const callId = typeof call === 'string' ? call : call?.callId;
  if (typeof callId !== 'string' || callId === '')
    throw invalidOption('feedback', 'takes the id of a call, or its receipt, and then what is said of it');
  const facts = typeof call === 'string' ? undefined : call.facts;
  engine.hooks.emit('call:feedback', {
    callId,
    experiments: facts && (facts.experiments ?? []),
    canaries: facts && (facts.canaries ?? []),
    score,
    label,
    schemaValid: undefined,
  });
  await engine.idle();
}
