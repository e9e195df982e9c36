import type { Clock } from '../../core/clock.ts';
import { AnswerLimit } from './answer-limit.ts';
import { failureOf } from './postgres-failure.ts';
import type { PostgresConnection, PostgresPool } from './postgres-pool.ts';

/** A row's values as the server writes them. */
export type Row = readonly (string | null)[];

/** Values come as the server writes them, whatever parsers the application has set for its own questions. */
const raw = { rowMode: 'array', types: { getTypeParser: () => (text: string) => text } } as const;
const ignore = (): void => {};
/** Those that have a listener of ours. */
const heard = new WeakSet<PostgresPool>();

/** Asks over whatever connection the pool lends, and closes one that leaves an answer owing. */
export class PostgresConnections {
  readonly #pool: PostgresPool;
  readonly #clock: Clock;

  constructor(pool: PostgresPool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
    if (heard.has(pool)) return;
    heard.add(pool);
    // A connection that breaks while it is idle says nothing that the next question would not find out. A pool without a
    // listener ends the process over it.
    pool.on('error', ignore);
    // One that breaks as soon as it is made, in the bytes that say it is ready, has nobody to hear of it yet.
    pool.on('connect', (connection) => void connection.on('error', ignore));
  }

  /**
   * @param isolated in a transaction of its own that is READ COMMITTED, which takes two more round trips
   * @throws `NoAnswer` after `limitMs`, of which waiting for a connection is a part; else what the server says
   */
  ask(text: string, values: readonly unknown[], limitMs: number, isolated: boolean): Promise<readonly Row[]> {
    return this.#lent(limitMs, async (connection) => {
      if (isolated) await connection.query({ text: 'begin isolation level read committed', ...raw });
      try {
        const { rows } = await connection.query({ text, values: [...values], ...raw });
        if (isolated) await connection.query({ text: 'commit', ...raw });
        return rows;
      } catch (thrown) {
        if (isolated) await connection.query({ text: 'rollback', ...raw });
        throw thrown;
      }
    });
  }

  /** Runs statements that need no values, in one round trip. */
  async run(script: string, limitMs: number): Promise<void> {
    await this.#lent(limitMs, async (connection) => {
      try {
        await connection.query({ text: script, ...raw });
      } catch (thrown) {
        // One that stopped half-way may have left its transaction open.
        await connection.query({ text: 'rollback', ...raw });
        throw thrown;
      }
    });
  }

  async #lent<T>(limitMs: number, use: (connection: PostgresConnection) => Promise<T>): Promise<T> {
    const limit = new AnswerLimit(this.#clock, limitMs);
    try {
      const connection = await this.#borrow(limit);
      // What breaks while it is lent is told to whoever asks; without a listener it would end the process.
      connection.on('error', ignore);
      let close = true;
      try {
        const answer = await limit.hold(use(connection));
        close = false;
        return answer;
      } catch (thrown) {
        close = failureOf(thrown) === 'broken';
        throw thrown;
      } finally {
        connection.removeListener('error', ignore);
        connection.release(close);
      }
    } finally {
      limit.end();
    }
  }

  async #borrow(limit: AnswerLimit): Promise<PostgresConnection> {
    const lending = this.#pool.connect();
    try {
      return await limit.hold(lending);
    } catch (thrown) {
      lending.then((late) => late.release(), ignore);
      throw thrown;
    }
  }
}
