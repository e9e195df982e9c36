import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { member } from '../../dialects/record.ts';
import type { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { isName, isPromptFile } from './file-names.ts';
import { wrongFile } from './wrong-file.ts';

/** A file of a prompt or of a partial. */
export interface FoundFile {
  /** From the folder, with `/`. */
  readonly path: string;
  /** Where it is. */
  readonly file: string;
}

export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly problems: readonly ManagedLLMError[];
  /** Files and folders that are there and cannot be read: what is known of them stays. */
  readonly unread: readonly string[];
}

/** The files of a folder and of those in it, in order. Throws where the folder itself cannot be read, or the system has no room to. */
export async function listFiles(folder: string): Promise<FoundFiles> {
  const root = await realpath(folder);
  const files: FoundFile[] = [];
  const problems: ManagedLLMError[] = [];
  const unread: string[] = [];
  const visit = async (inside: string): Promise<void> => {
    const entries = await readdir(join(root, inside), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const path = `${inside}${entry.name}`;
      const isFolder = entry.isDirectory();
      if (!isFolder && !isPromptFile(entry.name)) continue;
      if (!isName(entry.name)) {
        problems.push(wrongFile(path, 'cannot be named so: take letters, digits, `_`, `-` and `.`'));
        continue;
      }
      try {
        if (isFolder) await visit(`${path}/`);
        else if (await isInside(root, path, entry)) files.push({ path, file: join(root, path) });
      } catch (thrown) {
        // What is deleted meanwhile is not there.
        if (isGone(thrown)) continue;
        if (!isForbidden(thrown)) throw thrown;
        problems.push(wrongFile(path, 'cannot be read: this process is not allowed to', thrown));
        unread.push(path);
      }
    }
  };
  await visit('');
  return { files, problems, unread };
}

/** Whether what is asked for is not there, or not any more. */
export function isGone(thrown: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(thrown));
}

function isForbidden(thrown: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(codeOf(thrown));
}

/** Of an error of the file system; empty for others. */
export function codeOf(thrown: unknown): string {
  const code = member(thrown, 'code');
  return typeof code === 'string' ? code : '';
}

/** A link counts as the file that it leads to, in the same folder: mounted volumes are made of such. */
async function isInside(root: string, path: string, entry: Dirent): Promise<boolean> {
  if (entry.isFile()) return true;
  if (!entry.isSymbolicLink()) return false;
  try {
    const target = await realpath(join(root, path));
    return target.startsWith(root + sep) && (await stat(target)).isFile();
  } catch (thrown) {
    if (isGone(thrown) || codeOf(thrown) === 'ELOOP') return false;
    throw thrown;
  }
}
