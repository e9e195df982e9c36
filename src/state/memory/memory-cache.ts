import type { LRUCache } from 'lru-cache';
import type { CacheStore } from '../../core/cache-store.ts';
import type { Clock } from '../../core/clock.ts';

/** How many answers are kept in this process, and how much room they may take. */
export interface MemoryCacheLimits {
  readonly entries: number;
  /** As UTF-16, keys included. */
  readonly bytes: number;
}

interface Kept {
  readonly value: string;
  readonly until: number;
}

type Kepts = LRUCache<string, Kept>;

/** More than that begin anew, and no answer outlives what said of it that it is out of date. About 2 MB. */
const mostPinned = 10_000;

/**
 * Answers in this process. What was not asked for the longest makes room, but for what is pinned. The table itself is loaded
 * when first used.
 */
export class MemoryCache implements CacheStore {
  readonly #clock: Clock;
  readonly #limits: MemoryCacheLimits;
  readonly #pinned = new Map<string, Kept>();
  #kept: Kepts | undefined;
  #loading: Promise<Kepts> | undefined;

  constructor(clock: Clock, limits: MemoryCacheLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get(key: string): string | undefined | Promise<string | undefined> {
    const pinned = this.#pinned.get(key);
    if (pinned !== undefined) return this.#live(this.#pinned, key, pinned);
    const kept = this.#kept;
    return kept === undefined ? this.#loaded().then((table) => this.#get(table, key)) : this.#get(kept, key);
  }

  set(key: string, value: string, ttlMs: number): void | Promise<void> {
    const entry = { value, until: this.#clock.now() + ttlMs };
    const kept = this.#kept;
    if (kept === undefined) return this.#loaded().then((table) => void table.set(key, entry));
    kept.set(key, entry);
  }

  pin(key: string, value: string, ttlMs: number): void {
    const now = this.#clock.now();
    this.#pinned.delete(key);
    if (this.#pinned.size >= mostPinned) this.#makeRoom(now);
    this.#pinned.set(key, { value, until: now + ttlMs });
  }

  delete(key: string): boolean | Promise<boolean> {
    const pinned = this.#pinned.get(key);
    if (pinned !== undefined)
      return this.#live(this.#pinned, key, pinned) !== undefined && this.#pinned.delete(key);
    const kept = this.#kept;
    return kept === undefined
      ? this.#loaded().then((table) => this.#delete(table, key))
      : this.#delete(kept, key);
  }

  #get(kept: Kepts, key: string): string | undefined {
    const entry = kept.get(key);
    return entry && this.#live(kept, key, entry);
  }

  #live(table: Pick<Kepts, 'delete'>, key: string, { value, until }: Kept): string | undefined {
    if (until > this.#clock.now()) return value;
    table.delete(key);
    return undefined;
  }

  /** Of what is pinned, that whose time is over goes; where that is not enough, the older half, and all answers with it. */
  #makeRoom(now: number): void {
    for (const [key, { until }] of this.#pinned) if (until <= now) this.#pinned.delete(key);
    if (this.#pinned.size < mostPinned) return;
    this.#kept?.clear();
    for (const key of [...this.#pinned.keys()].slice(0, mostPinned / 2)) this.#pinned.delete(key);
  }

  #delete(kept: Kepts, key: string): boolean {
    return this.#get(kept, key) !== undefined && kept.delete(key);
  }

  #loaded(): Promise<Kepts> {
    return (this.#loading ??= this.#load());
  }

  async #load(): Promise<Kepts> {
    const { LRUCache: Table } = await import('lru-cache');
    const { entries, bytes } = this.#limits;
    return (this.#kept = new Table<string, Kept>({
      max: entries,
      maxSize: bytes,
      sizeCalculation: ({ value }, key) => 2 * (value.length + key.length) + 1,
    }));
  }
}
