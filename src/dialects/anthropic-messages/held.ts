import { member } from '../record.ts';

/** Turns or files that the provider keeps: the body is not the whole prompt. */
export function isHeldByProvider(body: unknown): boolean {
  const container = member(body, 'container');
  return member(body, 'thread') != null || typeof container === 'string' || member(container, 'id') != null;
}
