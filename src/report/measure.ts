import type { ReceiptFigures } from '../core/receipt-figures.ts';
import { tokensOf, type SubjectFigures } from './breakdown.ts';
import { count, countTicks, money, moneyTicks, type Ticks } from './format.ts';
import type { Sums } from './sums.ts';

/** What subjects are compared by: money, or tokens where nothing has a price. */
export interface Measure {
  readonly heading: string;
  readonly of: (figures: Pick<ReceiptFigures, 'costNanoUsd' | 'inputTokens' | 'outputTokens'>) => number;
  readonly overTime: (subject: SubjectFigures) => Sums;
  readonly format: (value: number) => string;
  readonly ticks: Ticks;
}

const byMoney: Measure = {
  heading: 'Spend',
  of: ({ costNanoUsd }) => costNanoUsd,
  overTime: ({ spend }) => spend,
  format: money,
  ticks: moneyTicks,
};

const byTokens: Measure = {
  heading: 'Tokens',
  of: tokensOf,
  overTime: ({ tokens }) => tokens,
  format: count,
  ticks: countTicks,
};

export function measureFor({ costNanoUsd }: ReceiptFigures): Measure {
  return costNanoUsd > 0 ? byMoney : byTokens;
}
