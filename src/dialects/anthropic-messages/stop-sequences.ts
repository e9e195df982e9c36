import type { Loss } from '../neutral/loss.ts';

/** The API refuses stop sequences of white space alone. `undefined` where none is left. */
export function encodeStops(
  sequences: readonly string[] | undefined,
  losses: Loss[],
): readonly string[] | undefined {
  const taken = (sequences ?? []).filter((text, index) => {
    const isTaken = text.trim() !== '';
    if (!isTaken) {
      losses.push({
        path: `stopSequences.${index}`,
        reason: 'A stop sequence of white space alone is refused; it was left out.',
      });
    }
    return isTaken;
  });
  return taken.length === 0 ? undefined : taken;
}
