import type { CacheStore } from '../../core/cache-store.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { KeyvStore } from './options.ts';

/** Longest wait for an answer. A healthy store takes less than a hundredth of it; adapters may wait for a server for ever. */
const answerLimitMs = 1_000;
/** After one that was not answered one question in so long tries again; the others fail at once. */
const probeEveryMs = 500;

/** In place of what is no text of ours. */
const damaged = '';

/** How often each store that was given has told of an error. One listener, however often it is given. */
const told = new WeakMap<object, { errors: number }>();

/**
 * A store that was given, asked for texts alone: what else it holds is damaged. Keyv tells listeners of what fails and
 * answers that there is nothing; without a listener, one that loses its connection would end the process.
 */
export class GivenStore implements CacheStore {
  readonly #given: KeyvStore | CacheStore;
  readonly #clock: Clock;
  readonly #told: { readonly errors: number };
  #hangingUntil = 0;

  constructor(given: KeyvStore | CacheStore, clock: Clock) {
    this.#given = given;
    this.#clock = clock;
    this.#told = listenTo(given);
  }

  get(key: string): Promise<string | undefined> {
    return this.#ask(async () => {
      const before = this.#told.errors;
      const value: unknown = await this.#given.get(key);
      if (value !== undefined && value !== null) return typeof value === 'string' ? value : damaged;
      if (this.#told.errors > before) throw new Error('The store has told of an error.');
      return undefined;
    });
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    return this.#ask(async () => {
      const stored: unknown = await this.#given.set(key, value, ttlMs);
      if (stored === false) throw new Error('The store has not taken it.');
    });
  }

  pin(key: string, value: string, ttlMs: number): Promise<void> {
    const given = this.#given;
    if (!('pin' in given) || given.pin === undefined) return this.set(key, value, ttlMs);
    return this.#ask(async () => given.pin?.(key, value, ttlMs));
  }

  delete(key: string): Promise<boolean> {
    return this.#ask(async () => this.#given.delete(key));
  }

  /** What fails at once costs nobody time, and says nothing of other questions: a full store can be read. */
  async #ask<T>(question: () => Promise<T>): Promise<T> {
    const now = this.#clock.now();
    if (now < this.#hangingUntil)
      throw new Error('The store has not answered before, and is asked again soon.');
    if (this.#hangingUntil > 0) this.#hangingUntil = now + probeEveryMs;
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      const giveUp = (): void => {
        this.#hangingUntil = this.#clock.now() + probeEveryMs;
        reject(new Error(`The store has not answered within ${answerLimitMs} ms.`));
      };
      // Somebody waits for it, be it the end of the process.
      timer = this.#clock.setTimeout(giveUp, answerLimitMs, true);
    });
    const answered = question().finally(() => (this.#hangingUntil = 0));
    try {
      return await Promise.race([answered, late]);
    } finally {
      if (timer !== undefined) this.#clock.clearTimeout(timer);
    }
  }
}

function listenTo(given: KeyvStore | CacheStore): { readonly errors: number } {
  const known = told.get(given);
  if (known !== undefined) return known;
  const heard = { errors: 0 };
  told.set(given, heard);
  if ('on' in given && typeof given.on === 'function') given.on('error', () => (heard.errors += 1));
  return heard;
}
