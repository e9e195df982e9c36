import type { Host } from '../../core/interceptor.ts';
import type { Lane } from './lane.ts';
import type { Limiter } from './limiter.ts';
import type { BucketLimit } from './limits.ts';

/** What is left of one limit. */
export interface LimitStatus {
  /** The lower of what is stated and what the provider told. */
  readonly limit: number;
  /** May be below 0: what turned out dearer than thought overdraws. */
  readonly left: number;
  readonly stated: number | undefined;
  /** By the provider, as last heard. */
  readonly learnt: number | undefined;
}

/** How the limits of one provider, target or caller stand. */
export interface LimiterStatus {
  /** `azure` or `openai/gpt-6-luna`; followed by the caller's key where limits are by caller. */
  readonly limiter: string;
  /** Attempts under way in this process. */
  readonly running: number;
  /** `undefined`: not limited. */
  readonly concurrency: number | undefined;
  /** Calls that wait for this provider in this process, whichever of its limits they wait for. */
  readonly waiting: number;
  /** Milliseconds for which the provider has asked to be left alone, 0 if it has not. */
  readonly pausedForMs: number;
  readonly limits: Readonly<Partial<Record<BucketLimit, LimitStatus>>>;
}

/** Reads all limiters of these lanes, each once. */
export async function statusOf(
  lanes: readonly Lane[],
  { state, clock }: Pick<Host, 'state' | 'clock'>,
): Promise<readonly LimiterStatus[]> {
  const waiting = new Map<Limiter, number>();
  for (const lane of lanes) for (const limiter of lane.limiters) waiting.set(limiter, lane.queue.size);
  return Promise.all(
    [...waiting].map(async ([limiter, count]) => {
      const limits: Partial<Record<BucketLimit, LimitStatus>> = {};
      for (const { limit, bucket, stated, learnt, inForce } of limiter.meters) {
        if (bucket === undefined || inForce === undefined) continue;
        const left = await state.ledger.level(bucket);
        limits[limit] = { limit: inForce, left, stated, learnt };
      }
      return {
        limiter: limiter.key.slice('throttle/'.length),
        running: limiter.running,
        concurrency: limiter.concurrency === Infinity ? undefined : limiter.concurrency,
        waiting: count,
        pausedForMs: Math.max(0, limiter.pausedUntil - clock.now()),
        limits,
      };
    }),
  );
}
