import { logMean, mostEvidence } from '../experiments/odds-evidence.ts';

/** How many subjects of each arm failed, and how many of 100 subjects are given to the canary. */
export interface Failing {
  readonly canary: number;
  readonly stable: number;
  readonly percent: number;
}

/** What speaks for the canary's rate, as times stable's, being on one side of a ratio. 1 says nothing. */
export interface RatioEvidence {
  /** For its being more than is tolerated. */
  readonly above: number;
  /** For its being less than what would be harmful. */
  readonly below: number;
}

/** Logarithms of ratios above what is tolerated that are held to be possible, each as much as the others: from 1.02 to 55 times it. */
const steps = Array.from({ length: 21 }, (_, step) => 0.02 * 1.3 ** step);

/**
 * Evidence of how often subjects of the canary fail, as times those of stable, from whose arm those are that failed.
 *
 * A hash gives each subject to the canary with the probability p of its share, whatever it does. If the arm makes no difference,
 * the same subjects fail in either, so of those that failed each is one of the canary with probability p, independently of the
 * others: however often each of them asks, whatever changes over time, in any number of processes, and without a word about
 * those that did not fail. If the rate is r times stable's, the probability is p r / (p r + 1 - p). Each subject may be in it
 * once.
 *
 * `above` is the likelihood of ratios above `tolerated`, half of it at `harmful` and half averaged, in parts of that at
 * `tolerated`. At `tolerated` that is a martingale which begins at 1. If the true ratio is lower, a failing subject of the
 * canary, which is what adds to the evidence, is less likely still: a supermartingale, so that Ville's inequality holds for it
 * (Robbins, 1970, for mixtures; a sequential test of a binomial share). `below` is the likelihood at `tolerated` in parts of that
 * at `harmful`, and by the same monotony holds against all ratios of at least `harmful`.
 *
 * @param tolerated > 0
 * @param harmful > `tolerated`
 */
export function shareEvidence(
  { canary, stable, percent }: Failing,
  tolerated: number,
  harmful: number,
): RatioEvidence {
  const odds = percent / (100 - percent);
  // Without the factor that is the same for every ratio.
  const likelihood = (ratio: number): number =>
    canary * Math.log(ratio) - (canary + stable) * Math.log1p(odds * ratio);
  const [atTolerated, atHarmful] = [likelihood(tolerated), likelihood(harmful)];
  const averaged = logMean(steps.map((effect) => likelihood(tolerated * Math.exp(effect))));
  return {
    above: eValueOf(logMean([atHarmful, averaged]) - atTolerated),
    below: eValueOf(atTolerated - atHarmful),
  };
}

function eValueOf(log: number): number {
  return Math.min(mostEvidence, Math.exp(log));
}
