/** A running timer of a {@link Clock}; only good for handing back to `clearTimeout`. */
export type Timer = object;

/** Time, injected everywhere, so that tests drive it and nothing sleeps. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Calls back after `ms`. A timer keeps the process alive only with `keepAlive`: those that somebody waits for do, nets
   * and limits do not.
   */
  setTimeout(callback: () => void, ms: number, keepAlive?: boolean): Timer;
  clearTimeout(timer: Timer): void;
}

/** Node runs a timer that is longer than this at once. */
const longestTimerMs = 2_147_483_647;

/** The machine's clock. */
export const realClock: Clock = {
  now: Date.now,
  setTimeout: (callback, ms, keepAlive = false) => {
    const timer = setTimeout(callback, Math.min(ms, longestTimerMs));
    return keepAlive ? timer : timer.unref();
  },
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Waits `ms` on the clock; rejects with the signal's reason as soon as it aborts. */
export function wait(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const done = (): void => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const timer = clock.setTimeout(done, ms, true);
    const abort = () => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}
