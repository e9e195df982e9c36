import type { Goals } from './goals.ts';
import type { Course } from './plan.ts';

/** Of the limit, at the end, where calls have all ended by themselves. */
export const leastUsed = 0.9;

/** Both sides' books, call by call, in whole nano-USD. */
export interface Books {
  /** What was counted as spent. */
  readonly chargedByCall: ReadonlyMap<number, number>;
  /** What the providers bill. */
  readonly billedByCall: ReadonlyMap<number, number>;
  /** Calls of which an attempt ended before its usage was told: it lost a race, or its connection. */
  readonly untold: ReadonlySet<number>;
}

/**
 * No call is billed for more than was counted for it: what is right in sum may be wrong in its parts.
 *
 * @param isKnown whether what was counted for a call is known
 */
export function judgeCalls(
  name: string,
  course: Course,
  books: Books,
  goals: Goals,
  isKnown: (call: number) => boolean = () => true,
): void {
  for (const [call, billed] of books.billedByCall) {
    if (!isKnown(call)) continue;
    const above = chargedAbove(books, call);
    const isExact = course === 'finish' && !books.untold.has(call);
    goals.that(
      isExact ? above === 0 : above >= 0,
      `${name}: call ${call} is counted at ${billed + above}, and billed ${billed} nano-USD`,
    );
  }
}

/** By how much more those were counted at than they are billed whose usage was not told. */
export function untoldAbove(books: Books): number {
  let sum = 0;
  for (const call of books.untold) sum += chargedAbove(books, call);
  return sum;
}

function chargedAbove({ chargedByCall, billedByCall }: Books, call: number): number {
  return (chargedByCall.get(call) ?? 0) - (billedByCall.get(call) ?? 0);
}
