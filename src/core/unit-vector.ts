import type { Vector } from './vector-store.ts';

/** A vector of length 1. */
export type UnitVector = Float32Array;

/** What points the same way and has length 1; `undefined` where nothing does: of zeros, and of what is no finite number. */
export function unitOf(vector: Vector): UnitVector | undefined {
  let largest = 0;
  for (const component of vector) largest = Math.max(largest, Math.abs(component));
  // `NaN` too.
  if (!(largest > 0 && largest < Infinity)) return undefined;
  let squares = 0;
  for (const component of vector) squares += (component / largest) ** 2;
  const length = Math.sqrt(squares);
  const unit = new Float32Array(vector.length);
  for (const [index, component] of vector.entries()) unit[index] = component / largest / length;
  return unit;
}

/** A cosine as it was computed, which may be a little more than 1. */
export function asCosine(computed: number): number {
  return Math.min(1, Math.max(-1, computed));
}
