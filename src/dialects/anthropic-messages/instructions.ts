import type { JsonRecord } from '../record.ts';

/** Instructions as `system` holds them: one text stays text, as most applications write it. Empty ones say nothing. */
export function joinedInstructions(
  all: readonly (string | JsonRecord)[],
): string | readonly JsonRecord[] | undefined {
  const told = all.filter((one) => one !== '');
  const [first, ...others] = told;
  if (first === undefined) return undefined;
  if (typeof first === 'string' && others.length === 0) return first;
  return told.map((one) => (typeof one === 'string' ? { type: 'text', text: one } : one));
}
