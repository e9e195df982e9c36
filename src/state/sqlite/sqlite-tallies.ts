import type { Sums, Tallies } from '../../core/tallies.ts';
import { amountsOf, checkKeys, sumsOf, type Amount } from '../tally-bounds.ts';
import { toKept } from '../kept-text.ts';
import type { SqliteStore } from './sqlite-store.ts';

/** Of tallies whose time is over, so many go with each addition. */
const overAtOnce = 10;

const selectSums = 'select sums from tallies where key = ? and (ends_at is null or ends_at > ?)';
const upsertTally = `
  insert into tallies (key, sums, ends_at) values (?, ?, ?)
  on conflict (key) do update set sums = excluded.sums, ends_at = excluded.ends_at`;
const deleteOver = `delete from tallies where rowid in (
  select rowid from tallies where ends_at <= ? order by ends_at limit ${overAtOnce})`;

/** Sums that all processes on this machine share. */
export class SqliteTallies implements Tallies {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  add(key: string, amounts: Sums, ttlMs?: number): Sums | Promise<Sums> {
    const [kept, added] = [toKept(key), amountsOf(key, amounts, ttlMs)];
    return this.#store.ask('tallies.add', (now) => {
      this.#store.run(deleteOver, now);
      const sums = new Map(this.#sums(kept, now));
      for (const [field, amount] of added) sums.set(field, (sums.get(field) ?? 0) + amount);
      const endsAt = ttlMs === undefined ? null : now + ttlMs;
      this.#store.run(upsertTally, kept, JSON.stringify([...sums]), endsAt);
      return sumsOf(sums);
    });
  }

  read(keys: readonly string[]): readonly Sums[] | Promise<readonly Sums[]> {
    checkKeys(keys);
    return this.#store.look('tallies.read', (now) => keys.map((key) => sumsOf(this.#sums(toKept(key), now))));
  }

  #sums(key: string, now: number): readonly Amount[] {
    const row = this.#store.get(selectSums, key, now);
    return row === undefined ? [] : JSON.parse(String(row['sums']));
  }
}
