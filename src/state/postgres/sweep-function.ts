import type { Names } from './postgres-names.ts';

/** Deletes what has had its time, at most so many rows of each kind, and none that somebody works on. */
export const sweepFunction = ({ table, call, define }: Names): string => `
-- Answers whether there may be more.
${define('sweep', '_most integer', 'boolean')} as $body$
declare
  _now double precision := ${call('now_ms')}();
  _keys uuid[];
  _reservations uuid[];
  _deleted integer;
  _more boolean := false;
begin
  perform ${call('begin_work')}();
  perform ${call('may_be_undone')}();
  ${[
    ['buckets', 'key', 'forget_at_ms'],
    ['slots', 'key, slot', 'until_ms'],
    ['alerts', 'account, share', 'forget_at_ms'],
    ['raises', 'key', 'until_ms'],
    ['cached', 'key', 'until_ms'],
    ['documents', 'key', 'until_ms'],
    ['tallies', 'key', 'until_ms'],
  ]
    .map(
      ([kind = '', columns, until]) => `delete from ${table(kind)} where (${columns}) in (
    select ${columns} from ${table(kind)} where ${until} <= _now order by ${until} limit _most for update skip locked
  );
  get diagnostics _deleted = row_count;
  _more := _more or _deleted = _most;`,
    )
    .join('\n  ')}

  select array_agg(key) into _keys from (
    select key from ${table('accounts')} as kept
    where forget_at_ms <= _now and not exists (
      select from ${table('claims')} where account = kept.key and not lost and until_ms > _now
    ) and not exists (
      select from ${table('steps')} where account = kept.key and leaves_at_ms > _now
    )
    order by forget_at_ms limit _most for update skip locked
  ) as ended;
  _more := _more or coalesce(cardinality(_keys) = _most, false);
  delete from ${table('steps')} where account = any(_keys);
  delete from ${table('accounts')} where key = any(_keys);
  -- Claims on those, and what was lost of a rolling window and has left it.
  select array_agg(reservation) into _reservations from (
    select reservation from ${table('claims')} where account = any(_keys)
    union
    (select reservation from ${table('claims')} where lost and leaves_at_ms <= _now limit _most)
  ) as ended;
  perform from ${table('reservations')} where key = any(_reservations) order by key for update;
  delete from ${table('claims')}
  where reservation = any(_reservations) and (account = any(_keys) or (lost and leaves_at_ms <= _now));
  delete from ${table('reservations')} as kept
  where key = any(_reservations) and not exists (select from ${table('claims')} where reservation = kept.key);
  return _more;
end $body$;
`;
