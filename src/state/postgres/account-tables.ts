import type { Names } from './postgres-names.ts';

/**
 * An account is a row that says what is used and reserved. A reservation is a row, with a claim for each of its accounts.
 * Claims whose lease has ended are marked as lost when somebody comes to the account, and count as used from then on.
 *
 * Whoever changes several rows locks them in this order: accounts by their keys, reservations by theirs, claims. To an
 * account whose row is locked, nobody else adds claims or marks any, and only renewals change their leases.
 */
export const accountTables = ({ table }: Names): string => `
create table ${table('accounts')} (
  key uuid primary key,
  budget text not null,
  subject text not null,
  raise_key uuid not null,
  -- A window of fixed edges (the last may be missing), or a rolling one of a length.
  start_ms bigint,
  end_ms bigint,
  length_ms bigint,
  used_nano_usd bigint not null default 0,
  used_tokens bigint not null default 0,
  reserved_nano_usd bigint not null default 0,
  reserved_tokens bigint not null default 0,
  limit_nano_usd bigint,
  limit_tokens bigint,
  -- Before this there is no lease of it that has ended, and no step that has left its window.
  untidy_at_ms bigint not null default ${never},
  forget_at_ms bigint
) with (fillfactor = 50);
create index on ${table('accounts')} (forget_at_ms);

-- What is used of a rolling window, by when it leaves it.
create table ${table('steps')} (
  account uuid not null,
  leaves_at_ms bigint not null,
  nano_usd bigint not null,
  tokens bigint not null,
  primary key (account, leaves_at_ms)
) with (fillfactor = 50);

create table ${table('reservations')} (
  key uuid primary key,
  id text not null,
  accounts uuid[] not null,
  reserved_at_ms bigint not null,
  until_ms bigint not null
) with (fillfactor = 80);
create index on ${table('reservations')} (until_ms);

create table ${table('claims')} (
  reservation uuid not null,
  place integer not null,
  account uuid not null,
  nano_usd bigint not null,
  tokens bigint not null,
  -- Of its account's window, where that is rolling.
  length_ms bigint,
  until_ms bigint not null,
  lost boolean not null default false,
  -- Where it is lost, and counts as used of a rolling window: when it leaves that.
  leaves_at_ms bigint,
  primary key (reservation, place)
) with (fillfactor = 80);
create index on ${table('claims')} (account, lost, until_ms);
create index on ${table('claims')} (leaves_at_ms) where lost;

create table ${table('raises')} (
  key uuid primary key,
  budget text not null,
  subject text not null,
  nano_usd bigint not null,
  tokens bigint not null,
  until_ms bigint not null
);

create table ${table('alerts')} (
  account uuid not null,
  share double precision not null,
  given_at_ms bigint not null,
  given_by uuid not null,
  forget_at_ms bigint,
  primary key (account, share)
);
create index on ${table('alerts')} (forget_at_ms);
`;

/** Later than anything. */
export const never = '9223372036854775807';

const dayMs = 86_400_000;
const graceMs = 120_000;

/** When a row about a window may go. Of a rolling one by the hour, so that it seldom changes. */
export function forgetAt(start: string, end: string, length: string): string {
  return `case when ${length} is null then ${end} + least(${end} - ${start}, ${dayMs}) + ${graceMs}
    else ((_now + ${length} + ${length} / 60 + least(${length}, ${dayMs}) + ${graceMs}) / 3600000 + 1) * 3600000 end`;
}

/** When what is used at a time leaves a rolling window, which goes in 60 steps. Of a fixed one `null`: never. */
export function leavesAt(length: string, used: string): string {
  return `((${used} * 60 / ${length} + 61) * ${length} + 59) / 60`;
}

/** Whether what leaves then still counts. */
export function counts(leavesAtMs = 'leaves_at_ms'): string {
  return `coalesce(${leavesAtMs} > _now, true)`;
}
