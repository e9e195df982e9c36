import type { Names } from './postgres-names.ts';

/** A bucket is a row that is deleted some time after it is full again: an absent one is full. */
export const bucketTables = ({ table }: Names): string => `
create table ${table('buckets')} (
  key uuid primary key,
  level double precision not null,
  at_ms double precision not null,
  paused_until_ms double precision not null,
  -- All that was taken, less what was given back.
  mark double precision not null,
  -- In steps of five minutes, so that taking seldom changes what is indexed.
  forget_at_ms double precision not null
) with (fillfactor = 50);
create index on ${table('buckets')} (forget_at_ms);
`;

export const bucketFunctions = ({ table, call, define }: Names): string => `
-- Takes from all buckets; with _asking, from none where one has not enough. Then, where they are given: brings levels down
-- to _at_most (less what was taken since the mark), pauses. Answers [refused, wait, levels, marks].
${define(
  'take',
  `_keys uuid[], _capacities double precision[], _refills double precision[], _amounts double precision[],
  _asking boolean, _at_most double precision, _mark double precision, _pause_ms double precision`,
  'json',
)} as $body$
declare
  _now double precision;
  _levels double precision[];
  _pauses double precision[];
  _marks double precision[];
  _refused integer;
  _wait double precision;
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  -- Makes what is absent and locks the rest, in the order of their keys, so that nobody waits in a circle.
  insert into ${table('buckets')} as kept
  select key, capacity, 0, 0, 0, 0 from unnest(_keys, _capacities) as asked (key, capacity) order by key
  on conflict (key) do update set level = kept.level where false;
  if _asking then perform ${call('still_asked')}(); end if;
  _now := ${call('now_ms')}();

  select array_agg(level order by place), array_agg(paused_ms order by place), array_agg(mark order by place),
    (array_agg(place order by wait desc, place))[1] - 1, max(wait)
  into _levels, _pauses, _marks, _refused, _wait
  from (
    select place, level, paused_ms, mark, greatest(
      -- Levels are fractions: without the margin a wait of exactly the announced length could fall short.
      case when least(amount, capacity) - level > 1e-9
        then greatest(1, ceil((least(amount, capacity) - level) / refill)) else 0 end,
      ceil(paused_ms)
    ) as wait
    from (
      select place, capacity, refill, amount, kept.mark,
        least(capacity, kept.level + greatest(0, _now - kept.at_ms) * refill) as level,
        -- The server's clock may have been set back since.
        greatest(0, kept.paused_until_ms - greatest(_now, kept.at_ms)) as paused_ms
      from unnest(_keys, _capacities, _refills, _amounts) with ordinality as asked (key, capacity, refill, amount, place)
      join ${table('buckets')} as kept using (key)
    ) as standing
  ) as waiting;
  if _asking and _wait > 0 then return json_build_array(_refused, _wait, _levels); end if;

  with taken as (
    update ${table('buckets')} as kept set
      level = next.level,
      at_ms = _now,
      paused_until_ms = _now + next.paused_ms,
      mark = next.mark,
      forget_at_ms = ceil((_now + greatest(next.paused_ms, (capacity - next.level) / refill)) / 300000) * 300000
    from (
      select key, place, capacity, refill, before.mark + amount as mark,
        -- What is left out, least and greatest leave out.
        least(capacity, before.level - amount, _at_most - coalesce(before.mark + amount - _mark, 0)) as level,
        greatest(before.paused_ms, _pause_ms) as paused_ms
      from unnest(_keys, _capacities, _refills, _amounts, _levels, _pauses, _marks) with ordinality
        as before (key, capacity, refill, amount, level, paused_ms, mark, place)
    ) as next
    where kept.key = next.key
    returning place, kept.level, kept.mark
  )
  select array_agg(level order by place), array_agg(mark order by place) into _levels, _marks from taken;
  return json_build_array(-1, 0, _levels, _marks);
end $body$;

${define('level', '_key uuid, _capacity double precision, _refill double precision', 'double precision')} as $body$
begin
  return coalesce((
    select least(_capacity, level + greatest(0, ${call('now_ms')}() - at_ms) * _refill)
    from ${table('buckets')} where key = _key
  ), _capacity);
end $body$;
`;
