import type { Loss } from '../neutral/loss.ts';

/** The API refuses blank text in requests: told as a loss where there was something. */
export function isBlank(text: string, path: string, losses: Loss[]): boolean {
  if (text.trim() !== '') return false;
  if (text !== '') losses.push({ path, reason: 'Text of white space alone is refused; it was left out.' });
  return true;
}
