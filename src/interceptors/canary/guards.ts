import * as z from 'zod/mini';
import type { AbsoluteGuard, Guard, RelativeGuard } from '../../canaries/definition.ts';
import { bucketFactor } from '../../canaries/latency-buckets.ts';
import { invalidOption } from '../../core/parse-options.ts';

/** How a figure of the canary may compare with stable's, times it. Between the two either may come. */
export interface CanaryRatio {
  /** Up to so many times it is never rolled back for it, but by chance (`alpha`). At least 1. */
  readonly tolerated?: number;
  /** From so many times on it is never promoted, but by chance (`beta`). More than `tolerated`. */
  readonly harmful?: number;
}

/** How far below stable's mean score that of the canary may be. */
export interface CanaryScoreLoss {
  /** Up to here it is never rolled back for it, but by chance (`alpha`). At least 0. Default 0. */
  readonly tolerated?: number;
  /** From here on it is never promoted, but by chance (`beta`). More than `tolerated`. */
  readonly harmful: number;
}

/** What a canary is watched for. A number is a limit by itself, an object compares it with stable. */
export interface CanaryGuards {
  /**
   * Share of calls that fail or take longer than they may, after all retries and fallbacks. As a number: more than 0, less than
   * 1, of first calls. Compared with stable's, of subjects, by any of their calls. Default `{ tolerated: 1, harmful: 2 }`;
   * `false`: not watched.
   */
  readonly errorRate?: number | CanaryRatio | false;
  /**
   * Of those that were answered, what 95 of 100 do not take longer than, until the reply has ended. As a number: milliseconds,
   * more than 0. `{}`: `{ tolerated: 1.2, harmful: 1.5 }`; `harmful` is at least 1.15 times `tolerated`.
   */
  readonly p95LatencyMs?: number | CanaryRatio;
  /** Mean cost of a call, all attempts together. As a number: USD, more than 0. `{}`: `{ tolerated: 1.2, harmful: 1.5 }`. */
  readonly costUsd?: number | CanaryRatio;
  /** Mean of what `llm.feedback` says. */
  readonly score?: CanaryScoreLoss;
}

const ratio = z.strictObject({
  tolerated: z.optional(z.number().check(z.gte(1), z.lte(100))),
  harmful: z.optional(z.number().check(z.gt(1), z.lte(100))),
});
/** Of what is exactly as many times. */
const rounding = 1e-9;
const limit = z.number().check(z.positive());

/** Schema of {@link CanaryGuards}. */
export const guardSchema = z.strictObject({
  errorRate: z.optional(z.union([z.number().check(z.gt(0), z.lt(1)), z.literal(false), ratio])),
  p95LatencyMs: z.optional(z.union([limit, ratio])),
  costUsd: z.optional(z.union([limit, ratio])),
  score: z.optional(
    z.strictObject({ tolerated: z.optional(z.number().check(z.gte(0))), harmful: z.number().check(z.gt(0)) }),
  ),
});

/** @throws `invalid-options` */
export function guardsOf({ errorRate = {}, p95LatencyMs, costUsd, score }: CanaryGuards): readonly Guard[] {
  const guards = [
    errorRate === false ? undefined : guardOf('errorRate', errorRate, 1, 2),
    p95LatencyMs === undefined ? undefined : guardOf('p95LatencyMs', p95LatencyMs, 1.2, 1.5),
    costUsd === undefined ? undefined : guardOf('costUsd', costUsd, 1.2, 1.5),
    score && relative('score', score.tolerated ?? 0, score.harmful),
  ].flatMap((guard) => guard ?? []);
  if (guards.length === 0)
    throw invalidOption('canary.guard', 'watches nothing: nothing would roll the canary back by itself');
  return guards;
}

function guardOf(
  guard: AbsoluteGuard['guard'],
  given: number | CanaryRatio,
  tolerated: number,
  harmful: number,
): Guard {
  if (typeof given === 'number') return { guard, limit: given };
  const compared = relative(guard, given.tolerated ?? tolerated, given.harmful ?? harmful);
  if (guard === 'p95LatencyMs' && compared.harmful / compared.tolerated < bucketFactor - rounding)
    throw invalidOption(
      `canary.guard.${guard}.harmful`,
      `is ${compared.harmful}, less than ${bucketFactor} times what is tolerated (${compared.tolerated}): latencies are counted in steps of 15 %, so it could never be shown that a canary is not harmful`,
    );
  return compared;
}

function relative(guard: Guard['guard'], tolerated: number, harmful: number): RelativeGuard {
  if (harmful > tolerated) return { guard, tolerated, harmful };
  throw invalidOption(
    `canary.guard.${guard}.harmful`,
    `is ${harmful}, which is not more than what is tolerated (${tolerated})`,
  );
}
