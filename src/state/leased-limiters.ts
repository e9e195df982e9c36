import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../core/clock.ts';
import type { Limiters, SharedLimiter, SharedLimits } from '../core/state.ts';

/** How long a slot is kept for a process that says nothing more: so long after a crash it is free again. */
const leaseMs = 10_000;
/** Every process says so often which slots it holds. */
export const renewEveryMs = 2_500;
/** How often a start that waits asks again, unless a slot of its own process is freed first. */
const askEveryMs = 50;

/** Where slots are kept, each until its lease ends. */
export interface SlotStore {
  /** Takes a slot of a key, unless so many are held. */
  start(key: string, slot: string, concurrency: number, leaseMs: number): Promise<boolean>;
  /** Extends leases, and brings back those that the store has lost. */
  renew(held: readonly HeldSlots[], leaseMs: number): Promise<void>;
  /** Resolves when whoever asks for a slot from then on finds these free. */
  end(held: readonly HeldSlots[]): Promise<void>;
}

/** What a process holds of one key. */
export interface HeldSlots {
  readonly key: string;
  readonly slots: readonly string[];
}

/** What this process has of one key. Kept for as long as it holds a slot or waits for one. */
interface Share {
  readonly held: Set<string>;
  /** Those who wait, in the order they came. */
  readonly waiting: Set<() => void>;
}

/** Concurrency over all processes. A slot is leased, and the lease renewed until it is given back. */
export class LeasedLimiters implements Limiters {
  readonly #store: SlotStore;
  readonly #clock: Clock;
  readonly #shares = new Map<string, Share>();
  readonly #process = randomUUID();
  #count = 0;
  #renewal: Timer | undefined;

  constructor(store: SlotStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  limiter(key: string, { concurrency }: SharedLimits): SharedLimiter {
    return { start: (maxWaitMs) => this.#start(key, concurrency, maxWaitMs) };
  }

  /** Gives back all it holds; what cannot be told to the store ends with its lease. */
  async dispose(): Promise<void> {
    if (this.#renewal !== undefined) this.#clock.clearTimeout(this.#renewal);
    this.#renewal = undefined;
    const held = this.#held();
    this.#shares.clear();
    if (held.length > 0) await this.#store.end(held).catch(() => {});
  }

  async #start(key: string, concurrency: number, maxWaitMs: number): Promise<(() => void) | undefined> {
    const until = this.#clock.now() + maxWaitMs;
    const slot = `${this.#process}:${++this.#count}`;
    for (;;) {
      if (await this.#store.start(key, slot, concurrency, leaseMs)) return this.#hold(key, slot);
      const leftMs = until - this.#clock.now();
      if (leftMs <= 0) return undefined;
      await this.#freedWithin(key, Math.min(leftMs, askEveryMs));
    }
  }

  #hold(key: string, slot: string): () => void {
    this.#share(key).held.add(slot);
    this.#renewal ??= this.#renewLater();
    return () => {
      const share = this.#shares.get(key);
      if (share?.held.delete(slot) !== true) return;
      void this.#end(key, slot);
      this.#forget(key, share);
    };
  }

  async #end(key: string, slot: string): Promise<void> {
    try {
      await this.#store.end([{ key, slots: [slot] }]);
    } catch {
      // Left to itself, the slot ends with its lease.
      return;
    }
    const [next] = this.#shares.get(key)?.waiting ?? [];
    next?.();
  }

  /** Ends early when a slot of this process is given back. */
  #freedWithin(key: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const share = this.#share(key);
      const done = (): void => {
        this.#clock.clearTimeout(timer);
        share.waiting.delete(done);
        this.#forget(key, share);
        resolve();
      };
      const timer = this.#clock.setTimeout(done, ms, true);
      share.waiting.add(done);
    });
  }

  #renewLater(): Timer {
    return this.#clock.setTimeout(() => {
      this.#renewal = undefined;
      const held = this.#held();
      if (held.length === 0) return;
      this.#renewal = this.#renewLater();
      // What fails now is tried again the next time.
      this.#store.renew(held, leaseMs).catch(() => {});
    }, renewEveryMs);
  }

  #held(): readonly HeldSlots[] {
    return [...this.#shares]
      .filter(([, { held }]) => held.size > 0)
      .map(([key, { held }]) => ({ key, slots: [...held] }));
  }

  #share(key: string): Share {
    let share = this.#shares.get(key);
    if (share === undefined) {
      share = { held: new Set(), waiting: new Set() };
      this.#shares.set(key, share);
    }
    return share;
  }

  #forget(key: string, { held, waiting }: Share): void {
    if (held.size === 0 && waiting.size === 0) this.#shares.delete(key);
  }
}
