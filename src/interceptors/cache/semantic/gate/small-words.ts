import type { Difference } from '../difference.ts';
import type { Atom } from './atom.ts';
import { askerDifference, askers, measures, openers } from './asked-for.ts';
import { clash, classesOf, difference, lower, type Classes } from './classes.ts';
import { tellingOf } from './frame.ts';
import { isImplied } from './matching-words.ts';
import type { ReadText } from './reading.ts';

const modals = classesOf(
  'can could may might able allowed permitted possible possibility; must need needs needed required necessary obliged mandatory compulsory; ' +
    'should ought recommended supposed advisable; will; certain certainly definitely guaranteed; likely probable probably',
);
const quantities = classesOf(
  'all every everyone everybody everything each; some several someone somebody something any anyone anybody anything; most',
);
const times = classesOf('was were did had; is are am do does have has will shall');
const perfect = classesOf('has have had; will shall');
const connections = classesOf('and und et y e 和 与; or oder ou o 或 或者');
const ofOthers = 'he him his himself; she her hers herself';
const third = classesOf(`${ofOthers}; they them their theirs themselves`);
/** `their` is said of things as well. */
const people = classesOf(`i me my mine myself we us our ours; you your yours; ${ofOthers}; they`);
/** Where who asks may be anyone. */
const notAsking = classesOf(`i me my mine myself we us our ours you your yours one; ${ofOthers}; they`);
const comparing = /^(?:differ|compar|better|best|versus$|vs$|between$|prefer|choos)/;

/** Whether a word is one of those that say that something can, must or should be. */
export function isModal(word: string): boolean {
  return modals.has(word);
}

/** In texts that otherwise say the same: whether the one asks if something can be, and the other if it must; why, and when; of him, and of her. */
export function smallWordDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  if (!saysAll(asked, kept) || !saysAll(kept, asked)) return undefined;
  return (
    modalDifference(asked, kept) ??
    clash(quantities, asked.atoms, kept.atoms) ??
    clash(times, timesOf(asked), timesOf(kept)) ??
    clash(perfect, asked.atoms, kept.atoms) ??
    connectionDifference(asked, kept) ??
    personDifference(asked, kept) ??
    askerDifference(asked, kept)
  );
}

/** Whether the one has all that the other says by words of its own. */
function saysAll(text: ReadText, other: ReadText): boolean {
  const known = new Set(text.atoms.flatMap(({ meanings }) => meanings));
  return tellingOf(other).every(
    (atom) =>
      isSmall(atom) ||
      atom.meanings.some((meaning) => known.has(meaning)) ||
      (atom.kind === 'word' && isImplied(atom, other.vocabulary, text.vocabulary)),
  );
}

function isSmall(atom: Atom): boolean {
  const word = lower(atom);
  return [modals, quantities, connections, askers, measures].some((words) => words.has(word));
}

/** What will be can be: they are told apart where all else is said in as many words. */
function modalDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  const told = (text: ReadText): readonly Atom[] =>
    asked.atoms.length === kept.atoms.length
      ? modalsOf(text)
      : modalsOf(text).filter((atom) => lower(atom) !== 'will');
  return clash(modals, told(asked), told(kept));
}

/** Without what is said to be polite, and with `have to`. */
function modalsOf({ atoms }: ReadText): readonly Atom[] {
  return atoms.flatMap((atom, at) => {
    const [before, after] = [lower(atoms[at - 1]), lower(atoms[at + 1])];
    const isWish = before === 'i' && !openers.has(lower(atoms[at - 2]));
    const word = lower(atom);
    if (/^(?:have|has|had)$/.test(word) && after === 'to') return isWish ? [] : [{ ...atom, text: 'must' }];
    const isMeant = !/^needs?$/.test(word) || (!isWish && (after === 'to' || people.has(before)));
    return isMeant && after !== 'you' ? [atom] : [];
  });
}

/** Only what someone has or had, not what they have done. */
function timesOf({ atoms }: ReadText): readonly Atom[] {
  return atoms.filter((atom, at) => {
    const [before, after] = [lower(atoms[at - 1]), lower(atoms[at + 1])];
    return (
      !/^ha(?:d|s|ve)$/.test(lower(atom)) ||
      (before !== '' && !askers.has(before) && /^(?:an?|the|my|to)$/.test(after))
    );
  });
}

function connectionDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  if ([...asked.atoms, ...kept.atoms].some((atom) => comparing.test(lower(atom)))) return undefined;
  return countDifference(connections, asked, kept) ?? clash(connections, asked.atoms, kept.atoms);
}

function personDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  // Who asks how something is done may be anyone.
  const isAnyone = [asked, kept].every(
    ({ atoms }) =>
      atoms.some((atom) => /^(?:i|we|you|one)$/.test(lower(atom))) &&
      !atoms.some((atom) => times.get(lower(atom)) === 'was'),
  );
  return (
    clash(third, asked.atoms, kept.atoms) ??
    clash(isAnyone ? notAsking : people, asked.atoms, kept.atoms) ??
    countDifference(isAnyone ? notAsking : people, asked, kept)
  );
}

/** Where both have as many words of a kind, and not the same. */
function countDifference(classes: Classes, asked: ReadText, kept: ReadText): Difference | undefined {
  const [mine = [], theirs = []] = [asked, kept].map(({ atoms }) =>
    atoms.filter((atom) => classes.has(lower(atom))),
  );
  const sorted = (atoms: readonly Atom[]): string =>
    atoms
      .map((atom) => classes.get(lower(atom)) ?? '')
      .toSorted()
      .join();
  return mine.length !== theirs.length || sorted(mine) === sorted(theirs)
    ? undefined
    : difference(mine, theirs);
}
