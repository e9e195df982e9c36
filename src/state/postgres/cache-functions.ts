import type { Names } from './postgres-names.ts';

/**
 * Not logged: it costs half of it, and a server that crashes comes back without any of it. So no answer outlives the mark
 * that it is out of date.
 */
export const cacheTables = ({ table }: Names): string => `
create unlogged table ${table('cached')} (
  key uuid primary key,
  value text not null,
  until_ms double precision not null
);
create index on ${table('cached')} (until_ms);
`;

export const cacheFunctions = ({ table, call, define }: Names): string => `
${define('get_cached', '_key uuid', 'text')} as $body$
begin
  return (select value from ${table('cached')} where key = _key and until_ms > ${call('now_ms')}());
end $body$;

${define('set_cached', '_key uuid, _value text, _ttl_ms double precision', 'void')} as $body$
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  insert into ${table('cached')} values (_key, _value, ${call('now_ms')}() + _ttl_ms)
  on conflict (key) do update set value = excluded.value, until_ms = excluded.until_ms;
end $body$;

-- Answers whether there was one.
${define('delete_cached', '_key uuid', 'boolean')} as $body$
declare
  _until_ms double precision;
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  delete from ${table('cached')} where key = _key returning until_ms into _until_ms;
  return coalesce(_until_ms > ${call('now_ms')}(), false);
end $body$;
`;
