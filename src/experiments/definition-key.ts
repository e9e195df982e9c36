import { hash } from 'node:crypto';

/** The key of all that the state has of one definition of something that has a name: its end tells definitions apart. */
export function definitionKey(kind: 'experiment' | 'canary', name: string, identity: unknown): string {
  return keyOf(kind, name, hash('sha256', JSON.stringify(identity), 'base64url').slice(0, 16));
}

/** @param definition as {@link definitionIn} gives it */
export function keyOf(kind: 'experiment' | 'canary', name: string, definition: string): string {
  return `${kind}:${name}:${definition}`;
}

/** What tells a definition from others of its name: the end of its key. */
export function definitionIn(key: string): string {
  return key.slice(key.lastIndexOf(':') + 1);
}
