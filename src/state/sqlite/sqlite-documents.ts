import { randomUUID } from 'node:crypto';
import type { Documents, VersionedText, Written } from '../../core/documents.ts';
import { isPromise } from '../../core/is-promise.ts';
import { checkDocument } from '../document-bounds.ts';
import { fromKept, toKept } from '../kept-text.ts';
import type { Row, SqliteStore } from './sqlite-store.ts';

/** Of documents whose time is over, so many go with each that is written. */
const overAtOnce = 10;

const selectDocument =
  'select text, version from documents where key = ? and (ends_at is null or ends_at > ?)';
const upsertDocument = `
  insert into documents (key, text, version, ends_at) values (?, ?, ?, ?)
  on conflict (key) do update set text = excluded.text, version = excluded.version, ends_at = excluded.ends_at`;
const deleteOver = `delete from documents where rowid in (
  select rowid from documents where ends_at <= ? order by ends_at limit ${overAtOnce})`;

/** Documents that all processes on this machine share. */
export class SqliteDocuments implements Documents {
  readonly #store: SqliteStore;

  constructor(store: SqliteStore) {
    this.#store = store;
  }

  read(key: string): VersionedText | undefined | Promise<VersionedText | undefined> {
    const kept = toKept(key);
    const found = this.#store.look('documents.read', (now) => this.#store.get(selectDocument, kept, now));
    return isPromise(found) ? found.then(documentOf) : documentOf(found);
  }

  write(key: string, text: string, expected: string | undefined, ttlMs?: number): Written | Promise<Written> {
    checkDocument(key, text, ttlMs);
    const [keptKey, keptText, version] = [toKept(key), toKept(text), randomUUID()];
    return this.#store.ask('documents.write', (now): Written => {
      this.#store.run(deleteOver, now);
      const found = documentOf(this.#store.get(selectDocument, keptKey, now));
      if (found?.version !== expected) return { ok: false, found };
      const endsAt = ttlMs === undefined ? null : now + ttlMs;
      this.#store.run(upsertDocument, keptKey, keptText, version, endsAt);
      return { ok: true, version };
    });
  }
}

function documentOf(row: Row | undefined): VersionedText | undefined {
  return row && { text: fromKept(String(row['text'])), version: String(row['version']) };
}
