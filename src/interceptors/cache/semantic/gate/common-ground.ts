import type { Difference } from '../difference.ts';
import type { Atom } from './atom.ts';
import { isImplied } from './matching-words.ts';
import type { ReadText } from './reading.ts';
import { isFunctionWord } from './unmatched-words.ts';
import { requestWords } from './words.ts';

/** Of what a text says, the other has at least so much. */
const leastShared = 1 / 4;

/** Two texts that have next to nothing in common are about different things, whatever these are. */
export function groundDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  const [one, other] = [topicsOf(asked), topicsOf(kept)];
  if (isShared(one, asked, kept) && isShared(other, kept, asked)) return undefined;
  return { kind: 'name', asked: textOf(one), kept: textOf(other) };
}

/** All but what only holds a text together, or asks. */
function topicsOf({ atoms, language }: ReadText): readonly Atom[] {
  return atoms.filter(
    (atom) =>
      atom.kind !== 'word' || !(isFunctionWord(atom, language) || requestWords.has(atom.text.toLowerCase())),
  );
}

function isShared(topics: readonly Atom[], own: ReadText, other: ReadText): boolean {
  const known = new Set(other.atoms.flatMap(({ meanings }) => meanings));
  const shared = topics.filter(
    (atom) =>
      atom.meanings.some((meaning) => known.has(meaning)) ||
      (atom.kind === 'word' && isImplied(atom, own.vocabulary, other.vocabulary)),
  );
  return shared.length >= topics.length * leastShared;
}

function textOf(atoms: readonly Atom[]): string {
  return atoms.map(({ text }) => text).join(', ');
}
