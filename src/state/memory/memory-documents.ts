import type { Clock } from '../../core/clock.ts';
import type { Documents, VersionedText, Written } from '../../core/documents.ts';
import { checkDocument } from '../document-bounds.ts';
import { MemoryEntries } from './memory-entries.ts';

/** Documents in this process. */
export class MemoryDocuments implements Documents {
  readonly #documents: MemoryEntries<VersionedText>;
  #writes = 0;

  constructor(clock: Clock) {
    this.#documents = new MemoryEntries(clock);
  }

  read(key: string): VersionedText | undefined {
    return this.#documents.get(key);
  }

  write(key: string, text: string, expected: string | undefined, ttlMs?: number): Written {
    checkDocument(key, text, ttlMs);
    const found = this.#documents.get(key);
    if (found?.version !== expected) return { ok: false, found };
    const version = `${(this.#writes += 1)}`;
    this.#documents.set(key, { text, version }, ttlMs);
    return { ok: true, version };
  }
}
