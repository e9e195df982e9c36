/** What two questions can differ in that makes the answer to one no answer to the other. */
export type DifferenceKind = 'negation' | 'number' | 'name' | 'date' | 'unit' | 'code';

/** What the one has and the other has not. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** As the question that was asked has it; `''` where it has nothing in its place. */
  readonly asked: string;
  /** As the kept question has it; `''` likewise. */
  readonly kept: string;
}
