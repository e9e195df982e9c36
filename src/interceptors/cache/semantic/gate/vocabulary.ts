import type { Atom } from './atom.ts';
import { isDerived } from './synonyms.ts';

/** The words of a text, for whoever looks for one. */
export class Vocabulary {
  readonly words: readonly Atom[];
  /** All capitals, as abbreviations of names have them. */
  readonly acronyms: readonly string[];
  /** First letters of words with capitals; a space for the others. */
  readonly initials: string;
  readonly #atoms: readonly Atom[];
  readonly #places: ReadonlyMap<Atom, number>;
  readonly #meanings: ReadonlySet<string>;
  readonly #texts: ReadonlySet<string>;
  /** Two words that follow one another, as one. */
  readonly #joined: ReadonlySet<string>;
  /** In small letters, by the four with which they begin: no stem is shorter. */
  readonly #byStart: ReadonlyMap<string, readonly string[]>;

  constructor(atoms: readonly Atom[]) {
    this.#atoms = atoms;
    this.words = atoms.filter(({ kind }) => kind === 'word');
    this.acronyms = this.words.map(({ text }) => text).filter(isAcronym);
    this.initials = this.words.map(({ text }) => (/^\p{Lu}/u.test(text) ? text[0] : ' ')).join('');
    this.#places = new Map(atoms.map((atom, index) => [atom, index]));
    this.#meanings = new Set(this.words.flatMap(({ meanings }) => meanings));
    const texts = this.words.map(({ text }) => text.toLowerCase());
    this.#texts = new Set(texts);
    this.#joined = new Set(texts.map((text, index) => text + (texts[index + 1] ?? '')));
    this.#byStart = Map.groupBy(this.#texts, (text) => text.slice(0, 4));
  }

  has({ meanings }: Atom): boolean {
    return meanings.some((meaning) => this.#meanings.has(meaning));
  }

  /** Whether there is this word in any form, or one of its stem. */
  hasStem(word: string): boolean {
    if (this.#meanings.has(word)) return true;
    return this.#byStart.get(word.slice(0, 4))?.some((text) => isDerived(text, word)) === true;
  }

  /** Whether two words that follow one another are this one, or this word and one beside it in `own` are one here. */
  hasCompound(word: Atom, own: Vocabulary): boolean {
    const [before, text, after] = [own.beside(word, -1), word, own.beside(word, 1)].map((atom) =>
      atom?.text.toLowerCase(),
    );
    return (
      this.#joined.has(text ?? '') ||
      this.#texts.has(`${before}${text}`) ||
      this.#texts.has(`${text}${after}`)
    );
  }

  /** The other's words that are not here. */
  missingOf(other: Vocabulary): readonly Atom[] {
    return other.words.filter((word) => !this.has(word));
  }

  /** What stands so many places behind an atom, or before it where that is negative. */
  beside(atom: Atom, places: number): Atom | undefined {
    const place = this.#places.get(atom);
    return place === undefined ? undefined : this.#atoms[place + places];
  }
}

export function isAcronym(text: string): boolean {
  return /^\p{Lu}{2,5}$/u.test(text);
}
