import type { HeldSlots, SlotStore } from '../leased-limiters.ts';
import type { PostgresStatements } from './postgres-statements.ts';
import { keyOf } from './stored-text.ts';

/** Slots in PostgreSQL. */
export class PostgresSlots implements SlotStore {
  readonly #statements: PostgresStatements;
  /** Never rejects. */
  #renewed: Promise<void> = Promise.resolve();

  constructor(statements: PostgresStatements) {
    this.#statements = statements;
  }

  async start(key: string, slot: string, concurrency: number, leaseMs: number): Promise<boolean> {
    return (await this.#statements.askOne('start_slot', [slotsOf(key), concurrency, leaseMs, slot])) === 't';
  }

  async renew(held: readonly HeldSlots[], leaseMs: number): Promise<void> {
    const before = this.#renewed;
    const asked = this.#statements.ask('renew_slots', [...columns(held), leaseMs]);
    this.#renewed = Promise.allSettled([before, asked]).then(() => {});
    await asked;
  }

  async end(held: readonly HeldSlots[]): Promise<void> {
    // On another connection a renewal could come after this, and bring the slots back.
    await this.#renewed;
    await this.#statements.ask('end_slots', columns(held));
  }
}

function columns(held: readonly HeldSlots[]): readonly [readonly string[], readonly string[]] {
  return [
    held.flatMap(({ key, slots }) => slots.map(() => slotsOf(key))),
    held.flatMap(({ slots }) => slots),
  ];
}

function slotsOf(key: string): string {
  return keyOf('slots', key);
}
