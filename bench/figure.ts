import { bootstrap, middleMean, type Interval } from './interval.ts';

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** The bare SDK's own, in the same unit. */
  readonly bare: number | undefined;
  /** What we add to it. */
  readonly added: Interval;
  /** The same as a share of the bare SDK's own. */
  readonly share: Interval | undefined;
  readonly goal: Goal | undefined;
}

/** What a figure is judged by: its interval lies below, or it does not. */
export interface Goal {
  readonly of: 'added' | 'share';
  readonly atMost: number;
  /** As DESIGN states it. */
  readonly text: string;
}

export type Verdict = 'met' | 'missed' | 'open' | 'no goal';

/** Met or missed only when the whole interval says so. */
export function verdictOf({ added, share, goal }: Figure): Verdict {
  if (goal === undefined) return 'no goal';
  const judged = goal.of === 'added' ? added : share;
  if (judged === undefined || Number.isNaN(judged.value)) return 'open';
  if (judged.high <= goal.atMost) return 'met';
  return judged.low > goal.atMost ? 'missed' : 'open';
}

/** A goal in microseconds at a bare SDK of so many, judged as the share it is of the bare SDK in the same run. */
export function shareGoal(addedMicros: number, bareMicros: number): Goal {
  return { of: 'share', atMost: addedMicros / bareMicros, text: `${addedMicros}/${bareMicros}` };
}

/** What each block of a round of bare, ours, ours, bare took, per unit of work. */
export interface PairedSample {
  readonly bare: readonly number[];
  readonly ours: readonly number[];
}

/**
 * The figure of paired samples. Each side is the mean of the middle half of its blocks: on a machine that others use
 * too, some blocks of either side take two or three times as long. Rounds are resampled whole, so the sides stay paired.
 */
export function pairedFigure(
  name: string,
  unit: string,
  samples: readonly PairedSample[],
  goal: Goal | undefined,
): Figure {
  const bareOf = (drawn: readonly PairedSample[]): number => middleMeanOf(drawn.map(({ bare }) => bare));
  const oursOf = (drawn: readonly PairedSample[]): number => middleMeanOf(drawn.map(({ ours }) => ours));
  return {
    name,
    unit,
    bare: bareOf(samples),
    added: bootstrap(samples, (drawn) => oursOf(drawn) - bareOf(drawn)),
    share: bootstrap(samples, (drawn) => oursOf(drawn) / bareOf(drawn) - 1),
    goal,
  };
}

/** Of one side's blocks in all rounds. */
export function middleMeanOf(blocks: readonly (readonly number[])[]): number {
  return middleMean(blocks.flat());
}
