import type { UnitVector } from '../core/unit-vector.ts';

/** What one group's vectors are found by, as things that are told apart by identity. None is ever in it twice. */
export interface GroupIndex<T extends object> {
  add(item: T, vector: UnitVector): void;
  /** Those that are in it. */
  remove(items: readonly T[]): void;
  /** At most so many, the nearest first. */
  nearest(vector: UnitVector, count: number): readonly Found<T>[];
}

/** What an index has found. */
export interface Found<T extends object> {
  readonly item: T;
  /** Cosine. */
  readonly similarity: number;
}
