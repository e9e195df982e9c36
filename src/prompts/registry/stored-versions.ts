import * as z from 'zod/mini';
import { changeDocument } from '../../core/change-document.ts';
import type { Clock } from '../../core/clock.ts';
import type { Documents } from '../../core/documents.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { hashing } from '../define-prompt.ts';
import type { Prompt } from '../prompt.ts';
import { inOrder } from './in-order.ts';
import { readVersion } from './read-version.ts';
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

// What newer versions of this package add is kept.
const recordedSchema = z.array(z.looseObject({ version: z.string(), hash: z.string(), at: z.number() }));
const keptSchema = z.object({
  hash: z.string(),
  hashing: z.optional(z.number()),
  prompt: z.optional(z.unknown()),
});
/** An entry of the list takes no more: with this little room left, some may have made room. */
const longestEntry = 2_000;

/**
 * Versions in a state: a document each, written once and never again, and a list of them for each prompt. Who wrote a version
 * first has said what it is. Everything rejects with `state-unreachable` where the state does not answer, and with `state-incompatible` where a
 * document is not ours.
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
    return found === undefined ? undefined : keptOf(name, key, found.text);
  }

  /** @returns what was recorded before; `undefined` where this is the first */
  async record(prompt: Prompt): Promise<KeptVersion | undefined> {
    const key = documentKey('version', prompt.name, prompt.version);
    // Other versions of this package may hash in another way: the content is told by itself.
    const { hash, ...content } = prompt.toJSON();
    const whole = JSON.stringify({ hash, hashing, prompt: content });
    const text = Buffer.byteLength(whole) > mostBytes ? JSON.stringify({ hash }) : whole;
    const written = await this.#documents.write(key, text, undefined);
    if (written.ok || written.found === undefined) return undefined;
    return keptOf(prompt.name, key, written.found.text);
  }

  /** Adds versions to the list, each behind the one that the source has before it. The oldest make room. */
  async enlist(name: string, order: readonly Prompt[]): Promise<readonly RecordedVersion[]> {
    const key = documentKey('versions', name);
    const at = this.#clock.now();
    const added = order.map(({ version, hash }) => ({ version, hash, at }));
    const text = await changeDocument(this.#documents, key, (before) => {
      const after = fitting(inOrder(listOf(key, before), added));
      return after === before ? undefined : after;
    });
    return listOf(key, text);
  }
}

/** Whether a list may be without the oldest, for want of room. */
export function isFull(listed: readonly RecordedVersion[]): boolean {
  return Buffer.byteLength(JSON.stringify(listed)) > mostBytes - longestEntry;
}

/** @throws `state-incompatible` where a copy is not what its hash tells, though it was made as this process makes it */
function keptOf(name: string, key: string, text: string): KeptVersion {
  const { hash, hashing: by, prompt } = readDocument(keptSchema, key, text);
  if (by !== hashing || prompt === undefined || readVersion(name, prompt).hash === hash)
    return { hash, ...(prompt === undefined ? {} : { prompt }) };
  throw new ManagedLLMError({
    code: 'state-incompatible',
    message: `The document \`${key}\` of the state does not have the content that its hash tells: somebody else has changed it. Delete it, so that it is written again.`,
    details: { key },
  });
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
