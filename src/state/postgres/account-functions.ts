import { balance, list } from './account-overviews.ts';
import { counts, forgetAt, leavesAt, never } from './account-tables.ts';
import type { Names } from './postgres-names.ts';

/**
 * The rest of a statement that begins with `changes`: how much less is reserved, and how much more is used, of a rolling window
 * until it leaves that.
 */
const applyChanges = ({ table }: Names): string => `
  summed as (
    select account, leaves_at_ms, sum(freed_nano_usd)::bigint as freed_nano_usd, sum(freed_tokens)::bigint as freed_tokens,
      coalesce(sum(nano_usd) filter (where ${counts()}), 0)::bigint as nano_usd,
      coalesce(sum(tokens) filter (where ${counts()}), 0)::bigint as tokens
    from changes group by account, leaves_at_ms
  ), stepped as (
    insert into ${table('steps')} as kept
    select account, leaves_at_ms, nano_usd, tokens from summed where leaves_at_ms > _now
    on conflict (account, leaves_at_ms) do update set
      nano_usd = kept.nano_usd + excluded.nano_usd, tokens = kept.tokens + excluded.tokens
  )
  update ${table('accounts')} as kept set
    used_nano_usd = kept.used_nano_usd + whole.nano_usd,
    used_tokens = kept.used_tokens + whole.tokens,
    reserved_nano_usd = kept.reserved_nano_usd - whole.freed_nano_usd,
    reserved_tokens = kept.reserved_tokens - whole.freed_tokens,
    untidy_at_ms = least(kept.untidy_at_ms, whole.leaves_at_ms)
  from (
    select account, sum(freed_nano_usd)::bigint as freed_nano_usd, sum(freed_tokens)::bigint as freed_tokens,
      sum(nano_usd)::bigint as nano_usd, sum(tokens)::bigint as tokens,
      min(leaves_at_ms) filter (where ${counts()}) as leaves_at_ms
    from summed group by account
  ) as whole
  where kept.key = whole.account;
`;

export const accountFunctions = (names: Names): string => {
  const { table, call, define } = names;
  return `
-- Of accounts that are locked: counts as used what is lost, and no longer what has left its window.
${define('tidy', '_keys uuid[], _now bigint', 'void')} as $body$
begin
  if not exists (select from ${table('accounts')} where key = any(_keys) and untidy_at_ms <= _now) then return; end if;
  with late as (
    select reservation, place from ${table('claims')}
    where account = any(_keys) and not lost and until_ms <= _now
    -- One that is being renewed right now is not lost.
    for update skip locked
  ), changes as (
    update ${table('claims')} as claim set lost = true, leaves_at_ms = ${leavesAt('claim.length_ms', 'claim.until_ms')} from late
    where claim.reservation = late.reservation and claim.place = late.place
    returning claim.account, claim.leaves_at_ms,
      claim.nano_usd as freed_nano_usd, claim.tokens as freed_tokens, claim.nano_usd, claim.tokens
  ), ${applyChanges(names)}
  with gone as (
    delete from ${table('steps')} where account = any(_keys) and leaves_at_ms <= _now returning account, nano_usd, tokens
  )
  update ${table('accounts')} as kept set
    used_nano_usd = kept.used_nano_usd - whole.nano_usd, used_tokens = kept.used_tokens - whole.tokens
  from (
    select account, sum(nano_usd)::bigint as nano_usd, sum(tokens)::bigint as tokens from gone group by account
  ) as whole
  where kept.key = whole.account;
  update ${table('accounts')} as kept set untidy_at_ms = least(
    ${never},
    (select min(until_ms) from ${table('claims')} where account = kept.key and not lost),
    (select min(leaves_at_ms) from ${table('steps')} where account = kept.key)
  ) where key = any(_keys);
end $body$;

${define(
  'reserve',
  `_reservation uuid, _id text, _lease_ms bigint, _keys uuid[], _raise_keys uuid[], _budgets text[], _subjects text[],
  _starts_ms bigint[], _ends_ms bigint[], _lengths_ms bigint[], _nano_usd bigint[], _tokens bigint[],
  _limits_nano_usd bigint[], _limits_tokens bigint[], _enforced boolean[]`,
  'json',
)} as $body$
declare
  _now bigint;
  _refused integer;
  _before json;
  _after json;
begin
  perform ${call('begin_work')}();
  _now := floor(${call('now_ms')}());
  if exists (
    select from unnest(_starts_ms, _ends_ms) as asked (start_ms, end_ms) where _now < start_ms or _now >= end_ms
  ) and not exists (select from ${table('reservations')} where key = _reservation) then
    return json_build_object('ok', false, 'because', 'window', 'nowMs', _now);
  end if;

  -- Makes what is absent, locks the rest, in the order of their keys, and keeps limits where they are others now.
  insert into ${table('accounts')} as kept (
    key, budget, subject, raise_key, start_ms, end_ms, length_ms, limit_nano_usd, limit_tokens, forget_at_ms
  )
  select distinct on (key) key, budget, subject, raise_key, start_ms, end_ms, length_ms, limit_nano_usd, limit_tokens,
    ${forgetAt('start_ms', 'end_ms', 'length_ms')}
  from unnest(_keys, _raise_keys, _budgets, _subjects, _starts_ms, _ends_ms, _lengths_ms, _limits_nano_usd, _limits_tokens)
    as asked (key, raise_key, budget, subject, start_ms, end_ms, length_ms, limit_nano_usd, limit_tokens)
  order by key
  on conflict (key) do update set
    limit_nano_usd = excluded.limit_nano_usd, limit_tokens = excluded.limit_tokens, forget_at_ms = excluded.forget_at_ms
  where (kept.limit_nano_usd, kept.limit_tokens, kept.forget_at_ms)
    is distinct from (excluded.limit_nano_usd, excluded.limit_tokens, excluded.forget_at_ms);
  perform ${call('still_asked')}();
  _now := floor(${call('now_ms')}());
  perform ${call('tidy')}(_keys, _now);

  select
    min(place) filter (where enforced and (
      kept.used_nano_usd + kept.reserved_nano_usd + asked.running_nano_usd
        > asked.limit_nano_usd + coalesce(raises.nano_usd, 0)
      or kept.used_tokens + kept.reserved_tokens + asked.running_tokens > asked.limit_tokens + coalesce(raises.tokens, 0)
    )) - 1,
    ${list(
      balance(['kept.used_nano_usd', 'kept.used_tokens'], ['kept.reserved_nano_usd', 'kept.reserved_tokens']),
      'place',
    )},
    ${list(
      balance(
        ['kept.used_nano_usd', 'kept.used_tokens'],
        ['kept.reserved_nano_usd + asked.whole_nano_usd', 'kept.reserved_tokens + asked.whole_tokens'],
      ),
      'place',
    )}
  into _refused, _before, _after
  from (
    select *, sum(nano_usd) over so_far as running_nano_usd, sum(tokens) over so_far as running_tokens,
      sum(nano_usd) over together as whole_nano_usd, sum(tokens) over together as whole_tokens
    from unnest(_keys, _nano_usd, _tokens, _limits_nano_usd, _limits_tokens, _enforced) with ordinality
      as asked (key, nano_usd, tokens, limit_nano_usd, limit_tokens, enforced, place)
    window together as (partition by key), so_far as (partition by key order by place)
  ) as asked
  join ${table('accounts')} as kept using (key)
  left join ${table('raises')} as raises on raises.key = kept.raise_key and raises.until_ms > _now;

  if exists (select from ${table('reservations')} where key = _reservation) then
    return json_build_object('ok', true, 'balances', _before);
  end if;
  if _refused is not null then
    return json_build_object('ok', false, 'because', 'limit', 'index', _refused, 'balances', _before);
  end if;
  insert into ${table('reservations')} values (_reservation, _id, _keys, _now, _now + _lease_ms);
  insert into ${table('claims')} (reservation, place, account, nano_usd, tokens, length_ms, until_ms)
  select _reservation, place, key, nano_usd, tokens, length_ms, _now + _lease_ms
  from unnest(_keys, _nano_usd, _tokens, _lengths_ms) with ordinality as asked (key, nano_usd, tokens, length_ms, place);
  update ${table('accounts')} as kept set
    reserved_nano_usd = kept.reserved_nano_usd + asked.nano_usd,
    reserved_tokens = kept.reserved_tokens + asked.tokens,
    untidy_at_ms = least(kept.untidy_at_ms, _now + _lease_ms)
  from (
    select key, sum(nano_usd)::bigint as nano_usd, sum(tokens)::bigint as tokens
    from unnest(_keys, _nano_usd, _tokens) as asked (key, nano_usd, tokens) group by key
  ) as asked
  where kept.key = asked.key;
  return json_build_object('ok', true, 'balances', _after);
end $body$;

-- What is not told of is spent as it was reserved; with _released, nothing is. Answers the balances; nothing where there is
-- no such reservation.
${define('settle', '_reservation uuid, _nano_usd bigint[], _tokens bigint[], _released boolean', 'json')} as $body$
declare
  _now bigint;
  _keys uuid[];
begin
  perform ${call('begin_work')}();
  select accounts into _keys from ${table('reservations')} where key = _reservation;
  if not found then return null; end if;
  perform from ${table('accounts')} where key = any(_keys) order by key for update;
  delete from ${table('reservations')} where key = _reservation;
  if not found then return null; end if;
  -- Undone, it is lost, and counts as used as it was reserved: that must not be less.
  if not exists (
    select from ${table('claims')}
    where reservation = _reservation and not _released and (_nano_usd[place] > nano_usd or _tokens[place] > tokens)
  ) then
    perform ${call('may_be_undone')}();
  end if;
  _now := floor(${call('now_ms')}());
  perform ${call('tidy')}(_keys, _now);
  with ended as (
    delete from ${table('claims')} where reservation = _reservation returning *
  ), changes as (
    select account, leaves_at_ms,
      case when lost then 0 else nano_usd end as freed_nano_usd, case when lost then 0 else tokens end as freed_tokens,
      case when lost then -nano_usd else 0 end as nano_usd, case when lost then -tokens else 0 end as tokens
    from ended
    union all
    select account, ${leavesAt('length_ms', '_now')}, 0, 0, coalesce(_nano_usd[place], nano_usd), coalesce(_tokens[place], tokens)
    from ended where not _released
  ), ${applyChanges(names)}
  return ${call('standing')}(_keys, null);
end $body$;

-- Answers which of them there are not, counted from 0.
${define('renew', '_reservations uuid[], _lease_ms bigint', 'json')} as $body$
declare
  _now bigint := floor(${call('now_ms')}());
  _keys uuid[];
  _found uuid[];
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  -- Those that are lost, or nearly so, come back.
  select array_agg(account) into _keys from ${table('claims')}
  where reservation = any(_reservations) and (lost or until_ms <= _now + 2000);
  perform from ${table('accounts')} where key = any(_keys) order by key for update;
  select array_agg(key) into _found from (
    select key from ${table('reservations')} where key = any(_reservations) order by key for update
  ) as found;
  _now := floor(${call('now_ms')}());
  with changes as (
    update ${table('claims')} set lost = false
    where reservation = any(_found) and lost and account = any(_keys)
    returning account, leaves_at_ms, -nano_usd as freed_nano_usd, -tokens as freed_tokens, -nano_usd as nano_usd,
      -tokens as tokens
  ), ${applyChanges(names)}
  update ${table('accounts')} set untidy_at_ms = least(untidy_at_ms, _now + _lease_ms) where key = any(_keys);
  update ${table('claims')} set until_ms = _now + _lease_ms where reservation = any(_found) and not lost;
  update ${table('reservations')} set until_ms = _now + _lease_ms where key = any(_found);
  return (
    select ${list('place - 1', 'place')} from unnest(_reservations) with ordinality as asked (key, place)
    where key <> all(coalesce(_found, '{}'))
  );
end $body$;

-- What was lost stays, and what is reserved.
${define('reset', '_key uuid', 'void')} as $body$
begin
  perform ${call('begin_work')}();
  delete from ${table('alerts')} where account = _key;
  perform from ${table('accounts')} where key = _key and length_ms is null for update;
  if not found then return; end if;
  update ${table('accounts')} set (used_nano_usd, used_tokens) = (
    select coalesce(sum(nano_usd), 0), coalesce(sum(tokens), 0) from ${table('claims')} where account = _key and lost
  ) where key = _key;
end $body$;

${define(
  'raise_limits',
  '_key uuid, _budget text, _subject text, _nano_usd bigint, _tokens bigint, _until_ms bigint',
  'void',
)} as $body$
begin
  perform ${call('begin_work')}();
  insert into ${table('raises')} values (_key, _budget, _subject, _nano_usd, _tokens, _until_ms)
  on conflict (key) do update set
    nano_usd = excluded.nano_usd, tokens = excluded.tokens, until_ms = excluded.until_ms;
end $body$;

-- The same who asks again is answered as the first time: that answer may have been lost.
${define(
  'alert_once',
  '_key uuid, _share double precision, _by uuid, _start_ms bigint, _end_ms bigint, _length_ms bigint',
  'boolean',
)} as $body$
declare
  _now bigint := floor(${call('now_ms')}());
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  insert into ${table('alerts')} as kept
  values (_key, _share, _now, _by, ${forgetAt('_start_ms', '_end_ms', '_length_ms')})
  on conflict (account, share) do update set
    given_at_ms = excluded.given_at_ms, given_by = excluded.given_by, forget_at_ms = excluded.forget_at_ms
  where kept.given_at_ms <= _now - _length_ms;
  return exists (select from ${table('alerts')} where account = _key and share = _share and given_by = _by);
end $body$;
`;
};
