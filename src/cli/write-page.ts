import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CommandError } from './command-error.ts';

/** Throws where a page cannot go to: before a store is read for nothing. */
export async function checkOut(out: string): Promise<void> {
  const folder = dirname(resolve(out));
  const ofFolder = await stat(folder).catch(() => undefined);
  if (ofFolder?.isDirectory() !== true)
    throw new CommandError(`\`--out\`: there is no folder ${folder}. Make it, or name another file.`, 2);
  const ofFile = await stat(out).catch(() => undefined);
  if (ofFile?.isDirectory() === true)
    throw new CommandError(
      `\`--out\`: ${out} is a folder. Name a file in it, such as ${out}/report.html.`,
      2,
    );
}

/** All of it or nothing: what is there stays until the new page is whole. */
export async function writePage(out: string, page: string): Promise<void> {
  const unfinished = `${out}.${process.pid}.part`;
  try {
    await writeFile(unfinished, page);
    await rename(unfinished, out);
  } catch (thrown) {
    // What is in its way is not ours.
    await rm(unfinished, { force: true }).catch(() => {});
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CommandError(`\`--out\`: ${out} cannot be written: ${reason}.`, 1);
  }
}
