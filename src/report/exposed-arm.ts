import type { Receipt } from '../core/receipt.ts';
import type { GroupFigures, Groups } from './groups.ts';

/** An arm of an experiment, as receipts tell it. */
export interface ArmName {
  readonly experiment: string;
  readonly arm: string;
}

/** A call counts with the arm of each experiment that it was in. */
export function addExposures(arms: Groups<ArmName>, receipt: Receipt): void {
  for (const { experiment, arm } of receipt.facts.experiments ?? [])
    arms.add(JSON.stringify([experiment, arm]), { experiment, arm }, receipt);
}

/** An experiment that receipts tell of. */
export interface ExposedExperiment {
  readonly name: string;
  /** By their names. */
  readonly arms: readonly GroupFigures<ArmName>[];
}

/** Those with these arms. The one that was used last comes first. */
export function experimentsIn(arms: readonly GroupFigures<ArmName>[]): readonly ExposedExperiment[] {
  const names = [...new Set(arms.map(({ group }) => group.experiment))];
  return names.map((name) => ({
    name,
    arms: arms
      .filter(({ group }) => group.experiment === name)
      .toSorted((a, b) => (a.group.arm < b.group.arm ? -1 : 1)),
  }));
}
