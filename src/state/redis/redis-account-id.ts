import type { Account, AccountWindow } from '../../core/accounts.ts';

/**
 * An account as text, which its keys end with and scripts read: `["budget","subject"] 0..86400000`, `… 0..` without an end,
 * `… ~3600000` of a rolling window. JSON tells apart whatever subjects are made of, and has no line breaks.
 */
export function accountId({ budget, subject, window }: Account): string {
  const over = window.kind === 'rolling' ? `~${window.lengthMs}` : `${window.startMs}..${window.endMs ?? ''}`;
  return `${ownerId(budget, subject)} ${over}`;
}

/** For whom an account counts, over whatever window. */
export function ownerId(budget: string, subject: string): string {
  return JSON.stringify([budget, subject]);
}

/** What the ids of all accounts of a budget begin with. */
export function budgetPrefix(budget: string): string {
  return `[${JSON.stringify(budget)},`;
}

export function accountOf(id: string): Account {
  const at = id.lastIndexOf(' ');
  const [budget = '', subject = ''] = JSON.parse(id.slice(0, at)) as readonly string[];
  return { budget, subject, window: windowOf(id.slice(at + 1)) };
}

function windowOf(text: string): AccountWindow {
  if (text.startsWith('~')) return { kind: 'rolling', lengthMs: Number(text.slice(1)) };
  const [start = '', end = ''] = text.split('..');
  const startMs = Number(start);
  return end === '' ? { kind: 'fixed', startMs } : { kind: 'fixed', startMs, endMs: Number(end) };
}
