import type { UnitVector } from '../core/unit-vector.ts';

/** A thing that has a vector, and is in one index at most. */
export interface Indexed {
  /** Where it stands: the index's own note, which spares it a table. */
  place: number;
}

/** What one group's vectors are found by. */
export interface GroupIndex<T extends Indexed> {
  add(item: T, vector: UnitVector): void;
  /** All of them are in it. */
  remove(items: readonly T[]): void;
  /** At most so many, the nearest first. */
  nearest(vector: UnitVector, count: number): readonly Found<T>[];
}

/** What an index has found. */
export interface Found<T> {
  readonly item: T;
  /** Cosine. */
  readonly similarity: number;
}
