/**
 * What is measured of an arm, one call at a time. Calls that another answer was kept for or shared with, that were refused
 * before they were sent, and that their caller broke off are in none.
 *
 * - `error`: whether it failed or took longer than it may, after all retries and fallbacks.
 * - `refusal`: of those that were answered, whether the model or a filter refused.
 * - `schemaValid`: of answers of `llm.object`, whether it fitted the schema.
 * - `latencyMs`: of those that were answered, until the reply had ended. Milliseconds.
 * - `costUsd`: of those that were answered, all attempts together, where that is known.
 * - `score`: what `llm.feedback` said.
 */
export type ExperimentMetric = (typeof metrics)[number];

/** See {@link ExperimentMetric}. */
export const metrics = ['error', 'refusal', 'schemaValid', 'latencyMs', 'costUsd', 'score'] as const;

/** Those of which a call has it or has not. Scores are such while all of them are 0 or 1. */
export const rates: ReadonlySet<ExperimentMetric> = new Set(['error', 'refusal', 'schemaValid']);

/** Those of which more is better. */
export const moreIsBetter: ReadonlySet<ExperimentMetric> = new Set(['schemaValid', 'score']);
