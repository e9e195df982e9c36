import type { Bucket, Ledger, LedgerFacts, Take, Taken } from '../../core/state.ts';
import { script, type RedisScripts } from './redis-scripts.ts';

/**
 * A bucket is a text, `level at pausedUntil mark`, that expires when the bucket is full again: an absent one is full. Not so
 * when the store was emptied: then all that a minute brings is taken for gone, which for limits by the minute is all there
 * is, and for those by the day a fraction. The mark counts all that is taken, less what is given back.
 */
const buckets = `
local minute = 60000
local function write(i, level, paused, mark, capacity, refill)
  local ttl = math.max((capacity - level) / refill, paused - now)
  if emptiedAt > 0 then ttl = math.max(ttl, emptiedAt + minute - now) end
  if ttl <= 0 then
    redis.call('DEL', KEYS[i + 1])
  else
    local value = { exact(level), exact(now), exact(paused), exact(mark) }
    redis.call('SET', KEYS[i + 1], table.concat(value, ' '), 'PX', string.format('%.0f', math.ceil(math.min(ttl, 1e12))))
  end
end
local function read(i)
  local capacity, refill = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local stored = redis.call('GET', KEYS[i + 1])
  local level, at, paused, mark = string.match(stored or '', '^(%S+) (%S+) (%S+) (%S+)$')
  if not level then -- absent, or written by another version
    if emptiedAt == 0 then return capacity, 0, 0, capacity, refill end
    local left = math.max(0, capacity - minute * refill)
    return math.min(capacity, left + (now - emptiedAt) * refill), 0, 0, capacity, refill
  end
  level, at, paused, mark = tonumber(level), tonumber(at), tonumber(paused), tonumber(mark)
  if at > now then -- the server's clock was set back
    paused = paused - at + now
    write(i, level, paused, mark, capacity, refill)
  else
    level = level + (now - at) * refill
  end
  return math.min(capacity, level), paused, mark, capacity, refill
end
local function spend(i)
  local level, paused, mark, capacity, refill = read(i)
  local amount = tonumber(ARGV[3 * i + 1])
  level = math.min(capacity, level - amount)
  write(i, level, paused, mark + amount, capacity, refill)
  return level, mark + amount
end
`;

/** Arguments, three for each bucket: capacity, refill, amount. Answers whether, which one, how long, and all levels. */
const takeScript = script(
  'ledger.take',
  `${buckets}
local answer = { epoch, '-1', '0' }
local worst = 0
for i = 1, #KEYS - 1 do
  local level, paused, mark, capacity, refill = read(i)
  local missing = math.min(tonumber(ARGV[3 * i + 1]), capacity) - level
  local wait = math.max(0, math.ceil(paused - now))
  if missing > 1e-9 then wait = math.max(wait, 1, math.ceil(missing / refill)) end
  if wait > worst then worst = wait answer[2] = tostring(i - 1) answer[3] = exact(wait) end
  answer[i + 3] = exact(level)
end
if worst > 0 then return answer end
for i = 1, #KEYS - 1 do
  local level, mark = spend(i)
  answer[i + 3] = exact(level)
  answer[i + 2 + #KEYS] = exact(mark)
end
return answer`,
);

/** Arguments as those of a take. */
const adjustScript = script(
  'ledger.adjust',
  `${buckets}
for i = 1, #KEYS - 1 do spend(i) end
return { epoch }`,
);

/** Arguments: capacity, refill, the highest level, its mark, the length of the pause; the last three may be empty. */
const learnScript = script(
  'ledger.learn',
  `${buckets}
local level, paused, mark, capacity, refill = read(1)
local since = ARGV[5] ~= '' and mark - tonumber(ARGV[5]) or 0
if ARGV[4] ~= '' then level = math.min(level, tonumber(ARGV[4]) - since) end
if ARGV[6] ~= '' then paused = math.max(paused, now + tonumber(ARGV[6])) end
write(1, level, paused, mark, capacity, refill)
return { epoch }`,
);

/** Arguments: capacity, refill. */
const levelScript = script('ledger.level', `${buckets}\nreturn { epoch, exact((read(1))) }`);

/** Buckets in Redis, which all processes share. Every method is one script, so none sees another's half-done work. */
export class RedisLedger implements Ledger {
  readonly #scripts: RedisScripts;

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  async take(takes: readonly Take[]): Promise<Taken> {
    const [refused, waitMs, ...rest] = await this.#scripts.run(takeScript, keysOf(takes), argsOf(takes));
    const index = Number(refused);
    const levels = rest.slice(0, takes.length).map(Number);
    return index < 0
      ? { ok: true, levels, marks: rest.slice(takes.length).map(Number) }
      : { ok: false, index, waitMs: Number(waitMs), levels };
  }

  async adjust(takes: readonly Take[]): Promise<void> {
    await this.#scripts.run(adjustScript, keysOf(takes), argsOf(takes));
  }

  async learn(bucket: Bucket, { atMost, mark, pauseMs }: LedgerFacts): Promise<void> {
    const { capacity, refillPerMs } = bucket;
    const args = [capacity, refillPerMs, atMost ?? '', mark ?? '', pauseMs ?? ''];
    await this.#scripts.run(learnScript, [keyOf(bucket)], args);
  }

  async level(bucket: Bucket): Promise<number> {
    const args = [bucket.capacity, bucket.refillPerMs];
    const [level] = await this.#scripts.run(levelScript, [keyOf(bucket)], args);
    return Number(level);
  }
}

function keyOf({ key }: Bucket): string {
  return `bucket:${key}`;
}

function keysOf(takes: readonly Take[]): readonly string[] {
  return takes.map(({ bucket }) => keyOf(bucket));
}

function argsOf(takes: readonly Take[]): readonly number[] {
  return takes.flatMap(({ bucket, amount }) => [bucket.capacity, bucket.refillPerMs, amount]);
}
