import type { Difference, DifferenceKind } from './difference.ts';
import { attributeDifference } from './gate/asked-for.ts';
import type { Atom } from './gate/atom.ts';
import { codeDifference } from './gate/code.ts';
import { groundDifference } from './gate/common-ground.ts';
import { frameDifference } from './gate/frame.ts';
import { negationDifference } from './gate/negation.ts';
import { operatorDifference } from './gate/operators.ts';
import { readBoth, type ReadText } from './gate/reading.ts';
import { roleDifference } from './gate/roles.ts';
import { smallWordDifference } from './gate/small-words.ts';
import { wordDifference } from './gate/unmatched-words.ts';

/** Takes tenths of a second at worst. */
const longest = 10_000;

/**
 * What two questions differ in that makes the answer to one no answer to the other, as far as rules can tell from their
 * words; `undefined`: nothing was found. Rather finds too much than too little. In either order it comes to the same. Texts
 * of more than 10,000 UTF-16 code units are not read: they differ, unless they are equal.
 */
export function differenceBetween(asked: string, kept: string): Difference | undefined {
  if (asked === kept) return undefined;
  if (Math.max(asked.length, kept.length) > longest) return { kind: 'name', asked: '', kept: '' };
  const [one, other] = readBoth(asked, kept);
  return (
    codeDifference(one.code, other.code) ??
    operatorDifference(one.operators, other.operators) ??
    kindDifference('number', one, other) ??
    kindDifference('date', one, other) ??
    kindDifference('unit', one, other) ??
    negationDifference(one, other) ??
    attributeDifference(one, other) ??
    wordDifference(one, other) ??
    roleDifference(one, other) ??
    frameDifference(one, other) ??
    smallWordDifference(one, other) ??
    groundDifference(one, other)
  );
}

/** What the one has of a kind and the other has not. What may be left out counts only against something else. */
function kindDifference(
  kind: DifferenceKind & Atom['kind'],
  asked: ReadText,
  kept: ReadText,
): Difference | undefined {
  const ofAsked = missing(kind, asked, kept);
  const ofKept = missing(kind, kept, asked);
  const isTold = (atoms: readonly Atom[], others: readonly Atom[]): boolean =>
    atoms.some(({ isLoose }) => isLoose !== true) || (atoms.length > 0 && others.length > 0);
  if (!isTold(ofAsked, ofKept) && !isTold(ofKept, ofAsked)) return undefined;
  return { kind, asked: textOf(ofAsked), kept: textOf(ofKept) };
}

function missing(kind: Atom['kind'], one: ReadText, other: ReadText): readonly Atom[] {
  const there = new Set(other.atoms.flatMap((atom) => (atom.kind === kind ? atom.meanings : [])));
  return one.atoms.filter(
    (atom) => atom.kind === kind && !atom.meanings.some((meaning) => there.has(meaning)),
  );
}

function textOf(atoms: readonly Atom[]): string {
  return atoms.map(({ text }) => text).join(', ');
}
