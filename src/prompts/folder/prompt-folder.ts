import * as z from 'zod/mini';
import { realClock, type Clock, type Timer } from '../../core/clock.ts';
import { parseOptions } from '../../core/parse-options.ts';
import type { PromptSource } from '../registry/source.ts';
import { FolderReader, settleMs } from './folder-reader.ts';
import { watchFolder } from './watch-folder.ts';

/** Options of {@link promptFolder}. */
export interface PromptFolderOptions {
  /**
   * Whether files are read again as soon as they are saved, for development. It keeps no process alive, and outlasts the folder
   * being deleted and made again. Default: no; they are read again when they are not new any more (`freshMs` of the registry).
   */
  readonly watch?: boolean;
  /** What times go by. Default: the machine's. */
  readonly clock?: Clock;
}

const optionsSchema = z.strictObject({
  watch: z.optional(z.boolean()),
  clock: z.optional(z.custom((value) => typeof value === 'object' && value !== null, 'must be a clock')),
});

/**
 * A folder of prompts, as a source of `promptRegistry`. A version is a file: Markdown with YAML front matter (`.md`), or YAML
 * (`.yaml`, `.yml`) with what `definePrompt` takes.
 *
 * - `support/4.md` is version 4 of `support`: in a folder, a name that begins with a digit, or with `v` and a digit, is a version.
 *   Every other file is a prompt by itself (`support.md`, `mail/reply.md`), with its `version` in the front matter.
 * - What the front matter says of `name` and `version` has to be what the path says.
 * - A file that says no version is a draft: its version is `draft-` and a hash of its content, so that it may be saved again
 *   and again. Drafts are newer than all others, are in no state, and bear no labels.
 * - Versions are ordered as people count: `2` before `10`.
 * - In Markdown, a line that is only `system:`, `developer:`, `user:` or `assistant:` begins a message. Without any, all is one
 *   message of the user. In a text, such a line is written with a backslash before it: `\user:`. One that is nearly such
 *   (`System:`, `system: text`) is refused, or it would be sent as a text.
 * - `_house.md` is a partial, `{{> house}}`, for files beside it and below. It is a part of every version that takes it in.
 *
 * A file that is wrong is reported with its path, and the others are used; one that was right before is used as it was. Files
 * that begin with a dot, and links that lead out of the folder, are not looked at. A file of a version is not to be changed: the
 * registry keeps what it has seen first, and reports the file.
 *
 * @param folder its path; relative ones from the working directory
 * @throws `invalid-options`
 */
export function promptFolder(folder: string, options: PromptFolderOptions = {}): PromptSource {
  parseOptions(z.string().check(z.minLength(1)), folder, 'promptFolder.folder');
  const { watch = false, clock = realClock } = parseOptions(optionsSchema, options, 'promptFolder');
  const told = new Set<() => void>();
  const tell = (): void => {
    reader.forget();
    for (const changed of told) changed();
  };
  let again: Timer | undefined;
  const reader = new FolderReader(folder, clock, () => {
    if (again !== undefined) clock.clearTimeout(again);
    again = told.size === 0 ? undefined : clock.setTimeout(tell, 2 * settleMs);
  });
  return {
    load: async (name) => {
      const { prompts, problems } = await reader.readFor(name);
      return { versions: prompts.get(name) ?? [], problems };
    },
    names: async () => [...(await reader.read()).prompts.keys()].toSorted(),
    watch: (changed) => {
      // Also where nothing is watched: files that were being written to are read again.
      told.add(changed);
      const saved = (): void => {
        reader.forget();
        changed();
      };
      const stop = watch ? watchFolder(folder, clock, saved) : undefined;
      return () => {
        told.delete(changed);
        if (told.size === 0 && again !== undefined) clock.clearTimeout(again);
        stop?.();
      };
    },
  };
}
