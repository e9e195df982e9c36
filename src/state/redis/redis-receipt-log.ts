import type { Receipt } from '../../core/receipt.ts';
import type { ReceiptFilter, ReceiptLog } from '../../core/receipt-log.ts';
import { script, type RedisScripts } from './redis-scripts.ts';

/** Receipts that one script reads or deletes: some milliseconds of the server's time at 2 kB each. */
const pageSize = 200;

/**
 * `receipts` is a hash of receipts by call: user, tenant and receipt, a line of JSON each. `receipts:all`,
 * `receipts:user:<user>` and `receipts:tenant:<tenant>` are sorted sets of calls by when they began, written so that texts
 * order as times do; all scores are 0. Scripts find the indexes of a receipt in what is stored: they lie in the slot of the
 * keys that are given. Where a cluster moves that, a script may fail in the midst of it. So the receipt itself is written
 * last, and the index by which it is found for deletion is cleared last: the same question again does the rest.
 */
const receipts = `
local base = string.sub(KEYS[1], 1, -6)
local function read(member)
  local id = string.match(member, '^%S+ (.*)$')
  local user, tenant, text = string.match(redis.call('HGET', KEYS[2], id) or '', '^([^\\n]*)\\n([^\\n]*)\\n(.*)$')
  return id, user, tenant, text
end
local function indexes(user, tenant)
  return ipairs({ KEYS[3], base .. 'receipts:user:' .. user, base .. 'receipts:tenant:' .. tenant })
end
`;

/** Arguments, five for each receipt: call, when it began and call, user, tenant, receipt. */
const appendScript = script(
  'receipts.append',
  `${receipts}
for i = 2, #ARGV, 5 do
  local id, member, user, tenant, text = unpack(ARGV, i, i + 4)
  if redis.call('HEXISTS', KEYS[2], id) == 0 then
    for _, index in indexes(user, tenant) do redis.call('ZADD', index, 0, member) end
    redis.call('HSET', KEYS[2], id, user .. '\\n' .. tenant .. '\\n' .. text)
  end
end
return { epoch }`,
);

/** Third key: an index. Arguments: after what, before what, user and tenant or nothing. Answers where to go on, or nothing. */
const page = `${receipts}
local members = redis.call('ZRANGEBYLEX', KEYS[4], ARGV[2], ARGV[3], 'LIMIT', 0, ${pageSize})
local next = #members == ${pageSize} and '(' .. members[#members] or ''
local function isMeant(user, tenant)
  return user and (ARGV[4] == '' or ARGV[4] == user) and (ARGV[5] == '' or ARGV[5] == tenant)
end
`;

/** Answers receipts after that. */
const readScript = script(
  'receipts.read',
  `${page}
local answer = { epoch, next }
for _, member in ipairs(members) do
  local _, user, tenant, text = read(member)
  if isMeant(user, tenant) then answer[#answer + 1] = text end
end
return answer`,
);

/** Answers how many were deleted after that. */
const deleteScript = script(
  'receipts.delete',
  `${page}
local count = 0
for _, member in ipairs(members) do
  local id, user, tenant = read(member)
  if not user then
    redis.call('ZREM', KEYS[4], member)
  elseif isMeant(user, tenant) then
    count = count + 1
    for _, index in indexes(user, tenant) do
      if index ~= KEYS[4] then redis.call('ZREM', index, member) end
    end
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[4], member)
  end
end
return { epoch, next, string.format('%.0f', count) }`,
);

/**
 * Receipts in Redis. A batch is appended by one script, all or none; pages of 200 are read and deleted by an index: by user
 * where a user is asked for, else by tenant, else of all. What is appended while it is read is told if it began after what
 * was told last. Every receipt is kept until it is deleted, in memory: about 3 kB with its indexes.
 */
export class RedisReceiptLog implements ReceiptLog {
  readonly #scripts: RedisScripts;

  constructor(scripts: RedisScripts) {
    this.#scripts = scripts;
  }

  async append(batch: readonly Receipt[]): Promise<void> {
    if (batch.length === 0) return;
    const args = batch.flatMap((receipt) => [
      receipt.callId,
      `${ordered(receipt.startedAt)} ${receipt.callId}`,
      owner(receipt.caller.user),
      owner(receipt.caller.tenant),
      JSON.stringify(receipt),
    ]);
    await this.#scripts.run(appendScript, ['receipts', 'receipts:all'], args);
  }

  async *read(filter: ReceiptFilter = {}): AsyncGenerator<Receipt> {
    for await (const texts of this.#pages(readScript, filter))
      for (const text of texts) yield JSON.parse(text) as Receipt;
  }

  async delete(filter: ReceiptFilter): Promise<number> {
    let count = 0;
    for await (const [deleted] of this.#pages(deleteScript, filter)) count += Number(deleted);
    return count;
  }

  async *#pages(
    script: Parameters<RedisScripts['run']>[0],
    { from, to, user, tenant }: ReceiptFilter,
  ): AsyncGenerator<readonly string[]> {
    const until = to === undefined ? '+' : `(${ordered(to)}`;
    const owners = [user, tenant].map((each) => (each === undefined ? '' : owner(each)));
    let after = from === undefined ? '-' : `[${ordered(from)}`;
    while (after !== '') {
      const keys = ['receipts', 'receipts:all', indexOf(owners)];
      const [next = '', ...page] = await this.#scripts.run(script, keys, [after, until, ...owners]);
      yield page;
      after = next;
    }
  }
}

function indexOf([user = '', tenant = '']: readonly string[]): string {
  if (user !== '') return `receipts:user:${user}`;
  return tenant === '' ? 'receipts:all' : `receipts:tenant:${tenant}`;
}

/** JSON has no line breaks, and tells nobody from somebody of that name. */
function owner(value: string | null | undefined): string {
  return JSON.stringify(value ?? null);
}

/** A time as text, to the microsecond: sixteen digits before the point, so that texts order as times do. */
function ordered(ms: number): string {
  return Math.min(Math.max(0, ms), Number.MAX_SAFE_INTEGER).toFixed(3).padStart(20, '0');
}
