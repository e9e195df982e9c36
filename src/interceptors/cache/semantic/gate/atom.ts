/** A part of a text that means something by itself. */
export interface Atom {
  readonly kind: 'number' | 'date' | 'unit' | 'negation' | 'word';
  /** What it can mean, in a writing that all who mean it share. Two atoms with a meaning in common may mean the same. */
  readonly meanings: readonly string[];
  /** As written. */
  readonly text: string;
  /** Left out as easily as said: it only tells texts apart that say something else in its place. */
  readonly isLoose?: boolean;
  /** Written as names are: not a word of the language. */
  readonly isName?: boolean;
  /** Stands where verbs do: what is done is said in other words more often than what it is done to. */
  readonly isVerb?: boolean;
}

/** What was read of a text from one token on, and how many tokens it took. */
export interface Reading {
  readonly atoms: readonly Atom[];
  readonly length: number;
}

export function atom(
  kind: Atom['kind'],
  meaning: string | readonly string[],
  text: string,
  isLoose = false,
): Atom {
  return {
    kind,
    meanings: typeof meaning === 'string' ? [meaning] : meaning,
    text,
    ...(isLoose && { isLoose }),
  };
}

export function canBeSame(one: Atom, other: Atom): boolean {
  return one.kind === other.kind && one.meanings.some((meaning) => other.meanings.includes(meaning));
}
