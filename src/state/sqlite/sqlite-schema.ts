import type { DatabaseSync } from 'node:sqlite';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** `mllm`: says in the header of a file that it is ours. */
const applicationId = 0x6d_6c_6c_6d;

/**
 * What every version of the schema adds to the one before; the file keeps in `user_version` how many it has. Amounts are
 * `real`, as they are here: whole up to 2^53, and never out of range. Texts that users choose are JSON, which has no NUL
 * and no half characters.
 */
export const versions: readonly string[] = [
  `
create table buckets (
  key text primary key,
  level real not null,
  at real not null,
  paused_until real not null,
  mark real not null,
  says_nothing_at real not null
) strict, without rowid;
create index buckets_that_say_nothing on buckets (says_nothing_at);

create table slots (
  key text not null,
  slot text not null,
  ends_at real not null,
  primary key (key, slot)
) strict, without rowid;

-- Of a rolling window, what is settled and lost is in its steps.
create table accounts (
  id integer primary key autoincrement,
  budget text not null,
  subject text not null,
  window text not null,
  step_ms real,
  settled_nano_usd real not null default 0,
  settled_tokens real not null default 0,
  lost_nano_usd real not null default 0,
  lost_tokens real not null default 0,
  reserved_nano_usd real not null default 0,
  reserved_tokens real not null default 0,
  limit_nano_usd real,
  limit_tokens real,
  holds integer not null default 0,
  says_nothing_at real,
  unique (budget, subject, window)
) strict;
create index accounts_that_say_nothing on accounts (says_nothing_at) where says_nothing_at is not null;

create table steps (
  account integer not null,
  step integer not null,
  settled_nano_usd real not null,
  settled_tokens real not null,
  lost_nano_usd real not null,
  lost_tokens real not null,
  primary key (account, step)
) strict, without rowid;

create table alerts (
  account integer not null,
  share real not null,
  told_at real not null,
  primary key (account, share)
) strict, without rowid;

create table raises (
  budget text not null,
  subject text not null,
  nano_usd real not null,
  tokens real not null,
  until_ms real not null,
  primary key (budget, subject)
) strict, without rowid;

-- What it holds: [account, nano-USD, tokens] each. One that is lost says when it counts nowhere any more.
create table reservations (
  id text primary key,
  holds text not null,
  reserved_at real not null,
  ends_at real not null,
  is_lost integer not null default 0,
  says_nothing_at real
) strict, without rowid;
create index reservations_by_lease on reservations (is_lost, ends_at);
create index reservations_that_say_nothing on reservations (says_nothing_at) where says_nothing_at is not null;

create table receipts (
  position integer primary key,
  call_id text not null unique,
  started_at real not null,
  user text,
  tenant text,
  receipt text not null
) strict;
create index receipts_by_time on receipts (started_at);
create index receipts_by_user on receipts (user, started_at);
create index receipts_by_tenant on receipts (tenant, started_at);

create table cached (
  key text primary key,
  value text not null,
  bytes integer not null,
  ends_at real not null,
  used_at real not null
) strict;
create index cached_by_end on cached (ends_at);
create index cached_by_use on cached (used_at);

-- How much that is together, in one row: counting it would take longer the more there is.
create table cached_room (entries integer not null, bytes integer not null) strict;
insert into cached_room values (0, 0);
create trigger cached_comes after insert on cached begin
  update cached_room set entries = entries + 1, bytes = bytes + new.bytes;
end;
create trigger cached_goes after delete on cached begin
  update cached_room set entries = entries - 1, bytes = bytes - old.bytes;
end;
`,
  `
-- Those without an end stay.
create table documents (
  key text primary key,
  text text not null,
  version text not null,
  ends_at real
) strict;
create index documents_by_end on documents (ends_at) where ends_at is not null;

-- Sums: [name, sum] each.
create table tallies (
  key text primary key,
  sums text not null,
  ends_at real
) strict;
create index tallies_by_end on tallies (ends_at) where ends_at is not null;
`,
  `
-- What answers must not outlive takes no room of theirs.
create table pinned (
  key text primary key,
  value text not null,
  ends_at real not null
) strict;
create index pinned_by_end on pinned (ends_at);
`,
];

/**
 * Makes the file ours, or brings an older one to the newest version; refuses a newer one, and what belongs to somebody
 * else, before anything of it is changed.
 */
export function prepareSchema(database: DatabaseSync, path: string, all = versions): void {
  // Looked at first outside of a transaction: to switch the journal's mode changes a file, and is not possible inside one.
  if (versionOf(database, path, all.length) === all.length) return;
  database.exec('pragma journal_mode = wal; begin immediate');
  try {
    const from = versionOf(database, path, all.length);
    for (const version of all.slice(from)) database.exec(version);
    database.exec(`pragma application_id = ${applicationId}; pragma user_version = ${all.length}; commit`);
  } catch (thrown) {
    if (database.isTransaction) database.exec('rollback');
    throw thrown;
  }
}

/** How many versions it has; 0 of an empty file. */
function versionOf(database: DatabaseSync, path: string, newest: number): number {
  const header = 'select application_id, user_version, (select count(*) from sqlite_schema) as objects';
  const read = database.prepare(`${header} from pragma_application_id, pragma_user_version`).get();
  const version = Number(read?.['user_version']);
  if (read?.['application_id'] === 0 && version === 0 && read['objects'] === 0) return 0;
  if (read?.['application_id'] !== applicationId || version < 1)
    throw incompatible(path, 'is a database of something else. Give it a file of its own');
  if (version > newest) throw newerVersion(path);
  return version;
}

/** Another process brought the file to a version that this one does not know. */
export function newerVersion(path: string): ManagedLLMError {
  return incompatible(
    path,
    'was written by a newer version of `managed-llm`. Update the package in this process',
  );
}

export function incompatible(path: string, why: string, cause?: unknown): ManagedLLMError {
  return new ManagedLLMError({
    code: 'state-incompatible',
    message: `\`sqliteState.path\`: ${JSON.stringify(path)} ${why}.`,
    cause,
  });
}
