import type { DatabaseSync } from 'node:sqlite';
import { invalidOption } from '../../core/parse-options.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { incompatible, prepareSchema } from './sqlite-schema.ts';

/** Two processes that make one file at the same moment: one waits for the other, whatever SQLite says of locks there. */
const openTries = 500;
const openAgainAfterMs = 10;

/**
 * 64 MB of log: so often it is copied into the file, by the process whose turn it then is. That waits for the disk twice,
 * however much there is to copy, so it is better done seldom.
 */
const checkpointPages = 16_000;

const resultCodes = { busy: 5, locked: 6, corrupt: 11, notADatabase: 26 } as const;

/** What SQLite answered, `undefined` for what is no error of it. */
function resultCode(thrown: unknown): number | undefined {
  return thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number'
    ? thrown.errcode & 0xff
    : undefined;
}

/** Whether somebody else is just writing. */
export function isBusy(thrown: unknown): boolean {
  const code = resultCode(thrown);
  return code === resultCodes.busy || code === resultCodes.locked;
}

/**
 * Opens a file of ours, made if it is not there.
 *
 * What is committed survives the process, however that ends: it is the system's by then. Only when the machine itself
 * stops may the last moments be missing; the file is sound all the same. (`synchronous = full` would keep those too, for a
 * wait of a disk's flush, some ms, in every question.)
 *
 * @throws `invalid-options` where no file can be, `state-incompatible` for one that is not ours or newer
 */
export function openDatabase(path: string): DatabaseSync {
  // Not imported: on Node 22 loading it warns, and other runtimes do not have it.
  const sqlite = process.getBuiltinModule('node:sqlite');
  if (sqlite === undefined)
    throw invalidOption('sqliteState', 'needs the built-in `node:sqlite`, which this runtime does not have');
  for (let tries = 1; ; tries += 1) {
    let database: DatabaseSync | undefined;
    try {
      database = new sqlite.DatabaseSync(path, { timeout: 0 });
      prepareSchema(database, path);
      database.exec(`pragma synchronous = normal; pragma wal_autocheckpoint = ${checkpointPages}`);
      return database;
    } catch (thrown) {
      database?.close();
      if (!isBusy(thrown) || tries === openTries) throw cannotOpen(path, thrown);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, openAgainAfterMs);
    }
  }
}

function cannotOpen(path: string, thrown: unknown): unknown {
  if (ManagedLLMError.isInstance(thrown)) return thrown;
  const code = resultCode(thrown);
  if (code === resultCodes.notADatabase || code === resultCodes.corrupt)
    return incompatible(path, 'is no database of SQLite, or is damaged', thrown);
  if (isBusy(thrown))
    return new ManagedLLMError({
      code: 'state-unreachable',
      message: `\`sqliteState\`: ${JSON.stringify(path)} has been locked for seconds. See which process holds it.`,
      cause: thrown,
    });
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return invalidOption(
    'sqliteState.path',
    `is ${JSON.stringify(path)}, which cannot be opened (${why}): its folder has to be there, and this process has to be allowed to write to both`,
  );
}
