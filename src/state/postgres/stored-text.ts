import { hash } from 'node:crypto';

/**
 * What a row is found by, from whatever it is about: 128 bits of a SHA-256, as a `uuid`. An index takes no text of any
 * length, a `text` no NUL and no half of a surrogate pair.
 */
export function keyOf(...parts: readonly (string | number | null)[]): string {
  return hash('sha256', JSON.stringify(parts)).slice(0, 32);
}

/** As a `text` that can be read and searched for, which takes neither NUL nor half a surrogate pair. */
export function toStored(text: string): string {
  return text.replaceAll(/[\\\0\p{Surrogate}]/gu, (character) =>
    character === '\\' ? '\\\\' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function fromStored(stored: string): string {
  return stored.replaceAll(/\\(?:\\|u([0-9a-f]{4}))/g, (_, code: string | undefined) =>
    code === undefined ? '\\' : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
