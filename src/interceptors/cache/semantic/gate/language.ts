import { isCounting } from './number-words.ts';
import type { Token } from './tokens.ts';
import { isAcronym } from './vocabulary.ts';
import { functionWords } from './words.ts';

/** Of those whose function words are known; `other` are those without spaces. */
export type Language = keyof typeof functionWords | 'other';

/** The language whose function words a text has most of; English where it has none. */
export function languageOf(tokens: readonly Token[]): Language {
  if (tokens.some(({ lower }) => /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(lower))) return 'other';
  let best: Language = 'en';
  let most = 0;
  for (const [language, words] of Object.entries(functionWords) as [Language, ReadonlySet<string>][]) {
    const hits = tokens.filter(
      ({ text, lower }) => (words.has(lower) && !isAcronym(text)) || isCounting(lower, language),
    ).length;
    if (hits > most) [best, most] = [language, hits];
  }
  return best;
}
