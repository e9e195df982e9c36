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

/** Answers in this process. What was not asked for the longest makes room. The table itself is loaded when first used. */
export class MemoryCache implements CacheStore {
  readonly #clock: Clock;
  readonly #limits: MemoryCacheLimits;
  #kept: Kepts | undefined;
  #loading: Promise<Kepts> | undefined;

  constructor(clock: Clock, limits: MemoryCacheLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get(key: string): string | undefined | Promise<string | undefined> {
    const kept = this.#kept;
    return kept === undefined ? this.#loaded().then((table) => this.#get(table, key)) : this.#get(kept, key);
  }

  set(key: string, value: string, ttlMs: number): void | Promise<void> {
    const entry = { value, until: this.#clock.now() + ttlMs };
    const kept = this.#kept;
    if (kept === undefined) return this.#loaded().then((table) => void table.set(key, entry));
    kept.set(key, entry);
  }

  delete(key: string): boolean | Promise<boolean> {
    const kept = this.#kept;
    return kept === undefined
      ? this.#loaded().then((table) => this.#delete(table, key))
      : this.#delete(kept, key);
  }

  #get(kept: Kepts, key: string): string | undefined {
    const entry = kept.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > this.#clock.now()) return entry.value;
    kept.delete(key);
    return undefined;
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
