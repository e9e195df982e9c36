/** What is used of an account at a time `asked.now`, in a column of the given kind. */
function used(kind: 'nano_usd' | 'tokens'): string {
  return `
  case when a.step_ms is null then a.settled_${kind} + a.lost_${kind} else (
    select total(s.settled_${kind} + s.lost_${kind}) from steps s
    where s.account = a.id and s.step >= cast(asked.now / a.step_ms as integer) - 60
  ) end as used_${kind}`;
}

// Values have no numbers in these: Node 22 would take them for names.

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
  select ${columns} from (select ? as now, ? as budget, ? as subject, ? as window) asked
  left join accounts a on a.budget = asked.budget and a.subject = asked.subject and a.window = asked.window
  left join raises r on r.budget = asked.budget and r.subject = asked.subject and r.until_ms > asked.now`,
  /** Values: time, id. */
  byId: `
  select ${columns} from (select ? as now) asked join accounts a on a.id = ?
  left join raises r on r.budget = a.budget and r.subject = a.subject and r.until_ms > asked.now`,
  /** The fullest first. Values: time, budget or null, how many. */
  list: `
  select * from (
    select ${columns} from (select ? as now, ? as budget) asked
    join accounts a on asked.budget is null or a.budget = asked.budget
    left join raises r on r.budget = a.budget and r.subject = a.subject and r.until_ms > asked.now
    where a.says_nothing_at is null or a.says_nothing_at > asked.now or a.holds > 0
  )
  order by max(${fullness('nano_usd')}, ${fullness('tokens')}) desc limit ?`,
  saysNothing:
    'select id from accounts where says_nothing_at <= ? and holds = 0 order by says_nothing_at limit 2',
  delete: [
    'delete from steps where account = ?',
    'delete from alerts where account = ?',
    'delete from accounts where id = ?',
  ],
  insert: 'insert into accounts (budget, subject, window, step_ms) values (?, ?, ?, ?) returning id',
  /** Values: settled, lost, reserved, limits, holds, when it says nothing, id. */
  update: `
  update accounts set settled_nano_usd = ?, settled_tokens = ?, lost_nano_usd = ?, lost_tokens = ?,
    reserved_nano_usd = ?, reserved_tokens = ?, limit_nano_usd = ?, limit_tokens = ?, holds = ?, says_nothing_at = ?
  where id = ?`,
  /** Values: limits, id. */
  updateLimits: 'update accounts set limit_nano_usd = ?, limit_tokens = ? where id = ?',
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
