import type { Amounts } from '../../core/accounts.ts';
import { mostUsd, toNanoUsd } from '../../core/nano-usd.ts';
import type { CallSettings } from '../../core/settings.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { describeGiven } from './subject.ts';
import type { BudgetLimit, BudgetLimits } from './options.ts';

/**
 * What a subject may have in one window; what is left out has no limit.
 *
 * @param budget its name, for messages
 * @throws `invalid-options` where a function gives what is no limit: the call is refused rather than let through
 */
export function limitsFor(
  { limitUsd, limitTokens }: BudgetLimits,
  budget: string,
  label: string | undefined,
  caller: CallSettings,
): Partial<Amounts> {
  const usd = limitUsd === undefined ? undefined : chosen(limitUsd, label, caller);
  const tokens = limitTokens === undefined ? undefined : chosen(limitTokens, label, caller);
  if (usd !== undefined && !(typeof usd === 'number' && usd >= 0 && usd <= mostUsd))
    throw wrong(budget, 'limitUsd', usd);
  if (tokens !== undefined && !(Number.isSafeInteger(tokens) && tokens >= 0))
    throw wrong(budget, 'limitTokens', tokens);
  return {
    ...(usd === undefined ? {} : { nanoUsd: toNanoUsd(usd) }),
    ...(tokens === undefined ? {} : { tokens }),
  };
}

function chosen(limit: BudgetLimit, label: string | undefined, caller: CallSettings): number | undefined {
  if (typeof limit === 'number') return limit;
  if (typeof limit === 'function') return limit(caller);
  // Labels come from users: one that is called `constructor` has no limit of its own.
  return label !== undefined && Object.hasOwn(limit.by, label) ? limit.by[label] : limit.default;
}

function wrong(budget: string, option: string, value: unknown): ManagedLLMError {
  return new ManagedLLMError({
    code: 'invalid-options',
    message: `\`${option}\` of the budget \`${budget}\` gave ${describeGiven(value)}: give a number of at least 0, or undefined for no limit.`,
    details: { budget, path: `budget.${option}` },
  });
}
