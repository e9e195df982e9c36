import type { Call } from '../core/call.ts';
import type { Choice } from '../core/route.ts';

/** An order of choices that takes turns among equals. */
export interface Turns {
  order(call: Call, choices: readonly Choice[]): readonly Choice[];
  advance(): void;
}

/** The choice with the most left of its limits first; where they are equal, each in its turn. */
export function byHeadroom(): Turns {
  let turn = 0;
  return {
    order(call, choices) {
      const headrooms = choices.map((choice) => headroomOf(call, choice));
      const left = (choice: Choice): number => headrooms[choice.index] ?? 0;
      return rotated(choices, turn).toSorted((a, b) => left(b) - left(a));
    },
    advance: () => void turn++,
  };
}

/** Whatever is ready goes before what is not. */
function headroomOf(call: Call, choice: Choice): number {
  const readiness = choice.ready(call);
  return readiness.ok ? (readiness.headroom ?? 1) : -1;
}

/** The same choices, beginning with another one at each turn. */
export function rotated<T>(choices: readonly T[], turn: number): readonly T[] {
  const start = turn % choices.length;
  return start === 0 ? choices : [...choices.slice(start), ...choices.slice(0, start)];
}
