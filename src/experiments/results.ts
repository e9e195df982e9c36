import type { Sums } from '../core/tallies.ts';
import type { ExperimentDefinition } from './definition.ts';
import { compareMeans, meanOf, type Moments } from './mean.ts';
import { metrics, moreIsBetter, rates, type ExperimentMetric } from './metrics.ts';
import { oddsEvidence, type Evidence } from './odds-evidence.ts';
import { rateOf } from './rate.ts';

/** What was measured of an arm. Plain data. */
export interface MetricResult {
  /** Calls it was measured of. */
  readonly n: number;
  readonly mean: number;
  /** Standard deviation of single calls. */
  readonly sd: number;
  /**
   * Of the first call of each subject (user, tenant, …) alone, which is what is compared: further ones are more alike than calls
   * of different subjects, and would pass for more than they know.
   */
  readonly first: FirstCallsResult | undefined;
  /** `undefined` of the control, and while one of both has none. */
  readonly versusControl: Comparison | undefined;
}

export interface FirstCallsResult {
  /** Subjects. */
  readonly n: number;
  readonly mean: number;
  /**
   * The true mean is between these at all times together with a probability of `1 - alpha`. `undefined` of means of fewer than
   * 200 subjects.
   */
  readonly low: number | undefined;
  readonly high: number | undefined;
}

/** How an arm compares with the control. */
export interface Comparison {
  /** The arm's mean less the control's, of first calls. */
  readonly difference: number;
  /** Bounds of the true difference, likewise; of rates they are wide, and `eValue` knows sooner. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Evidence that they differ: 1 is none. See `docs/experiments.md`. */
  readonly eValue: number;
  /** `undecided` as long as the evidence is less than (arms - 1) / alpha; then by the metric's own direction. */
  readonly verdict: 'better' | 'worse' | 'undecided';
}

export interface ArmResult {
  /** All calls that were in it, those too of which nothing was measured. */
  readonly calls: number;
  /** Absent: those that nothing was measured of. */
  readonly metrics: Readonly<Partial<Record<ExperimentMetric, MetricResult>>>;
  /** How often which label was given. */
  readonly labels: Readonly<Record<string, number>>;
}

/** What an experiment has come to. Plain data. */
export interface ExperimentResults<A extends string = string> {
  readonly experiment: string;
  readonly control: A;
  readonly alpha: number;
  readonly arms: Readonly<Record<A, ArmResult>>;
  readonly decision: {
    /** What it goes by. */
    readonly by: ExperimentMetric;
    /**
     * The arm to go on with: the best of those that are better than the control, or the control where all others are worse.
     * `undefined`: not known yet.
     */
    readonly take: A | undefined;
  };
}

/** Sums as results. A function of the sums alone. */
export function resultsOf(definition: ExperimentDefinition, sums: Sums): ExperimentResults {
  const { name, arms, control, alpha, decideBy } = definition;
  const results = Object.fromEntries(
    arms.map((arm) => [arm, armResult(new ArmSums(sums, arm), new ArmSums(sums, control), definition)]),
  );
  return {
    experiment: name,
    control,
    alpha,
    arms: results,
    decision: { by: decideBy, take: taken(results, control, decideBy) },
  };
}

/** What the tally has of one arm. */
class ArmSums {
  readonly arm: string;
  readonly #sums: Sums;

  constructor(sums: Sums, arm: string) {
    this.#sums = sums;
    this.arm = arm;
  }

  get calls(): number {
    return this.#sums[`${this.arm}/calls`] ?? 0;
  }

  /** Of all calls, or of those at `first`. */
  moments(metric: ExperimentMetric, path: '' | 'first/' = ''): Moments {
    const of = (name: string): number => this.#sums[`${this.arm}/${metric}/${path}${name}`] ?? 0;
    return { n: of('n'), sum: of('sum'), squares: of('squares') };
  }

  /** Whether each call has it or has not. */
  isRate(metric: ExperimentMetric): boolean {
    const { n } = this.moments(metric);
    return rates.has(metric) || (n > 0 && n === this.#sums[`${this.arm}/${metric}/either`]);
  }

  /** Sums by the rest of their names. */
  below(path: string): Readonly<Record<string, number>> {
    const start = `${this.arm}/${path}`;
    return Object.fromEntries(
      Object.entries(this.#sums).flatMap(([field, sum]) =>
        field.startsWith(start) ? [[field.slice(start.length), sum]] : [],
      ),
    );
  }
}

function armResult(arm: ArmSums, control: ArmSums, definition: ExperimentDefinition): ArmResult {
  const measured: Partial<Record<ExperimentMetric, MetricResult>> = {};
  for (const metric of metrics) {
    const result = metricResult(metric, arm, control, definition);
    if (result !== undefined) measured[metric] = result;
  }
  return { calls: arm.calls, metrics: measured, labels: arm.below('label/') };
}

function metricResult(
  metric: ExperimentMetric,
  arm: ArmSums,
  control: ArmSums,
  { alpha, arms }: ExperimentDefinition,
): MetricResult | undefined {
  const all = arm.moments(metric);
  const estimate = meanOf(all, alpha);
  if (estimate === undefined) return undefined;
  const { mean, sd } = estimate;
  const isRate = arm.isRate(metric);
  const versusControl =
    arm.arm === control.arm
      ? undefined
      : comparison(metric, isRate && control.isRate(metric), arm, control, alpha / (arms.length - 1));
  const first = firstCalls(arm.moments(metric, 'first/'), isRate, alpha);
  return { n: all.n, mean, sd, first, versusControl };
}

function firstCalls(moments: Moments, isRate: boolean, alpha: number): FirstCallsResult | undefined {
  const { n, sum } = moments;
  const found = isRate ? rateOf(sum, n, alpha) : meanOf(moments, alpha);
  return found && { n, mean: found.mean, low: found.low, high: found.high };
}

/** @param alpha of this comparison: that of the experiment, divided among its arms */
function comparison(
  metric: ExperimentMetric,
  isRate: boolean,
  arm: ArmSums,
  control: ArmSums,
  alpha: number,
): Comparison | undefined {
  const [own, others] = [arm.moments(metric, 'first/'), control.moments(metric, 'first/')];
  const compared = isRate
    ? compareRates(own, others, arm.below(`${metric}/sets/`), alpha)
    : compareMeans(others, own, alpha);
  if (compared === undefined) return undefined;
  const { points, ...told } = compared;
  const isBetter = (points === 'up') === moreIsBetter.has(metric);
  return { ...told, verdict: told.eValue < 1 / alpha ? 'undecided' : isBetter ? 'better' : 'worse' };
}

function compareRates(
  own: Moments,
  others: Moments,
  sets: Readonly<Record<string, number>>,
  alpha: number,
): (Evidence & Pick<Comparison, 'difference' | 'low' | 'high'>) | undefined {
  // Half for each of the two, so that both hold together.
  const [rate, control] = [rateOf(own.sum, own.n, alpha / 2), rateOf(others.sum, others.n, alpha / 2)];
  if (rate === undefined || control === undefined) return undefined;
  return {
    difference: rate.mean - control.mean,
    low: rate.low - control.high,
    high: rate.high - control.low,
    ...oddsEvidence(sets),
  };
}

function taken(
  results: Readonly<Record<string, ArmResult>>,
  control: string,
  metric: ExperimentMetric,
): string | undefined {
  const others = Object.entries(results).flatMap(([arm, { metrics: measured }]) =>
    arm === control ? [] : [{ arm, result: measured[metric] }],
  );
  const sign = moreIsBetter.has(metric) ? 1 : -1;
  const [best] = others
    .filter(({ result }) => result?.versusControl?.verdict === 'better')
    .toSorted((a, b) => sign * ((b.result?.first?.mean ?? 0) - (a.result?.first?.mean ?? 0)));
  if (best !== undefined) return best.arm;
  return others.every(({ result }) => result?.versusControl?.verdict === 'worse') ? control : undefined;
}
