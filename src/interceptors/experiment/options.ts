import * as z from 'zod/mini';
import type { CallMatch } from '../../core/call-match.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { CarriedPrompt } from '../../core/prompt-mark.ts';
import { armSchema, changesNothing, identityOf, type ExperimentArm } from '../../experiments/arm.ts';
import type { Share } from '../../experiments/assignment.ts';
import { definitionKey } from '../../experiments/definition-key.ts';
import { metrics, type ExperimentMetric } from '../../experiments/metrics.ts';
import { subjectSchema, toldOf, type SubjectOption } from '../../experiments/subject.ts';

/** Options of `experiment`. */
export interface ExperimentOptions<A extends string = string> {
  /** Letters, digits, `_`, `-` and `.`, at most 64. Experiments of different names divide subjects independently. */
  readonly name: string;
  /**
   * Two to ten, by names of the same kind that begin with a letter. The first is the control that the others are compared with.
   * What has been counted belongs to these arms: where one is changed, counting begins anew.
   */
  readonly arms: Readonly<Record<A, ExperimentArm>>;
  /**
   * How many subjects each arm gets, compared with the others. At least 0; an arm of 0 gets none. May be changed at any time:
   * only the share moves that has to. Default: 1 each.
   */
  readonly weights?: Readonly<Partial<Record<NoInfer<A>, number>>>;
  /**
   * Who stays with an arm: a `user` (of a tenant), a `tenant`, a `conversation` (of a user; told by its own id where a provider
   * holds it, else by all that is said before the first answer), a `call` with all turns of its tool loop, or whatever text a
   * function gives, which must be pure. Calls that have none are not in the experiment. Default `user`.
   */
  readonly by?: SubjectOption;
  /** Calls that are like this are in the experiment. Default: all. */
  readonly where?: CallMatch;
  /** Another one divides subjects anew, and begins counting anew. Default `''`. */
  readonly salt?: string;
  /** What `decision` of the results goes by. Say it before you look: which of six differs by chance is easily found. Default `error`. */
  readonly decideBy?: ExperimentMetric;
  /** The probability of ever taking arms for different that are not. More than 0, less than 0.5. Default 0.05. */
  readonly alpha?: number;
  /** How long `llm.feedback` finds a call's arm by its id. Days of 24 hours, more than 0. Default 7. */
  readonly feedbackDays?: number;
}

const largest = z.number().check(z.gte(0), z.lte(1e6));
/** Schema of {@link ExperimentOptions}; `where` is checked where it is used. */
export const experimentOptionsSchema = z.strictObject({
  name: z.string().check(z.regex(/^[\w.-]{1,64}$/, 'must be letters, digits, `_`, `-` and `.`, at most 64')),
  arms: z.record(z.string(), armSchema),
  weights: z.optional(z.record(z.string(), z.optional(largest))),
  by: z.optional(subjectSchema),
  where: z.optional(z.custom((value) => typeof value === 'object' && value !== null, 'must be an object')),
  salt: z.optional(z.string().check(z.maxLength(64))),
  decideBy: z.optional(z.enum(metrics)),
  alpha: z.optional(z.number().check(z.gt(0), z.lt(0.5))),
  feedbackDays: z.optional(z.number().check(z.positive())),
});

/** The options, defaults filled in. */
export interface ExperimentRules {
  readonly name: string;
  readonly arms: ReadonlyMap<string, ExperimentArm>;
  /** The first of the arms. */
  readonly control: string;
  /** Of its arms, all of one name. */
  readonly prompts: readonly CarriedPrompt[];
  readonly shares: readonly Share[];
  readonly by: SubjectOption;
  readonly where: CallMatch | undefined;
  /** What tells its assignments from those of other experiments. */
  readonly seed: string;
  /** What tells its counts from those of others, and of other arms. */
  readonly key: string;
  readonly decideBy: ExperimentMetric;
  readonly alpha: number;
  readonly feedbackMs: number;
}

const fewestArms = 2;
const mostArms = 10;
const dayMs = 86_400_000;
const named = /^[a-z][\w.-]{0,63}$/i;

export function parseExperiment(options: ExperimentOptions): ExperimentRules {
  const given: ExperimentOptions = parseOptions(experimentOptionsSchema, options, 'experiment');
  const { name, weights = {}, by = 'user', salt = '', alpha = 0.05, feedbackDays = 7 } = given;
  const arms = new Map(Object.entries(given.arms));
  const [control] = arms.keys();
  if (control === undefined || arms.size < fewestArms || arms.size > mostArms)
    throw invalidOption('experiment.arms', `must have ${fewestArms} to ${mostArms} arms`);
  for (const [arm, definition] of arms) {
    if (!named.test(arm))
      throw invalidOption(
        `experiment.arms.${arm}`,
        'is no name: begin with a letter, go on with letters, digits, `_`, `-` and `.`, at most 64',
      );
    if (arm !== control && changesNothing(definition))
      throw invalidOption(
        `experiment.arms.${arm}`,
        'changes nothing: give a `prompt`, a `model` or `parameters`',
      );
  }
  const prompts = [...arms.values()].flatMap(({ prompt }) => prompt ?? []);
  if (new Set(prompts.map((prompt) => prompt.name)).size > 1)
    throw invalidOption(
      'experiment.arms',
      'give versions of several prompts: an experiment compares those of one',
    );
  for (const arm of Object.keys(weights))
    if (!arms.has(arm))
      throw invalidOption(`experiment.weights.${arm}`, `is for no arm. Arms: ${[...arms.keys()].join(', ')}`);
  const shares = [...arms.keys()].map((arm) => ({ name: arm, weight: weights[arm] ?? 1 }));
  if (shares.every(({ weight }) => weight === 0))
    throw invalidOption('experiment.weights', 'are all 0: no call would be in the experiment');
  // But for the control, in whatever order they are given.
  const identities = [...arms]
    .toSorted(
      ([one], [other]) => Number(other === control) - Number(one === control) || (one < other ? -1 : 1),
    )
    .map(([arm, definition]) => [arm, identityOf(definition)]);
  return {
    name,
    arms,
    control,
    prompts,
    shares,
    by,
    where: given.where,
    seed: JSON.stringify([name, salt]),
    key: definitionKey('experiment', name, [salt, toldOf(by), identities]),
    decideBy: given.decideBy ?? 'error',
    alpha,
    feedbackMs: feedbackDays * dayMs,
  };
}
