import { raised } from './postgres-failure.ts';
import type { Names } from './postgres-names.ts';

/** What the other functions begin with. */
export const commonFunctions = ({ call }: Names): string => `
-- The server's clock, in milliseconds.
create function ${call('now_ms')}() returns double precision language sql volatile as $body$
  select (extract(epoch from clock_timestamp()) * 1000)::double precision
$body$;

-- Where a transaction sees nothing that was committed since it began, waiting for a lock is no use.
create function ${call('begin_work')}() returns void language plpgsql as $body$
begin
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception 'asked in a transaction that is %', current_setting('transaction_isolation')
      using errcode = '${raised.isolation}';
  end if;
end $body$;

-- What is done in this transaction is not waited for until it is on the disk: a crash of the server in the next moments
-- undoes it.
create function ${call('may_be_undone')}() returns void language plpgsql as $body$
begin
  perform set_config('synchronous_commit', 'off', true);
end $body$;

-- After locks were waited for: whoever asked has given up by now, and must not be given what nobody would give back.
create function ${call('still_asked')}() returns void language plpgsql as $body$
begin
  if clock_timestamp() > statement_timestamp() + interval '900 ms' then
    raise exception 'others were in the way for too long' using errcode = '${raised.late}';
  end if;
end $body$;
`;
