import { member } from '../record.ts';

/** Turns or files that the provider keeps, or is to keep. */
export function isHeldByProvider(body: unknown): boolean {
  return member(body, 'thread') != null || hasContainer(body);
}

/** Whether it asks the provider to keep this conversation, of which it contains all so far. */
export function startsThread(body: unknown): boolean {
  return member(member(body, 'thread'), 'type') === 'create';
}

/** The body is not the whole prompt. */
export function isPartOfPrompt(body: unknown): boolean {
  return hasContainer(body) || (member(body, 'thread') != null && !startsThread(body));
}

function hasContainer(body: unknown): boolean {
  const container = member(body, 'container');
  return typeof container === 'string' || member(container, 'id') != null;
}
