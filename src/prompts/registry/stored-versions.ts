import * as z from 'zod/mini';
import { changeDocument } from '../../core/change-document.ts';
import type { Clock } from '../../core/clock.ts';
import type { Documents } from '../../core/documents.ts';
import type { Prompt } from '../prompt.ts';
import { documentKey, mostBytes, readDocument } from './stored-document.ts';

/** A version that a process has recorded. */
export interface RecordedVersion {
  readonly version: string;
  readonly hash: string;
  /** When, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A version as it was first recorded. */
export interface KeptVersion {
  readonly hash: string;
  /** Left out where it was too long. */
  readonly prompt?: unknown;
}

const recordedSchema = z.array(z.object({ version: z.string(), hash: z.string(), at: z.number() }));
const keptSchema = z.object({ hash: z.string(), prompt: z.optional(z.unknown()) });

/**
 * Versions in a state: a document each, written once and never again, and a list of them for each prompt. Who wrote a version
 * first has said what it is. Everything rejects with `state-unreachable` where the state does not answer.
 */
export class StoredVersions {
  readonly #documents: Documents;
  readonly #clock: Clock;

  constructor(documents: Documents, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** The newest last. */
  async list(name: string): Promise<readonly RecordedVersion[]> {
    const key = documentKey('versions', name);
    return listOf(key, (await this.#documents.read(key))?.text);
  }

  async read(name: string, version: string): Promise<KeptVersion | undefined> {
    const key = documentKey('version', name, version);
    const found = await this.#documents.read(key);
    return found === undefined ? undefined : readDocument(keptSchema, key, found.text);
  }

  /** @returns what was recorded before; `undefined` where this is the first */
  async record(prompt: Prompt): Promise<KeptVersion | undefined> {
    const key = documentKey('version', prompt.name, prompt.version);
    // Other versions of this package may hash in another way: the content is told by itself.
    const { hash, ...content } = prompt.toJSON();
    const whole = JSON.stringify({ hash, prompt: content });
    const text = Buffer.byteLength(whole) > mostBytes ? JSON.stringify({ hash }) : whole;
    const written = await this.#documents.write(key, text, undefined);
    if (written.ok || written.found === undefined) return undefined;
    return readDocument(keptSchema, key, written.found.text);
  }

  /** Adds versions to the list, each behind the one that the source has before it. The oldest make room. */
  async enlist(name: string, order: readonly Prompt[]): Promise<readonly RecordedVersion[]> {
    const key = documentKey('versions', name);
    const text = await changeDocument(this.#documents, key, (before) => {
      const listed = [...listOf(key, before)];
      const placeOf = (version: string): number => listed.findIndex((one) => one.version === version);
      let place = order.map(({ version }) => placeOf(version)).find((at) => at >= 0) ?? listed.length;
      for (const { version, hash } of order) {
        const at = placeOf(version);
        if (at < 0) listed.splice(place, 0, { version, hash, at: this.#clock.now() });
        place = (at < 0 ? place : at) + 1;
      }
      const after = fitting(listed);
      return after === before ? undefined : after;
    });
    return listOf(key, text);
  }
}

function listOf(key: string, text: string | undefined): readonly RecordedVersion[] {
  return text === undefined ? [] : readDocument(recordedSchema, key, text);
}

/** As many of the newest as a document takes. */
function fitting(listed: readonly RecordedVersion[]): string {
  const texts: string[] = [];
  let bytes = 2;
  for (const one of listed.toReversed()) {
    const text = JSON.stringify(one);
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > mostBytes) break;
    texts.push(text);
  }
  return `[${texts.toReversed().join(',')}]`;
}
