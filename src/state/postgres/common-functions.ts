import { raised } from './postgres-failure.ts';
import type { Names } from './postgres-names.ts';

/** What the other functions begin with. */
export const commonFunctions = ({ call }: Names): string => `
-- The server's clock, in milliseconds.
create function ${call('now_ms')}() returns double precision language sql volatile as $body$
  select (extract(epoch from clock_timestamp()) * 1000)::double precision
$body$;

-- Where a transaction sees nothing that was committed since it began, waiting for a lock is no use. What is not _durable
-- may be forgotten in a crash of the server, if it came less than a second before.
create function ${call('begin_work')}(_durable boolean) returns void language plpgsql as $body$
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception 'asked in a transaction that is %', current_setting('transaction_isolation')
      using errcode = '${raised.isolation}';
  end if;
  if not _durable then perform set_config('synchronous_commit', 'off', true); end if;
end $body$;

-- After locks were waited for: whoever asked has given up by now, and must not be given what nobody would give back.
create function ${call('still_asked')}() returns void language plpgsql as $body$
begin
  if clock_timestamp() > statement_timestamp() + interval '900 ms' then
    raise exception 'others were in the way for too long' using errcode = '${raised.late}';
  end if;
end $body$;
`;
