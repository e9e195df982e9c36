import type { Names } from './postgres-names.ts';

export const documentTables = ({ table }: Names): string => `
create table ${table('documents')} (
  key uuid primary key,
  name text not null,
  content text not null,
  version text not null,
  -- Null: for good.
  until_ms double precision
);
create index on ${table('documents')} (until_ms);
`;

export const documentFunctions = ({ table, call, define }: Names): string => `
${define('read_document', '_key uuid', 'table (stored_version text, stored_content text)')} as $body$
begin
  return query select version, content from ${table('documents')}
  where key = _key and (until_ms is null or until_ms > ${call('now_ms')}());
end $body$;

-- Answers what is stored then: who asks again, because an answer was lost, is told its own version, as the first time.
${define(
  'write_document',
  '_key uuid, _name text, _content text, _version text, _expected text, _ttl_ms double precision',
  'table (stored_version text, stored_content text)',
)} as $body$
begin
  perform ${call('begin_work')}();
  -- What is kept for a time only may be gone before.
  if _ttl_ms is not null then perform ${call('may_be_undone')}(); end if;
  -- Of those who write at once the first wins: the others wait for it, and find what it has written.
  if _expected is null then
    insert into ${table('documents')} as kept
    values (_key, _name, _content, _version, ${call('now_ms')}() + _ttl_ms)
    on conflict (key) do update set
      name = excluded.name, content = excluded.content, version = excluded.version, until_ms = excluded.until_ms
    where kept.until_ms <= ${call('now_ms')}();
  else
    update ${table('documents')} set content = _content, version = _version, until_ms = ${call('now_ms')}() + _ttl_ms
    where key = _key and version = _expected and (until_ms is null or until_ms > ${call('now_ms')}());
  end if;
  if found then
    perform ${call('still_asked')}();
    return query select _version, _content;
  else
    return query select version, content from ${table('documents')}
    where key = _key and (until_ms is null or until_ms > ${call('now_ms')}());
  end if;
end $body$;
`;
