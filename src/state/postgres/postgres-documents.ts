import { randomUUID } from 'node:crypto';
import type { Documents, VersionedText, Written } from '../../core/documents.ts';
import { checkDocument } from '../document-bounds.ts';
import { fromKept, toKept } from '../kept-text.ts';
import type { Row } from './postgres-connections.ts';
import type { PostgresStatements } from './postgres-statements.ts';
import { keyOf, toStored } from './stored-text.ts';

/** Documents in PostgreSQL, a row each. */
export class PostgresDocuments implements Documents {
  readonly #statements: PostgresStatements;

  constructor(statements: PostgresStatements) {
    this.#statements = statements;
  }

  async read(key: string): Promise<VersionedText | undefined> {
    const [row] = await this.#statements.ask('read_document', [keyOf('document', key)]);
    return row && documentOf(row);
  }

  async write(key: string, text: string, expected: string | undefined, ttlMs?: number): Promise<Written> {
    checkDocument(key, text, ttlMs);
    const version = randomUUID();
    const [row] = await this.#statements.ask('write_document', [
      keyOf('document', key),
      toStored(key),
      toKept(text),
      version,
      expected === undefined ? null : toStored(expected),
      ttlMs ?? null,
    ]);
    if (row?.[0] === version) return { ok: true, version };
    return { ok: false, found: row && documentOf(row) };
  }
}

function documentOf([version, content]: Row): VersionedText {
  return { text: fromKept(content ?? ''), version: version ?? '' };
}
