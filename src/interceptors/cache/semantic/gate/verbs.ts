import type { Language } from './language.ts';
import type { Token } from './tokens.ts';
import { functionWords } from './words.ts';

const subjects = new Set('i we you they he she it please lets'.split(' '));
/** What a verb with `to` follows. */
const beforeTo = new Set(
  'how want wants need needs have has had able way ways allowed ought like order steps safe ok okay possible legal illegal easy required going trying try possible permitted best time where when what whether best'.split(
    ' ',
  ),
);
const determiners = new Set(
  'the a an my your his her our their this that these those it them me all every each some any'.split(' '),
);
/** Of which the endings say nothing. */
const notVerbs = new Set(
  'building meeting wedding parking painting ceiling pudding clothing evening morning sibling string spring nothing something anything everything during housing hundred'.split(
    ' ',
  ),
);

/** Whether a word stands where verbs stand, or has the ending of one. */
export function isVerb(tokens: readonly Token[], at: number, language: Language): boolean {
  if (language === 'en') return isEnglishVerb(tokens, at);
  if (language === 'other') return !/[\p{sc=Han}\p{sc=Katakana}]{2}/u.test(tokens[at]?.text ?? '');
  // Nouns have articles, and capitals in German.
  if (language === 'de') return !/^\p{Lu}/u.test(tokens[at]?.text ?? '');
  return !functionWords[language].has(tokens[at - 1]?.lower ?? '');
}

function isEnglishVerb(tokens: readonly Token[], at: number): boolean {
  const [before, token, after] = [tokens[at - 1]?.lower ?? '', tokens[at], tokens[at + 1]?.lower ?? ''];
  if (token === undefined || notVerbs.has(token.lower)) return false;
  if (/^\p{L}{3,}(?:ing|ed)$/u.test(token.lower) || subjects.has(before)) return true;
  if (before === 'to') return determiners.has(after) || beforeTo.has(tokens[at - 2]?.lower ?? '');
  return token.opens && (determiners.has(after) || after === '"');
}
