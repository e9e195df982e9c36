import type { MatchedSet } from './matched-sets.ts';

/** How often each kind of matched set has come. What is added up of several processes counts as if one had seen it all. */
export type SetCounts = Readonly<Record<string, number>>;

/** What speaks against the two sides being alike. */
export interface Evidence {
  /**
   * 1 says nothing; above that it speaks against them being alike. If they are, it ever comes to `1 / alpha` with a
   * probability of at most `alpha`, however often it is looked at.
   */
  readonly eValue: number;
  /** What it says of the arm, if anything: that it has more of it, or less. */
  readonly points: 'up' | 'down';
}

export const noEvidence: Evidence = Object.freeze({ eValue: 1, points: 'up' });

/** So that it can be written as JSON. */
export const mostEvidence = 1e300;

/** Logarithms of odds ratios that are held to be possible, each as much as the others: from 1.02 to 55 times the odds. */
const steps = Array.from({ length: 21 }, (_, step) => 0.02 * 1.3 ** step);

/** How a kind of set is written among {@link SetCounts}: `4:1:0`. */
export function kindOfSet({ size, positives, single }: MatchedSet): string {
  return `${size}:${positives}:${single ? 1 : 0}`;
}

/**
 * Evidence that a call of the arm has other odds than one of the control, from sets of calls that were matched as they came.
 *
 * Exact, for any number of calls: where the arm makes no difference, the single call of a set in which `s` of `m + 1` were so
 * is one of these with probability `s / (m + 1)`, and the evidence is the likelihood of what was seen for odds that differ,
 * averaged over how much they may, in parts of the likelihood for odds that do not. That is a martingale which begins at 1, so
 * by Ville's inequality it can be looked at after every call (the conditional likelihood of matched sets, as in McNemar's test;
 * mixtures as in "Safe Testing" by Grünwald, de Heide and Koolen, and "Two-sample tests that are safe under optional stopping"
 * by Turner, Ly and Grünwald). It depends on the counts alone, not on their order.
 */
export function oddsEvidence(counts: SetCounts): Evidence {
  const kinds = Object.entries(counts).flatMap(([kind, count]) => {
    const [size = 0, positives = 0, single = 0] = kind.split(':').map(Number);
    return count > 0 ? [{ others: Math.abs(size), ofArm: size > 0, positives, single, count }] : [];
  });
  if (kinds.length === 0) return noEvidence;
  const likelihood = (effect: number): number => {
    let sum = 0;
    for (const { others, ofArm, positives, single, count } of kinds) {
      const logOdds = ofArm ? effect : -effect;
      const all = others + 1;
      const likely = Math.log(all / (positives * Math.exp(logOdds) + all - positives));
      sum += count * (single * logOdds + likely);
    }
    return sum;
  };
  const up = logMean(steps.map(likelihood));
  const down = logMean(steps.map((effect) => likelihood(-effect)));
  const eValue = Math.min(mostEvidence, Math.exp(logMean([up, down])));
  return { eValue, points: up >= down ? 'up' : 'down' };
}

/** The logarithm of the mean of what these are logarithms of. */
export function logMean(logs: readonly number[]): number {
  const most = Math.max(...logs);
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - most);
  return most + Math.log(sum / logs.length);
}
