import { decodeEntry, type Entry } from './entry.ts';

/** How many characters of texts are held at most. */
const room = 4_194_304;

interface Read {
  readonly stored: string;
  readonly entry: Entry;
}

/**
 * Entries as they were last read: what a store brings again unchanged need not be checked and parsed again, which is most of
 * what a hit in memory costs. Whatever has changed is.
 */
export class ReadEntries {
  readonly #read = new Map<string, Read>();
  #held = 0;

  /** `undefined` for what is damaged. */
  decode(key: string, stored: string): Entry | undefined {
    const read = this.#read.get(key);
    if (read?.stored === stored) return read.entry;
    const entry = decodeEntry(key, stored);
    if (read !== undefined) this.#forget(key, read);
    if (entry !== undefined) this.#hold(key, { stored, entry });
    return entry;
  }

  #hold(key: string, read: Read): void {
    if (read.stored.length > room) return;
    this.#read.set(key, read);
    this.#held += read.stored.length;
    for (const [oldest, other] of this.#read) {
      if (this.#held <= room) return;
      this.#forget(oldest, other);
    }
  }

  #forget(key: string, { stored }: Read): void {
    this.#read.delete(key);
    this.#held -= stored.length;
  }
}
