import { books, endedMs } from './redis-account-books.ts';
import { script, type Script } from './redis-scripts.ts';

/** How many ended leases one script deals with at most: some milliseconds of the server's time. */
const atOnce = 100;

function accountScript(name: string, body: string): Script {
  return script(`accounts.${name}`, `${books}${body}`);
}

/**
 * Key: the reservation. Arguments: its id, its lease, and for each claim account, nano-USD, tokens, their limits or nothing,
 * `1` where they are enforced, and what a process saw in the store before that was emptied: used nano-USD, tokens, its
 * beginning. Answers `ok` or `limit` and which one, with balances, or `window` and the time.
 */
export const reserveScript = accountScript(
  'reserve',
  `
sweep(${atOnce})
local earlier = redis.call('GET', KEYS[6])
local claims, windowEnded, created = {}, false, 0
for i = 4, #ARGV, 7 do
  local it = look(ARGV[i])
  claims[#claims + 1] = {
    it = it,
    amounts = { ARGV[i + 1], ARGV[i + 2] },
    limits = { ARGV[i + 3], ARGV[i + 4] },
    enforced = ARGV[i + 5] == '1',
    seen = ARGV[i + 6],
  }
  if not it.length and (now < it.from or (it.to and now >= it.to)) then windowEnded = true end
  if not it.exists then created = created + 1 end
end
local accounts = accountsOf(claims)
raise(accounts)
local function answer(...)
  local told = { epoch, ... }
  for _, it in ipairs(accounts) do tell(told, it) end
  return told
end
if earlier and string.find(earlier, '^%a+ %d') then return answer('ok', '') end
if windowEnded then return { epoch, 'window', whole(now) } end

-- The store was emptied: what processes still know was used is put back, the most that any of them knows.
if emptiedAt > 0 then
  for _, claim in ipairs(claims) do
    local it = claim.it
    local nanoUsd, tokens, of = string.match(claim.seen, '^(%S+) (%S+) (%S+)$')
    if of and of ~= epoch and make(it) then
      local restored = redis.call('HMGET', it.key, 'restored:nanoUsd', 'restored:tokens')
      local missing = {}
      for i, seen in ipairs({ tonumber(nanoUsd), tonumber(tokens) }) do
        missing[i] = math.max(0, seen - tonumber(restored[i] or 0))
      end
      count(it, 'used', now, missing[1], missing[2])
      if missing[1] > 0 then redis.call('HINCRBY', it.key, 'restored:nanoUsd', whole(missing[1])) end
      if missing[2] > 0 then redis.call('HINCRBY', it.key, 'restored:tokens', whole(missing[2])) end
    end
  end
end

local kinds = { 'nanoUsd', 'tokens' }
local refused
for i, claim in ipairs(claims) do
  local it = claim.it
  for k, kind in ipairs(kinds) do
    local amount, limit = tonumber(claim.amounts[k]), tonumber(claim.limits[k])
    local left = limit and limit - it['used:' .. kind] - it['lost:' .. kind] - it['reserved:' .. kind] + it.raised[k]
    if not refused and claim.enforced and left and amount > left then refused = i end
  end
  -- Claims after it may be of the same account.
  for k, kind in ipairs(kinds) do
    local field = 'reserved:' .. kind
    it[field] = it[field] + tonumber(claim.amounts[k])
  end
end
for _, claim in ipairs(claims) do
  for k, kind in ipairs(kinds) do
    local field = 'reserved:' .. kind
    claim.it[field] = claim.it[field] - tonumber(claim.amounts[k])
  end
end

if not refused and created > 0 then tidy(3 * created) end
local lines = { 'open ' .. whole(now) }
for i, claim in ipairs(claims) do
  local it = claim.it
  if not refused then
    make(it)
    hold(it, tonumber(claim.amounts[1]), tonumber(claim.amounts[2]))
    lines[i + 1] = claim.amounts[1] .. ' ' .. claim.amounts[2] .. ' ' .. it.id
  end
  for k, kind in ipairs(kinds) do
    if it.exists and claim.limits[k] ~= it.limits[k] then
      redis.call(claim.limits[k] == '' and 'HDEL' or 'HSET', it.key, 'limit:' .. kind, claim.limits[k])
      it.limits[k] = claim.limits[k]
    end
  end
end
if refused then return answer('limit', whole(refused - 1)) end
redis.call('SET', KEYS[6], table.concat(lines, '\\n'))
redis.call('ZADD', leases, whole(now + tonumber(ARGV[3])), ARGV[2])
return answer('ok', '')`,
);

/**
 * What settles and releases share: `reservation` is the one to end, or none; `again` whether this very question has ended
 * it before, which is so when a client that lost its connection asked once more.
 */
const ending = `
sweep(${atOnce})
local reservation = find(ARGV[2])
local again = false
if reservation and reservation.state == 'ended' then again = reservation.note == ARGV[3] end
if not again and (not reservation or (reservation.state ~= 'open' and reservation.state ~= 'lost')) then
  return { epoch }
end
local function finish() redis.call('SET', reservation.key, rewrite(reservation, 'ended', ARGV[3]), 'PX', ${endedMs}) end
`;

/** Arguments: id, name of the question, then what was spent of each claim. Answers accounts and their balances. */
export const settleScript = accountScript(
  'settle',
  `${ending}
local accounts = accountsOf(reservation.claims)
raise(accounts)
if not again then
  withdraw(reservation)
  for i, claim in ipairs(reservation.claims) do
    if make(claim.it) then
      -- What is not told of counts as it was reserved: too much rather than too little.
      local nanoUsd, tokens = tonumber(ARGV[2 + 2 * i]), tonumber(ARGV[3 + 2 * i])
      count(claim.it, 'used', now, nanoUsd or claim.nanoUsd, tokens or claim.tokens)
    end
  end
  finish()
end
local told = { epoch, '1' }
for _, it in ipairs(accounts) do
  told[#told + 1] = it.id
  tell(told, it)
end
return told`,
);

/** Arguments: id, name of the question. */
export const releaseScript = accountScript(
  'release',
  `${ending}
if not again then
  withdraw(reservation)
  finish()
end
return { epoch, '1' }`,
);

/** Arguments: lease, ids. Answers those that are not known. */
export const renewScript = accountScript(
  'renew',
  `
local answer = { epoch }
local ends = whole(now + tonumber(ARGV[2]))
for i = 3, #ARGV do
  local id = ARGV[i]
  if redis.call('ZSCORE', leases, id) then
    redis.call('ZADD', leases, ends, id)
  else
    local reservation = find(id)
    if reservation and reservation.state == 'lost' then
      withdraw(reservation)
      free(reservation, -1)
      redis.call('SET', reservation.key, rewrite(reservation, 'open'))
      redis.call('ZADD', leases, ends, id)
    else
      answer[#answer + 1] = id
    end
  end
end
return answer`,
);

/** Argument: account. Answers whether more leases may have ended, then its balance. */
export const balanceScript = accountScript(
  'balance',
  `
local answer = { epoch, sweep(${atOnce}) and '1' or '0' }
local it = look(ARGV[2])
raise({ it })
tell(answer, it)
return answer`,
);

/** Answers whether more leases may have ended, or may be forgotten. */
export const sweepScript = accountScript(
  'sweep',
  `
local more = sweep(${atOnce})
return { epoch, (forget(${atOnce}) or more) and '1' or '0' }`,
);

/**
 * Arguments: where to go on, `0` at first, and what the accounts of a budget begin with, or nothing. Answers where to go on,
 * `0` at the end, then id, since when, when lost, how many claims, and these.
 */
export const lostScript = accountScript(
  'lost',
  `
local cursor, entries = unpack(redis.call('ZSCAN', lost, ARGV[2], 'COUNT', 500))
local answer = { epoch, cursor }
for i = 1, #entries, 2 do
  local text = redis.call('GET', base .. 'lease:' .. entries[i]) or ''
  local since, at, lines = string.match(text, '^lost (%S+) (%S+)(.*)$')
  local isMeant = ARGV[3] == ''
  local claims = {}
  for nanoUsd, tokens, account in string.gmatch(lines or '', '\\n(%S+) (%S+) ([^\\n]+)') do
    isMeant = isMeant or string.sub(account, 1, #ARGV[3]) == ARGV[3]
    for _, value in ipairs({ account, nanoUsd, tokens }) do claims[#claims + 1] = value end
  end
  if since and isMeant then
    for _, value in ipairs({ entries[i], since, at, whole(#claims / 3) }) do answer[#answer + 1] = value end
    for _, value in ipairs(claims) do answer[#answer + 1] = value end
  end
end
return answer`,
);

/** Key: the alerts that were given. Argument: account. */
export const resetScript = accountScript(
  'reset',
  `
sweep(${atOnce})
local it = look(ARGV[2])
if it.exists then
  if it.length then
    turn(it)
    for step = it.oldest, it.newest do
      redis.call('HDEL', it.key, whole(step) .. ':used:nanoUsd', whole(step) .. ':used:tokens')
    end
  end
  redis.call('HDEL', it.key, 'used:nanoUsd', 'used:tokens')
  -- Nor is what was used before the store was emptied put back any more.
  if emptiedAt > 0 then redis.call('HSET', it.key, 'restored:nanoUsd', '9007199254740991', 'restored:tokens', '9007199254740991') end
end
redis.call('DEL', KEYS[6])
return { epoch }`,
);

/** Key: the raise. Arguments: nano-USD, tokens, until when. */
export const raiseScript = accountScript(
  'raise',
  `
local left = tonumber(ARGV[4]) - now
if left > 0 then
  redis.call('SET', KEYS[6], ARGV[2] .. ' ' .. ARGV[3], 'PX', whole(math.ceil(math.min(left, 1e15))))
else
  redis.call('DEL', KEYS[6])
end
return { epoch }`,
);

/** Key: the alerts that were given. Arguments: account, share, name of the question. */
export const alertScript = accountScript(
  'alertOnce',
  `
local it = look(ARGV[2])
local at, by = string.match(redis.call('HGET', KEYS[6], ARGV[3]) or '', '^(%S+) (%S+)$')
if at and (not it.length or now < tonumber(at) + it.length) then return { epoch, by == ARGV[4] and '1' or '0' } end
redis.call('HSET', KEYS[6], ARGV[3], whole(now) .. ' ' .. ARGV[4])
local till = it.length and now + it.length or keptUntil(it)
if till < math.huge then redis.call('PEXPIREAT', KEYS[6], whole(till)) end
return { epoch, '1' }`,
);

export const nowScript = accountScript('now', 'return { epoch, whole(now) }');

/**
 * Arguments: where to go on, `0` at first, and what the accounts of a budget begin with, or nothing. Answers where to go on,
 * `0` at the end, then accounts, their balances and limits.
 */
export const listScript = accountScript(
  'list',
  `
local cursor, entries = unpack(redis.call('ZSCAN', index, ARGV[2], 'COUNT', 500))
local accounts = {}
for i = 1, #entries, 2 do
  local id = entries[i]
  if string.sub(id, 1, #ARGV[3]) == ARGV[3] then
    local it = look(id)
    if it.exists then accounts[#accounts + 1] = it end
  end
end
raise(accounts)
local answer = { epoch, cursor }
for _, it in ipairs(accounts) do
  answer[#answer + 1] = it.id
  tell(answer, it)
  answer[#answer + 1] = it.limits[1]
  answer[#answer + 1] = it.limits[2]
end
return answer`,
);
