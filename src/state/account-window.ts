import type { AccountWindow } from '../core/accounts.ts';

const dayMs = 86_400_000;
const twoMinutesMs = 120_000;

/** So many steps of a rolling window are kept; one that began longer ago than they take together has left it. */
export const rollingSteps = 60;

/** How manieth step since the epoch this time lies in; a fixed window is one step. */
export function stepOf(window: AccountWindow, ms: number): number {
  return window.kind === 'fixed' ? 0 : Math.floor(ms / (window.lengthMs / rollingSteps));
}

/** Whether the time lies in the window. */
export function isIn(window: AccountWindow, ms: number): boolean {
  if (window.kind === 'rolling') return true;
  return ms >= window.startMs && (window.endMs === undefined || ms < window.endMs);
}

/** From when on nobody asks for the account any more. `undefined`: never. Epoch milliseconds. */
export function letGoAt(window: AccountWindow): number | undefined {
  if (window.kind === 'rolling' || window.endMs === undefined) return undefined;
  return window.endMs + Math.min(window.endMs - window.startMs, dayMs) + twoMinutesMs;
}
