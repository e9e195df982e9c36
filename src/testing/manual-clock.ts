import { setImmediate as turn } from 'node:timers/promises';

import type { Clock, Timer } from '../core/clock.ts';

/** A clock that stands still until it is told to move. */
export interface ManualClock extends Clock {
  /**
   * Moves time forward, firing every timer that falls due, in order, also those set by timers on the way. Promises
   * get to run before the first timer and after each one.
   */
  advance(ms: number): Promise<void>;
  /** Moves time to each pending timer in turn until none is left. Throws after `maxTimers` (10,000): a timer renews itself. */
  runAll(maxTimers?: number): Promise<void>;
  /** Timers set and not yet fired. */
  readonly pending: number;
}

interface ManualTimer {
  readonly callback: () => void;
  readonly at: number;
}

/**
 * A {@link ManualClock}, so that tests of waits, windows and rate limits take no time.
 *
 * ```ts
 * import { manualClock, standIn } from 'managed-llm/testing';
 *
 * const clock = manualClock(Date.UTC(2026, 0, 1));
 * const provider = standIn({ clock });
 * provider.next({ text: 'late', latencyMs: 30_000 });
 * const answer = provider.fetch('https://api.example/v1/models');
 * await clock.advance(30_000);
 * await answer;
 * ```
 *
 * @param startMs What `now()` says at first, in milliseconds since the Unix epoch; default 0.
 */
export function manualClock(startMs = 0): ManualClock {
  let now = startMs;
  const timers = new Set<ManualTimer>();

  const earliest = (until: number): ManualTimer | undefined => {
    let first: ManualTimer | undefined;
    for (const timer of timers) {
      if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  };

  const fire = async (timer: ManualTimer) => {
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.callback();
    await settle();
  };

  return {
    now: () => now,
    setTimeout(callback, ms) {
      const timer: ManualTimer = { callback, at: now + Math.max(0, ms) };
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer: Timer) {
      timers.delete(timer as ManualTimer);
    },
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`advance(ms): expected a number of at least 0, got ${ms}.`);
      const until = now + ms;
      await settle();
      for (let timer = earliest(until); timer !== undefined; timer = earliest(until)) await fire(timer);
      now = until;
    },
    async runAll(maxTimers = 10_000) {
      await settle();
      for (let fired = 0; ; fired += 1) {
        const timer = earliest(Infinity);
        if (timer === undefined) return;
        if (fired >= maxTimers) {
          throw new Error(`runAll(): ${maxTimers} timers fired and ${timers.size} are still pending.`);
        }
        await fire(timer);
      }
    },
    get pending() {
      return timers.size;
    },
  };
}

/** All microtasks run within one turn of the event loop; the second turn is for code that waits a turn itself. */
async function settle(): Promise<void> {
  await turn();
  await turn();
}
