import { isDeepStrictEqual } from 'node:util';
import { changeDocument } from '../core/change-document.ts';
import type { Documents } from '../core/documents.ts';
import type { StandardSchemaV1 } from '../core/standard-schema.ts';

/** Something that is listed, by the key under which all else of it is kept. */
export interface Keyed {
  readonly key: string;
}

/** An entry of a listing. */
export interface Listed<E extends Keyed> {
  readonly entry: E;
  /** When it was first listed. Epoch milliseconds, as `seenAt`. */
  readonly since: number;
  /** When it was last in use, to a day. */
  readonly seenAt: number;
}

/** Beyond these, what was not in use for the longest time is let go of. */
const mostListed = 200;
/** As much as a document takes, and room for how it is written. */
const mostBytes = 60_000;

/** An entry that was seen within this time is not written again: many processes begin at once. */
const seenForMs = 86_400_000;

/** One after another in this process: a hundred that begin together would be in each other's way for long. */
const adding = new WeakMap<Documents, Promise<unknown>>();

/**
 * What a state holds, as one of its documents: so that a page about it need not be told. Bounded. What is in the document that
 * this version does not understand is left out.
 */
export class Listing<E extends Keyed> {
  readonly #documents: Documents;
  readonly #key: string;
  readonly #schema: StandardSchemaV1<unknown, E>;

  /** @param key of the document */
  constructor(documents: Documents, key: string, schema: StandardSchemaV1<unknown, E>) {
    this.#documents = documents;
    this.#key = key;
    this.#schema = schema;
  }

  /**
   * Says that something is in use now. What it was before under its key is replaced.
   *
   * @throws `state-unreachable`
   */
  add(entry: E, now: number): Promise<void> {
    const before = adding.get(this.#documents) ?? Promise.resolve();
    const added = before.then(() => this.#add(entry, now));
    adding.set(
      this.#documents,
      added.catch(() => undefined),
    );
    return added;
  }

  async #add(entry: E, now: number): Promise<void> {
    await changeDocument(this.#documents, this.#key, (text) => {
      const all = this.#entriesOf(text);
      const known = all.find((each) => each.entry.key === entry.key);
      if (known !== undefined && now - known.seenAt < seenForMs && isDeepStrictEqual(known.entry, entry))
        return undefined;
      const added = { entry, since: known?.since ?? now, seenAt: now };
      return trimmed([...all.filter((each) => each !== known), added]);
    });
  }

  /**
   * What was in use last comes last.
   *
   * @throws `state-unreachable`
   */
  async read(): Promise<readonly Listed<E>[]> {
    return this.#entriesOf((await this.#documents.read(this.#key))?.text);
  }

  #entriesOf(text: string | undefined): readonly Listed<E>[] {
    const all = text === undefined ? [] : parsed(text);
    return Array.isArray(all) ? all.flatMap((each: unknown) => this.#entryOf(each)) : [];
  }

  #entryOf(written: unknown): readonly Listed<E>[] {
    const { entry, since, seenAt } = (written ?? {}) as Partial<Record<keyof Listed<E>, unknown>>;
    if (typeof since !== 'number' || typeof seenAt !== 'number') return [];
    const result = this.#schema['~standard'].validate(entry);
    return result instanceof Promise || result.issues !== undefined
      ? []
      : [{ entry: result.value, since, seenAt }];
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function trimmed(all: readonly Listed<Keyed>[]): string {
  let kept = all.slice(-mostListed);
  let text = JSON.stringify(kept);
  while (Buffer.byteLength(text) > mostBytes) {
    kept = kept.slice(1);
    text = JSON.stringify(kept);
  }
  return text;
}
