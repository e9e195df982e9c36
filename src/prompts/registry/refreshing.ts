import type { Clock } from '../../core/clock.ts';
import { orAborted } from '../../core/or-aborted.ts';

/** Longest pause after the first failure; each further one doubles it. */
const firstPauseMs = 1_000;

export interface RefreshingOptions<T> {
  readonly clock: Clock;
  /** How long it is taken for new. Also the longest pause after failures. */
  readonly freshMs: number;
  /** A load that takes longer has failed. */
  readonly timeoutMs: number;
  /** Ends what is under way, for good. */
  readonly stop: AbortSignal;
  readonly load: (signal: AbortSignal) => Promise<T>;
  /** Told of each load that failed. */
  readonly failed: (thrown: unknown) => void;
  /** What a load that took too long has failed with. */
  readonly late: () => Error;
}

/**
 * Something that is loaded again in the background when it is not new any more, and used as it is meanwhile. Loads never
 * overlap. One that fails changes nothing, and the next waits a while.
 */
export class Refreshing<T> {
  readonly #options: RefreshingOptions<T>;
  #value: T | undefined;
  #dueAt = -Infinity;
  #knownSince = -Infinity;
  #pauseMs = firstPauseMs;
  #flight: Promise<void> | undefined;
  #failure: unknown;
  /** Whether somebody has waited in vain for what is under way. */
  #isSlow = false;
  /** Counts what was put in its place from outside: a load that began before is of no use. */
  #sets = 0;

  constructor(options: RefreshingOptions<T>) {
    this.#options = options;
  }

  /** As it is known, new or not. */
  get value(): T | undefined {
    return this.#value;
  }

  /** Why the last load failed; `undefined` where it did not, or there was none. */
  get failure(): unknown {
    return this.#failure;
  }

  /** What is known now. Begins a load where one is due. */
  look(): T | undefined {
    if (this.#options.clock.now() >= this.#dueAt) void this.#start();
    return this.#value;
  }

  /** What is known once the load that is under way has ended, however it does. Begins one where one is due. */
  async settled(): Promise<T | undefined> {
    this.look();
    if (this.#flight !== undefined) await this.#ended(this.#flight);
    return this.#value;
  }

  /**
   * Whether what is known is so old that a short wait for another is better than to use it: not where the last load has failed,
   * or somebody has waited for this one before.
   */
  isWorthAWait(ageMs: number): boolean {
    if (this.#value === undefined || this.#failure !== undefined || this.#isSlow) return false;
    return this.#options.clock.now() - this.#knownSince >= ageMs;
  }

  /** As {@link Refreshing.settled}, after `ms` at the latest. */
  async settledWithin(ms: number): Promise<T | undefined> {
    this.look();
    const flight = this.#flight;
    if (flight !== undefined) await this.#ended(flight, ms);
    if (flight !== undefined && this.#flight === flight) this.#isSlow = true;
    return this.#value;
  }

  /** Loads now, due or not. Rejects where that fails. */
  async refresh(): Promise<void> {
    // What is under way may have begun before what is asked for has happened.
    if (this.#flight !== undefined) await this.#ended(this.#flight);
    await this.#ended(this.#start());
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** What is known from elsewhere, and new. */
  set(value: T): void {
    this.#sets += 1;
    this.#succeed(value);
  }

  #start(): Promise<void> {
    return (this.#flight ??= this.#run().finally(() => {
      this.#flight = undefined;
      this.#isSlow = false;
    }));
  }

  /** Somebody waits, which keeps the process alive: nothing else of a source may. */
  #ended(flight: Promise<void>, mostMs?: number): Promise<void> {
    const { clock, timeoutMs } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(mostMs === undefined ? () => {} : resolve, mostMs ?? timeoutMs, true);
      void flight.finally(() => {
        clock.clearTimeout(timer);
        resolve();
      });
    });
  }

  async #run(): Promise<void> {
    const sets = this.#sets;
    try {
      const value = await this.#load();
      if (sets === this.#sets) this.#succeed(value);
    } catch (thrown) {
      const { clock, freshMs, failed, stop } = this.#options;
      this.#failure = thrown ?? new Error('Failed without a reason.');
      this.#dueAt = clock.now() + this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, Math.max(freshMs, firstPauseMs));
      if (!stop.aborted) failed(thrown);
    }
  }

  #succeed(value: T): void {
    const { clock, freshMs } = this.#options;
    this.#value = value;
    this.#knownSince = clock.now();
    this.#failure = undefined;
    this.#pauseMs = firstPauseMs;
    this.#dueAt = clock.now() + freshMs;
  }

  async #load(): Promise<T> {
    const { clock, timeoutMs, stop, load, late } = this.#options;
    const controller = new AbortController();
    const timer = clock.setTimeout(() => controller.abort(late()), timeoutMs);
    const end = (): void => controller.abort(stop.reason);
    if (stop.aborted) end();
    stop.addEventListener('abort', end, { once: true });
    try {
      return await orAborted(load(controller.signal), controller.signal);
    } finally {
      clock.clearTimeout(timer);
      stop.removeEventListener('abort', end);
    }
  }
}
