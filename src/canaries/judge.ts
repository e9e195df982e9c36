import type { CanaryGuardStatus } from '../core/canary-status.ts';
import { compareMeans, meanEvidence, type Moments } from '../experiments/mean.ts';
import { rateEvidence, rateOf } from '../experiments/rate.ts';
import type { AbsoluteGuard, CanaryArm, CanaryDefinition, Guard, RelativeGuard } from './definition.ts';
import { p95Against, p95Over } from './p95.ts';
import { shareEvidence } from './share-evidence.ts';
import type { StepSums } from './step-sums.ts';
import { partOf, towards, type Weighed } from './weighed.ts';
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
      return isLimit ? rateWithin(guard, sums, alpha, beta) : ratio(guard, sums, alpha, beta);
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
  const overdue = sums.overdue('canary');
  return {
    towardsBreach: towards('up', rateEvidence(sum, n, limit), alpha),
    towardsHeld: towards('down', rateEvidence(sum + overdue, n + overdue, limit), beta),
  };
}

/**
 * Two questions with one level, as the mean of their evidence: whose first call fails, and of whom any call fails. The second
 * sees what breaks later on; where each asks often, the first tells more. Calls that are overdue count against what they could
 * refute. Half of `beta` for each of the two ways that it may be held.
 */
function ratio({ tolerated, harmful }: RelativeGuard, sums: StepSums, alpha: number, beta: number): Weighed {
  const { percent } = sums;
  const overdue = { canary: sums.overdue('canary'), stable: sums.overdue('stable') };
  const above = (canary: number, stable: number): number =>
    shareEvidence({ canary, stable: stable + overdue.stable, percent }, tolerated, harmful).above;
  const [canary, stable] = [sums.failedAtFirst('canary'), sums.failedAtFirst('stable')];
  const evidence = (above(canary, stable) + above(sums.failing('canary'), sums.failing('stable'))) / 2;
  const { below } = shareEvidence({ canary: canary + overdue.canary, stable, percent }, tolerated, harmful);
  return {
    towardsBreach: partOf(evidence, alpha),
    towardsHeld: tellsHarm(sums, harmful)
      ? Math.max(partOf(below, beta / 2), towardsRare(sums, overdue.canary, beta / 2))
      : 0,
  };
}

/** Whether there could be so much more harm: not where all of stable's calls fail, too. */
function tellsHarm(sums: StepSums, harmful: number): boolean {
  return sums.failedAtFirst('stable') * harmful < Math.max(1, sums.subjects('stable'));
}

function towardsRare(sums: StepSums, overdue: number, beta: number): number {
  const rate = (arm: CanaryArm, more: number) =>
    rateOf(sums.failedAtFirst(arm) + more, sums.subjects(arm) + more, beta / 2);
  const [own, others] = [rate('canary', overdue), rate('stable', 0)];
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
  if (sums.either('canary') === own.n && sums.either('stable') === stable.n)
    return thumbs({ tolerated, harmful }, own, stable, alpha, beta);
  return {
    towardsBreach: towards('down', compareMeans(lowered(stable, tolerated), own, alpha), alpha),
    towardsHeld: towards('up', compareMeans(lowered(stable, harmful), own, beta), beta),
  };
}

/**
 * Scores that are all 0 or 1 are rates, with bounds that hold for any number of them: of means nothing could be told while all are
 * alike.
 */
function thumbs(
  { tolerated, harmful }: Pick<RelativeGuard, 'tolerated' | 'harmful'>,
  own: Moments,
  stable: Moments,
  alpha: number,
  beta: number,
): Weighed {
  const bounds = (level: number) =>
    [rateOf(own.sum, own.n, level / 2), rateOf(stable.sum, stable.n, level / 2)] as const;
  const [ownAtBreach, stableAtBreach] = bounds(alpha);
  const [ownHeld, stableHeld] = bounds(beta);
  if (!ownAtBreach || !stableAtBreach || !ownHeld || !stableHeld) return { towardsBreach: 0, towardsHeld: 0 };
  const [most, least] = [stableHeld.high - ownHeld.low, stableAtBreach.low - ownAtBreach.high];
  // How far bounds are apart is no evidence of harm: it is shown, or it is not. Of what is held it tells how much is left.
  return { towardsBreach: least >= tolerated ? 1 : 0, towardsHeld: 1 + Math.min(0, harmful - most) };
}

function scaled({ n, sum, squares, cubes = 0 }: Moments, times: number): Moments {
  return { n, sum: sum * times, squares: squares * times ** 2, cubes: cubes * times ** 3 };
}

function lowered({ n, sum, squares, cubes = 0 }: Moments, by: number): Moments {
  return {
    n,
    sum: sum - n * by,
    squares: squares - 2 * by * sum + n * by ** 2,
    cubes: cubes - 3 * by * squares + 3 * by ** 2 * sum - n * by ** 3,
  };
}

function within(part: number): number {
  return Math.min(1, Math.max(0, part));
}
