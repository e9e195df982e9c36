import { rollingSteps } from '../account-window.ts';

/** So long the store remembers a reservation that has ended. */
export const endedMs = 600_000;
/** Lost reservations that can be released. 500 bytes each. */
const lostAtMost = 100_000;

/**
 * What scripts of accounts share. How it is stored, under the prefix of the state:
 *
 * - `account:<id>`: a hash of sums: what is settled (`used:…`), lost and reserved, in nano-USD and in tokens, and the limits
 *   last asked for. What was used in a rolling window is also kept by steps, `<step>:used:nanoUsd`, the oldest and the newest
 *   of which it names. `HINCRBY` adds whole numbers exactly. It goes when its window has been over for a while, a rolling one
 *   when nothing is reserved from it and all has left it.
 * - `lease:<id>`: a reservation: `open`, `lost` or `ended`, since when, then a line for each claim: nano-USD, tokens, account.
 * - `leases`, `lost`: sorted sets of their ids, by when leases end, or ended. `forgetting`: those lost, by when they count
 *   nowhere any more.
 * - `accounts`: a sorted set of account ids, by when to look whether the account is still kept.
 * - `raise:<owner>`: nano-USD and tokens; goes when it ends. `alerts:<id>`: a hash of shares that alerts were given for.
 *
 * A reservation is found by its id, and names its accounts itself; so scripts reach keys that they were not given. All
 * have the hash tag of the prefix and so lie in one slot. While a cluster moves that slot, a key that is not where it is
 * looked for makes a script fail; every script reads all the keys that belong together before it writes one of them, so
 * that it fails before it has changed anything.
 */
export const books = `
local base = string.sub(KEYS[1], 1, -6)
local leases, lost, forgetting, index = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local minute, day = 60000, 86400000
now = math.floor(now)
local function whole(number) return string.format('%.0f', number) end

local sums = {
  'used:nanoUsd', 'used:tokens', 'lost:nanoUsd', 'lost:tokens', 'reserved:nanoUsd', 'reserved:tokens',
}
local known = {}
local function stepOf(it, at) return math.floor(at / (it.length / ${rollingSteps})) end

-- What has left a rolling window counts no more; it is taken out of the account when that is written to.
local function leave(it, oldest, newest)
  local first = stepOf(it, now) - ${rollingSteps}
  it.oldest, it.newest = oldest, newest
  if oldest >= first then return end
  local fields = {}
  for step = oldest, math.min(first - 1, newest) do
    for sum = 1, 4 do fields[#fields + 1] = whole(step) .. ':' .. sums[sum] end
  end
  local values = redis.call('HMGET', it.key, unpack(fields))
  it.left, it.oldest, it.newest = { fields = fields }, first, math.max(first, newest)
  for i, value in ipairs(values) do
    if value then
      local sum = sums[(i - 1) % 4 + 1]
      it.left[sum] = (it.left[sum] or 0) + tonumber(value)
      it[sum] = it[sum] - tonumber(value)
    end
  end
end

-- An account as it stands, read once.
local function look(id)
  local it = known[id]
  if it then return it end
  local owner, window = string.match(id, '^(.*) (%S+)$')
  it = { id = id, key = base .. 'account:' .. id, owner = owner, raised = { 0, 0 } }
  it.length = tonumber(string.match(window, '^~(%S+)$'))
  if not it.length then
    local from, to = string.match(window, '^(%S-)%.%.(%S*)$')
    it.from, it.to = tonumber(from), tonumber(to)
  end
  local got = redis.call('HMGET', it.key, 'limit:nanoUsd', 'limit:tokens', 'oldest', 'newest', unpack(sums))
  it.exists = got[9] ~= false
  it.limits = { got[1] or '', got[2] or '' }
  for i, sum in ipairs(sums) do it[sum] = tonumber(got[i + 4] or 0) end
  it.stored = { got[3] or '', got[4] or '' }
  if got[3] then leave(it, tonumber(got[3]), tonumber(got[4])) end
  known[id] = it
  return it
end

local function increase(it, field, by)
  if by ~= 0 then it[field] = redis.call('HINCRBY', it.key, field, whole(by)) end
end

-- Brings the steps of a rolling window up to now.
local function turn(it)
  local step = stepOf(it, now)
  if it.left then
    redis.call('HDEL', it.key, unpack(it.left.fields))
    for sum = 1, 4 do
      local by = it.left[sums[sum]] or 0
      if by ~= 0 then redis.call('HINCRBY', it.key, sums[sum], whole(-by)) end
    end
    it.left = nil
  end
  if not it.oldest then it.oldest, it.newest = step, step end
  -- The server's clock was set back: what lies ahead would count for too long.
  for ahead = math.max(step + 1, it.newest - ${rollingSteps}), it.newest do
    for sum = 1, 4 do
      local field = whole(ahead) .. ':' .. sums[sum]
      local value = redis.call('HGET', it.key, field)
      if value then
        redis.call('HINCRBY', it.key, whole(step) .. ':' .. sums[sum], value)
        redis.call('HDEL', it.key, field)
      end
    end
  end
  it.oldest, it.newest = math.min(it.oldest, step), step
end

-- Counts what was used (or, below 0, was not) at a time: what is 'used' or 'lost'.
local function count(it, what, at, nanoUsd, tokens)
  if it.length then
    turn(it)
    local step = stepOf(it, at)
    local first = stepOf(it, now) - ${rollingSteps}
    if step >= first then it.oldest = math.min(it.oldest, step) end
    local stored = { whole(it.oldest), whole(it.newest) }
    if stored[1] ~= it.stored[1] or stored[2] ~= it.stored[2] then
      redis.call('HSET', it.key, 'oldest', stored[1], 'newest', stored[2])
      it.stored = stored
    end
    if step < first then return end
    step = whole(math.min(step, it.newest))
    increase(it, step .. ':' .. what .. ':nanoUsd', nanoUsd)
    increase(it, step .. ':' .. what .. ':tokens', tokens)
  end
  increase(it, what .. ':nanoUsd', nanoUsd)
  increase(it, what .. ':tokens', tokens)
end

-- How long a rolling account is kept after the last that was used of it.
local function restOf(it) return it.length + it.length / ${rollingSteps} + math.min(it.length, day) + 2 * minute end

-- Until when an account is kept that something is counted in now.
local function keptUntil(it)
  if it.length then return now + restOf(it) end
  if not it.to then return math.huge end
  return it.to + math.min(it.to - it.from, day) + 2 * minute
end

-- Looks after some accounts that may be gone by now: a few for each that is made, so that none is known for ever.
local function tidy(most)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', whole(now), 'LIMIT', 0, most)) do
    local left = redis.call('PTTL', base .. 'account:' .. id)
    if left == -2 then
      redis.call('ZREM', index, id)
    else
      redis.call('ZADD', index, whole(now + math.max(left, minute)), id)
    end
  end
end

-- Makes an account where there is none. Returns whether there is one then: not of a window that is long over.
local function make(it)
  if it.exists then return true end
  local till = keptUntil(it)
  if till <= now then return false end
  redis.call('HSET', it.key, 'reserved:nanoUsd', '0', 'reserved:tokens', '0')
  it.exists = true
  if till < math.huge then redis.call('PEXPIREAT', it.key, whole(till)) end
  redis.call('ZADD', index, till < math.huge and whole(till) or '+inf', it.id)
  return true
end

local function hold(it, nanoUsd, tokens)
  increase(it, 'reserved:nanoUsd', nanoUsd)
  increase(it, 'reserved:tokens', tokens)
  if not it.length then return end
  if it['reserved:nanoUsd'] ~= 0 or it['reserved:tokens'] ~= 0 then
    redis.call('PERSIST', it.key)
  else
    redis.call('PEXPIRE', it.key, whole(restOf(it)))
  end
end

-- Reads a reservation, with all its accounts.
local function find(id)
  local key = base .. 'lease:' .. id
  local text = redis.call('GET', key)
  if not text then return nil end
  local it = { id = id, key = key, text = text, claims = {} }
  it.state, it.since, it.note = string.match(text, '^(%S+) (%S+) ?([^\\n]*)')
  for nanoUsd, tokens, account in string.gmatch(text, '\\n(%S+) (%S+) ([^\\n]+)') do
    it.claims[#it.claims + 1] = { it = look(account), nanoUsd = tonumber(nanoUsd), tokens = tonumber(tokens) }
  end
  return it
end

local function rewrite(reservation, state, note)
  local rest = string.find(reservation.text, '\\n', 1, true)
  local head = state .. ' ' .. reservation.since .. (note and ' ' .. note or '')
  reservation.state, reservation.note = state, note
  reservation.text = rest and head .. string.sub(reservation.text, rest) or head
  return reservation.text
end

-- What was reserved by one that is lost counts as used; not so any more with a sign of -1.
local function lose(reservation, sign)
  for _, claim in ipairs(reservation.claims) do
    local it = claim.it
    if it.exists then
      count(it, 'lost', tonumber(reservation.note), sign * claim.nanoUsd, sign * claim.tokens)
    end
  end
end

local function free(reservation, sign)
  for _, claim in ipairs(reservation.claims) do
    if claim.it.exists then hold(claim.it, -sign * claim.nanoUsd, -sign * claim.tokens) end
  end
end

-- What is lost and counts nowhere any more need not be known; where too much is lost, the oldest counts as used for good.
-- Returns whether there may be more of it.
local function forget(most)
  local tooMany = math.max(0, redis.call('ZCARD', lost) - ${lostAtMost})
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', lost, '-inf', '+inf', 'LIMIT', 0, math.min(most, tooMany))) do
    local reservation = find(id)
    if reservation and reservation.state == 'lost' then
      lose(reservation, -1)
      for _, claim in ipairs(reservation.claims) do
        if claim.it.exists then
          count(claim.it, 'used', tonumber(reservation.note), claim.nanoUsd, claim.tokens)
        end
      end
      redis.call('DEL', reservation.key)
    end
    redis.call('ZREM', forgetting, id)
    redis.call('ZREM', lost, id)
  end
  local ids = redis.call('ZRANGEBYSCORE', forgetting, '-inf', whole(now), 'LIMIT', 0, most)
  for _, id in ipairs(ids) do
    redis.call('ZREM', forgetting, id)
    redis.call('ZREM', lost, id)
    redis.call('DEL', base .. 'lease:' .. id)
  end
  return #ids == most or tooMany > most
end

-- Finds whose leases have ended, so many at most. Returns whether there may be more.
local function sweep(most)
  local ended = redis.call('ZRANGEBYSCORE', leases, '-inf', whole(now), 'WITHSCORES', 'LIMIT', 0, most)
  if #ended > 0 then redis.call('EXISTS', lost, forgetting) end
  for i = 1, #ended, 2 do
    local id, at = ended[i], ended[i + 1]
    local reservation = find(id)
    redis.call('ZREM', leases, id)
    if reservation and reservation.state == 'open' then
      local till = 0
      for _, claim in ipairs(reservation.claims) do till = math.max(till, keptUntil(claim.it)) end
      redis.call('SET', reservation.key, rewrite(reservation, 'lost', at))
      redis.call('ZADD', lost, at, id)
      if till < math.huge then redis.call('ZADD', forgetting, whole(till), id) end
      free(reservation, 1)
      lose(reservation, 1)
    end
  end
  if #ended > 0 then forget(most) end
  return #ended == 2 * most
end

-- It is neither under way nor lost any more.
local function withdraw(reservation)
  if reservation.state == 'open' then
    redis.call('ZREM', leases, reservation.id)
    free(reservation, 1)
  else
    redis.call('ZREM', lost, reservation.id)
    redis.call('ZREM', forgetting, reservation.id)
    lose(reservation, -1)
  end
end

-- Reads what is put on top of the limits of accounts.
local function raise(accounts)
  if #accounts == 0 then return end
  local keys = {}
  for i, it in ipairs(accounts) do keys[i] = base .. 'raise:' .. it.owner end
  for i, value in ipairs(redis.call('MGET', unpack(keys))) do
    local nanoUsd, tokens = string.match(value or '', '^(%S+) (%S+)$')
    accounts[i].raised = { tonumber(nanoUsd) or 0, tonumber(tokens) or 0 }
  end
end

local function accountsOf(claims)
  local accounts = {}
  for i, claim in ipairs(claims) do accounts[i] = claim.it end
  return accounts
end

-- Six numbers of each account: used, reserved and raised, in nano-USD and in tokens.
local function tell(answer, it)
  answer[#answer + 1] = whole(it['used:nanoUsd'] + it['lost:nanoUsd'])
  answer[#answer + 1] = whole(it['used:tokens'] + it['lost:tokens'])
  answer[#answer + 1] = whole(it['reserved:nanoUsd'])
  answer[#answer + 1] = whole(it['reserved:tokens'])
  answer[#answer + 1] = whole(it.raised[1])
  answer[#answer + 1] = whole(it.raised[2])
end
`;
