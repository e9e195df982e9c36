import type { Clock } from '../../core/clock.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { NoAnswer } from './answer-limit.ts';
import { PostgresConnections, type Row } from './postgres-connections.ts';
import { failureOf } from './postgres-failure.ts';
import type { Names } from './postgres-names.ts';
import type { PostgresPool } from './postgres-pool.ts';
import { PostgresStore } from './postgres-store.ts';
import { Turns } from './turns.ts';

/** How a question is asked. */
export interface Manner {
  /** It may take its time, as nobody's call waits for it. Default `false`. */
  readonly isOverview?: boolean;
  /**
   * Asked twice it would be answered otherwise, so that it is not asked again where its answer may have been lost. Default
   * `false`: asking twice does no more than asking once, or no more than what comes back by itself.
   */
  readonly isOnce?: boolean;
}

/** Questions that wait for each other. */
interface Lane {
  readonly turns: Turns;
  /** Longest wait for those that asked before. */
  readonly turnLimitMs: number;
  /** Longest wait for a connection and an answer. */
  readonly answerLimitMs: number;
}

/** A healthy server takes less than a hundredth of it. */
const answerLimitMs = 1_000;
const turnLimitMs = 5_000;
/** More connections would not be served faster, and the pool has other users. */
const callsAtOnce = 4;
const overviewLimitMs = 10_000;
/** After a failure one question in so long tries again; the others fail at once. */
const probeEveryMs = 500;
/** How often a question is asked again whose transaction lost against another one. */
const conflictsAtMost = 8;
/** How often a question is asked again whose connection broke. */
const connectionsAtMost = 2;
/** How often a process deletes what has had its time, and how much at once. */
const firstSweepMs = 5_000;
const sweepEveryMs = 60_000;
const sweepAgainMs = 1_000;
const sweepAtMost = 500;

/**
 * Asks the server, each question one function in one round trip, and fails soon where it cannot be asked. Nothing is kept in
 * a session, so that any connection serves, also behind pgbouncer.
 */
export class PostgresStatements {
  readonly #names: Names;
  readonly #clock: Clock;
  readonly #connections: PostgresConnections;
  readonly #store: PostgresStore;
  readonly #calls: Lane;
  readonly #overviews: Lane;
  readonly #asked = new Set<Promise<unknown>>();
  #failing: { until: number; readonly error: ManagedLLMError } | undefined;
  /** Connections begin with another isolation than the functions need: each question goes in a transaction that says so. */
  #isolates = false;
  #sweepAt: number;

  constructor(pool: PostgresPool, names: Names, clock: Clock) {
    this.#names = names;
    this.#clock = clock;
    this.#connections = new PostgresConnections(pool, clock);
    this.#store = new PostgresStore(this.#connections, names);
    this.#calls = { turns: new Turns(clock, callsAtOnce), turnLimitMs, answerLimitMs };
    this.#overviews = {
      turns: new Turns(clock, 1),
      turnLimitMs: overviewLimitMs,
      answerLimitMs: overviewLimitMs,
    };
    this.#sweepAt = clock.now() + firstSweepMs;
  }

  /**
   * Rejects with `state-unreachable`, at once while the server is known to be down, else after a second.
   *
   * @param name of the function
   * @returns what it answers, in rows
   */
  async ask(name: string, values: readonly unknown[], manner: Manner = {}): Promise<readonly Row[]> {
    const asked = this.#inTurn(name, values, manner);
    this.#asked.add(asked);
    try {
      return await asked;
    } finally {
      this.#asked.delete(asked);
    }
  }

  /** {@link ask} for a function that answers one value. */
  async askOne(name: string, values: readonly unknown[], manner?: Manner): Promise<string | null> {
    const [[answer = null] = []] = await this.ask(name, values, manner);
    return answer;
  }

  /** Resolves when everything that was asked has been answered, or has failed. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#asked);
  }

  async #inTurn(name: string, values: readonly unknown[], manner: Manner): Promise<readonly Row[]> {
    const probes = this.#admit();
    const lane = manner.isOverview === true ? this.#overviews : this.#calls;
    const turn = lane.turns.take(lane.turnLimitMs);
    if (!(turn === true || (await turn)))
      throw this.#unreachable(name, new Error(`Others were asked for longer than ${lane.turnLimitMs} ms.`));
    try {
      if (!probes && this.#failing !== undefined) throw this.#failing.error;
      const rows = await this.#answer(name, values, manner, lane);
      this.#failing = undefined;
      this.#sweepWhenDue();
      return rows;
    } finally {
      lane.turns.end();
    }
  }

  /** Returns whether it is the one question that tries while the others fail. */
  #admit(): boolean {
    if (this.#failing === undefined) return false;
    const now = this.#clock.now();
    if (now < this.#failing.until) throw this.#failing.error;
    this.#failing.until = now + probeEveryMs;
    return true;
  }

  async #answer(
    name: string,
    values: readonly unknown[],
    manner: Manner,
    lane: Lane,
  ): Promise<readonly Row[]> {
    const parameters = values.map((_, index) => `$${index + 1}`).join(', ');
    const text = `select * from ${this.#names.call(name)}(${parameters})`;
    let until: number | undefined;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#store.ready(answerLimitMs);
        until ??= this.#clock.now() + lane.answerLimitMs;
        return await this.#connections.ask(text, values, until - this.#clock.now(), this.#isolates);
      } catch (thrown) {
        if (this.#mend(thrown, manner, tries) && this.#clock.now() < (until ?? Infinity)) continue;
        throw this.#told(name, thrown, manner);
      }
    }
  }

  /** Whether it is worth asking again. */
  #mend(thrown: unknown, { isOnce = false }: Manner, tries: number): boolean {
    if (thrown instanceof ManagedLLMError || thrown instanceof NoAnswer) return false;
    switch (failureOf(thrown)) {
      case 'isolation':
        this.#isolates = true;
        return tries <= conflictsAtMost;
      case 'conflict':
        return tries <= conflictsAtMost;
      case 'missing':
        this.#store.forget();
        return tries === 1;
      case 'broken':
        // Pools may lend some whose end they have not noticed yet.
        return !isOnce && tries <= connectionsAtMost;
      default:
        return false;
    }
  }

  #told(name: string, thrown: unknown, { isOverview = false, isOnce = false }: Manner): ManagedLLMError {
    const failure = failureOf(thrown);
    const error =
      thrown instanceof ManagedLLMError
        ? thrown
        : failure === 'forbidden'
          ? this.#store.forbidden(thrown, this.#names.version)
          : this.#unreachable(name, thrown);
    // Where one question was refused, lost its connection, or took longer than a call's would, others may be answered.
    const isAlone =
      failure === 'refused' ||
      failure === 'conflict' ||
      (thrown instanceof NoAnswer ? isOverview : isOnce && failure === 'broken');
    if (!isAlone) this.#failing = { until: this.#clock.now() + probeEveryMs, error };
    return error;
  }

  #unreachable(name: string, cause: unknown): ManagedLLMError {
    return new ManagedLLMError({
      code: 'state-unreachable',
      message: `\`postgresState\`: \`${name}\` could not be asked. Check that PostgreSQL is up and that its pool has connections left.`,
      cause,
    });
  }

  /** In the background, after somebody was answered: nobody waits for it. */
  #sweepWhenDue(): void {
    const now = this.#clock.now();
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + sweepEveryMs;
    this.askOne('sweep', [sweepAtMost], { isOverview: true }).then(
      (more) => {
        if (more === 't') this.#sweepAt = this.#clock.now() + sweepAgainMs;
      },
      // What fails now is tried again the next time.
      () => {},
    );
  }
}
