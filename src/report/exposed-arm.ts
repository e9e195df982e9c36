import type { Receipt } from '../core/receipt.ts';
import { Groups, type GroupFigures } from './groups.ts';

/** An arm of an experiment or of a canary, as receipts tell it. */
export interface ArmName {
  /** Of which: its name. */
  readonly of: string;
  readonly arm: string;
}

/** What the calls of arms come to. */
export class ExposedArms {
  readonly experiments = new Groups<ArmName>();
  readonly canaries = new Groups<ArmName>();

  /** A call counts with the arm of each experiment that it was in, and of each canary that divided it. */
  add(receipt: Receipt): void {
    const { experiments = [], canaries = [] } = receipt.facts;
    for (const { experiment, arm } of experiments) addArm(this.experiments, experiment, arm, receipt);
    for (const { canary, arm } of canaries) addArm(this.canaries, canary, arm, receipt);
  }

  get isCut(): boolean {
    return this.experiments.isCut || this.canaries.isCut;
  }
}

function addArm(groups: Groups<ArmName>, of: string, arm: string, receipt: Receipt): void {
  groups.add(JSON.stringify([of, arm]), { of, arm }, receipt);
}

/** An experiment or a canary that receipts tell of. */
export interface Exposed {
  readonly name: string;
  /** There may be others, which were let go of. */
  readonly isCut: boolean;
  /** By their names. */
  readonly arms: readonly GroupFigures<ArmName>[];
}

/** Those with these arms, the one that was used last first. */
export function namesOf({ all }: Groups<ArmName>): ReadonlySet<string> {
  return new Set(all.map(({ group }) => group.of));
}

/** The same, with their arms. */
export function exposedIn(groups: Groups<ArmName>): readonly Exposed[] {
  const { all } = groups;
  return [...namesOf(groups)].map((name) => ({
    name,
    isCut: groups.isCut,
    arms: all
      .filter(({ group }) => group.of === name)
      .toSorted((a, b) => (a.group.arm < b.group.arm ? -1 : 1)),
  }));
}
