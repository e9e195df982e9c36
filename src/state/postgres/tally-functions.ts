import { list } from './account-overviews.ts';
import type { Names } from './postgres-names.ts';

/** A tally is one row: names and sums, in the same order. */
export const tallyTables = ({ table }: Names): string => `
create table ${table('tallies')} (
  key uuid primary key,
  name text not null,
  fields text[] not null,
  sums double precision[] not null,
  -- Null: for good.
  until_ms double precision
) with (fillfactor = 50);
create index on ${table('tallies')} (until_ms);
`;

export const tallyFunctions = ({ table, call, define }: Names): string => `
-- Answers all names and sums after it.
${define(
  'add_to_tally',
  '_key uuid, _name text, _fields text[], _amounts double precision[], _ttl_ms double precision',
  'json',
)} as $body$
declare
  _answer json;
begin
  perform ${call('begin_work')}();
  -- A crash of the server costs the sums what was added in the last moments.
  perform ${call('may_be_undone')}();
  insert into ${table('tallies')} as kept
  values (_key, _name, _fields, _amounts, ${call('now_ms')}() + _ttl_ms)
  on conflict (key) do update set
    until_ms = excluded.until_ms,
    (fields, sums) = (
      select coalesce(array_agg(field order by place), '{}'), coalesce(array_agg(sum order by place), '{}')
      from (
        select field, sum(amount) as sum, min(place) as place
        from (
          select * from unnest(kept.fields, kept.sums) with ordinality as stored (field, amount, place)
          where kept.until_ms is null or kept.until_ms > ${call('now_ms')}()
          union all
          select * from unnest(excluded.fields, excluded.sums) with ordinality as added (field, amount, place)
        ) as both_of_them
        group by field
      ) as summed
    )
  returning json_build_array(fields, sums) into _answer;
  perform ${call('still_asked')}();
  return _answer;
end $body$;

-- Answers names and sums of each, in the order asked.
${define('read_tallies', '_keys uuid[]', 'json')} as $body$
begin
  return (
    select ${list(`json_build_array(coalesce(kept.fields, '{}'), coalesce(kept.sums, '{}'))`, 'place')}
    from unnest(_keys) with ordinality as asked (key, place)
    left join ${table('tallies')} as kept
      on kept.key = asked.key and (kept.until_ms is null or kept.until_ms > ${call('now_ms')}())
  );
end $body$;
`;
