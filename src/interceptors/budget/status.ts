import type {
  Account,
  Accounts,
  AccountRecord,
  Amounts,
  Balance,
  LostReservation,
} from '../../core/accounts.ts';
import type { Host } from '../../core/interceptor.ts';
import { toUsd } from '../../core/nano-usd.ts';
import type { CallSettings } from '../../core/settings.ts';
import { labelOfSubject } from '../../core/subject-label.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { Rule } from './rule.ts';
import { describePer, type Subject } from './subject.ts';

/**
 * Whose part of a budget is meant: whatever the budget is `per`. A user or a team with the `tenant` that their calls name:
 * `alice` of `acme` is another than `alice` of no tenant, who may have used nothing.
 */
export interface BudgetSubject extends Pick<CallSettings, 'user' | 'team' | 'tenant' | 'roles' | 'tags'> {
  /** The client's name; of a pool the pool's, or the member's where it counts by `credential`. */
  readonly provider?: string;
  /** `provider/model`. */
  readonly model?: string;
  readonly route?: string;
}

/** How a budget stands for one subject, in its window of now. */
export interface BudgetStatus {
  readonly budget: string;
  /** For whom; `undefined` where it counts for everybody. */
  readonly subject: string | undefined;
  /** Settled, and what was lost with processes that stopped. */
  readonly usedUsd: number;
  readonly usedTokens: number;
  /** For attempts under way. */
  readonly reservedUsd: number;
  readonly reservedTokens: number;
  /** Raises included; `undefined`: no limit. */
  readonly limitUsd: number | undefined;
  readonly limitTokens: number | undefined;
  /** When its window ends, in epoch milliseconds by the store's clock; `undefined`: it does not, or it rolls. */
  readonly resetAt: number | undefined;
}

/** What was set aside for an attempt whose process stopped. Counts as used until it is released. */
export interface LostSpend {
  /** For `release`. */
  readonly id: string;
  readonly subject: string | undefined;
  readonly usd: number;
  readonly tokens: number;
  /** Epoch milliseconds by the store's clock. */
  readonly reservedAt: number;
  /** When nobody had renewed it for a minute. */
  readonly lostAt: number;
}

/** Whom a {@link BudgetSubject} means. Throws `caller-required` where it does not say what the budget counts by. */
export function meantSubject(rule: Rule, host: Pick<Host, 'credential'>, of: BudgetSubject): Subject {
  const { provider, model, route, ...caller } = of;
  const found = rule.subject({
    caller,
    client: provider,
    provider,
    target: model,
    route,
    operation: undefined,
    credential: provider === undefined ? undefined : host.credential(provider, caller),
  });
  if (!('missing' in found)) return found;
  throw new ManagedLLMError({
    code: 'caller-required',
    message: `The budget \`${rule.name}\` counts by ${describePer(rule.per)}: say which, \`{ ${found.missing}: … }\`.`,
    details: { budget: rule.name, missing: found.missing },
  });
}

/** @param caller for limits that are a function of who asks */
export async function statusOf(
  rule: Rule,
  accounts: Accounts,
  { key, label }: Subject,
  caller: CallSettings,
): Promise<BudgetStatus> {
  const account = rule.account(key, await accounts.now());
  return described(account, label, await accounts.balance(account), rule.limitsFor(label, caller));
}

/** Of one that is listed: by the limits that were last asked for. */
export function statusOfRecord({ account, balance, limits }: AccountRecord): BudgetStatus {
  return described(account, labelOfSubject(account.subject), balance, limits);
}

export function lostSpend(
  { id, claims, reservedAt, lostAt }: LostReservation,
  budget: string,
): LostSpend | undefined {
  const own = claims.find(({ account }) => account.budget === budget);
  if (own === undefined) return undefined;
  const { nanoUsd, tokens } = own.amounts;
  return {
    id,
    subject: labelOfSubject(own.account.subject),
    usd: toUsd(nanoUsd),
    tokens,
    reservedAt,
    lostAt,
  };
}

function described(
  { budget, window }: Account,
  subject: string | undefined,
  { used, reserved, raised }: Balance,
  limits: Partial<Amounts>,
): BudgetStatus {
  return {
    budget,
    subject,
    usedUsd: toUsd(used.nanoUsd),
    usedTokens: used.tokens,
    reservedUsd: toUsd(reserved.nanoUsd),
    reservedTokens: reserved.tokens,
    limitUsd: limits.nanoUsd === undefined ? undefined : toUsd(limits.nanoUsd + raised.nanoUsd),
    limitTokens: limits.tokens === undefined ? undefined : limits.tokens + raised.tokens,
    resetAt: window.kind === 'fixed' ? window.endMs : undefined,
  };
}
