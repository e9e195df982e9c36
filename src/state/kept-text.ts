/**
 * As a text that every store takes, which has neither NUL nor half a surrogate pair. Hardly any text has: those are only
 * marked, so that long ones cost next to nothing.
 */
export function toKept(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? `=${text}` : JSON.stringify(text);
}

export function fromKept(kept: string): string {
  return kept.startsWith('=') ? kept.slice(1) : String(JSON.parse(kept));
}
