import type { Clock, Timer } from '../../../core/clock.ts';
import { orAborted } from '../../../core/or-aborted.ts';

/** After something that took too long, so long nobody waits. Milliseconds. */
const restMs = 10_000;

/** Waits for what may never come, for so long; after one that took longer nobody waits for a while. */
export class Patience {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #what: string;
  #restsUntil = 0;

  /** @param what takes so long, as a report begins */
  constructor(clock: Clock, limitMs: number, what: string) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#what = what;
  }

  get isAtRest(): boolean {
    return this.#clock.now() < this.#restsUntil;
  }

  /**
   * Rejects when that takes too long, and when `outer` aborts.
   *
   * @param work given a signal that aborts then: what it has begun ends with the waiting
   */
  async waitFor<T>(work: (signal: AbortSignal) => Promise<T>, outer?: AbortSignal): Promise<T> {
    outer?.throwIfAborted();
    const limit = new AbortController();
    const follow = (): void => limit.abort(outer?.reason);
    const giveUp = (): void => {
      this.#restsUntil = this.#clock.now() + restMs;
      limit.abort(new Error(`${this.#what} took longer than \`timeoutMs\`, ${this.#limitMs} ms.`));
    };
    outer?.addEventListener('abort', follow, { once: true });
    const timer: Timer = this.#clock.setTimeout(giveUp, this.#limitMs, true);
    try {
      const working = work(limit.signal);
      // What it comes to once nobody waits is nobody's.
      working.catch(() => {});
      return await orAborted(working, limit.signal);
    } finally {
      this.#clock.clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    }
  }
}
