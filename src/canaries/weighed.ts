import type { Evidence } from '../experiments/odds-evidence.ts';

/** What speaks against a canary, and for it: parts of what is needed to act on it; 1 and more is enough. */
export interface Weighed {
  readonly towardsBreach: number;
  readonly towardsHeld: number;
}

/** How far evidence that something is higher, or lower, is on its way to what a level wants; 0 where it points the other way. */
export function towards(way: Evidence['points'], evidence: Evidence | undefined, level: number): number {
  return evidence?.points === way ? partOf(evidence.eValue, level) : 0;
}

/** How far evidence is on its way to what a level wants. */
export function partOf(eValue: number, level: number): number {
  return Math.log(eValue) / -Math.log(level);
}
