import { hash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { wait, type Clock } from '../../core/clock.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { PromptDefinition } from '../definition.ts';
import { naturally } from '../registry/natural-order.ts';
import { definitionOf, usedOf } from './definition-of.ts';
import { isPartial, partialName } from './file-names.ts';
import { codeOf, isGone, listFiles, type FoundFile } from './list-files.ts';
import { wrongFile } from './wrong-file.ts';

/** What is in a folder. */
export interface FolderContent {
  /** Versions by the name of their prompt, the newest last. */
  readonly prompts: ReadonlyMap<string, readonly PromptDefinition[]>;
  readonly problems: readonly ManagedLLMError[];
}

/** A file that was written as lately may not be whole yet. */
export const settleMs = 200;
/** A reading is good for names that it has not been asked for as long. */
const freshMs = 1_000;
const mostBytes = 1_000_000;

interface ReadText {
  /** By what it is known that it has not changed. */
  readonly stamp: string;
  readonly text: string;
}

interface GoodFile {
  /** Hash of its text and of the partials that it takes in. */
  readonly from: string;
  readonly definition: PromptDefinition;
}

/** Reads a folder. Only files that have changed are read anew. */
export class FolderReader {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #texts = new Map<string, ReadText>();
  /** Of each file as it was last right. */
  readonly #good = new Map<string, GoodFile>();
  readonly #unsettled: () => void;
  #reading: Promise<FolderContent> | undefined;
  #last: { readonly content: FolderContent; readonly at: number; readonly given: Set<string> } | undefined;

  /** @param unsettled told when files were passed over because somebody writes to them: they are to be read soon again */
  constructor(folder: string, clock: Clock, unsettled: () => void) {
    this.#folder = folder;
    this.#clock = clock;
    this.#unsettled = unsettled;
  }

  /**
   * What is in the folder, for whoever asks for a prompt: the last reading if it is new and was not given for that name yet, so
   * that whoever asks again gets what is there now, and names that there are not cost nothing.
   *
   * @throws `prompt-source-failed` where the folder cannot be read
   */
  async readFor(name: string): Promise<FolderContent> {
    const last = this.#fresh();
    if (last !== undefined && !(last.content.prompts.has(name) && last.given.has(name))) {
      last.given.add(name);
      return last.content;
    }
    const content = await this.#readNow();
    this.#last?.given.add(name);
    return content;
  }

  /** What is in the folder, or was a moment ago. @throws as {@link FolderReader.readFor} */
  async read(): Promise<FolderContent> {
    return this.#fresh()?.content ?? (await this.#readNow());
  }

  /** What was read is not new any more. */
  forget(): void {
    this.#last = undefined;
  }

  #fresh() {
    const last = this.#last;
    return last !== undefined && this.#clock.now() - last.at < freshMs ? last : undefined;
  }

  /** All who ask at once get one reading. */
  #readNow(): Promise<FolderContent> {
    return (this.#reading ??= this.#read()
      .catch((thrown: unknown) => Promise.reject(unreadable(this.#folder, thrown)))
      .finally(() => (this.#reading = undefined)));
  }

  async #read(): Promise<FolderContent> {
    const at = this.#clock.now();
    const { files, problems, unread } = await listFiles(this.#folder);
    const paths = new Set(files.map(({ path }) => path));
    const isThere = (path: string): boolean =>
      paths.has(path) || unread.some((one) => path === one || path.startsWith(`${one}/`));
    for (const kept of [this.#texts, this.#good])
      for (const path of kept.keys()) if (!isThere(path)) kept.delete(path);
    const found = [...problems];
    const texts = new Map<string, string>();
    const take = async (some: readonly FoundFile[]): Promise<readonly FoundFile[]> => {
      const busy: FoundFile[] = [];
      for (const file of some) {
        try {
          const text = await this.#textOf(file);
          if (text === 'busy') busy.push(file);
          else if (text !== undefined) texts.set(file.path, text.text);
        } catch (thrown) {
          found.push(asProblem(file.path, thrown));
        }
      }
      return busy;
    };
    let busy = await take(files);
    if (busy.length > 0) {
      // One wait for all of them, and those that are not done then delay nobody.
      await wait(this.#clock, settleMs);
      busy = await take(busy);
    }
    for (const { path } of busy) {
      const known = this.#texts.get(path);
      if (known !== undefined) texts.set(path, known.text);
      else
        found.push(wrongFile(path, 'is being written to, and is read when it was left alone for a moment'));
    }
    if (busy.length > 0) this.#unsettled();
    const content = await this.#contentOf(texts, found);
    this.#last = { content, at, given: new Set() };
    return content;
  }

  async #contentOf(texts: ReadonlyMap<string, string>, problems: ManagedLLMError[]): Promise<FolderContent> {
    const partials = [...texts].filter(([path]) => isPartial(path));
    for (const [path] of partials)
      if (!/^[A-Za-z_]\w*$/.test(partialName(path)))
        problems.push(wrongFile(path, 'is a partial that no tag can name: take letters, digits and `_`'));
    const prompts = new Map<string, Map<string, { path: string; definition: PromptDefinition }>>();
    for (const path of new Set([...texts.keys(), ...this.#good.keys()])) {
      if (isPartial(path)) continue;
      const text = texts.get(path);
      try {
        if (text !== undefined) await this.#define(path, text, partialsFor(path, partials));
      } catch (thrown) {
        problems.push(asProblem(path, thrown));
      }
      const definition = this.#good.get(path)?.definition;
      if (definition === undefined) continue;
      const versions = prompts.get(definition.name) ?? new Map();
      prompts.set(definition.name, versions);
      const other = versions.get(definition.version);
      if (other === undefined) versions.set(definition.version, { path, definition });
      else
        problems.push(
          wrongFile(
            path,
            `is version \`${definition.version}\` of \`${definition.name}\`, as ${other.path} is: leave one`,
          ),
        );
    }
    return {
      problems,
      prompts: new Map(
        [...prompts].map(([name, versions]) => [
          name,
          [...versions.values()]
            .map(({ definition }) => definition)
            .toSorted((a, b) => naturally(a.version, b.version)),
        ]),
      ),
    };
  }

  async #define(path: string, text: string, partials: Readonly<Record<string, string>>): Promise<void> {
    const used = usedOf(text, partials);
    const from = hash('sha256', JSON.stringify([text, used]));
    if (this.#good.get(path)?.from === from) return;
    this.#good.set(path, { from, definition: await definitionOf(path, text, used) });
  }

  /** Its text; `busy` where somebody may be writing to it, `undefined` where it is gone meanwhile. */
  async #textOf({ path, file }: FoundFile): Promise<ReadText | 'busy' | undefined> {
    try {
      const before = await stat(file);
      const stamp = stampOf(before);
      const known = this.#texts.get(path);
      if (known?.stamp === stamp) return known;
      if (before.size > mostBytes) throw wrongFile(path, `is longer than ${mostBytes} bytes`);
      if (Math.abs(this.#clock.now() - before.mtimeMs) < settleMs) return 'busy';
      const bytes = await readFile(file);
      if (stampOf(await stat(file)) !== stamp) return 'busy';
      const read = { stamp, text: decoded(path, bytes) };
      this.#texts.set(path, read);
      return read;
    } catch (thrown) {
      if (isGone(thrown)) return undefined;
      throw thrown;
    }
  }
}

/** By its last change too: a time of writing can be set. */
function stampOf({ ino, mtimeMs, ctimeMs, size }: Stats): string {
  return `${ino} ${mtimeMs} ${ctimeMs} ${size}`;
}

/** The same on every machine: line ends of Windows are those of all others. */
function decoded(path: string, bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrongFile(path, 'is no UTF-8: save it as that');
  }
  if (text.includes('\0')) throw wrongFile(path, 'has NUL bytes, as UTF-16 does: save it as UTF-8');
  return text.replaceAll('\r\n', '\n');
}

/** Those beside a file and above it, the nearest first. */
function partialsFor(
  path: string,
  partials: readonly (readonly [path: string, text: string])[],
): Readonly<Record<string, string>> {
  const folderOf = (of: string): string => of.slice(0, of.lastIndexOf('/') + 1);
  return Object.fromEntries(
    partials
      .filter(([partial]) => path.startsWith(folderOf(partial)))
      .toSorted(([a], [b]) => folderOf(a).length - folderOf(b).length)
      .map(([partial, text]) => [partialName(partial), text.replace(/^\n+|\n+$/g, '')]),
  );
}

function asProblem(path: string, thrown: unknown): ManagedLLMError {
  return ManagedLLMError.isInstance(thrown) ? thrown : wrongFile(path, 'cannot be read', thrown);
}

function unreadable(folder: string, cause: unknown): ManagedLLMError {
  const code = codeOf(cause);
  return new ManagedLLMError({
    code: 'prompt-source-failed',
    message: `The folder of prompts \`${resolve(folder)}\` cannot be read${code === '' ? '' : ` (${code})`}. What was known before is used; it is asked again by itself.`,
    cause,
  });
}
