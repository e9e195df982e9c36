import type { Difference } from '../difference.ts';
import { canBeSame, type Atom } from './atom.ts';
import { areOpposite, hasOpposite } from './opposites.ts';
import type { ReadText } from './reading.ts';
import { isFunctionWord } from './unmatched-words.ts';
import { fillers, lightWords, requestWords } from './words.ts';

const articles = new Set('the a an in of to for der die das den le la les el los il lo'.split(' '));
const connectors = new Set('and or vs versus und oder et ou y o e'.split(' '));

/** What stands in one place of two texts that are otherwise the same, word for word; or the other way round in them. */
export function frameDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  return (
    swapped(spoken(asked), spoken(kept)) ??
    turnedRound(spoken(asked), spoken(kept)) ??
    reversed(turnedRound(spoken(kept), spoken(asked))) ??
    turnedWay(asked, kept) ??
    replaced(asked, kept)
  );
}

/** `from A to B` against `from B to A`. */
function swapped(one: readonly Atom[], other: readonly Atom[]): Difference | undefined {
  if (one.length !== other.length) return undefined;
  const places = one.flatMap((atom, index) => (same(atom, other[index]) ? [] : [index]));
  const [mine, theirs] = [one, other].map((atoms) => places.flatMap((index) => atoms[index] ?? []));
  if (mine === undefined || theirs === undefined || places.length < 2 || places.length > 4) return undefined;
  if (sorted(mine) !== sorted(theirs) && !areExchanged(mine, theirs)) return undefined;
  if (mine.some(({ kind }, index) => kind !== theirs[index]?.kind)) return undefined;
  if (places.length === 2 && areConnected(one, places[0] ?? 0, places[1] ?? 0)) return undefined;
  return difference(mine, theirs);
}

/** `A or B`, `A wine or B wine`: which comes first says nothing. */
function areConnected(atoms: readonly Atom[], first: number, second: number): boolean {
  const between = atoms.slice(first + 1, second).filter((atom) => !same(atom, atoms[second + 1]));
  // The day and the year of a date.
  if (between.length > 0 && between.every(({ kind }) => kind === 'date')) return true;
  const words = between.map(({ text }) => text.toLowerCase());
  return (
    words.some((word) => connectors.has(word)) &&
    words.every((word) => connectors.has(word) || articles.has(word))
  );
}

function reversed(difference: Difference | undefined): Difference | undefined {
  return difference && { ...difference, asked: difference.kept, kept: difference.asked };
}

/** `A lent B` against `B lent A`. */
function turnedRound(one: readonly Atom[], other: readonly Atom[]): Difference | undefined {
  const key = (...atoms: readonly (Atom | undefined)[]): string =>
    atoms.map((atom) => atom?.meanings[0]).join('\n');
  const triples = new Set(other.map((atom, index) => key(atom, other[index + 1], other[index + 2])));
  for (const [index, first] of one.entries()) {
    const [middle, last] = [one[index + 1], one[index + 2]];
    if (
      middle?.kind !== 'word' ||
      last === undefined ||
      connectors.has(middle.text.toLowerCase()) ||
      same(first, last)
    )
      continue;
    if (triples.has(key(last, middle, first)) && !triples.has(key(first, middle, last)))
      return difference([first, middle, last], [last, middle, first]);
  }
  return undefined;
}

const directions = new Map([
  ['from', 'from'],
  ['von', 'from'],
  ['desde', 'from'],
  ['to', 'to'],
  ['into', 'to'],
  ['nach', 'to'],
  ['hasta', 'to'],
]);

/** `from A` against `to A`. */
function turnedWay(asked: ReadText, kept: ReadText): Difference | undefined {
  const ends = endsOf(kept);
  for (const [meaning, mine] of endsOf(asked)) {
    const theirs = ends.get(meaning);
    if (theirs !== undefined && mine.ways.isDisjointFrom(theirs.ways))
      return { kind: 'name', asked: mine.text, kept: theirs.text };
  }
  return undefined;
}

interface End {
  readonly text: string;
  readonly ways: Set<string>;
}

/** What something goes to or comes from, or both, by its meaning. */
function endsOf({ atoms, language }: ReadText): ReadonlyMap<string, End> {
  const ends = new Map<string, End>();
  let direction: Atom | undefined;
  for (const atom of atoms) {
    if (directions.has(atom.text.toLowerCase())) direction = atom;
    else if (direction !== undefined && !(atom.kind === 'word' && isFunctionWord(atom, language))) {
      const [meaning = ''] = atom.meanings;
      const end = ends.get(meaning) ?? { text: `${direction.text} ${atom.text}`, ways: new Set() };
      ends.set(meaning, end);
      end.ways.add(directions.get(direction.text.toLowerCase()) ?? '');
      direction = undefined;
    }
  }
  return ends;
}

/** One thing in the place of another, or of none, where all else is the same. */
function replaced(asked: ReadText, kept: ReadText): Difference | undefined {
  const [one, other] = [tellingOf(asked), tellingOf(kept)];
  let start = 0;
  while (start < one.length && start < other.length && same(one[start], other[start])) start++;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && same(one.at(-1 - end), other.at(-1 - end)))
    end++;
  const [mine, theirs] = [one.slice(start, one.length - end), other.slice(start, other.length - end)];
  if (mine.length + theirs.length === 0 || Math.max(mine.length, theirs.length) > 1 || start + end === 0)
    return undefined;
  const isFilled = mine.length * theirs.length > 0;
  return (!isFilled && [...mine, ...theirs].every(isLight)) || isMadeUpFor(mine, theirs, asked, kept)
    ? undefined
    : difference(mine, theirs);
}

/** `not allowed` against `prohibited`: one denies more, and says the opposite. */
function isMadeUpFor(
  mine: readonly Atom[],
  theirs: readonly Atom[],
  asked: ReadText,
  kept: ReadText,
): boolean {
  const [denied, denies] = [asked, kept].map(
    ({ atoms }) => atoms.filter(({ kind }) => kind === 'negation').length,
  );
  const isTurnedIn = ({ vocabulary }: ReadText, { meanings }: Atom): boolean =>
    vocabulary.words.some((word) => areOpposite(meanings, word.meanings));
  return (
    denied !== denies &&
    mine.every((word) => isTurnedIn(kept, word)) &&
    theirs.every((word) => isTurnedIn(asked, word))
  );
}

/** What may be said or left out: words that have opposites say something. */
function isLight({ kind, meanings, isLoose }: Atom): boolean {
  if (kind === 'unit' && isLoose === true) return meanings.every((meaning) => !meaning.startsWith('per '));
  return kind === 'word' && meanings.some((form) => lightWords.has(form)) && !hasOpposite(meanings);
}

/** Every word but those of courtesy. */
function spoken({ atoms }: ReadText): readonly Atom[] {
  return atoms.filter(({ text }) => !fillers.has(text.toLowerCase()));
}

/** What tells what is asked for. */
export function tellingOf({ atoms, language }: ReadText): readonly Atom[] {
  return atoms.filter((atom) => {
    const word = atom.text.toLowerCase();
    if (atom.kind !== 'word') return atom.kind !== 'negation';
    return !isFunctionWord(atom, language) && (language !== 'en' || !requestWords.has(word));
  });
}

function same(one: Atom | undefined, other: Atom | undefined): boolean {
  return one !== undefined && other !== undefined && canBeSame(one, other);
}

function sorted(atoms: readonly Atom[]): string {
  return atoms
    .map(({ meanings }) => meanings[0] ?? '')
    .toSorted()
    .join('\n');
}

/** In pairs, each in the other's place in whatever form. */
function areExchanged(mine: readonly Atom[], theirs: readonly Atom[]): boolean {
  return mine.every((atom, place) =>
    theirs.some((its, other) => same(atom, its) && same(mine[other], theirs[place])),
  );
}

function difference(asked: readonly Atom[], kept: readonly Atom[]): Difference {
  const textOf = (atoms: readonly Atom[]): string => atoms.map(({ text }) => text).join(' ');
  return { kind: 'name', asked: textOf(asked), kept: textOf(kept) };
}
