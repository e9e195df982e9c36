import type { ReceiptFigures } from '../core/receipt-figures.ts';
import { tokensOf, type SubjectFigures } from './breakdown.ts';
import { isUnknownCost } from './cost.ts';
import { count, countTicks, money, moneyTicks, type Ticks } from './format.ts';
import type { Sums } from './sums.ts';

/** What subjects are compared by: money, or tokens where nothing has a price. */
export interface Measure {
  readonly heading: string;
  readonly of: (figures: Pick<ReceiptFigures, 'costNanoUsd' | 'inputTokens' | 'outputTokens'>) => number;
  /** `false`: all that is known of it is that it is not all. */
  readonly isKnownOf: (figures: Pick<ReceiptFigures, 'costNanoUsd' | 'unpriced'>) => boolean;
  readonly overTime: (subject: SubjectFigures) => Sums;
  readonly format: (value: number) => string;
  readonly ticks: Ticks;
}

const byMoney: Measure = {
  heading: 'Spend',
  of: ({ costNanoUsd }) => costNanoUsd,
  isKnownOf: (figures) => !isUnknownCost(figures),
  overTime: ({ spend }) => spend,
  format: money,
  ticks: moneyTicks,
};

const byTokens: Measure = {
  heading: 'Tokens',
  of: tokensOf,
  isKnownOf: () => true,
  overTime: ({ tokens }) => tokens,
  format: count,
  ticks: countTicks,
};

export function measureFor({ costNanoUsd }: ReceiptFigures): Measure {
  return costNanoUsd > 0 ? byMoney : byTokens;
}
