import { quoteText, type Names } from './postgres-names.ts';

export const receiptTables = ({ table }: Names): string => `
create table ${table('receipts')} (
  key uuid primary key,
  started_at_ms double precision not null,
  user_key uuid,
  tenant_key uuid,
  receipt json not null
);
create index on ${table('receipts')} (started_at_ms, key);
create index on ${table('receipts')} (user_key, started_at_ms, key);
create index on ${table('receipts')} (tenant_key, started_at_ms, key);
`;

const filter = `_from_ms double precision, _to_ms double precision,
  _by_user boolean, _user_key uuid, _by_tenant boolean, _tenant_key uuid`;

/** A condition made for what is asked, so that the index for it is used. */
const fits = `concat('started_at_ms >= $1 and started_at_ms < $2',
    case when _by_user and _user_key is null then ' and user_key is null' when _by_user then ' and user_key = $3' end,
    case when _by_tenant and _tenant_key is null then ' and tenant_key is null' when _by_tenant then ' and tenant_key = $4' end)`;

export const receiptFunctions = ({ table, call, define }: Names): string => `
${define(
  'append_receipts',
  `_keys uuid[], _started_at_ms double precision[], _user_keys uuid[], _tenant_keys uuid[], _receipts text[]`,
  'void',
)} as $body$
begin
  perform ${call('begin_work')}();
  insert into ${table('receipts')}
  select key, started_at_ms, user_key, tenant_key, receipt::json
  from unnest(_keys, _started_at_ms, _user_keys, _tenant_keys, _receipts)
    as given (key, started_at_ms, user_key, tenant_key, receipt)
  order by key
  on conflict do nothing;
end $body$;

-- Those behind the one given.
${define(
  'read_receipts',
  `${filter}, _after_ms double precision, _after_key uuid, _most integer`,
  'table (stored_key uuid, stored_at_ms double precision, stored_receipt json)',
)} as $body$
begin
  return query execute concat(
    ${quoteText(`select key, started_at_ms, receipt from ${table('receipts')} where `)}, ${fits},
    ' and (started_at_ms, key) > ($5, $6) order by started_at_ms, key limit $7'
  ) using _from_ms, _to_ms, _user_key, _tenant_key, _after_ms, _after_key, _most;
end $body$;

-- Answers how many it has deleted: as long as that is _most, there may be more.
${define('delete_receipts', `${filter}, _most integer`, 'integer')} as $body$
declare
  _deleted integer;
begin
  perform ${call('begin_work')}();
  execute concat(
    ${quoteText(`delete from ${table('receipts')} where key in (select key from ${table('receipts')} where `)}, ${fits},
    ' order by started_at_ms, key limit $5 for update)'
  ) using _from_ms, _to_ms, _user_key, _tenant_key, _most;
  get diagnostics _deleted = row_count;
  return _deleted;
end $body$;
`;
