import type { Bucket, Ledger, Take, Taken } from '../../core/state.ts';
import { script, type RedisScripts } from './redis-scripts.ts';

/**
 * A bucket is a text, `level at pausedUntil`, that expires when the bucket is full again: an absent one is full. Not so
 * when the store was emptied: then all that a minute brings is taken for gone, which for limits by the minute is all there
 * is, and for those by the day a fraction.
 */
const buckets = `
local minute = 60000
local function write(i, level, paused, capacity, refill)
  local ttl = math.max((capacity - level) / refill, paused - now)
  if emptiedAt > 0 then ttl = math.max(ttl, emptiedAt + minute - now) end
  if ttl <= 0 then
    redis.call('DEL', KEYS[i + 1])
  else
    local value = exact(level) .. ' ' .. exact(now) .. ' ' .. exact(paused)
    redis.call('SET', KEYS[i + 1], value, 'PX', string.format('%.0f', math.ceil(math.min(ttl, 1e12))))
  end
end
local function read(i)
  local capacity, refill = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local stored = redis.call('GET', KEYS[i + 1])
  if not stored then
    if emptiedAt == 0 then return capacity, 0, capacity, refill end
    local left = math.max(0, capacity - minute * refill)
    return math.min(capacity, left + (now - emptiedAt) * refill), 0, capacity, refill
  end
  local level, at, paused = string.match(stored, '^(%S+) (%S+) (%S+)$')
  level, at, paused = tonumber(level), tonumber(at), tonumber(paused)
  if at > now then -- the server's clock was set back
    paused = paused - at + now
    write(i, level, paused, capacity, refill)
  else
    level = level + (now - at) * refill
  end
  return math.min(capacity, level), paused, capacity, refill
end
`;

/** Arguments, three for each bucket: capacity, refill, amount. Answers whether, which one, how long, and all levels. */
const takeScript = script(
  'ledger.take',
  `${buckets}
local answer = { epoch, '-1', '0' }
local worst = 0
for i = 1, #KEYS - 1 do
  local level, paused, capacity, refill = read(i)
  local missing = math.min(tonumber(ARGV[3 * i + 1]), capacity) - level
  local wait = math.max(0, math.ceil(paused - now))
  if missing > 1e-9 then wait = math.max(wait, 1, math.ceil(missing / refill)) end
  if wait > worst then worst = wait answer[2] = tostring(i - 1) answer[3] = exact(wait) end
  answer[i + 3] = exact(level)
end
if worst > 0 then return answer end
for i = 1, #KEYS - 1 do
  local level, paused, capacity, refill = read(i)
  level = math.min(capacity, level - tonumber(ARGV[3 * i + 1]))
  write(i, level, paused, capacity, refill)
  answer[i + 3] = exact(level)
end
return answer`,
);

/** Arguments as those of a take. */
const adjustScript = script(
  'ledger.adjust',
  `${buckets}
for i = 1, #KEYS - 1 do
  local level, paused, capacity, refill = read(i)
  write(i, math.min(capacity, level - tonumber(ARGV[3 * i + 1])), paused, capacity, refill)
end
return { epoch }`,
);

/** Arguments: capacity, refill, the highest level, the length of the pause; the last two may be empty. */
const learnScript = script(
  'ledger.learn',
  `${buckets}
local level, paused, capacity, refill = read(1)
if ARGV[4] ~= '' then level = math.min(level, tonumber(ARGV[4])) end
if ARGV[5] ~= '' then paused = math.max(paused, now + tonumber(ARGV[5])) end
write(1, level, paused, capacity, refill)
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
    const [refused, waitMs, ...levels] = await this.#scripts.run(takeScript, keysOf(takes), argsOf(takes));
    const index = Number(refused);
    return index < 0
      ? { ok: true, levels: levels.map(Number) }
      : { ok: false, index, waitMs: Number(waitMs), levels: levels.map(Number) };
  }

  async adjust(takes: readonly Take[]): Promise<void> {
    await this.#scripts.run(adjustScript, keysOf(takes), argsOf(takes));
  }

  async learn(
    bucket: Bucket,
    { atMost, pauseMs }: { readonly atMost?: number; readonly pauseMs?: number },
  ): Promise<void> {
    const { capacity, refillPerMs } = bucket;
    const args = [capacity, refillPerMs, atMost ?? '', pauseMs ?? ''];
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
