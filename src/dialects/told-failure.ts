const name = '"error"';
const colon = 58;

/**
 * Whether the text of a plain reply may tell a failure in an answer's place: whether somewhere in it a member `error`
 * holds something. Quotes inside texts are escaped, so what a model says is never taken for one. One search, nothing is
 * parsed; whoever gets `true` has to look. (A name spelled in `\u` escapes is not found: nobody writes such.)
 */
export function mentionsError(text: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + name.length)) {
    const afterName = pastSpace(text, at + name.length);
    if (text.charCodeAt(afterName) !== colon) continue;
    if (!text.startsWith('null', pastSpace(text, afterName + 1))) return true;
  }
  return false;
}

function pastSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}
