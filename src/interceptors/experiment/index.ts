import { attached } from '../../core/attached.ts';
import type { Interceptor } from '../../core/interceptor.ts';
import type { ExperimentResults } from '../../experiments/results.ts';
import { parseExperiment, type ExperimentOptions } from './options.ts';
import { Running } from './running.ts';

/** What `experiment` gives: an interceptor, and the results. Methods need the `ManagedLLM` it was given to. */
export interface Experiment<A extends string = string> extends Interceptor {
  /**
   * What it has come to by now, in all processes that share the state: what waits in this one is counted before. May be looked
   * at as often as you like: looking does not make a chance difference more likely to be taken for a true one.
   *
   * @throws `state-unreachable`
   */
  results(): Promise<ExperimentResults<A>>;
}

/**
 * Compares models, routes or parameters on the calls that are made: each user (or tenant, conversation, call) is given to one
 * arm, by a hash and with nothing kept, and stays with it. Once per call, before policy and caches: these see what the arm asks.
 *
 * - The receipt tells the arm: `facts.experiments`. `receipts().query({ by: ['experiment'] })` adds up by it.
 * - Errors, refusals, latency and cost are counted by themselves when calls have settled, streams too; whether an answer fits
 *   its schema, of `llm.object`; what your users think, by `llm.feedback`.
 * - Counts are kept in the state, which needs `documents` and `tallies`: all processes that share it count together.
 *
 * Fails open: what throws here is reported, and the call is made as asked. What cannot be counted is lost, and told.
 *
 * @example
 * ```ts
 * const tone = experiment({
 *   name: 'tone',
 *   arms: { control: {}, warm: { parameters: { temperature: 1 } }, large: { model: 'openai/gpt-6.1-sol' } },
 *   weights: { control: 2 },
 *   decideBy: 'score',
 * });
 * const llm = new ManagedLLM({ providers: { openai }, interceptors: [tone] });
 * // … later
 * const { arms, decision } = await tone.results();
 * ```
 * @throws `invalid-options` for wrong or unknown options, and at construction of the `ManagedLLM` for models that nobody knows
 *   and a state that cannot count.
 */
export function experiment<const A extends string>(options: ExperimentOptions<A>): Experiment<A> {
  const rules = parseExperiment(options);
  const name = `experiment ${rules.name}`;
  let running: Running | undefined;
  return {
    name,
    stage: 'shape',
    on: ['chat'],
    attach(host) {
      running = new Running(host, rules);
    },
    intercept: (call, next) => running?.intercept(call, next) ?? next(call),
    idle: () => running?.idle() ?? Promise.resolve(),
    dispose: () => running?.dispose(),
    // The arms of the results are those of the rules, which are the ones given.
    results: async () => (await attached(running, name).results()) as ExperimentResults<A>,
  };
}
