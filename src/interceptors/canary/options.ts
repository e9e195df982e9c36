import * as z from 'zod/mini';
import type { Tried } from '../../canaries/document.ts';
import type { CallMatch } from '../../core/call-match.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import {
  armSchema,
  changesNothing,
  identityOf,
  plainArm,
  type ExperimentArm,
} from '../../experiments/arm.ts';
import { definitionKey } from '../../experiments/definition-key.ts';
import { subjectSchema, toldOf, type SubjectOption } from '../../experiments/subject.ts';
import { guardSchema, guardsOf, type CanaryGuards } from './guards.ts';

/** Options of `canary`. */
export interface CanaryOptions {
  /** Letters, digits, `_`, `-` and `.`, at most 64. Canaries of different names divide subjects independently. */
  readonly name: string;
  /** What calls get as long as they do not get the canary. Default `{}`: they are made as asked. */
  readonly stable?: ExperimentArm;
  /** What is tried out: another version of a prompt, another model, other parameters. */
  readonly canary: ExperimentArm;
  /**
   * How many of 100 subjects get the canary, step by step: one to twenty, rising, each more than 0 and less than 100. Whoever
   * gets it at a step gets it at the next. Default `[5, 25, 50]`.
   */
  readonly steps?: readonly number[];
  /** The same as one step. Give this or `steps`. */
  readonly percent?: number;
  /** What it is watched for. The error rate is always, unless it is `false`. */
  readonly guard?: CanaryGuards;
  /** Subjects of the canary that each step wants before the next. A breach is acted on before that. At least 1. Default 100. */
  readonly minSamples?: number;
  /** Who stays with an arm, as of `experiment`. Calls that have none get stable until the canary is promoted. Default `user`. */
  readonly by?: SubjectOption;
  /** Calls that are like this are divided. Default: all. */
  readonly where?: CallMatch;
  /** Another one divides subjects anew, and begins anew. Default `''`. */
  readonly salt?: string;
  /**
   * The probability of ever rolling back by itself what is within all that is tolerated. More than 0, less than 0.5.
   * Default 0.01.
   */
  readonly alpha?: number;
  /** The probability of ever promoting by itself what is harmful. More than 0, less than 0.5. Default 0.01. */
  readonly beta?: number;
  /** How long `llm.feedback` finds a call's arm by its id, where scores are watched. Days of 24 hours, more than 0. Default 7. */
  readonly feedbackDays?: number;
}

const level = z.optional(z.number().check(z.gt(0), z.lt(0.5)));
const percent = z.number().check(z.gt(0), z.lt(100));
const mostSteps = 20;

/** Schema of {@link CanaryOptions}; `where` is checked where it is used. */
export const canaryOptionsSchema = z.strictObject({
  name: z.string().check(z.regex(/^[\w.-]{1,64}$/, 'must be letters, digits, `_`, `-` and `.`, at most 64')),
  stable: z.optional(armSchema),
  canary: armSchema,
  steps: z.optional(z.readonly(z.array(percent).check(z.minLength(1), z.maxLength(mostSteps)))),
  percent: z.optional(percent),
  guard: z.optional(guardSchema),
  minSamples: z.optional(z.int().check(z.gte(1))),
  by: z.optional(subjectSchema),
  where: z.optional(z.custom((value) => typeof value === 'object' && value !== null, 'must be an object')),
  salt: z.optional(z.string().check(z.maxLength(64))),
  alpha: level,
  beta: level,
  feedbackDays: z.optional(z.number().check(z.positive())),
});

/** The options, defaults filled in. */
export interface CanaryRules {
  readonly tried: Tried;
  readonly arms: Readonly<Record<'stable' | 'canary', ExperimentArm>>;
  readonly by: SubjectOption;
  readonly where: CallMatch | undefined;
  /** What tells its assignments from those of other canaries. */
  readonly seed: string;
  /** What tells where it stands, and its counts, from those of others, and of other definitions. */
  readonly key: string;
  readonly feedbackMs: number;
}

const dayMs = 86_400_000;

export function parseCanary(options: CanaryOptions): CanaryRules {
  const given: CanaryOptions = parseOptions(canaryOptionsSchema, options, 'canary');
  const { name, stable = {}, canary, by = 'user', salt = '', feedbackDays = 7 } = given;
  const { minSamples = 100, alpha = 0.01, beta = 0.01 } = given;
  if (changesNothing(canary))
    throw invalidOption('canary.canary', 'changes nothing: give a `prompt`, a `model` or `parameters`');
  const identities = [stable, canary].map(identityOf);
  if (JSON.stringify(identities[0]) === JSON.stringify(identities[1]))
    throw invalidOption('canary.canary', 'is the same as `stable`: give what is to be tried out');
  if (stable.prompt !== undefined && canary.prompt !== undefined && stable.prompt.name !== canary.prompt.name)
    throw invalidOption(
      'canary.canary.prompt',
      'is another prompt than that of `stable`: give a version of it',
    );
  const definition = {
    name,
    steps: stepsOf(given),
    guards: guardsOf(given.guard ?? {}),
    minSamples,
    alpha,
    beta,
  };
  return {
    tried: { definition, by: toldOf(by), changes: { stable: plainArm(stable), canary: plainArm(canary) } },
    arms: { stable, canary },
    by,
    where: given.where,
    seed: JSON.stringify(['canary', name, salt]),
    key: definitionKey('canary', name, [salt, toldOf(by), identities, definition]),
    feedbackMs: feedbackDays * dayMs,
  };
}

function stepsOf({ steps, percent: single }: CanaryOptions): readonly number[] {
  if (steps !== undefined && single !== undefined)
    throw invalidOption('canary.percent', 'is given beside `steps`: give one of both');
  const wanted = single === undefined ? (steps ?? [5, 25, 50]) : [single];
  for (const [at, step] of wanted.entries())
    if (at > 0 && step <= (wanted[at - 1] ?? 0))
      throw invalidOption(`canary.steps.${at}`, 'is not more than the step before: let them rise');
  return wanted;
}
