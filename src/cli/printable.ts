/** A text for a terminal: what others have written into it moves no cursor, and turns no line round. Lines and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\ufffd');
}
