import { randomUUID } from 'node:crypto';
import type { Documents, VersionedText, Written } from '../../core/documents.ts';
import { checkDocument } from '../document-bounds.ts';
import { fromKept, toKept } from '../kept-text.ts';
import { rememberedMs, script, type RedisScripts } from './redis-scripts.ts';

const readScript = script(
  'documents.read',
  `local kept = redis.call('GET', KEYS[2])
if kept then return { epoch, kept } end
return { epoch }`,
);

/**
 * Arguments: text, its version, the expected one behind \`=\` or nothing, milliseconds or nothing. Answers what is stored
 * then. Where a client asks again by itself, that is what it has written the first time, also if others have written since.
 */
const writeScript = script(
  'documents.write',
  `if redis.call('EXISTS', KEYS[3]) == 1 then return { epoch, ARGV[3] .. ' ' } end
local kept = redis.call('GET', KEYS[2])
local found = string.match(kept or '', '^(%S+) ')
if (found and '=' .. found or '') == ARGV[4] then
  kept = ARGV[3] .. ' ' .. ARGV[2]
  if ARGV[5] == '' then
    redis.call('SET', KEYS[2], kept)
  else
    redis.call('SET', KEYS[2], kept, 'PX', ARGV[5])
  end
  redis.call('SET', KEYS[3], '1', 'PX', ${rememberedMs})
  return { epoch, ARGV[3] .. ' ' }
end
if kept then return { epoch, kept } end
return { epoch }`,
);

/** Documents in Redis, a key each: its version, and behind a space its text. */
export class RedisDocuments implements Documents {
  readonly #scripts: RedisScripts;

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  async read(key: string): Promise<VersionedText | undefined> {
    const [kept] = await this.#scripts.run(readScript, [keptAt(key)], []);
    return kept === undefined ? undefined : documentOf(kept);
  }

  async write(key: string, text: string, expected: string | undefined, ttlMs?: number): Promise<Written> {
    checkDocument(key, text, ttlMs);
    const version = randomUUID();
    const [kept] = await this.#scripts.run(
      writeScript,
      [keptAt(key), `written:${version}`],
      [
        toKept(text),
        version,
        expected === undefined ? '' : `=${expected}`,
        ttlMs === undefined ? '' : Math.ceil(ttlMs),
      ],
    );
    if (kept?.startsWith(`${version} `) === true) return { ok: true, version };
    return { ok: false, found: kept === undefined ? undefined : documentOf(kept) };
  }
}

function keptAt(key: string): string {
  return `document:${toKept(key)}`;
}

function documentOf(kept: string): VersionedText {
  const space = kept.indexOf(' ');
  return { text: fromKept(kept.slice(space + 1)), version: kept.slice(0, space) };
}
