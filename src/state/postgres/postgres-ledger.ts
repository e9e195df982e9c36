import type { Bucket, Ledger, LedgerFacts, Take, Taken } from '../../core/state.ts';
import type { PostgresStatements } from './postgres-statements.ts';
import { keyOf } from './stored-text.ts';

/** What `take` answers: which one refuses or -1, how long to wait, and all levels; where it takes, the marks too. */
type Answer = readonly [number, number, readonly number[], (readonly number[])?];

/** Buckets in PostgreSQL, which all processes share. Every method is one function, so none sees another's half-done work. */
export class PostgresLedger implements Ledger {
  readonly #statements: PostgresStatements;

  constructor(statements: PostgresStatements) {
    this.#statements = statements;
  }

  async take(takes: readonly Take[]): Promise<Taken> {
    const [index, waitMs, levels, marks = []] = await this.#take(takes, true);
    return index < 0 ? { ok: true, levels, marks } : { ok: false, index, waitMs, levels };
  }

  async adjust(takes: readonly Take[]): Promise<void> {
    await this.#take(takes, false);
  }

  async learn(bucket: Bucket, facts: LedgerFacts): Promise<void> {
    await this.#take([{ bucket, amount: 0 }], false, facts);
  }

  async level({ key, capacity, refillPerMs }: Bucket): Promise<number> {
    return Number(await this.#statements.askOne('level', [keyOf('bucket', key), capacity, refillPerMs]));
  }

  async #take(takes: readonly Take[], asking: boolean, facts: LedgerFacts = {}): Promise<Answer> {
    if (takes.length === 0) return [-1, 0, [], []];
    const answer = await this.#statements.askOne('take', [
      takes.map(({ bucket }) => keyOf('bucket', bucket.key)),
      takes.map(({ bucket }) => bucket.capacity),
      takes.map(({ bucket }) => bucket.refillPerMs),
      takes.map(({ amount }) => amount),
      asking,
      facts.atMost,
      facts.mark,
      facts.pauseMs,
    ]);
    return JSON.parse(answer ?? '');
  }
}
