/** Sums by their names. One that nothing was added to is absent. Has no prototype where a state answers it. */
export type Sums = Readonly<Record<string, number>>;

/**
 * Sums that several processes add to: of calls, failures, milliseconds and their squares, by experiment and arm. Each tally
 * has some of them, which are added to together and read together.
 *
 * Numbers are doubles: sums of whole numbers are exact up to 2^53, others as exact as doubles are.
 *
 * A tally that was last added to without a time stays. One whose time is over begins anew with what is added next.
 *
 * Promises only where another process or thread has to be asked; those reject with `state-unreachable` when it cannot be,
 * and then amounts may have been added or not. Nobody asks again by itself what would then be added twice.
 */
export interface Tallies {
  /**
   * Adds to sums of one tally: all of them or none.
   *
   * @param key any text of up to 1,024 UTF-16 code units, compared by exact code points
   * @param amounts up to 100, each under a name of up to 256 UTF-16 code units; finite, at most 1e200 in size, also below 0
   * @param ttlMs milliseconds, > 0: from now on the tally is kept so long. Left out, it is kept for good. Replaces what was
   * said before.
   * @returns all sums of the tally after it
   * @throws `invalid-options` for what is out of these bounds.
   */
  add(key: string, amounts: Readonly<Record<string, number>>, ttlMs?: number): Sums | Promise<Sums>;
  /**
   * The sums of several tallies as they stand at one moment, in the order asked. Those of one that nothing was added to are
   * empty.
   *
   * @param keys at most 1,000
   * @throws `invalid-options` for more.
   */
  read(keys: readonly string[]): readonly Sums[] | Promise<readonly Sums[]>;
}
