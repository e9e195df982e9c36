import type { ExperimentMetric } from '../experiments/metrics.ts';
import { duration, money, percent, plain, points } from './format.ts';

/** How a metric is called on the page, and how its figures are told. */
export interface MetricWording {
  /** Above a column. */
  readonly heading: string;
  /** Behind "going by". */
  readonly by: string;
  /** What an arm does that is better in it, before "than" another; and one that is worse. */
  readonly better: string;
  readonly worse: string;
  readonly format: (mean: number) => string;
  /** How far apart two means are, which is not below 0. */
  readonly formatDifference: (difference: number) => string;
}

const usd = (value: number): string => money(Math.round(value * 1e9));
const share = (value: number): string => percent(value, 1);
const ofRates = { format: share, formatDifference: points };

export const metricWordings: Readonly<Record<ExperimentMetric, MetricWording>> = {
  error: {
    heading: 'Errors',
    by: 'errors',
    better: 'fails less often',
    worse: 'fails more often',
    ...ofRates,
  },
  refusal: {
    heading: 'Refusals',
    by: 'refusals',
    better: 'is refused less often',
    worse: 'is refused more often',
    ...ofRates,
  },
  schemaValid: {
    heading: 'Fits its schema',
    by: 'how often answers fit their schema',
    better: 'fits its schema more often',
    worse: 'fits its schema less often',
    ...ofRates,
  },
  latencyMs: {
    heading: 'Mean time',
    by: 'how long answers take',
    better: 'answers faster',
    worse: 'answers more slowly',
    format: duration,
    formatDifference: duration,
  },
  costUsd: {
    heading: 'Mean cost',
    by: 'what calls cost',
    better: 'costs less',
    worse: 'costs more',
    format: usd,
    formatDifference: usd,
  },
  score: {
    heading: 'Score',
    by: 'scores',
    better: 'is scored higher',
    worse: 'is scored lower',
    format: plain,
    formatDifference: plain,
  },
};
