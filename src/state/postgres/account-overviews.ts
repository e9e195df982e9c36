import { counts, leavesAt } from './account-tables.ts';
import type { Names } from './postgres-names.ts';

/** What a double can say exactly. */
const most = '9007199254740991';

function amounts(nanoUsd: string, tokens: string): string {
  return `json_build_object('nanoUsd', least(${nanoUsd}, ${most}), 'tokens', least(${tokens}, ${most}))`;
}

/** All of them as a list, which may be empty. */
export function list(item: string, order: string): string {
  return `coalesce(json_agg(${item} order by ${order}), '[]')`;
}

/** A balance, from what is used and reserved (nano-USD, tokens) and the row of `raises`. */
export function balance(used: readonly [string, string], reserved: readonly [string, string]): string {
  return `json_build_object('used', ${amounts(...used)}, 'reserved', ${amounts(...reserved)},
      'raised', ${amounts('coalesce(raises.nano_usd, 0)', 'coalesce(raises.tokens, 0)')})`;
}

/** To be joined to rows of accounts, `kept`, which need not be locked: what is lost or has left its window, and not yet booked. */
const unbooked = ({ table }: Names): string => `
  left join lateral (
    select coalesce(sum(nano_usd), 0)::bigint as freed_nano_usd, coalesce(sum(tokens), 0)::bigint as freed_tokens,
      coalesce(sum(nano_usd) filter (where ${counts(leavesAt('length_ms', 'until_ms'))}), 0)::bigint as nano_usd,
      coalesce(sum(tokens) filter (where ${counts(leavesAt('length_ms', 'until_ms'))}), 0)::bigint as tokens
    from ${table('claims')}
    where kept.untidy_at_ms <= _now and account = kept.key and not lost and until_ms <= _now
  ) as late on true
  left join lateral (
    select coalesce(sum(nano_usd), 0)::bigint as nano_usd, coalesce(sum(tokens), 0)::bigint as tokens
    from ${table('steps')} where kept.untidy_at_ms <= _now and account = kept.key and leaves_at_ms <= _now
  ) as gone on true`;

const used: readonly [string, string] = [
  'kept.used_nano_usd + late.nano_usd - gone.nano_usd',
  'kept.used_tokens + late.tokens - gone.tokens',
];
const reserved: readonly [string, string] = [
  'kept.reserved_nano_usd - late.freed_nano_usd',
  'kept.reserved_tokens - late.freed_tokens',
];

function share(index: 0 | 1, unit: string): string {
  const limit = `(kept.limit_${unit} + coalesce(raises.${unit}, 0))`;
  return `case when ${limit} > 0 then (${used[index]} + ${reserved[index]})::double precision / ${limit}
      when ${limit} = 0 then case when ${used[index]} + ${reserved[index]} > 0 then double precision 'infinity' else 1 end end`;
}

const account = `json_build_object('budget', kept.budget, 'subject', kept.subject, 'startMs', kept.start_ms,
      'endMs', kept.end_ms, 'lengthMs', kept.length_ms)`;

export const accountOverviews = (names: Names): string => {
  const { table, call, define, defineOverview } = names;
  return `
-- Balances in the order of the keys, also of accounts that are not kept.
${define('standing', '_keys uuid[], _raise_keys uuid[]', 'json')} as $body$
declare
  _now bigint := floor(${call('now_ms')}());
begin
  return (
    select ${list(
      balance(
        [`coalesce(${used[0]}, 0)`, `coalesce(${used[1]}, 0)`],
        [`coalesce(${reserved[0]}, 0)`, `coalesce(${reserved[1]}, 0)`],
      ),
      'place',
    )}
    from unnest(_keys, _raise_keys) with ordinality as asked (key, raise_key, place)
    left join ${table('accounts')} as kept using (key)
    left join ${table('raises')} as raises
      on raises.key = coalesce(kept.raise_key, asked.raise_key) and raises.until_ms > _now
    ${unbooked(names)}
  );
end $body$;

${defineOverview('list_accounts', '_budget text, _most integer', 'json')} as $body$
declare
  _now bigint := floor(${call('now_ms')}());
begin
  return (
    select ${list('record', 'fullness desc nulls last, budget, subject')} from (
      select json_build_object('account', ${account}, 'balance', ${balance(used, reserved)},
          'limits', json_build_object('nanoUsd', kept.limit_nano_usd, 'tokens', kept.limit_tokens)) as record,
        greatest(${share(0, 'nano_usd')}, ${share(1, 'tokens')}) as fullness, kept.budget, kept.subject
      from ${table('accounts')} as kept
      left join ${table('raises')} as raises on raises.key = kept.raise_key and raises.until_ms > _now
      ${unbooked(names)}
      where (_budget is null or kept.budget = _budget)
        and (${used[0]}, ${used[1]}, ${reserved[0]}, ${reserved[1]}) <> (0, 0, 0, 0)
      order by fullness desc nulls last, budget, subject limit _most
    ) as records
  );
end $body$;

${defineOverview('lost', '_budget text, _most integer', 'json')} as $body$
declare
  _now bigint := floor(${call('now_ms')}());
begin
  return (
    select ${list('record', 'until_ms, reserved_at_ms')} from (
      select until_ms, reserved_at_ms, json_build_object('id', id, 'reservedAt', reserved_at_ms, 'lostAt', until_ms, 'claims', (
        select ${list(
          `json_build_object('account', ${account}, 'amounts', ${amounts('claim.nano_usd', 'claim.tokens')})`,
          'place',
        )}
        from ${table('claims')} as claim join ${table('accounts')} as kept on kept.key = claim.account
        where claim.reservation = reservation.key
      )) as record
      from ${table('reservations')} as reservation
      where until_ms <= _now and exists (
        select from ${table('claims')} as claim join ${table('accounts')} as kept on kept.key = claim.account
        where claim.reservation = reservation.key and (_budget is null or kept.budget = _budget)
          and ${counts(leavesAt('claim.length_ms', 'claim.until_ms'))}
      )
      order by until_ms, reserved_at_ms limit _most
    ) as records
  );
end $body$;
`;
};
