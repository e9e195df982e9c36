import type { CanaryGuardStatus } from '../core/canary-status.ts';
import { compareMeans, meanEvidence, type Moments } from '../experiments/mean.ts';
import { ratioEvidence } from '../experiments/odds-evidence.ts';
import { rateEvidence, rateOf } from '../experiments/rate.ts';
import type { AbsoluteGuard, CanaryDefinition, Guard, RelativeGuard } from './definition.ts';
import { p95Against, p95Over } from './p95.ts';
import type { StepSums } from './step-sums.ts';
import { bothWays, partOf, towards, type Weighed } from './weighed.ts';
import { inWords } from './words.ts';

/**
 * How much more often a canary may fail than stable and be promoted, whatever its share of stable's is: one call in a hundred.
 * Where next to nothing fails, no number of calls tells how two rates compare, and a ratio of them matters to nobody.
 */
const alwaysTolerated = 0.01;

/**
 * What is known of each guard at a step. May be asked after every call: if the canary is within all that is tolerated, the
 * probability that any guard is ever breached at any step is at most `alpha`, and if one of its figures is harmful, the
 * probability that this guard is ever held at a step is at most `beta`. A function of the sums alone.
 *
 * `alpha` is divided among the guards and the steps, since each step compares anew: other calls come at other times, and the
 * same users come back. `beta` is not, since nothing is promoted that is not held at the last step by all guards at once.
 */
export function judge(
  { guards, steps, alpha, beta }: CanaryDefinition,
  sums: StepSums,
): readonly CanaryGuardStatus[] {
  const each = alpha / guards.length / steps.length;
  return guards.map((guard) => {
    const weighed = weigh(guard, sums, each, beta);
    const verdict = weighed.towardsBreach >= 1 ? 'breached' : weighed.towardsHeld >= 1 ? 'held' : 'open';
    const towardsBreach = within(weighed.towardsBreach);
    const towardsHeld = within(weighed.towardsHeld);
    return {
      guard: guard.guard,
      verdict,
      towardsBreach,
      towardsHeld,
      shown: inWords(guard, sums, { towardsBreach, towardsHeld }),
    };
  });
}

function weigh(guard: Guard, sums: StepSums, alpha: number, beta: number): Weighed {
  const isLimit = 'limit' in guard;
  switch (guard.guard) {
    case 'errorRate':
      return isLimit ? rateWithin(guard, sums, alpha, beta) : odds(guard, sums, alpha, beta);
    case 'p95LatencyMs':
      return isLimit ? p95Over(sums, alpha, beta) : p95Against(guard, sums, alpha, beta);
    case 'costUsd':
      return isLimit ? meanWithin(guard, sums, alpha, beta) : costs(guard, sums, alpha, beta);
    case 'score':
      return scores(guard, sums, alpha, beta);
    default:
      return guard satisfies never;
  }
}

function rateWithin({ limit }: AbsoluteGuard, sums: StepSums, alpha: number, beta: number): Weighed {
  const { n, sum } = sums.moments('canary', 'error');
  return bothWays(rateEvidence(sum, n, limit), alpha, beta);
}

/** Half of `beta` for each of the two ways that it may be held. */
function odds({ tolerated, harmful }: RelativeGuard, sums: StepSums, alpha: number, beta: number): Weighed {
  const { above, below } = ratioEvidence(sums.sets(), tolerated, harmful);
  return {
    towardsBreach: partOf(above, alpha),
    towardsHeld: Math.max(partOf(below, beta / 2), towardsRare(sums, beta / 2)),
  };
}

function towardsRare(sums: StepSums, beta: number): number {
  const [own, others] = (['canary', 'stable'] as const).map((arm) => {
    const { n, sum } = sums.moments(arm, 'error');
    return rateOf(sum, n, beta / 2);
  });
  if (own === undefined || others === undefined) return 0;
  return alwaysTolerated / Math.max(Number.MIN_VALUE, own.high - others.low);
}

function meanWithin({ limit }: AbsoluteGuard, sums: StepSums, alpha: number, beta: number): Weighed {
  const own = sums.moments('canary', 'costUsd');
  return {
    towardsBreach: towards('up', meanEvidence(own, limit, alpha), alpha),
    towardsHeld: towards('down', meanEvidence(own, limit, beta), beta),
  };
}

function costs({ tolerated, harmful }: RelativeGuard, sums: StepSums, alpha: number, beta: number): Weighed {
  const own = sums.moments('canary', 'costUsd');
  const stable = sums.moments('stable', 'costUsd');
  return {
    towardsBreach: towards('up', compareMeans(scaled(stable, tolerated), own, alpha), alpha),
    towardsHeld: towards('down', compareMeans(scaled(stable, harmful), own, beta), beta),
  };
}

function scores({ tolerated, harmful }: RelativeGuard, sums: StepSums, alpha: number, beta: number): Weighed {
  const own = sums.moments('canary', 'score');
  const stable = sums.moments('stable', 'score');
  return {
    towardsBreach: towards('down', compareMeans(lowered(stable, tolerated), own, alpha), alpha),
    towardsHeld: towards('up', compareMeans(lowered(stable, harmful), own, beta), beta),
  };
}

function scaled({ n, sum, squares }: Moments, times: number): Moments {
  return { n, sum: sum * times, squares: squares * times ** 2 };
}

function lowered({ n, sum, squares }: Moments, by: number): Moments {
  return { n, sum: sum - n * by, squares: squares - 2 * by * sum + n * by ** 2 };
}

function within(part: number): number {
  return Math.min(1, Math.max(0, part));
}
