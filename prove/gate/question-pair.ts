/**
 * What two questions differ in. In a `paraphrase` they differ in words alone: an answer to the one answers the other.
 * In every other kind they differ in one thing for which the answer to the one is wrong for the other:
 * - `negation`: a denial, or a word's opposite: with and without, enable and disable, before and after;
 * - `number`: a quantity, an ordinal, a number that identifies;
 * - `name`: of a person, place, product, substance or version, or who does what to whom;
 * - `date`: a day, time, season, year or period;
 * - `unit`: of measure, of money, of what something is counted per;
 * - `code`: an identifier, path, command, operator, quoted string or pasted snippet.
 */
export type DifferenceKind = 'negation' | 'number' | 'name' | 'date' | 'unit' | 'code' | 'paraphrase';

/** Two questions of users, and whether the answer to the one may be given to the other. */
export interface QuestionPair {
  readonly kind: DifferenceKind;
  readonly one: string;
  readonly other: string;
}

/** Gives every row, `[one, other]`, the kind they share. */
export function pairsOf(
  kind: DifferenceKind,
  rows: readonly (readonly [one: string, other: string])[],
): readonly QuestionPair[] {
  return rows.map(([one, other]) => ({ kind, one, other }));
}
