import type { Names } from './postgres-names.ts';

/** A slot that somebody holds is a row, until its lease ends. */
export const slotTables = ({ table }: Names): string => `
create table ${table('slots')} (
  key uuid not null,
  slot text not null,
  until_ms double precision not null,
  primary key (key, slot)
) with (fillfactor = 50);
create index on ${table('slots')} (until_ms);
`;

export const slotFunctions = ({ table, call, define }: Names): string => `
-- The same slot again is granted again: an answer may have been lost.
${define('start_slot', '_key uuid, _limit integer, _lease_ms double precision, _slot text', 'boolean')} as $body$
declare
  _now double precision;
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  -- No row stands for a key that nobody holds a slot of: those who ask for one queue at its hash.
  perform pg_advisory_xact_lock(hashtextextended(_key::text, 0));
  perform ${call('still_asked')}();
  _now := ${call('now_ms')}();
  -- One that is being renewed right now is not waited for. None ends much later than a lease from now, unless the
  -- server's clock was set back.
  delete from ${table('slots')} where key = _key and slot in (
    select slot from ${table('slots')}
    where key = _key and (until_ms <= _now or until_ms > _now + 2 * _lease_ms)
    for update skip locked
  );
  if exists (select from ${table('slots')} where key = _key and slot = _slot) then return true; end if;
  if (select count(*) from ${table('slots')} where key = _key) >= _limit then return false; end if;
  insert into ${table('slots')} values (_key, _slot, _now + _lease_ms) on conflict do nothing;
  return true;
end $body$;

-- Also brings back what the store has lost.
${define('renew_slots', '_keys uuid[], _slots text[], _lease_ms double precision', 'void')} as $body$
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  insert into ${table('slots')}
  select key, slot, ${call('now_ms')}() + _lease_ms from unnest(_keys, _slots) as held (key, slot) order by key, slot
  on conflict (key, slot) do update set until_ms = excluded.until_ms;
end $body$;

${define('end_slots', '_keys uuid[], _slots text[]', 'void')} as $body$
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  perform from ${table('slots')}
  where (key, slot) in (select * from unnest(_keys, _slots)) order by key, slot for update;
  delete from ${table('slots')} where (key, slot) in (select * from unnest(_keys, _slots));
end $body$;
`;
