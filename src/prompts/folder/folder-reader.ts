import { readFile, stat } from 'node:fs/promises';
import { wait, type Clock } from '../../core/clock.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { PromptDefinition } from '../definition.ts';
import { naturally } from '../registry/natural-order.ts';
import { definitionOf } from './definition-of.ts';
import { isPartial, partialName } from './file-names.ts';
import { listFiles, type FoundFile } from './list-files.ts';
import { wrongFile } from './wrong-file.ts';

/** What is in a folder. */
export interface FolderContent {
  /** Versions by the name of their prompt, the newest last. */
  readonly prompts: ReadonlyMap<string, readonly PromptDefinition[]>;
  readonly problems: readonly ManagedLLMError[];
}

/** A file that was written as lately may not be whole yet. */
const settleMs = 200;
const mostTries = 10;
const mostBytes = 1_000_000;

interface ReadText {
  /** By what it is known that it has not changed. */
  readonly stamp: string;
  readonly text: string;
}

interface GoodFile {
  /** Its text, and the partials that it may take in. */
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
  #reading: Promise<FolderContent> | undefined;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** All who ask at once get one reading. @throws what the file system has thrown, where the folder cannot be read */
  read(): Promise<FolderContent> {
    return (this.#reading ??= this.#read().finally(() => (this.#reading = undefined)));
  }

  async #read(): Promise<FolderContent> {
    const { files, problems } = await listFiles(this.#folder);
    const paths = new Set(files.map(({ path }) => path));
    for (const kept of [this.#texts, this.#good])
      for (const path of kept.keys()) if (!paths.has(path)) kept.delete(path);
    const found = [...problems];
    const texts = new Map<string, string>();
    for (const file of files) {
      try {
        const text = await this.#textOf(file);
        if (text !== undefined) texts.set(file.path, text);
      } catch (thrown) {
        found.push(asProblem(file.path, thrown));
      }
    }
    return this.#contentOf(texts, found);
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
    const from = JSON.stringify([text, partials]);
    if (this.#good.get(path)?.from === from) return;
    this.#good.set(path, { from, definition: await definitionOf(path, text, partials) });
  }

  /** Its text once nobody has written to it for a moment; `undefined` where it is gone meanwhile. */
  async #textOf({ path, file }: FoundFile): Promise<string | undefined> {
    for (let tries = 0; ; tries += 1) {
      const before = await stat(file).catch(() => undefined);
      if (before === undefined) return undefined;
      const stamp = `${before.ino} ${before.mtimeMs} ${before.size}`;
      const known = this.#texts.get(path);
      if (known?.stamp === stamp) return known.text;
      if (before.size > mostBytes) throw wrongFile(path, `is longer than ${mostBytes} bytes`);
      const isNew = Math.abs(this.#clock.now() - before.mtimeMs) < settleMs;
      if (isNew && tries < mostTries) {
        await wait(this.#clock, settleMs);
        continue;
      }
      const bytes = await readFile(file);
      const after = await stat(file).catch(() => undefined);
      if (`${after?.ino} ${after?.mtimeMs} ${after?.size}` !== stamp && tries < mostTries) continue;
      const text = decoded(path, bytes);
      this.#texts.set(path, { stamp, text });
      return text;
    }
  }
}

/** The same on every machine: line ends of Windows are those of all others. */
function decoded(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    throw wrongFile(path, 'is no UTF-8: save it as that');
  }
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
