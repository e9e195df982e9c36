// Counts itself in one document and in one tally, and tells its parent of each: `w` that it has written, `a` that it has
// added. node writer.ts <sqlite|redis|postgres> <url or path> <prefix or schema> <name>
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { State } from '../../../src/index.ts';
import { postgresState } from '../../../src/postgres.ts';
import { redisState } from '../../../src/redis.ts';
import { sqliteState } from '../../../src/sqlite.ts';

const [kind = '', where = '', scope = '', name = ''] = process.argv.slice(2);
const { documents, tallies } = open();
if (documents === undefined || tallies === undefined) throw new Error('The state lacks a part.');
process.once('disconnect', () => process.exit());

function open(): State {
  if (kind === 'sqlite') return sqliteState({ path: where });
  if (kind === 'redis') return redisState({ client: new Redis(where), prefix: scope });
  return postgresState({ pool: new Pool({ connectionString: where, max: 2 }), schema: scope });
}

/** Resolves when the parent will read it, whatever becomes of this process. */
function tell(what: string): Promise<void> {
  return new Promise((resolve) => void process.send?.(what, () => resolve()));
}

await documents.read('counts');
process.once('message', async () => {
  const stop = new AbortController();
  process.once('message', () => stop.abort());
  for (let read = await documents.read('counts'); !stop.signal.aborted;) {
    const counts: Record<string, number> = JSON.parse(read?.text ?? '{}');
    counts[name] = (counts[name] ?? 0) + 1;
    const text = JSON.stringify(counts);
    const written = await documents.write('counts', text, read?.version);
    if (!written.ok) {
      read = written.found;
      continue;
    }
    read = { text, version: written.version };
    await tell('w');
    await tallies.add('counts', { [name]: 1, all: 1 });
    await tell('a');
    // Lets the parent's message in.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await tell('over');
  process.exit();
});
await tell('ready');
