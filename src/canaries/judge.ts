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
  const overdue = sums.overdue('canary', -2);
  return {
    towardsBreach: towards('up', rateEvidence(sum, n, limit), alpha),
    towardsHeld: towards('down', rateEvidence(sum + overdue, n + overdue, limit), beta),
  };
}

/** Of `alpha`, for the bounds of both rates: they know wholesale failure where many calls of stable are out. */
const partOfBounds = 0.1;

/**
 * Two questions, whose first call fails, and of whom any call fails. The second sees what breaks later on; where each asks
 * often, the first tells more. For a breach the mean of their evidence counts, or that the bounds of the rates are apart; to be
 * held, both have to be. Calls that are overdue count as failed wherever they could refute it.
 */
function ratio(guard: RelativeGuard, sums: StepSums, alpha: number, beta: number): Weighed {
  const { tolerated, harmful } = guard;
  const { percent } = sums;
  const [first, any] = [failuresOf(sums, 'failedAtFirst'), failuresOf(sums, 'failing')];
  const [canaryOut, stableOut] = [sums.overdue('canary', -2), sums.overdue('stable', 2)];
  const above = ({ canary, stable }: Failures): number =>
    shareEvidence({ canary, stable: stable + stableOut, percent }, tolerated, harmful).above;
  const isApart = areApart(any, stableOut, tolerated, partOfBounds * alpha);
  const held = (failures: Failures): number =>
    towardsRatioHeld(guard, withOut(failures, canaryOut), percent, beta);
  return {
    towardsBreach: isApart ? 1 : partOf((above(first) + above(any)) / 2, (1 - partOfBounds) * alpha),
    towardsHeld: Math.min(held(first), held(any)),
  };
}

/** Subjects that failed, and between which numbers all lie of which that is known. */
interface Failures {
  readonly canary: number;
  readonly stable: number;
  readonly atLeast: Readonly<Record<CanaryArm, number>>;
  readonly atMost: Readonly<Record<CanaryArm, number>>;
}

/** Who was refused, or gave up, at every call is among those that failed alone: how many these are is not known. */
function failuresOf(sums: StepSums, which: 'failedAtFirst' | 'failing'): Failures {
  const [canary, stable] = [sums[which]('canary'), sums[which]('stable')];
  const atLeast = {
    canary: Math.max(canary, sums.subjects('canary')),
    stable: Math.max(stable, sums.subjects('stable')),
  };
  const atMost = {
    canary: sums.subjects('canary') + canary - sums.failedAtFirst('canary'),
    stable: sums.subjects('stable') + stable - sums.failedAtFirst('stable'),
  };
  return { canary, stable, atLeast, atMost };
}

/** With so many more that failed, of whom nobody knows whether they are among those that are known. */
function withOut(failures: Failures, out: number): Failures {
  const canary = failures.canary + out;
  return {
    ...failures,
    canary,
    atLeast: { ...failures.atLeast, canary: Math.max(canary, failures.atLeast.canary) },
  };
}

/** The least that an arm's rate may be, with a probability of error of `level`. */
function leastOf(arm: CanaryArm, { [arm]: failed, atMost }: Failures, level: number): number {
  return rateOf(failed, Math.max(failed, atMost[arm]), level)?.low ?? 0;
}

/** The most that it may be, likewise, if so many more have failed. */
function mostOf(arm: CanaryArm, { [arm]: failed, atLeast }: Failures, level: number, out = 0): number {
  return rateOf(failed + out, atLeast[arm] + out, level)?.high ?? 1;
}

function areApart(failures: Failures, stableOut: number, tolerated: number, level: number): boolean {
  return (
    leastOf('canary', failures, level / 2) > tolerated * mostOf('stable', failures, level / 2, stableOut)
  );
}

/**
 * Of 100 subjects, so many failures count at most where it is to be shown that a canary is not harmful. What fails in an outage
 * fails in either arm, and would soon outweigh all that tells the arms apart.
 */
const mostFailing = 2;

/** Half of `beta` for each of the two ways: by the ratio, or because next to nothing fails. */
function towardsRatioHeld(
  { tolerated, harmful }: RelativeGuard,
  failures: Failures,
  percent: number,
  beta: number,
): number {
  if (!tellsHarm(failures, harmful)) return 0;
  const { canary, stable, atLeast } = failures;
  const { below } = shareEvidence({ canary, stable, percent }, tolerated, harmful);
  const counted = (mostFailing / 100) * (atLeast.canary + atLeast.stable);
  const part = Math.min(1, counted / Math.max(1, canary + stable));
  return Math.max(part * partOf(below, beta / 2), towardsRare(failures, beta / 2));
}

/** Whether there could be so much more harm: not where nearly all of stable's subjects fail, too. */
function tellsHarm({ stable, atLeast }: Failures, harmful: number): boolean {
  return stable * harmful < Math.max(1, atLeast.stable);
}

function towardsRare(failures: Failures, beta: number): number {
  if (failures.atLeast.canary === 0 || failures.atLeast.stable === 0) return 0;
  const apart = mostOf('canary', failures, beta / 2) - leastOf('stable', failures, beta / 2);
  return alwaysTolerated / Math.max(Number.MIN_VALUE, apart);
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
