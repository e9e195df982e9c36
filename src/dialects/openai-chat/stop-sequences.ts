import type { Loss } from '../neutral/loss.ts';

/** OpenAI API reference, "Create chat completion", `stop`, November 2026. */
const maxStopSequences = 4;

/** `undefined` where there is none. */
export function encodeStops(
  sequences: readonly string[] = [],
  losses: Loss[],
): readonly string[] | undefined {
  for (let at = maxStopSequences; at < sequences.length; at++) {
    losses.push({ path: `stopSequences.${at}`, reason: 'Four are the most; it was left out.' });
  }
  return sequences.length === 0 ? undefined : sequences.slice(0, maxStopSequences);
}
