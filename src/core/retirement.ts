/** When a model stops being served, as its provider has announced it. */
export interface Retirement {
  /** The last day it is served is the one before: `2026-12-11`. */
  readonly retiresAt: string;
  /** Whole days until then, begun ones included; 0 and less: it is that day, or past. */
  readonly daysLeft: number;
  /** The model that its provider recommends instead; `undefined`: none is known. */
  readonly successor: string | undefined;
  /** The page that says so; `models` for what you said. */
  readonly source: string;
  /** The day it was read; `undefined` for what you said. */
  readonly asOf: string | undefined;
}

const dayMs = 86_400_000;

/** Days from a time to the beginning of a day, UTC, begun ones included. */
export function daysUntil(day: string, now: number): number {
  // Not -0, within the day.
  return Math.ceil((Date.parse(`${day}T00:00:00Z`) - now) / dayMs) + 0;
}
