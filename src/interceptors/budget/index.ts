import type { Accounts } from '../../core/accounts.ts';
import { attached } from '../../core/attached.ts';
import type { Host, Interceptor } from '../../core/interceptor.ts';
import { toNanoUsd } from '../../core/nano-usd.ts';
import { invalidOption } from '../../core/parse-options.ts';
import { targetName, type Target } from '../../core/target.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import {
  parseBudgetOptions,
  parseRaise,
  type BudgetLimits,
  type BudgetOptions,
  type BudgetRaise,
} from './options.ts';
import { byBudget, nameOfBudget, unknownPrice } from './refusals.ts';
import { Rule } from './rule.ts';
import { spendingOf } from './spending.ts';
import {
  lostSpend,
  meantSubject,
  statusOf,
  statusOfRecord,
  type BudgetStatus,
  type BudgetSubject,
  type LostSpend,
} from './status.ts';

/** What {@link budget} gives: an interceptor, and the budget's books. Methods need the `ManagedLLM` it was given to. */
export interface Budget extends Interceptor {
  /**
   * How it stands now, by the state's own books.
   *
   * @param of whose part, where it is `per` something: `{ user: 'alice' }`, with the `tenant` where calls name one
   * @throws `caller-required` where `of` does not say whose; `state-unreachable`
   */
  status(of?: BudgetSubject): Promise<BudgetStatus>;
  /** All subjects that have used something of late, the fullest first; at most 10,000. Limits as last asked for. */
  list(): Promise<readonly BudgetStatus[]>;
  /**
   * Other limits from now on, in this process; what is left out stays as it is.
   *
   * @throws `invalid-options`
   */
  setLimits(limits: BudgetLimits): void;
  /**
   * Puts something on top of a subject's limits for a while, in all processes; replaces an earlier raise.
   *
   * @example
   * ```ts
   * await spend.raise({ user: 'alice' }, { usd: 5, forMs: 3_600_000 });
   * ```
   */
  raise(of: BudgetSubject, raise: BudgetRaise): Promise<void>;
  /** Sets what is used in its window of now back to nothing. Not for rolling windows. */
  reset(of?: BudgetSubject): Promise<void>;
  /** What was set aside for attempts whose process stopped, the oldest first: it counts as used until it is released. */
  lost(): Promise<readonly LostSpend[]>;
  /** Gives back what {@link Budget.lost} lists: the provider has not billed it. Returns whether there was such a thing. */
  release(id: string): Promise<boolean>;
}

const dayMs = 86_400_000;

/**
 * A limit on what is spent, in USD or tokens, that is kept however many calls race, on however many processes: each attempt
 * has set aside what it can cost before it is sent, and is settled at what it did cost when it has ended. Once an attempt,
 * retries, fallbacks and hedges too; hits of a cache cost nothing.
 *
 * - Too little left for the output that was asked for: the output limit is lowered to what is affordable (a request
 *   without one is sent `outputLimit`). Only others' reservations in the way: it waits for them, up to `maxWaitMs`, in the
 *   order of coming. Else it is refused: `budget-exceeded`, 402, with the budget, what is used, its limit and when it resets.
 * - Strict budgets (the default) refuse what nothing bounds (`unbounded-cost`) and, in USD, what has no known price
 *   (`unknown-price`).
 * - A stream counts when it ends, however it ends: at the usage that was reported, else at a bound, or, with
 *   `reserve: 'expected'`, at an estimate.
 * - A process that stops leaves its reservations: a minute later they count as used, and are listed by `lost()`.
 *
 * Fails closed: what it cannot decide it refuses, `state-unreachable` unless `onStateFailure` says otherwise.
 *
 * @example
 * ```ts
 * const spend = budget({ name: 'per-user-daily', per: 'user', limitUsd: 1, window: 'day' });
 * const llm = new ManagedLLM({ providers: { openai }, interceptors: [spend] });
 * await spend.status({ user: 'alice' });
 * ```
 * @throws `invalid-options` for wrong or unknown options and, when the `ManagedLLM` is made, for names that there are not and
 *   a state that cannot keep budgets.
 */
export function budget(options: BudgetOptions): Budget {
  const rule = new Rule(parseBudgetOptions(options));
  let kept: { readonly host: Host; readonly accounts: Accounts } | undefined;
  const books = () => attached(kept, rule.name);

  return {
    name: rule.name,
    stage: 'spend',
    // All budgets are asked at once, by the link behind them that holds ceilings.
    intercept: (call, next) => next(call),
    attach(host) {
      const { accounts, name, shared } = host.state;
      if (accounts === undefined)
        throw invalidOption(
          'state',
          `(\`${name}\`) cannot keep budgets: give one of this package, or one with \`accounts\``,
        );
      rule.check(host);
      kept = { host, accounts };
      spendingOf(host).rules.push(rule);
      if (!shared && name === 'memory' && isLong(rule)) host.report(forgetful(rule), nameOfBudget({ rule }));
      if (rule.needsPrices) void tellUnpriced(rule, host);
    },
    async status(of = {}) {
      const { host, accounts } = books();
      const { provider: _provider, model: _model, route: _route, ...caller } = of;
      return statusOf(rule, accounts, meantSubject(rule, host, of), caller);
    },
    async list() {
      const records = await books().accounts.list(rule.name);
      return records.map(statusOfRecord);
    },
    setLimits: (limits) => rule.setLimits(limits),
    async raise(of, raise) {
      const { host, accounts } = books();
      const { usd = 0, tokens = 0, forMs } = parseRaise(raise, rule.name);
      const { key } = meantSubject(rule, host, of);
      await accounts.raise(
        rule.name,
        key,
        { nanoUsd: toNanoUsd(usd), tokens },
        (await accounts.now()) + forMs,
      );
    },
    async reset(of = {}) {
      const { host, accounts } = books();
      if (typeof rule.window === 'object')
        throw invalidOption(
          `${rule.name}.reset`,
          'is for windows that do not roll: what has left a rolling one is gone by itself',
        );
      const account = rule.account(meantSubject(rule, host, of).key, await accounts.now());
      await accounts.reset(account);
      spendingOf(host).alerts?.forget(account);
    },
    async lost() {
      const lost = await books().accounts.lost(rule.name);
      return lost.map((each) => lostSpend(each, rule.name)).filter((each) => each !== undefined);
    },
    release: async (id) => books().accounts.release(id),
  };
}

/** Whether a restart of the process would forget more than an hour of it. */
function isLong({ window }: Rule): boolean {
  return typeof window === 'object' ? window.rollingMs >= dayMs : window !== 'minute' && window !== 'hour';
}

function forgetful({ name }: Rule): ManagedLLMError {
  return new ManagedLLMError({
    code: 'state-not-durable',
    message:
      `The budget \`${name}\` adds up over a day or longer, and its state is this process's memory: a restart begins anew, and ` +
      'other processes have their own. Give the `ManagedLLM` a `state` that lasts: `sqliteState`, `redisState`, `postgresState`.',
    details: { budget: name },
  });
}

/** Targets of routes that it would refuse for want of a price are told when the `ManagedLLM` is made, not at the first call. */
async function tellUnpriced(rule: Rule, host: Host): Promise<void> {
  await host.pricing.load();
  const now = host.clock.now();
  const isUnpriced = (target: Target): boolean =>
    rule.mayCover(target, host) && !host.pricing.model(target, now).priced;
  for (const target of host.routed().filter(isUnpriced))
    host.report(unknownPrice(undefined, targetName(target), byBudget({ rule })), nameOfBudget({ rule }));
}
