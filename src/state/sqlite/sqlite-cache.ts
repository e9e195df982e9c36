import { setImmediate as turn } from 'node:timers/promises';
import type { CacheStore } from '../../core/cache-store.ts';
import { isPromise } from '../../core/is-promise.ts';
import { fromKept, toKept } from '../kept-text.ts';
import type { Row, SqliteStore } from './sqlite-store.ts';

/** How many answers are kept in the file, and how much room they may take. */
export interface SqliteCacheLimits {
  readonly entries: number;
  /** As UTF-8, keys included. */
  readonly bytes: number;
}

/** So much is deleted in one turn of the event loop, which takes a millisecond or two. */
const portion = { entries: 100, bytes: 2_097_152 } as const;
/** Of answers whose time is over, so many go with each that comes. */
const overAtOnce = 10;
/** So many that were read here are known to have been, when others make room. */
const readAtMost = 100;

const selectCached = `select value from cached where key = ?1 and ends_at > ?2
union all select value from pinned where key = ?1 and ends_at > ?2`;
const touchCached = 'update cached set used_at = ? where key = ?';
const insertCached = 'insert into cached (key, value, bytes, ends_at, used_at) values (?, ?, ?, ?, ?)';
const deleteCached = 'delete from cached where key = ?';
const insertPinned = 'insert or replace into pinned (key, value, ends_at) values (?, ?, ?)';
const deletePinned = 'delete from pinned where key = ?';
const deletePinnedOver = `delete from pinned where rowid in (
  select rowid from pinned where ends_at <= ? order by ends_at limit ${overAtOnce})`;
const deleteOver = `delete from cached where rowid in (
  select rowid from cached where ends_at <= ? order by ends_at limit ${overAtOnce})`;
const selectRoom = 'select entries, bytes from cached_room';
const selectUnused = 'select key, bytes from cached order by used_at, rowid limit 1';

/**
 * Answers that all processes on this machine share. What was not read for the longest makes room, some at a time; what is
 * pinned stays for its time.
 */
export class SqliteCache implements CacheStore {
  readonly #store: SqliteStore;
  readonly #limits: SqliteCacheLimits;
  /** Keys of what was read here, the last one last; noted in the file with what is written next. */
  readonly #read = new Set<string>();

  constructor(store: SqliteStore, limits: SqliteCacheLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  get(key: string): string | undefined | Promise<string | undefined> {
    const kept = toKept(key);
    const found = this.#store.look('cache.get', (now) => this.#store.get(selectCached, kept, now));
    return isPromise(found) ? found.then((row) => this.#found(kept, row)) : this.#found(kept, found);
  }

  set(key: string, value: string, ttlMs: number): void | Promise<void> {
    const [keptKey, keptValue] = [toKept(key), toKept(value)];
    const bytes = Buffer.byteLength(keptKey) + Buffer.byteLength(keptValue);
    const fits = bytes <= this.#limits.bytes;
    const isBounded = this.#store.ask('cache.set', (now) => {
      this.#noteRead(now);
      this.#store.run(deleteOver, now);
      this.#store.run(deleteCached, keptKey);
      if (fits) this.#store.run(insertCached, keptKey, keptValue, bytes, now + ttlMs, now);
      return this.#makeRoom();
    });
    if (isBounded !== true) return this.#makeRest(isBounded);
  }

  pin(key: string, value: string, ttlMs: number): void | Promise<void> {
    return this.#store.ask('cache.pin', (now) => {
      this.#store.run(deletePinnedOver, now);
      this.#store.run(insertPinned, toKept(key), toKept(value), now + ttlMs);
    });
  }

  delete(key: string): boolean | Promise<boolean> {
    const kept = toKept(key);
    return this.#store.ask('cache.delete', (now) => {
      const isThere = this.#store.get(selectCached, kept, now) !== undefined;
      this.#store.run(deleteCached, kept);
      this.#store.run(deletePinned, kept);
      return isThere;
    });
  }

  #found(key: string, row: Row | undefined): string | undefined {
    if (row === undefined) return undefined;
    this.#read.delete(key);
    this.#read.add(key);
    const [oldest] = this.#read;
    if (oldest !== undefined && this.#read.size > readAtMost) this.#read.delete(oldest);
    return fromKept(String(row['value']));
  }

  /** May come to nothing with its transaction, which costs an answer its place in the order, and no more. */
  #noteRead(now: number): void {
    for (const key of this.#read) this.#store.run(touchCached, now, key);
    this.#read.clear();
  }

  /** Returns whether there is enough: else the next turn goes on. */
  #makeRoom(): boolean {
    let freed = 0;
    for (let count = 0; this.#isFull(); count += 1) {
      if (count === portion.entries || freed >= portion.bytes) return false;
      const row = this.#store.get(selectUnused);
      if (row === undefined) return true;
      freed += Number(row['bytes']);
      this.#store.run(deleteCached, String(row['key']));
    }
    return true;
  }

  #isFull(): boolean {
    const room = this.#store.get(selectRoom);
    return Number(room?.['entries']) > this.#limits.entries || Number(room?.['bytes']) > this.#limits.bytes;
  }

  async #makeRest(isBounded: boolean | Promise<boolean>): Promise<void> {
    while (!(await isBounded)) {
      await turn();
      isBounded = this.#store.ask('cache.set', () => this.#makeRoom());
    }
  }
}
