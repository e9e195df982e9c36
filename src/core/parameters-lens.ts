import * as z from 'zod/mini';

/** What can be asked of a model beside the prompt, in no provider's words. What is absent stays as the call has it. */
export interface RequestParameters {
  /** Tokens, reasoning included. */
  readonly maxOutputTokens?: number;
  /** Texts that end the answer; not part of it. */
  readonly stopSequences?: readonly string[];
  /** As the provider counts: 0 to 2 (OpenAI), 0 to 1 (Anthropic). */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly reasoning?: { readonly effort: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' };
}

const number = z.optional(z.number());

/** Schema of {@link RequestParameters}. */
export const requestParametersSchema = z.strictObject({
  maxOutputTokens: z.optional(z.int().check(z.positive())),
  stopSequences: z.optional(z.array(z.string())),
  temperature: number,
  topP: number,
  topK: number,
  seed: number,
  frequencyPenalty: number,
  presencePenalty: number,
  reasoning: z.optional(
    z.strictObject({ effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']) }),
  ),
});

/** How a format's requests are given parameters by their neutral names. Pure, as all lenses. */
export interface ParametersLens {
  /** With these in place of those that it has; the same object where nothing changes. */
  withParameters(body: unknown, parameters: RequestParameters): unknown;
  /** Parameters that this format has no place for: they are left out. */
  readonly leavesOut: readonly (keyof RequestParameters)[];
}
