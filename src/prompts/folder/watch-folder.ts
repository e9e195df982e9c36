import { statSync, watch, type FSWatcher } from 'node:fs';
import type { Clock, Timer } from '../../core/clock.ts';

/** An editor's save is several events. */
const quietMs = 50;
/** How often it is looked whether the folder is still the same one. */
const lookMs = 1_000;

/**
 * Calls back when something in a folder has changed, soon after the last event of a number of them, and when the folder has
 * come, or come back. Keeps no process alive. Where the system cannot watch, nothing is called: files are read again when they
 * are not new any more.
 *
 * @returns stops it
 */
export function watchFolder(folder: string, clock: Clock, changed: () => void): () => void {
  let watcher: FSWatcher | undefined;
  let watched: string | undefined;
  let quiet: Timer | undefined;
  let looking: Timer | undefined;

  const soon = (): void => {
    if (quiet !== undefined) clock.clearTimeout(quiet);
    quiet = clock.setTimeout(changed, quietMs);
  };
  const leave = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  const enter = (): void => {
    try {
      watcher = watch(folder, { recursive: true, persistent: false }, soon);
      watcher.on('error', leave);
    } catch {
      leave();
    }
  };
  const look = (isFirst: boolean): void => {
    const now = identityOf(folder);
    if (now !== watched) {
      leave();
      if (now !== undefined) enter();
      if (!isFirst) soon();
    } else if (now !== undefined && watcher === undefined) enter();
    watched = now;
    looking = clock.setTimeout(() => look(false), lookMs);
  };
  look(true);

  return () => {
    leave();
    for (const timer of [quiet, looking]) if (timer !== undefined) clock.clearTimeout(timer);
  };
}

/** Another one for a folder that was deleted and made again; `undefined` for none. */
function identityOf(folder: string): string | undefined {
  try {
    const { dev, ino, birthtimeNs } = statSync(folder, { bigint: true });
    return `${dev} ${ino} ${birthtimeNs}`;
  } catch {
    return undefined;
  }
}
