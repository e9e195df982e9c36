import type { Atom } from './atom.ts';
import { isDemonym } from './synonyms.ts';
import { isAcronym, type Vocabulary } from './vocabulary.ts';

const prefix = /^(?:un|in|im|ir|il|dis|non)(?=\p{L}{4})/u;
const suffix = /(?<=\p{L}{3})(?:less|free)$/u;

/** What a word with a denying prefix or suffix denies. */
export function deniedBy({ text }: Atom): string | undefined {
  const word = text.toLowerCase();
  const base = word.replace(prefix, '').replace(suffix, '');
  return base === word ? undefined : base;
}

/** Whether the other text has something that stands for a word of this one, if not the word itself. */
export function isImplied(word: Atom, own: Vocabulary, other: Vocabulary): boolean {
  // `NYC` where the other has `New York City`, and the reverse.
  if ((isAcronym(word.text) && other.initials.includes(word.text)) || isSpelledOut(word, own, other))
    return true;
  if (word.isName === true) return other.words.some(({ text }) => isDemonym(word.text, text));
  if (other.hasStem(word.text.toLowerCase()) || other.hasCompound(word, own)) return true;
  const denied = deniedBy(word);
  return denied !== undefined && other.hasStem(denied);
}

function isSpelledOut(word: Atom, own: Vocabulary, { acronyms }: Vocabulary): boolean {
  if (!/^\p{Lu}/u.test(word.text)) return false;
  return acronyms.some((acronym) => {
    const initialsFrom = (first: number): string =>
      Array.from(acronym, (_, index) => own.beside(word, first + index)?.text[0] ?? ' ').join('');
    return Array.from(acronym, (_, index) => initialsFrom(-index)).includes(acronym);
  });
}
