import type { ReceiptFigures } from '../core/receipt-figures.ts';
import type { Budgets } from './budgets.ts';
import type { Collection } from './collection.ts';
import type { Canaries } from './canaries.ts';
import type { Experiments } from './experiments.ts';
import type { Moments } from './format.ts';
import type { TimeStep } from './timeline.ts';

/** All that a page is made of. */
export interface ReportFacts {
  readonly title: string;
  readonly timeZone: string;
  readonly moments: Moments;
  /** Epoch milliseconds, as all here. */
  readonly madeAt: number;
  /** As asked for; `to` is exclusive. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Which tag names features. */
  readonly tag: string;
  readonly calls: Collection;
  readonly axis: readonly TimeStep[];
  readonly budgets: Budgets | undefined;
  readonly experiments: Experiments;
  readonly canaries: Canaries;
}

/** Of each step of the axis; `undefined`: there were no calls. */
export function stepFigures({ calls, axis }: ReportFacts): readonly (ReceiptFigures | undefined)[] {
  return axis.map(({ place }) => (place === undefined ? undefined : calls.overTime[place]?.figures));
}
