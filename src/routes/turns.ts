import type { Call } from '../core/call.ts';
import type { Choice } from '../core/route.ts';

/** An order of choices that takes turns among equals. */
export interface Turns {
  order(call: Call, choices: readonly Choice[]): readonly Choice[];
  /** Once for each call that takes its turn. */
  advance(): void;
}

/** The best first; those that are as good as the best take turns. */
export function bestInTurn(goodness: (call: Call, choice: Choice) => number): Turns {
  let turn = 0;
  return {
    order(call, choices) {
      const found = choices.map((choice) => goodness(call, choice));
      const of = ({ index }: Choice): number => found[index] ?? 0;
      const sorted = choices.toSorted((a, b) => of(b) - of(a));
      const best = Math.max(...found);
      const equals = sorted.findIndex((choice) => of(choice) < best);
      if (equals < 0) return rotated(sorted, turn);
      return equals === 1 ? sorted : [...rotated(sorted.slice(0, equals), turn), ...sorted.slice(equals)];
    },
    advance: () => void turn++,
  };
}

/** The same, beginning with another one at each turn. */
function rotated<T>(list: readonly T[], turn: number): readonly T[] {
  const start = turn % list.length;
  return start === 0 ? list : [...list.slice(start), ...list.slice(0, start)];
}
