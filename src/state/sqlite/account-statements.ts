/** What is used of an account, in a column of the given kind. Values: time. */
function used(kind: 'nano_usd' | 'tokens'): string {
  return `
  case when a.step_ms is null then a.settled_${kind} + a.lost_${kind} else (
    select total(s.settled_${kind} + s.lost_${kind}) from steps s
    where s.account = a.id and s.step >= cast(?1 / a.step_ms as integer) - 60
  ) end as used_${kind}`;
}

/** Of an account as it stands, raises included. */
const columns = `
  a.*, ${used('nano_usd')}, ${used('tokens')},
  coalesce(r.nano_usd, 0.0) as raised_nano_usd, coalesce(r.tokens, 0.0) as raised_tokens`;

/** How much of a limit is taken, -1 where there is none. */
function fullness(kind: 'nano_usd' | 'tokens'): string {
  return `
  case
    when limit_${kind} is null then -1.0
    when limit_${kind} + raised_${kind} > 0.0
      then (used_${kind} + reserved_${kind}) / (limit_${kind} + raised_${kind})
    when used_${kind} + reserved_${kind} > 0.0 then 9e99
    else 1.0
  end`;
}

export const accountStatements = {
  /** One row also where there is no such account, with the raise for its subject. Values: time, budget, subject, window. */
  byName: `
  select ${columns} from (select ?2 as budget, ?3 as subject, ?4 as window) n
  left join accounts a on a.budget = n.budget and a.subject = n.subject and a.window = n.window
  left join raises r on r.budget = n.budget and r.subject = n.subject and r.until_ms > ?1`,
  /** Values: time, id. */
  byId: `
  select ${columns} from accounts a
  left join raises r on r.budget = a.budget and r.subject = a.subject and r.until_ms > ?1
  where a.id = ?2`,
  /** The fullest first. Values: time, budget or null, how many. */
  list: `
  select * from (
    select ${columns} from accounts a
    left join raises r on r.budget = a.budget and r.subject = a.subject and r.until_ms > ?1
    where (?2 is null or a.budget = ?2) and (a.says_nothing_at is null or a.says_nothing_at > ?1 or a.holds > 0)
  )
  order by max(${fullness('nano_usd')}, ${fullness('tokens')}) desc limit ?3`,
  saysNothing:
    'select id from accounts where says_nothing_at <= ? and holds = 0 order by says_nothing_at limit 2',
  delete: [
    'delete from steps where account = ?',
    'delete from alerts where account = ?',
    'delete from accounts where id = ?',
  ],
  insert: 'insert into accounts (budget, subject, window, step_ms) values (?, ?, ?, ?) returning id',
  update: `
  update accounts set settled_nano_usd = ?2, settled_tokens = ?3, lost_nano_usd = ?4, lost_tokens = ?5,
    reserved_nano_usd = ?6, reserved_tokens = ?7, limit_nano_usd = ?8, limit_tokens = ?9, holds = ?10,
    says_nothing_at = ?11
  where id = ?1`,
  updateLimits: 'update accounts set limit_nano_usd = ?2, limit_tokens = ?3 where id = ?1',
  /** Values: account, step, settled, lost. */
  addToStep: `
  insert into steps values (?, ?, ?, ?, ?, ?)
  on conflict (account, step) do update set
    settled_nano_usd = settled_nano_usd + excluded.settled_nano_usd,
    settled_tokens = settled_tokens + excluded.settled_tokens,
    lost_nano_usd = lost_nano_usd + excluded.lost_nano_usd, lost_tokens = lost_tokens + excluded.lost_tokens`,
  reset: [
    'update accounts set settled_nano_usd = 0, settled_tokens = 0 where id = ?',
    'update steps set settled_nano_usd = 0, settled_tokens = 0 where account = ?',
    'delete from alerts where account = ?',
  ],
  deleteSteps: 'delete from steps where account = ? and step < ?',
} as const;
