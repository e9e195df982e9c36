/**
 * A call of one side, and `size` of the other that came about the same time. `size` is below 0 where the single call is of
 * the control, and the others are of the arm.
 */
export interface MatchedSet {
  readonly size: number;
  /** Of all its calls, how many were so: at least 1, and not all of them. Sets whose calls are all alike tell nothing. */
  readonly positives: number;
  /** Whether the single call was so. */
  readonly single: boolean;
}

/** More on one side add little: with 8 to 1 all but a ninth of what could be known is known. */
const mostOfOneSide = 8;
/**
 * Calls that wait for others to be matched with. The oldest are let go of, and few wait, so that what is matched comes from about
 * the same time: sets from before and after a sudden change would not be alike.
 */
const mostWaiting = 16;

/**
 * Matches calls of an arm with calls of the control as they come, in the ratio of their weights. Where the arm makes no
 * difference, each call of a set is as likely as the others to be one that was so, whatever it is that changes over time,
 * and however calls came to the arms: that is what {@link oddsEvidence} goes by. What waits when a process ends is not counted.
 */
export class Matching {
  /** Of the control to one of the arm; below 1 where there are fewer. */
  readonly #ratio: number;
  readonly #control: boolean[] = [];
  readonly #arm: boolean[] = [];

  /** @param ratio how many calls of the control there are to one of the arm; > 0 */
  constructor(ratio: number) {
    this.#ratio = ratio;
  }

  /** Returns the set that this call completes, if it tells anything. */
  add(isControl: boolean, is: boolean): MatchedSet | undefined {
    const own = isControl ? this.#control : this.#arm;
    own.push(is);
    if (own.length > mostWaiting) own.shift();
    const isSingleArm = this.#ratio >= 1;
    const [singles, others] = isSingleArm ? [this.#arm, this.#control] : [this.#control, this.#arm];
    const count = Math.min(
      mostOfOneSide,
      Math.max(1, Math.round(isSingleArm ? this.#ratio : 1 / this.#ratio)),
    );
    if (singles.length === 0 || others.length < count) return undefined;
    const single = singles.pop() === true;
    const taken = others.splice(-count);
    const positives = Number(single) + taken.filter(Boolean).length;
    if (positives === 0 || positives > count) return undefined;
    return { size: isSingleArm ? count : -count, positives, single };
  }
}
