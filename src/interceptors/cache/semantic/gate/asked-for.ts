import type { Difference } from '../difference.ts';
import type { Atom } from './atom.ts';
import { clash, classesOf, difference, lower } from './classes.ts';
import type { ReadText } from './reading.ts';
import { fillers, functionWords } from './words.ts';

/** What can be asked of one thing, by words that mean nothing else. */
const attributes = classesOf(
  'age old aged; height tall altitude elevation; weight weigh weighs heavy; price cost costs expensive cheap fee pay; speed fast; distance far; temperature hot warm cold; depth deep; width wide; population inhabitants; color colour colors colours',
);

/** `how old` against `how tall`. */
export function attributeDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  return clash(attributes, asked.atoms, kept.atoms);
}

export const askers = classesOf('what which; who whom whose; when; where; why; how');
/** Behind `how`. */
export const measures = new Set('much many often long far old big'.split(' '));
/** `what` with one of them asks what another word asks for. */
const askedBy = classesOf(
  'why cause causes make makes reason reasons; how need step steps way ways method process procedure happens; what say called mean',
);
/** They begin what is answered by yes or no. */
export const openers = new Set(
  'is are am was were do does did can could will would shall should may might must has have'.split(' '),
);

/** `why` against `when`, and against neither. */
export function askerDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  const [one, other] = [askersOf(asked, kept), askersOf(kept, asked)];
  const [mine, theirs] = [one[0], other[0]];
  if (mine === undefined || theirs === undefined) return undefined;
  return other.some((its) => asksSame(mine, its)) || one.some((its) => asksSame(its, theirs))
    ? undefined
    : difference([mine.atom], [theirs.atom]);
}

interface Asker {
  readonly atom: Atom;
  readonly asks: string;
}

/** `how old` asks for what is said by `what age`. */
function asksSame({ asks }: Asker, { asks: other }: Asker): boolean {
  return asks === other || isAskedAs(asks, other) || isAskedAs(other, asks);
}

function isAskedAs(asks: string, other: string): boolean {
  if (other === 'by name') return !/^how |^whether$/.test(asks);
  return other === 'what' && (asks === 'which' || asks.startsWith('how '));
}

/** What is asked for first, and whatever else may be asked for; nothing where nothing is asked. */
function askersOf({ atoms }: ReadText, { vocabulary, atoms: others }: ReadText): readonly Asker[] {
  const words = atoms.flatMap((atom, at) => {
    const asks = askers.get(lower(atom));
    const after = atoms[at + 1];
    if (asks === undefined || after === undefined) return [];
    const isOpen = functionWords.en.has(lower(after)) || openers.has(lower(after));
    if (asks === 'how' && (measures.has(lower(after)) || !isOpen))
      return { atom, asks: `how ${lower(after)}` };
    if (asks !== 'what' || isOpen) return { atom, asks };
    return { atom, asks: vocabulary.has(after) ? 'which' : 'by name' };
  });
  const byOthers = atoms.flatMap((atom, at) => {
    const isDone = lower(atom) === 'do' && /^(?:i|we|you|one|to)$/.test(lower(atoms[at - 1]));
    const asks = isDone ? 'how' : askedBy.get(lower(atom));
    return asks === undefined ? [] : { atom, asks };
  });
  const [first, second] = atoms.filter((atom) => !fillers.has(lower(atom)));
  // `Is A or B longer?`
  const isChoice = [...atoms, ...others].some((atom) => lower(atom) === 'or');
  const isOpen = first !== undefined && openers.has(lower(first)) && lower(second) !== 'you';
  return [
    ...(isOpen ? [{ atom: first, asks: 'whether' }] : []),
    ...words,
    ...(isOpen || words.length > 0 ? byOthers : []),
    ...(first !== undefined && isChoice ? [{ atom: first, asks: 'what' }] : []),
  ];
}
