import type { Difference } from '../difference.ts';
import type { Atom } from './atom.ts';
import type { Language } from './language.ts';
import { isImplied } from './matching-words.ts';
import type { ReadText } from './reading.ts';
import { acronyms, isSynonym } from './synonyms.ts';
import type { Vocabulary } from './vocabulary.ts';
import { fillers, functionWords, lightWords, particles } from './words.ts';

/** A word that asks for something is said in other words, but a thing that is asked about has its name in both texts. */
export function wordDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  const ofAsked = unmatched(asked, kept);
  const ofKept = unmatched(kept, asked);
  const all = [...ofAsked, ...ofKept];
  const isTold =
    all.some(({ isName }) => isName === true) ||
    // One thing in the place of one: more of them may be the same in other words.
    [ofAsked, ofKept].every(isOneThing) ||
    // Of words whose synonyms are known it is known that they mean something else.
    [ofAsked, ofKept].every((words) => words.some(({ meanings }) => meanings.some(isSynonym))) ||
    (all.filter(({ isVerb }) => isVerb !== true).length === 1 &&
      (ofAsked.some((word) => qualifies(word, asked.vocabulary, kept)) ||
        ofKept.some((word) => qualifies(word, kept.vocabulary, asked))));
  if (!isTold) return undefined;
  const textOf = (atoms: readonly Atom[]): string => atoms.map(({ text }) => text).join(', ');
  return { kind: 'name', asked: textOf(ofAsked), kept: textOf(ofKept) };
}

function isOneThing(words: readonly Atom[]): boolean {
  return words[0]?.isVerb !== true && new Set(words.map(({ meanings }) => meanings[0])).size === 1;
}

function unmatched({ vocabulary, language }: ReadText, other: ReadText): readonly Atom[] {
  return other.vocabulary
    .missingOf(vocabulary)
    .filter(
      (word) =>
        (word.isName === true || isThing(word, language)) && !isImplied(word, vocabulary, other.vocabulary),
    );
}

/** `wifi` in `wifi password`, where the other has `password` alone. */
function qualifies(word: Atom, own: Vocabulary, { vocabulary, language }: ReadText): boolean {
  const behind = own.beside(word, 1);
  return (
    word.isVerb !== true && behind?.kind === 'word' && isThing(behind, language) && vocabulary.has(behind)
  );
}

/** Whether a word names what is asked about, and does not only ask. */
function isThing(word: Atom, language: Language): boolean {
  return !isFunctionWord(word, language) && !word.meanings.some((form) => lightWords.has(form));
}

export function isFunctionWord({ text }: Atom, language: Language): boolean {
  if (acronyms.has(text)) return false;
  const lower = text.toLowerCase();
  const words = language === 'other' ? particles : functionWords[language];
  return words.has(lower) || fillers.has(lower);
}
