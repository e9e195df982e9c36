import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Clock } from '../../core/clock.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { isBusy, openDatabase } from './sqlite-database.ts';
import { newerVersion, versions } from './sqlite-schema.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Longest wait for other processes that write. Each of them is done within a fraction of a millisecond. */
const longestWaitMs = 5_000;
const askAgainMs = 1;
/** So many that waited are answered in one turn of the event loop. */
const answersAtOnce = 50;

type Question<T> = (now: number) => T;

interface Asked<T> {
  readonly name: string;
  readonly begin: 'begin' | 'begin immediate';
  readonly question: Question<T>;
}

/** A question that waits until nobody else writes. */
interface Waiting {
  /** Whether it was answered, if only by a failure. */
  readonly ask: () => boolean;
  readonly giveUp: (why: unknown) => void;
  readonly untilMs: number;
}

interface Connection {
  readonly database: DatabaseSync;
  readonly statements: Map<string, StatementSync>;
}

/**
 * One connection to the file. A question is one transaction that no other process writes beside, and is answered at once
 * where none is writing; else it waits its turn without keeping the event loop.
 */
export class SqliteStore {
  readonly #path: string;
  readonly #clock: Clock;
  #connection: Connection | undefined;
  readonly #waiting: Waiting[] = [];
  #isTimed = false;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    this.#connection = connect(path);
  }

  /**
   * @param name for messages: `ledger.take`
   * @param question may be asked again when it came to nothing, so it changes nothing but what is in the file
   * @returns a promise only when it has to wait, or has failed: `state-unreachable`, `state-incompatible`
   */
  ask<T>(name: string, question: Question<T>): T | Promise<T> {
    return this.#ask({ name, begin: 'begin immediate', question });
  }

  /** The same for a question that changes nothing, and so hardly ever waits. */
  look<T>(name: string, question: Question<T>): T | Promise<T> {
    return this.#ask({ name, begin: 'begin', question });
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#statement(sql).all(...values);
  }

  /** Returns how many rows were changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** Lets go of the file. Whoever asks after that opens it again. */
  close(): void {
    const why = new Error('The state was disposed of.');
    for (const { giveUp } of this.#waiting.splice(0)) giveUp(why);
    this.#connection?.database.close();
    this.#connection = undefined;
  }

  #ask<T>(asked: Asked<T>): T | Promise<T> {
    if (this.#waiting.length > 0) return this.#wait(asked);
    try {
      const answered = this.#attempt(asked);
      return answered === undefined ? this.#wait(asked) : answered.answer;
    } catch (thrown) {
      return Promise.reject(this.#failure(asked, thrown));
    }
  }

  /** `undefined`: somebody else is writing. */
  #attempt<T>({ begin, question }: Asked<T>): { readonly answer: T } | undefined {
    const { database } = this.#open();
    try {
      this.run(begin);
      const version = Number(this.get('pragma user_version')?.['user_version']);
      if (version > versions.length) throw newerVersion(this.#path);
      const answer = question(this.#clock.now());
      this.run('commit');
      return { answer };
    } catch (thrown) {
      if (database.isTransaction) database.exec('rollback');
      if (isBusy(thrown)) return undefined;
      throw thrown;
    }
  }

  #wait<T>(asked: Asked<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        ask: () => {
          try {
            const answered = this.#attempt(asked);
            if (answered === undefined) return false;
            resolve(answered.answer);
          } catch (thrown) {
            reject(this.#failure(asked, thrown));
          }
          return true;
        },
        giveUp: (why) => reject(this.#failure(asked, why)),
        untilMs: this.#clock.now() + longestWaitMs,
      });
      this.#askLater();
    });
  }

  #askLater(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    this.#clock.setTimeout(
      () => {
        this.#isTimed = false;
        this.#askThoseWhoWait();
        if (this.#waiting.length > 0) this.#askLater();
      },
      askAgainMs,
      true,
    );
  }

  #askThoseWhoWait(): void {
    for (let count = 0; count < answersAtOnce; count += 1) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      if (!first.ask()) {
        if (this.#clock.now() < first.untilMs) return;
        first.giveUp(new Error(`Locked by others for ${longestWaitMs} ms.`));
      }
      this.#waiting.shift();
    }
  }

  #open(): Connection {
    this.#connection ??= connect(this.#path);
    return this.#connection;
  }

  #statement(sql: string): StatementSync {
    const { database, statements } = this.#open();
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  #failure({ name }: Asked<unknown>, cause: unknown): ManagedLLMError {
    if (ManagedLLMError.isInstance(cause)) return cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    return new ManagedLLMError({
      code: 'state-unreachable',
      message: `\`sqliteState\`: \`${name}\` could not be asked of ${JSON.stringify(this.#path)}: ${why}`,
      cause,
    });
  }
}

function connect(path: string): Connection {
  return { database: openDatabase(path), statements: new Map() };
}
