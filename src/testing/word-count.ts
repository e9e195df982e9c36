/**
 * The stand-in's token rule, simple enough to check by hand: every run of characters without white space is one token.
 *
 * ```ts
 * import { countTokens } from 'managed-llm/testing';
 * countTokens('You said: hello'); // 3
 * ```
 */
export function countTokens(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

/** What an image or a file counts in the stand-in's books, whatever its size. */
export const tokensPerAttachment = 85;

/** The text in pieces of one token each (and trailing space); joined they are the text again. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** The text in pieces of at most `length` characters, never between the halves of a surrogate pair. */
export function fragmentsOf(text: string, length: number): readonly string[] {
  const characters = Array.from(text);
  const fragments: string[] = [];
  for (let index = 0; index < characters.length; index += length) {
    fragments.push(characters.slice(index, index + length).join(''));
  }
  return fragments;
}
