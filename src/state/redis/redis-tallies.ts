import { randomUUID } from 'node:crypto';
import type { Sums, Tallies } from '../../core/tallies.ts';
import { fromKept, toKept } from '../kept-text.ts';
import { amountsOf, checkKeys, sumsOf, type Amount } from '../tally-bounds.ts';
import { rememberedMs, script, type RedisScripts } from './redis-scripts.ts';

/**
 * Second key: of this addition. Arguments: milliseconds or nothing, then names and amounts. Lua's numbers are doubles as
 * ours are; what Redis itself adds (`HINCRBYFLOAT`) it rounds otherwise on each machine.
 */
const addScript = script(
  'tallies.add',
  `if redis.call('EXISTS', KEYS[3]) == 0 then
  for i = 3, #ARGV, 2 do
    local sum = (tonumber(redis.call('HGET', KEYS[2], ARGV[i])) or 0) + tonumber(ARGV[i + 1])
    redis.call('HSET', KEYS[2], ARGV[i], exact(sum))
  end
  if ARGV[2] == '' then redis.call('PERSIST', KEYS[2]) else redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
  redis.call('SET', KEYS[3], '1', 'PX', ${rememberedMs})
end
local answer = { epoch }
for i, text in ipairs(redis.call('HGETALL', KEYS[2])) do answer[i + 1] = text end
return answer`,
);

/** Answers of each tally how many texts follow, and these: names and sums. */
const readScript = script(
  'tallies.read',
  `local answer = { epoch }
for i = 2, #KEYS do
  local kept = redis.call('HGETALL', KEYS[i])
  answer[#answer + 1] = tostring(#kept)
  for _, text in ipairs(kept) do answer[#answer + 1] = text end
end
return answer`,
);

/** Sums in Redis, a hash for each tally. */
export class RedisTallies implements Tallies {
  readonly #scripts: RedisScripts;

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  async add(key: string, amounts: Sums, ttlMs?: number): Promise<Sums> {
    const added = amountsOf(key, amounts, ttlMs);
    const args = [
      ttlMs === undefined ? '' : Math.ceil(ttlMs),
      ...added.flatMap(([field, amount]) => [toKept(field), amount]),
    ];
    const keys = [keptAt(key), `added:${randomUUID()}`];
    return sumsOf(pairsOf(await this.#scripts.run(addScript, keys, args)));
  }

  async read(keys: readonly string[]): Promise<readonly Sums[]> {
    checkKeys(keys);
    const answer = await this.#scripts.run(readScript, keys.map(keptAt), []);
    let at = 0;
    return keys.map(() => {
      const from = at + 1;
      at = from + Number(answer[at]);
      return sumsOf(pairsOf(answer.slice(from, at)));
    });
  }
}

function keptAt(key: string): string {
  return `tally:${toKept(key)}`;
}

function* pairsOf(texts: readonly string[]): Generator<Amount> {
  for (let at = 0; at + 1 < texts.length; at += 2) yield [fromKept(texts[at] ?? ''), Number(texts[at + 1])];
}
