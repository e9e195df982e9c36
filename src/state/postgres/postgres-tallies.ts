import type { Sums, Tallies } from '../../core/tallies.ts';
import { amountsOf, checkKeys, sumsOf, type Amount } from '../tally-bounds.ts';
import type { PostgresStatements } from './postgres-statements.ts';
import { fromStored, keyOf, toStored } from './stored-text.ts';

/** Names and sums, in the same order. */
type Stored = readonly [fields: readonly string[], sums: readonly number[]];

/** Sums in PostgreSQL, a row for each tally. Those who add to one take turns. */
export class PostgresTallies implements Tallies {
  readonly #statements: PostgresStatements;

  constructor(statements: PostgresStatements) {
    this.#statements = statements;
  }

  async add(key: string, amounts: Sums, ttlMs?: number): Promise<Sums> {
    const added = amountsOf(key, amounts, ttlMs);
    const values = [
      keyOf('tally', key),
      toStored(key),
      added.map(([field]) => toStored(field)),
      added.map(([, amount]) => amount),
      ttlMs ?? null,
    ];
    const answer = await this.#statements.askOne('add_to_tally', values, { isOnce: true });
    return told(JSON.parse(answer ?? ''));
  }

  async read(keys: readonly string[]): Promise<readonly Sums[]> {
    checkKeys(keys);
    const answer = await this.#statements.askOne('read_tallies', [keys.map((key) => keyOf('tally', key))]);
    return JSON.parse(answer ?? '').map(told);
  }
}

function told([fields, sums]: Stored): Sums {
  return sumsOf(fields.map((field, index): Amount => [fromStored(field), sums[index] ?? 0]));
}
