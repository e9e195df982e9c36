import type { Difference } from '../difference.ts';
import type { Atom } from './atom.ts';
import type { ReadText } from './reading.ts';

const classesOf = (lines: string): ReadonlyMap<string, string> =>
  new Map(
    lines.split('; ').flatMap((line) => {
      const words = line.split(' ');
      return words.map((word) => [word, words[0] ?? ''] as const);
    }),
  );

/** Whether something is possible, or must be, or should. */
const modals = classesOf(
  'can could may might able allowed permitted possible; must need needs needed required necessary obliged mandatory; should ought recommended supposed',
);
const askers = classesOf('who; when; where; why; how');
/** What can be asked of one thing, by words that mean nothing else. */
const attributes = classesOf(
  'age old aged; height tall altitude elevation; weight weigh weighs heavy; price cost costs expensive cheap fee pay; speed fast; distance far; temperature hot warm cold; depth deep; width wide; population inhabitants; color colour colors colours',
);

/** Whether a word is one of those that say that something can, must or should be. */
export function isModal(word: string): boolean {
  return modals.has(word);
}

/** In texts that are otherwise the same: whether the one asks if something can be, and the other if it must; why, and when. */
export function requestDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  return disjoint(modals, asked, kept) ?? disjoint(askers, asked, kept);
}

/** `how old` against `how tall`. */
export function attributeDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  return disjoint(attributes, asked, kept);
}

/** What both texts have words for, and none in common. */
function disjoint(
  classes: ReadonlyMap<string, string>,
  asked: ReadText,
  kept: ReadText,
): Difference | undefined {
  const classOf = ({ text }: Atom): string | undefined => classes.get(text.toLowerCase());
  const mine = asked.atoms.filter((atom) => classOf(atom) !== undefined);
  const theirs = kept.atoms.filter((atom) => classOf(atom) !== undefined);
  if (mine.length * theirs.length === 0) return undefined;
  const known = new Set(theirs.map(classOf));
  if (mine.some((atom) => known.has(classOf(atom)))) return undefined;
  return { kind: 'name', asked: textOf(mine), kept: textOf(theirs) };
}

function textOf(atoms: readonly Atom[]): string {
  return atoms.map(({ text }) => text).join(', ');
}
