import type { Account, AccountRecord, Accounts, LostReservation } from '../core/accounts.ts';

/** How one limit of an account stands. Whole nano-USD, or tokens. */
export interface LimitLevel {
  readonly measure: 'usd' | 'tokens';
  readonly used: number;
  readonly reserved: number;
  /** Raises included; `undefined`: nothing limits it. */
  readonly limit: number | undefined;
}

/** An account that counts now. */
export interface BudgetLevel {
  readonly account: Account;
  readonly isRaised: boolean;
  /** One for each limit; of an account without any, what is used in USD. At least one. */
  readonly limits: readonly LimitLevel[];
}

export interface BudgetOverview {
  readonly name: string;
  /** The fullest first; no more than are shown. */
  readonly levels: readonly BudgetLevel[];
  /** Of those that are known. */
  readonly count: number;
}

export interface Budgets {
  /** What the store's clock said. */
  readonly at: number;
  readonly budgets: readonly BudgetOverview[];
  /** The newest first; no more than are shown. */
  readonly lost: readonly LostReservation[];
  readonly lostCount: number;
}

const levelsShown = 12;
const lostShown = 20;

/** Budgets as they stand; `undefined` where nobody keeps any. */
export async function budgetsOf(accounts: Accounts): Promise<Budgets | undefined> {
  const [at, records, lost] = await Promise.all([accounts.now(), accounts.list(), accounts.lost()]);
  const current = records.filter(({ account }) => counts(account, at));
  if (current.length === 0 && lost.length === 0) return undefined;
  const names = [...new Set(current.map(({ account }) => account.budget))].toSorted();
  return {
    at,
    budgets: names.map((name) => overview(name, current)),
    lost: lost.toReversed().slice(0, lostShown),
    lostCount: lost.length,
  };
}

function counts({ window }: Account, at: number): boolean {
  return window.kind === 'rolling' || (window.startMs <= at && at < (window.endMs ?? Infinity));
}

function overview(name: string, records: readonly AccountRecord[]): BudgetOverview {
  const levels = records
    .filter(({ account }) => account.budget === name)
    .map(levelOf)
    .toSorted((a, b) => fullness(b) - fullness(a));
  return { name, levels: levels.slice(0, levelsShown), count: levels.length };
}

function levelOf({ account, balance, limits }: AccountRecord): BudgetLevel {
  const { used, reserved, raised } = balance;
  const all: LimitLevel[] = [];
  for (const [measure, member] of [
    ['usd', 'nanoUsd'],
    ['tokens', 'tokens'],
  ] as const) {
    const limit = limits[member];
    if (limit === undefined) continue;
    all.push({ measure, used: used[member], reserved: reserved[member], limit: limit + raised[member] });
  }
  if (all.length === 0)
    all.push({ measure: 'usd', used: used.nanoUsd, reserved: reserved.nanoUsd, limit: undefined });
  return { account, isRaised: raised.nanoUsd > 0 || raised.tokens > 0, limits: all };
}

/** By the limit that is nearest. Of an account without limits, nothing. */
function fullness({ limits }: BudgetLevel): number {
  return Math.max(...limits.map(shareTaken));
}

/** What of a limit is used and reserved: 1 and more when all of it is. */
export function shareTaken({ used, reserved, limit }: LimitLevel): number {
  if (limit === undefined) return 0;
  // All of nothing is taken.
  return limit > 0 ? (used + reserved) / limit : 1;
}

/** For whom an account counts, in its own words: budgets write what they count apart by as JSON. */
export function subjectText(subject: string): string {
  const parts = partsOf(subject);
  return parts === undefined ? subject : parts.join(' · ');
}

function partsOf(subject: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(subject);
    return Array.isArray(parsed) ? textsIn(parsed) : undefined;
  } catch {
    return undefined;
  }
}

/** `null` stands for a tenant that there is not. */
function textsIn(parts: readonly unknown[]): readonly string[] {
  return parts.flatMap((part): readonly string[] => {
    if (Array.isArray(part)) return textsIn(part);
    return part === null ? [] : [String(part)];
  });
}
