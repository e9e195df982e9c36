import type { Difference } from '../difference.ts';
import { canBeSame, type Atom } from './atom.ts';
import { classesOf, lower } from './classes.ts';
import type { ReadText } from './reading.ts';
import { isSynonym } from './synonyms.ts';
import { fillers, functionWords } from './words.ts';

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Who a pronoun is, by its first form. */
const persons = classesOf(
  'i me my mine myself; we us our ours; you your yours; he him his; she her hers; they them their theirs; it its; who whom whose; someone somebody',
);
const agents = setOf('i we you he she they it who someone somebody');
/** What may stand between who does something and what is done. */
const between = setOf(
  'am is are was were be been do does did have has had having can could may might must shall should will would need needs ' +
    'ought want wants allowed able required supposed going permitted obliged entitled to never always often',
);
const being = setOf('am is are was were be been being get gets got');
const prepositions = setOf(
  'of in at for to into as by with on upon about from under over after before between without than per via within during against near',
);
const determiners = setOf(
  'the a an my your his her our their its this that these those some any every each all',
);
const connectors = setOf('and or vs versus nor');
/** So far before what is done is who does it looked for; and what more do is told of none. */
const reach = 8;

/** Who does something in the one has it done in the other, by whom it was done to: `I owe her` against `she owes me`. */
export function roleDifference(asked: ReadText, kept: ReadText): Difference | undefined {
  if (asked.language !== 'en') return undefined;
  const [one, other] = [doingsOf(asked.atoms), doingsOf(kept.atoms)];
  for (const [deed, mine] of one) {
    const theirs = other.get(deed) ?? [];
    if (Math.max(mine.length, theirs.length) > reach) continue;
    if (mine.some(({ agent }) => theirs.some((its) => isSame(agent, its.agent)))) continue;
    for (const { agent, others } of mine) {
      const turned = theirs.find((its) => isAmong(agent, its.others) && isAmong(its.agent, others));
      if (turned)
        return { kind: 'name', asked: `${agent.text} ${deed}`, kept: `${turned.agent.text} ${deed}` };
    }
  }
  return undefined;
}

interface Doing {
  readonly agent: Atom;
  /** To whom, with whom or what. */
  readonly others: readonly Atom[];
}

/** By what is done, in its plain forms. */
function doingsOf(atoms: readonly Atom[]): ReadonlyMap<string, readonly Doing[]> {
  const doings = new Map<string, Doing[]>();
  const asker = atoms.filter((atom) => persons.get(lower(atom)) === 'who').slice(0, 1);
  for (const [at, deed] of atoms.entries()) {
    if (deed.kind !== 'word' || between.has(lower(deed)) || functionWords.en.has(lower(deed))) continue;
    const subject = subjectOf(atoms, at);
    if (subject === undefined) continue;
    const behind = atoms.slice(at + 1, at + 1 + reach);
    const agent = subject.isPassive ? agentBehind(behind) : subject.atom;
    if (agent === undefined) continue;
    const others = [...(subject.isPassive ? [subject.atom] : behind), ...asker];
    for (const form of deed.meanings.filter((meaning) => !isSynonym(meaning)))
      doings
        .set(form, doings.get(form) ?? [])
        .get(form)
        ?.push({ agent, others });
  }
  return doings;
}

/** `was paid by her` */
function agentBehind([by, ...behind]: readonly Atom[]): Atom | undefined {
  return lower(by) === 'by' ? behind.find((atom) => !determiners.has(lower(atom))) : undefined;
}

/** Whom or what a sentence says before what is done, by them or to them. */
function subjectOf(
  atoms: readonly Atom[],
  at: number,
): { readonly atom: Atom; readonly isPassive: boolean } | undefined {
  const deed = lower(atoms[at]);
  const isParticiple =
    deed.endsWith('ed') || atoms[at]?.meanings[0] !== deed || lower(atoms[at + 1]) === 'by';
  let isPassive = false;
  for (let index = at - 1; index >= Math.max(0, at - reach); index--) {
    const atom = atoms[index];
    const word = lower(atom);
    isPassive ||= isParticiple && being.has(word);
    if (atom === undefined || word === 'not' || between.has(word) || fillers.has(word)) continue;
    const isAgent = agents.has(word);
    if (!isAgent && (atom.kind !== 'word' || functionWords.en.has(word))) return undefined;
    let start = index - 1;
    while (determiners.has(lower(atoms[start]))) start--;
    if (connectors.has(lower(atoms[start]))) return undefined;
    if (isAgent || !prepositions.has(lower(atoms[start])))
      return { atom, isPassive: isPassive || (isParticiple && being.has(lower(atoms[start]))) };
    // `students in Paris pay`
    index = start;
  }
  return undefined;
}

function isAmong(who: Atom, others: readonly Atom[]): boolean {
  return others.some((other) => isSame(who, other));
}

function isSame(one: Atom, other: Atom): boolean {
  const [mine, theirs] = [persons.get(lower(one)), persons.get(lower(other))];
  return mine === undefined && theirs === undefined ? canBeSame(one, other) : mine === theirs;
}
