/** The meaning of a text, as a model of embeddings tells it. Of any length but 0; all of one group have the same. */
export type Vector = readonly number[] | Float32Array;

/** What lies near a vector. */
export interface Neighbour {
  readonly id: string;
  /** The cosine of the angle between the two: -1 to 1; 1 where both point the same way. */
  readonly similarity: number;
}

/**
 * Where vectors are kept, in groups, and found by their direction. What is kept may be gone at any time, for want of room.
 * Groups and ids are printable ASCII of at most 120 characters, without spaces.
 *
 * A vector of zeros, or of what is no finite number, points nowhere: nothing is near it, and it is not kept. One of another
 * length than those of its group finds none of them; put there it is found again, and the others may be gone.
 *
 * Promises only where another process or thread has to be asked; those reject when it cannot be.
 */
export interface VectorStore {
  /**
   * At most `count` of a group, the nearest first. None of a group that nobody has put anything into.
   *
   * @param count whole number, 0 to 1,000
   */
  nearest(group: string, vector: Vector, count: number): readonly Neighbour[] | Promise<readonly Neighbour[]>;
  /**
   * Puts a vector into a group, in the place of the one with this id.
   *
   * @param ttlMs milliseconds, > 0: it may be let go of after that
   */
  put(group: string, id: string, vector: Vector, ttlMs: number): void | Promise<void>;
  /** Lets go of one; of one that is not there, nothing. */
  delete(group: string, id: string): void | Promise<void>;
}
