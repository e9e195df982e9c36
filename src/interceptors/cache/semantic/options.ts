import * as z from 'zod/mini';
import type { Vector, VectorStore } from '../../../core/vector-store.ts';

/**
 * Gives the meaning of a text: a vector that points where those of texts that mean the same point.
 *
 * @param signal aborts when nobody waits for it any more
 */
export type Embed = (text: string, signal: AbortSignal) => Vector | Promise<Vector>;

/** Two questions of which the second was answered before. */
export interface QuestionPair {
  readonly asked: string;
  readonly kept: string;
  /** Cosine of their embeddings, -1 to 1. */
  readonly similarity: number;
}

/**
 * Whether the answer to the one answers the other.
 *
 * @param signal aborts when nobody waits for it any more
 */
export type Verify = (pair: QuestionPair, signal: AbortSignal) => boolean | Promise<boolean>;

/** How questions that mean the same are told. */
export interface SemanticOptions {
  /**
   * What tells the meaning of a question: a model of embeddings, as a route or `provider/model`, or a function. A model is
   * asked by a call of its own on behalf of the one that asks: it counts in budgets, and has a receipt with `parentId`.
   */
  readonly embed: string | Embed;
  /** Of a function `embed`: change it when its vectors change, so that old ones are not compared with new ones. Default `''`. */
  readonly version?: string;
  /**
   * How similar a kept question must be: cosine, above 0 and up to 1. What is right depends on the model: look at
   * `facts.semantic.similarity` in shadow. Default 0.9.
   */
  readonly minSimilarity?: number;
  /** How many kept questions, the nearest first, are looked at. 1 to 50. Default 3. */
  readonly candidates?: number;
  /**
   * Whether questions that differ in numbers, names, dates, units, negations or code are told apart by rules, however similar
   * they are. The rules read English best. Default `true`.
   */
  readonly gate?: boolean;
  /**
   * Asked last, whether two questions may have one answer: a small model, as a route or `provider/model`, or a function.
   * Whatever is not a plain yes is a no. Default: nobody is asked.
   */
  readonly verify?: string | Verify;
  /** Only tell in receipts what would have been given (`facts.semantic`), and hold no call up for it. Default `false`. */
  readonly shadow?: boolean;
  /** Where vectors are kept. Default: in this process, the latest 100,000. */
  readonly vectors?: VectorStore;
  /** Longer questions are not compared: in a long text what matters is a small part. UTF-16 code units. Default 2,000. */
  readonly maxQuestionLength?: number;
  /**
   * How long a call waits for all this before it goes on without: what was asked for by then is stopped, and whoever comes
   * within the next ten seconds does not wait at all. The same for what is written to `vectors`, in the background.
   * Milliseconds. Default 2,000.
   */
  readonly timeoutMs?: number;
}

const modelOr = (kind: string) =>
  z.custom<never>(
    (value) => typeof value === 'function' || (typeof value === 'string' && value !== ''),
    `must be a route, \`provider/model\`, or ${kind}`,
  );

/** Schema of {@link SemanticOptions}. */
export const semanticOptionsSchema = z.strictObject({
  embed: modelOr('a function that gives a vector') as z.ZodMiniType<string | Embed>,
  version: z.optional(z.string()),
  minSimilarity: z.optional(z.number().check(z.positive(), z.lte(1))),
  candidates: z.optional(z.int().check(z.gte(1), z.lte(50))),
  gate: z.optional(z.boolean()),
  verify: z.optional(modelOr('a function that says whether') as z.ZodMiniType<string | Verify>),
  shadow: z.optional(z.boolean()),
  vectors: z.optional(
    z.custom<VectorStore>(
      (value) => typeof value === 'object' && value !== null && 'nearest' in value && 'put' in value,
      'must be a store with `nearest`, `put` and `delete`, as `memoryVectors()` makes one',
    ),
  ),
  maxQuestionLength: z.optional(z.int().check(z.positive())),
  timeoutMs: z.optional(z.number().check(z.positive())),
});
