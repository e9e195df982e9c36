import type { Difference } from '../difference.ts';
import { canBeSame, type Atom } from './atom.ts';
import { deniedBy } from './matching-words.ts';
import { areOpposite } from './opposites.ts';
import type { ReadText } from './reading.ts';
import { isFunctionWord } from './unmatched-words.ts';
import type { Vocabulary } from './vocabulary.ts';

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));
/** They turn round what a verb before them says, and nothing else. */
const particles = setOf('in out on off up down');
const particleVerbs = setOf(
  'turn switch opt log sign check shut clock plug phase zoom scale scroll lock roll toggle put',
);
/** Before a number they compare with it, elsewhere they say where something is. */
const measures = setOf('over under above below');
/** What says no in the place of a denial, and yes as often. */
const halfDenials = setOf(
  'stop avoid prevent lack fail refuse miss missing lose exclude decline deny forget instead unless against undo revert least less',
);

/** How often a text says no. */
interface Denials {
  readonly sure: readonly Atom[];
  /** They may say no, or not. */
  readonly half: readonly Atom[];
  /** They stand against their opposites in the other text. */
  readonly opposed: readonly Atom[];
}

/** Two texts say the same if what one denies more often is what it says by the opposite of the other's word; else they do not. */
export function negationDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  const scope = scopeDifference(asked, kept);
  if (scope !== undefined) return scope;
  const [one, other] = [denials(asked, kept), denials(kept, asked)];
  const turned = Math.min(one.opposed.length, other.opposed.length);
  const more = one.sure.length - other.sure.length;
  const isBalanced = [turned, -turned].some(
    (number) => number >= more - other.half.length && number <= more + one.half.length,
  );
  return isBalanced ? undefined : { kind: 'negation', asked: textOf(one), kept: textOf(other) };
}

/** `does A but not B` against `does B but not A`. */
function scopeDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  const [one, other] = [deniedIn(asked), deniedIn(kept)];
  const crossed = one.filter(
    (word) => kept.vocabulary.has(word) && !other.some((its) => canBeSame(word, its)),
  );
  const against = other.filter(
    (word) => asked.vocabulary.has(word) && !one.some((its) => canBeSame(word, its)),
  );
  const [mine, theirs] = [crossed[0], against[0]];
  return mine && theirs && { kind: 'negation', asked: `not ${mine.text}`, kept: `not ${theirs.text}` };
}

/** What stands right behind a denial. */
function deniedIn({ atoms, vocabulary, language }: ReadText): readonly Atom[] {
  return atoms
    .filter(({ kind }) => kind === 'negation')
    .flatMap((denial) => vocabulary.beside(denial, 1) ?? [])
    .filter((word) => word.kind === 'word' && !isFunctionWord(word, language));
}

function denials({ atoms, vocabulary }: ReadText, { vocabulary: others }: ReadText): Denials {
  const own = others.missingOf(vocabulary);
  const against = vocabulary.missingOf(others);
  const opposed = own.filter((word) =>
    against.some(
      (its) => areOpposite(word.meanings, its.meanings) && turns(word, vocabulary) && turns(its, others),
    ),
  );
  const left = own.filter((word) => !opposed.includes(word));
  const denying = left.filter((word) => {
    const denied = deniedBy(word);
    return denied !== undefined && others.hasStem(denied);
  });
  const half = left.filter(
    (word) =>
      !denying.includes(word) &&
      vocabulary.beside(word, -1)?.text.toLowerCase() !== 'at' &&
      (deniedBy(word) !== undefined || word.meanings.some((form) => halfDenials.has(form))),
  );
  return { sure: [...atoms.filter(({ kind }) => kind === 'negation'), ...denying], half, opposed };
}

/** Whether a word that has an opposite says here what that is the opposite of. */
function turns(word: Atom, vocabulary: Vocabulary): boolean {
  const lower = word.text.toLowerCase();
  if (measures.has(lower)) return [1, 2].some((places) => vocabulary.beside(word, places)?.kind === 'number');
  if (!particles.has(lower)) return true;
  return [-1, -2, -3, -4].some((places) =>
    vocabulary.beside(word, places)?.meanings.some((form) => particleVerbs.has(form)),
  );
}

function textOf({ sure, opposed }: Denials): string {
  return [...sure, ...opposed].map(({ text }) => text).join(', ');
}
