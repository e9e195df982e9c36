import type { Difference } from '../difference.ts';
import type { Atom } from './atom.ts';

/** Words in classes of those that say the same, of which each is called by its first. */
export type Classes = ReadonlyMap<string, string>;

/** Classes are parted by `; `, their words by spaces. */
export function classesOf(lines: string): Classes {
  return new Map(
    lines.split('; ').flatMap((line) => {
      const words = line.split(' ');
      return words.map((word) => [word, words[0] ?? ''] as const);
    }),
  );
}

/** What both have words for, and none in common. */
export function clash(
  classes: Classes,
  asked: readonly Atom[],
  kept: readonly Atom[],
): Difference | undefined {
  const [mine, theirs] = [asked, kept].map((atoms) => atoms.filter((atom) => classes.has(lower(atom))));
  if (mine === undefined || theirs === undefined || mine.length * theirs.length === 0) return undefined;
  const known = new Set(theirs.map((atom) => classes.get(lower(atom))));
  return mine.some((atom) => known.has(classes.get(lower(atom)))) ? undefined : difference(mine, theirs);
}

/** Of what is written, in small letters; `''` for what is not there. */
export function lower(atom: Atom | undefined): string {
  return atom?.text.toLowerCase() ?? '';
}

export function difference(asked: readonly Atom[], kept: readonly Atom[]): Difference {
  const textOf = (atoms: readonly Atom[]): string => atoms.map(({ text }) => text).join(', ');
  return { kind: 'name', asked: textOf(asked), kept: textOf(kept) };
}
