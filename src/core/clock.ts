/** A running timer of a {@link Clock}; only good for handing back to `clearTimeout`. */
export type Timer = object;

/** Time, injected everywhere, so that tests drive it and nothing sleeps. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back after `ms`. The timer never keeps the process alive. */
  setTimeout(callback: () => void, ms: number): Timer;
  clearTimeout(timer: Timer): void;
}

/** Node runs a timer that is longer than this at once. */
const longestTimerMs = 2_147_483_647;

/** The machine's clock. */
export const realClock: Clock = {
  now: Date.now,
  setTimeout: (callback, ms) => setTimeout(callback, Math.min(ms, longestTimerMs)).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Waits `ms` on the clock; rejects with the signal's reason as soon as it aborts. */
export function wait(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    const abort = () => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}
