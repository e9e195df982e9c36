import * as z from 'zod/mini';
import { requestParametersSchema, type RequestParameters } from '../core/parameters-lens.ts';
import type { PlainArm } from '../core/plain-arm.ts';
import { isPrompt, type CarriedPrompt } from '../core/prompt-mark.ts';

/** What the calls of an arm get in place of what they ask for. `{}`: they are made as asked. */
export interface ExperimentArm {
  /**
   * A version of a prompt. Calls that were rendered from a version of it, and no others, are in the experiment; this one is
   * rendered from the same variables, in the place of theirs. All arms that give one give the same prompt.
   */
  readonly prompt?: CarriedPrompt;
  /** A route or `provider/model`. */
  readonly model?: string;
  /** In place of the call's own. What the call's format has no place for is left out, and told in `facts.experiments`. */
  readonly parameters?: RequestParameters;
}

/** Schema of {@link ExperimentArm}. */
export const armSchema = z.strictObject({
  prompt: z.optional(z.custom<CarriedPrompt>(isPrompt, 'must be a prompt, as `definePrompt` makes one')),
  model: z.optional(z.string().check(z.minLength(1))),
  parameters: z.optional(requestParametersSchema),
});

/** Whether calls of an arm are made as asked. */
export function changesNothing({ prompt, model, parameters = {} }: ExperimentArm): boolean {
  return prompt === undefined && model === undefined && Object.keys(parameters).length === 0;
}

/** What an arm does, for people. */
export function plainArm({ prompt, model, parameters = {} }: ExperimentArm): PlainArm {
  return {
    ...(prompt && { prompt: { name: prompt.name, version: prompt.version } }),
    ...(model !== undefined && { model }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
}

/** What an arm is, as plain data that is written alike for arms that do the same, in whatever order they say it. */
export function identityOf({ prompt, model, parameters = {} }: ExperimentArm): unknown {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return {
    model,
    parameters: Object.fromEntries(given.toSorted(([one], [other]) => (one < other ? -1 : 1))),
    prompt: prompt && [prompt.version, prompt.hash],
  };
}
