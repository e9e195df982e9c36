import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { PostgresConnections } from './postgres-connections.ts';
import { failureOf } from './postgres-failure.ts';
import type { Names } from './postgres-names.ts';
import { installScript, versionTable } from './postgres-schema.ts';

/** Making tables takes longer than asking, and waits for others that make the same ones. */
const installLimitMs = 10_000;

/** The tables and functions of one schema: looked at on first use, and made, or brought to this version, where need be. */
export class PostgresStore {
  readonly #connections: PostgresConnections;
  readonly #names: Names;
  #ready: Promise<void> | undefined;

  constructor(connections: PostgresConnections, names: Names) {
    this.#connections = connections;
    this.#names = names;
  }

  /**
   * Rejects with `state-incompatible` when what is there is newer or not ours, with `invalid-options` when the role may not
   * make it; else as the connections do.
   */
  ready(limitMs: number): Promise<void> {
    this.#ready ??= this.#prepare(limitMs).catch((thrown: unknown) => {
      this.#ready = undefined;
      throw thrown;
    });
    return this.#ready;
  }

  /** It was found gone, or changed: to be looked at again. */
  forget(): void {
    this.#ready = undefined;
  }

  async #prepare(limitMs: number): Promise<void> {
    const { version } = this.#names;
    let found: number | undefined;
    try {
      found = await this.#found(limitMs);
      if (found !== undefined && found > version) throw this.#newer(found);
      if (found !== version) await this.#connections.run(installScript(this.#names), installLimitMs);
    } catch (thrown) {
      throw this.#told(thrown, found);
    }
  }

  /** The version of what is there; `undefined` when nothing is. */
  async #found(limitMs: number): Promise<number | undefined> {
    const text = `select version from ${versionTable(this.#names)}`;
    try {
      const [[version] = []] = await this.#connections.ask(text, [], limitMs, false);
      return Number(version);
    } catch (thrown) {
      if (failureOf(thrown) === 'missing') return undefined;
      throw thrown;
    }
  }

  #told(thrown: unknown, found: number | undefined): unknown {
    const { schema } = this.#names;
    switch (failureOf(thrown)) {
      case 'newer':
        return this.#newer(undefined);
      case 'foreign':
        return new ManagedLLMError({
          code: 'state-incompatible',
          message:
            `\`postgresState\`: the schema ${JSON.stringify(schema)} holds tables that are not ours. ` +
            'Give the state a schema of its own: `postgresState({ pool, schema })`.',
          details: { schema },
          cause: thrown,
        });
      case 'forbidden':
        return this.forbidden(thrown, found);
      default:
        return thrown;
    }
  }

  /** What to do where the role may not use, make or migrate the store. */
  forbidden(cause: unknown, found: number | undefined): ManagedLLMError {
    const { schema, version } = this.#names;
    const problem =
      found === undefined
        ? 'is not there, or not for this role, which may not make it'
        : found < version
          ? `is of version ${found}, and this role may not bring it to ${version}`
          : 'may not be used by this role';
    return new ManagedLLMError({
      code: 'invalid-options',
      message:
        `\`postgresState\`: the schema ${JSON.stringify(schema)} ${problem}. Let its owner run the SQL that ` +
        '`postgresSchema()` of `managed-llm/postgres` returns, with the grants at its end.',
      details: { path: 'postgresState.schema', schema },
      cause,
    });
  }

  #newer(found: number | undefined): ManagedLLMError {
    const { schema, version } = this.#names;
    return new ManagedLLMError({
      code: 'state-incompatible',
      message:
        `\`postgresState\`: the schema ${JSON.stringify(schema)} was made by a newer version of this package ` +
        `(${found ?? 'newer'}, where this one knows ${version}). Update the package in this process, or give the state another schema.`,
      details: { schema, found, known: version },
    });
  }
}
