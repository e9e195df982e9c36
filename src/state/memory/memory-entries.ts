import type { Clock } from '../../core/clock.ts';

/** Of those that are kept for good, and of those that are kept for some time. */
const keepAtMost = { lasting: 10_000, passing: 100_000 } as const;

interface Entry<T> {
  readonly value: T;
  readonly until: number;
}

/**
 * Entries in this process, each for good or for some time. Of those kept for good there are 10,000 at most, of the others
 * 100,000: beyond that, what was not asked for the longest makes room for its like.
 */
export class MemoryEntries<T> {
  readonly #clock: Clock;
  /** What was asked for last is last in each. */
  readonly #lasting = new Map<string, Entry<T>>();
  readonly #passing = new Map<string, Entry<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): T | undefined {
    const among = this.#lasting.has(key) ? this.#lasting : this.#passing;
    const entry = among.get(key);
    if (entry === undefined) return undefined;
    among.delete(key);
    if (entry.until <= this.#clock.now()) return undefined;
    among.set(key, entry);
    return entry.value;
  }

  set(key: string, value: T, ttlMs: number | undefined): void {
    this.#lasting.delete(key);
    this.#passing.delete(key);
    const [among, most] =
      ttlMs === undefined ? [this.#lasting, keepAtMost.lasting] : [this.#passing, keepAtMost.passing];
    among.set(key, { value, until: ttlMs === undefined ? Infinity : this.#clock.now() + ttlMs });
    const [oldest] = among.keys();
    if (oldest !== undefined && among.size > most) among.delete(oldest);
  }
}
