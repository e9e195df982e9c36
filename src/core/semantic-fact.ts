/**
 * What became of a kept question that was compared with the one that was asked.
 *
 * - `given`: it means the same, and its answer was given; `would be given`: likewise, in shadow.
 * - `too far`: less similar than `minSimilarity`.
 * - `differs`: by a number, a name, a negation, …: see `difference`.
 * - `not confirmed`: the verifier says that it does not mean the same, or could not be asked.
 * - `set apart`: its answer was given to this question before, and that was called wrong (`evict`).
 * - `gone`: its answer is not there any more, or out of date.
 */
export type SemanticVerdict =
  | 'given'
  | 'would be given'
  | 'too far'
  | 'differs'
  | 'not confirmed'
  | 'set apart'
  | 'gone';

/** What a cache found when it compared the question of a call with those it knows: the one that it gave, else the nearest. */
export interface SemanticFact {
  readonly verdict: SemanticVerdict;
  /** Cosine of the two embeddings, -1 to 1. */
  readonly similarity: number;
  /** Of the kept answer, for `invalidate({ key })`. */
  readonly key: string;
  /** What they differ in, with `differs`: `number`, `name`, `negation`, … */
  readonly difference?: string;
}
