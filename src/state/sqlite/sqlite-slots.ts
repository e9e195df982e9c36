import type { HeldSlots, SlotStore } from '../leased-limiters.ts';
import type { SqliteStore } from './sqlite-store.ts';

/** Those whose lease is over; none ends so late, unless the clock was set back. Values: now, when a new lease ends. */
const deleteOver = 'delete from slots where ends_at <= ? or ends_at > ?';
const countHeld = 'select count(*) as held from slots where key = ?';
const upsertSlot = 'insert or replace into slots (key, slot, ends_at) values (?, ?, ?)';
const deleteSlot = 'delete from slots where key = ? and slot = ?';

/** Slots that all processes on this machine share. */
export class SqliteSlots implements SlotStore {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  async start(key: string, slot: string, concurrency: number, leaseMs: number): Promise<boolean> {
    return this.#store.ask('limiter.start', (now) => {
      this.#store.run(deleteOver, now, now + leaseMs);
      const held = Number(this.#store.get(countHeld, JSON.stringify(key))?.['held']);
      if (held < concurrency) this.#store.run(upsertSlot, JSON.stringify(key), slot, now + leaseMs);
      return held < concurrency;
    });
  }

  async renew(held: readonly HeldSlots[], leaseMs: number): Promise<void> {
    await this.#store.ask('limiter.renew', (now) => {
      for (const [key, slot] of each(held)) this.#store.run(upsertSlot, key, slot, now + leaseMs);
    });
  }

  async end(held: readonly HeldSlots[]): Promise<void> {
    await this.#store.ask('limiter.end', () => {
      for (const [key, slot] of each(held)) this.#store.run(deleteSlot, key, slot);
    });
  }
}

function each(held: readonly HeldSlots[]): readonly (readonly [key: string, slot: string])[] {
  return held.flatMap(({ key, slots }) => slots.map((slot) => [JSON.stringify(key), slot] as const));
}
