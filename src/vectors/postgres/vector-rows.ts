import type { Clock } from '../../core/clock.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { AnswerLimit } from '../../state/postgres/answer-limit.ts';
import { PostgresConnections, type Row } from '../../state/postgres/postgres-connections.ts';
import { failureOf } from '../../state/postgres/postgres-failure.ts';
import { quoteText, type Names } from '../../state/postgres/postgres-names.ts';
import type { PostgresPool } from '../../state/postgres/postgres-pool.ts';
import { Turns } from '../../state/postgres/turns.ts';
import { installVectors, vectorTable } from './postgres-vectors-schema.ts';

/** Of a question, the wait for the table included. A healthy server takes less than a hundredth of it. */
const answerLimitMs = 1_000;
/** Longest wait for those that asked before. */
const turnLimitMs = 1_000;
/** The pool has other users. */
const atOnce = 4;
/** Making the table may take longer, and waits for others that make the same one: it goes on when nobody waits any more. */
const installLimitMs = 10_000;

/** Asks for a statement on the table, in which the type `vector` and its operators stand with the schema they are in. */
export type Statement = (table: string, extension: string) => string;

/** The table, looked for on first use, and made where it is not there. */
export class VectorRows {
  readonly #clock: Clock;
  readonly #connections: PostgresConnections;
  readonly #names: Names;
  readonly #turns: Turns;
  /** Resolves to the schema of the extension, quoted. */
  #ready: Promise<string> | undefined;

  constructor(pool: PostgresPool, names: Names, clock: Clock) {
    this.#clock = clock;
    this.#connections = new PostgresConnections(pool, clock);
    this.#names = names;
    this.#turns = new Turns(clock, atOnce);
  }

  /**
   * Rejects with `state-unreachable` within two seconds, also while the table is still being made; with `invalid-options` where the server has no pgvector, or the role may
   * not make the table.
   */
  async ask(name: string, statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
    const turn = this.#turns.take(turnLimitMs);
    if (!(turn === true || (await turn)))
      throw this.#told(name, new Error(`Others were asked for longer than ${turnLimitMs} ms.`));
    try {
      return await this.#answer(name, statement, values);
    } finally {
      this.#turns.end();
    }
  }

  async #answer(name: string, statement: Statement, values: readonly unknown[]): Promise<readonly Row[]> {
    const endsAt = this.#clock.now() + answerLimitMs;
    for (let tries = 1; ; tries += 1) {
      try {
        const text = statement(vectorTable(this.#names), await this.#extensionBy(endsAt));
        return await this.#connections.ask(text, values, this.#leftUntil(endsAt), false);
      } catch (thrown) {
        const isGone = failureOf(thrown) === 'missing';
        // Somebody dropped it: it is made anew, once.
        if (isGone) this.#ready = undefined;
        if (!isGone || tries > 1) throw this.#told(name, thrown);
      }
    }
  }

  async #extensionBy(endsAt: number): Promise<string> {
    const limit = new AnswerLimit(this.#clock, this.#leftUntil(endsAt));
    try {
      return await limit.hold(this.#extension());
    } finally {
      limit.end();
    }
  }

  #leftUntil(endsAt: number): number {
    return Math.max(1, endsAt - this.#clock.now());
  }

  #extension(): Promise<string> {
    this.#ready ??= this.#prepare().catch((thrown: unknown) => {
      this.#ready = undefined;
      throw thrown;
    });
    return this.#ready;
  }

  async #prepare(): Promise<string> {
    const found = await this.#found();
    if (found.extension !== undefined && found.hasTable) return found.extension;
    if (!found.isAvailable) throw withoutExtension();
    await this.#connections.run(installVectors(this.#names), installLimitMs);
    const { extension } = await this.#found();
    if (extension === undefined) throw withoutExtension();
    return extension;
  }

  async #found(): Promise<{ extension: string | undefined; isAvailable: boolean; hasTable: boolean }> {
    const text = `select
      (select quote_ident(nspname) from pg_extension join pg_namespace as n on n.oid = extnamespace where extname = 'vector'),
      exists (select from pg_available_extensions where name = 'vector'),
      to_regclass(${quoteText(vectorTable(this.#names))}) is not null`;
    const [[extension, isAvailable, hasTable] = []] = await this.#connections.ask(
      text,
      [],
      answerLimitMs,
      false,
    );
    return {
      extension: extension ?? undefined,
      isAvailable: isAvailable === 't',
      hasTable: hasTable === 't',
    };
  }

  #told(name: string, thrown: unknown): ManagedLLMError {
    if (thrown instanceof ManagedLLMError) return thrown;
    const { schema } = this.#names;
    if (failureOf(thrown) === 'forbidden')
      return new ManagedLLMError({
        code: 'invalid-options',
        message:
          `\`postgresVectors\`: this role may not use or make the schema ${JSON.stringify(schema)}. Let the owner of the ` +
          'database run the SQL that `postgresVectorsSchema()` of `managed-llm/postgres` returns, with the grants at its end.',
        details: { path: 'postgresVectors.schema', schema },
        cause: thrown,
      });
    return new ManagedLLMError({
      code: 'state-unreachable',
      message: `\`postgresVectors\`: \`${name}\` could not be asked. Check that PostgreSQL is up and that its pool has connections left.`,
      cause: thrown,
    });
  }
}

function withoutExtension(): ManagedLLMError {
  return new ManagedLLMError({
    code: 'invalid-options',
    message:
      '`postgresVectors.pool` leads to a server without pgvector. Install it there (packages are named like ' +
      '`postgresql-17-pgvector`), or keep vectors elsewhere: `memoryVectors()`, or `redisVectors({ client })` of `managed-llm/redis`.',
    details: { path: 'postgresVectors.pool' },
  });
}
