import { atom, type Atom, type Reading } from './atom.ts';
import { codeOf, withoutBlocks, type Code } from './code.ts';
import { readDate } from './dates.ts';
import { languageOf, type Language } from './language.ts';
import { readNumber } from './numbers.ts';
import { operatorsOf, type Operators } from './operators.ts';
import { isModal } from './small-words.ts';
import { readPhrase } from './phrases.ts';
import { acronyms, meaningsOf, meaningsOfName } from './synonyms.ts';
import { normalized, tokensOf, type Token } from './tokens.ts';
import { readUnit } from './units.ts';
import { isVerb } from './verbs.ts';
import { Vocabulary } from './vocabulary.ts';
import { fillers } from './words.ts';

/** A text as its parts that mean something. */
export interface ReadText {
  readonly language: Language;
  readonly code: Code;
  readonly operators: Operators;
  /** In the order of the text; all of it but code blocks. */
  readonly atoms: readonly Atom[];
  readonly vocabulary: Vocabulary;
}

/** Reads texts of which the language is taken to be the same. */
export function readBoth(one: string, other: string): readonly [ReadText, ReadText] {
  const [mine, theirs] = [tokenized(one), tokenized(other)];
  const language = languageOf([...mine.tokens, ...theirs.tokens]);
  return [read(mine, language), read(theirs, language)];
}

interface Tokenized {
  readonly written: string;
  readonly tokens: readonly Token[];
}

function tokenized(text: string): Tokenized {
  const written = normalized(text);
  return {
    written,
    tokens: tokensOf(withoutPoliteness(withoutBlocks(written).replaceAll(/[^\S\n]+/g, ' '))),
  };
}

function read({ written, tokens }: Tokenized, language: Language): ReadText {
  const atoms = atomsOf(isShouted(tokens, language) ? tokens.map(quiet) : tokens, language);
  return {
    language,
    code: codeOf(written),
    operators: operatorsOf(tokens),
    atoms,
    vocabulary: new Vocabulary(atoms),
  };
}

/** Denials that deny nothing. */
const politeness =
  /\b(?:i (?:do not|don't|can't|cannot|couldn't) (?:know|understand|see|find out|figure out|remember|get)(?= (?:how|why|what|where|when|whether|if|which|who)\b)|i (?:can't|cannot|couldn't)(?= find\b)|if you (?:don't|wouldn't) mind|(?:i'm|i am) not sure|no (?:problem|worries|rush|hurry)|(?:could|can|would|will)n't you|why not|or not|not only|in order(?= to\b)|quick question)\b/giu;

function withoutPoliteness(text: string): string {
  return text.replaceAll(politeness, ' ');
}

const negations = new Set(
  (
    'not no never none nobody nothing nowhere neither nor without except cannot unable dont doesnt didnt isnt arent wasnt cant wont ' +
    'nicht kein keine keinen keinem keiner keines nie niemals ohne niemand nichts pas jamais rien aucun aucune sans personne ' +
    'sin nunca jamás nadie nada ningún ninguna ninguno non mai senza nessuno nessuna niente não sem nenhum nenhuma ninguém ' +
    '不 没 没有 未 无 別 别 不能 不要 不是 不会 ない なく ません なし'
  ).split(' '),
);
/** Those that are other words in other languages: the one in which they deny. */
const negationsOf: Partial<Record<string, Language>> = {
  sin: 'es',
  nada: 'es',
  mai: 'it',
  personne: 'fr',
  pas: 'fr',
  rien: 'fr',
  non: 'it',
  sans: 'fr',
  sem: 'pt',
  nie: 'de',
};

function atomsOf(tokens: readonly Token[], language: Language): readonly Atom[] {
  const atoms: Atom[] = [];
  const taken = new Set<number>();
  for (let at = 0; at < tokens.length;) {
    if (taken.delete(at)) {
      at += 1;
      continue;
    }
    const phrase = language === 'en' ? readPhrase(tokens, at) : undefined;
    if (phrase !== undefined) {
      atoms.push(phrase.atom);
      taken.add(phrase.particleAt);
      at += 1;
      continue;
    }
    const reading = readAt(tokens, at, language, atoms.at(-1));
    if (reading !== undefined) {
      atoms.push(...reading.atoms);
      at += reading.length;
      continue;
    }
    const token = tokens[at];
    if (token?.kind === 'word') {
      const isCountry = language === 'en' && token.text === 'us' && tokens[at - 1]?.lower === 'the';
      const written = isCountry ? { ...token, text: 'US' } : token;
      atoms.push(wordOf(written, isVerb(tokens, at, language), language));
    }
    at += 1;
  }
  return atoms;
}

function readAt(
  tokens: readonly Token[],
  at: number,
  language: Language,
  last: Atom | undefined,
): Reading | undefined {
  const english = language === 'en';
  const counted =
    last?.kind === 'number' &&
    last.isLoose !== true &&
    !/(?:st|nd|rd|th)$|^(?:first|second|third)$/.test(last.text) &&
    (tokens[at - 1]?.kind === 'number' || last.text.endsWith(tokens[at - 1]?.text ?? ' '));
  const reading =
    readUnit(tokens, at, counted) ?? readDate(tokens, at, english) ?? readNumber(tokens, at, language);
  if (reading !== undefined) return reading;
  const token = tokens[at];
  if (token?.kind !== 'word') return undefined;
  if (token.lower === 'free' && tokens[at - 1]?.text === '-' && tokens[at - 1]?.glued === true)
    return denial(token);
  if (!negations.has(token.lower)) return undefined;
  const only = negationsOf[token.lower];
  return only === undefined || only === language ? denial(token) : undefined;
}

function denial({ text }: Token): Reading {
  return { atoms: [atom('negation', 'not', text)], length: 1 };
}

/** Of which the plural is another name: not `PDFs`, or `iPhones`. */
const plainName = /^\p{Lu}\p{Ll}+$/u;

function wordOf({ text, lower, opens }: Token, standsAsVerb: boolean, language: Language): Atom {
  const capital = /^\p{Lu}/u.test(text);
  const acronym = language === 'en' ? acronyms.get(text) : undefined;
  if (acronym !== undefined) return { ...atom('word', meaningsOfName(acronym), text), isName: true };
  const ordinary = fillers.has(lower) || isModal(lower);
  const inner = /\p{Ll}\p{Lu}|\p{Lu}{2}|\p{L}\p{N}/u.test(text);
  const isName = !ordinary && text !== 'I' && (inner || (capital && !opens && language !== 'de'));
  return {
    ...atom(
      'word',
      isName && plainName.test(text) ? meaningsOfName(lower) : meaningsOf(lower, language === 'en'),
      text,
    ),
    ...(isName && { isName }),
    ...(!isName && standsAsVerb && { isVerb: true }),
  };
}

/** Where most words have capitals, they say nothing. */
function isShouted(tokens: readonly Token[], language: Language): boolean {
  const words = tokens.filter(({ kind, text }) => kind === 'word' && text.length > 3);
  return (
    words.length > 3 &&
    words.filter(({ text }) => /^\p{Lu}/u.test(text)).length > words.length * (language === 'de' ? 0.9 : 0.8)
  );
}

function quiet(token: Token): Token {
  return { ...token, text: token.lower };
}
