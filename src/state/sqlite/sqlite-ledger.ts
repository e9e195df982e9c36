import type { Bucket, Ledger, LedgerFacts, Take, Taken } from '../../core/state.ts';
import type { SqliteStore } from './sqlite-store.ts';

/** A bucket as it stands now. Where there is no row of it, it is full. */
interface Level {
  level: number;
  pausedUntil: number;
  /** All that was ever taken, less what was given back. */
  mark: number;
}

const selectBucket = 'select level, at, paused_until, mark from buckets where key = ?';
const upsertBucket = `
  insert into buckets (key, level, at, paused_until, mark, says_nothing_at) values (?, ?, ?, ?, ?, ?)
  on conflict (key) do update set level = excluded.level, at = excluded.at, paused_until = excluded.paused_until,
    mark = excluded.mark, says_nothing_at = excluded.says_nothing_at`;
/** Of full buckets; a few at a time, more often than new ones come. */
const deleteFull = `
  delete from buckets where key in (select key from buckets where says_nothing_at <= ? order by says_nothing_at limit 4)`;

/** Buckets that all processes on this machine share. */
export class SqliteLedger implements Ledger {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  take(takes: readonly Take[]): Taken | Promise<Taken> {
    return this.#store.ask('ledger.take', (now) => {
      let [worst, index] = [0, -1];
      const found = takes.map(({ bucket, amount }, at) => {
        const kept = this.#find(bucket, now);
        const missing = Math.min(amount, bucket.capacity) - kept.level;
        // Levels are fractions: without the margin a wait of exactly the announced length could fall short.
        const refill = missing <= 1e-9 ? 0 : Math.max(1, Math.ceil(missing / bucket.refillPerMs));
        const waitMs = Math.max(refill, Math.ceil(kept.pausedUntil - now));
        if (waitMs > worst) [worst, index] = [waitMs, at];
        return kept;
      });
      if (index >= 0) return { ok: false, index, waitMs: worst, levels: found.map(({ level }) => level) };
      const spent = takes.map((take) => this.#spend(take, now));
      return { ok: true, levels: spent.map(({ level }) => level), marks: spent.map(({ mark }) => mark) };
    });
  }

  adjust(takes: readonly Take[]): void | Promise<void> {
    return this.#store.ask('ledger.adjust', (now) => {
      for (const take of takes) this.#spend(take, now);
    });
  }

  learn(bucket: Bucket, { atMost, mark, pauseMs }: LedgerFacts): void | Promise<void> {
    return this.#store.ask('ledger.learn', (now) => {
      const kept = this.#find(bucket, now);
      const since = mark === undefined ? 0 : kept.mark - mark;
      if (atMost !== undefined) kept.level = Math.min(kept.level, atMost - since);
      if (pauseMs !== undefined) kept.pausedUntil = Math.max(kept.pausedUntil, now + pauseMs);
      this.#keep(bucket, kept, now);
    });
  }

  level(bucket: Bucket): number | Promise<number> {
    return this.#store.look('ledger.level', (now) => this.#find(bucket, now).level);
  }

  #spend({ bucket, amount }: Take, now: number): Level {
    const kept = this.#find(bucket, now);
    kept.level = Math.min(bucket.capacity, kept.level - amount);
    kept.mark += amount;
    this.#keep(bucket, kept, now);
    return kept;
  }

  #find({ key, capacity, refillPerMs }: Bucket, now: number): Level {
    const row = this.#store.get(selectBucket, JSON.stringify(key));
    if (row === undefined) return { level: capacity, pausedUntil: 0, mark: 0 };
    const sinceMs = now - Number(row['at']);
    return {
      level: Math.min(capacity, Number(row['level']) + Math.max(0, sinceMs) * refillPerMs),
      // Where the clock was set back, a pause is as long as before.
      pausedUntil: Number(row['paused_until']) + Math.min(0, sinceMs),
      mark: Number(row['mark']),
    };
  }

  #keep({ key, capacity, refillPerMs }: Bucket, { level, pausedUntil, mark }: Level, now: number): void {
    const saysNothingAt = Math.max(now + (capacity - level) / refillPerMs, pausedUntil);
    this.#store.run(upsertBucket, JSON.stringify(key), level, now, pausedUntil, mark, saysNothingAt);
    this.#store.run(deleteFull, now);
  }
}
