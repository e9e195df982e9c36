import { refusal } from '../../core/call-error.ts';
import type { Call } from '../../core/call.ts';
import type { Host, Interceptor, Readiness } from '../../core/interceptor.ts';
import { parseOptions } from '../../core/parse-options.ts';
import type { Reply } from '../../core/reply.ts';
import { TargetTable } from '../../core/target-table.ts';
import { targetName } from '../../core/target.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import { retryOptionsSchema, type RetryOptions } from './options.ts';
import { RetryPolicy } from './policy.ts';
import type { repeat, Repeating } from './repeat.ts';
import { RetryBudget } from './retry-budget.ts';

/** The repeats at one target since the `ManagedLLM` was made, and those that its budget still allows. */
export interface RetryStatus {
  /** `provider/model`. */
  readonly target: string;
  /** Repeats that the budget would allow now; `Infinity` without one. */
  readonly repeatsLeft: number;
  /** Calls that came to the target. */
  readonly firstAttempts: number;
  readonly repeats: number;
  /** Failures that would have been repeated, had the budget allowed it. */
  readonly denied: number;
}

/** What `retry` gives: an interceptor, and what it knows. */
export interface Retry extends Interceptor {
  /** Of the targets seen; at most 1,000, those not used of late are forgotten. */
  status(): readonly RetryStatus[];
  /** Of one target, `provider/model`; `undefined` when no call came to it. */
  status(target: string): RetryStatus | undefined;
}

/**
 * Repeats failed attempts at a target, in place of the SDKs' own rule that holds without it.
 *
 * - What is repeated: failures that are `retryable` (no answer, time limits, rate limits, overload, 5xx, streams that
 *   break before their first content, and what the provider's `x-should-retry` or your `classify` says).
 * - How often: `maxAttempts` at a target, `maxAttemptsPerCall` in all. A call's own `maxRetries` may lower the first; a
 *   client's default does not.
 * - When: after the provider's `retry-after`; else after a random time up to a limit that doubles. A wait that would
 *   pass the call's deadline is not begun, nor one of more than a minute for a call without a deadline: the failure is
 *   returned at once.
 * - While the route has another target that is ready, it does not repeat: the route moves on.
 * - Streams: held back until their first content while another attempt is possible; never repeated after that.
 * - A body that is a stream itself is never sent twice.
 * - Through `llm.fetch` it repeats too: switch the repeats of the SDK behind it off, or both multiply.
 *
 * The application's SDK raises the provider's last error as it came; `ManagedLLMError.from(error)` has all attempts.
 * Faults of its own hurt no call: the failure is returned as it is.
 *
 * @example
 * ```ts
 * new ManagedLLM({ providers: { openai }, interceptors: [retry({ maxAttempts: 4 })] });
 * ```
 * @throws `invalid-options` for wrong or unknown options.
 */
export function retry(options: RetryOptions = {}): Retry {
  const parsed = parseOptions(retryOptionsSchema, options, 'retry');
  const policy = new RetryPolicy(parsed);
  const { retryBudget = 0.1 } = parsed;
  const budgets = new TargetTable((target) => new RetryBudget(targetName(target), retryBudget));
  let host: Host | undefined;

  const statusOf = (budget: RetryBudget): RetryStatus => {
    const { target, firstAttempts, repeats, denied } = budget;
    return { target, repeatsLeft: budget.left(host?.clock.now() ?? 0), firstAttempts, repeats, denied };
  };
  function status(): readonly RetryStatus[];
  function status(target: string): RetryStatus | undefined;
  function status(target?: string): readonly RetryStatus[] | RetryStatus | undefined {
    if (target === undefined) return [...budgets.values()].map(statusOf);
    const budget = budgets.named(target);
    return budget && statusOf(budget);
  }

  return {
    name: 'retry',
    stage: 'retry',
    attach(attached) {
      host = attached;
    },
    ready: (_target, call) => (policy.spent(call) ? spentReadiness(policy) : ready),
    intercept(call, next) {
      if (host === undefined || call.target === undefined) return next(call);
      if (policy.spent(call)) return Promise.resolve(host.replies.refuse(call, spentRefusal(policy, call)));
      const budget = budgets.of(call.target);
      budget.earn(host.clock.now());
      const peeks = call.stream && !call.peek && policy.leavesAnother(call, 1);
      const work = { host, policy, budget, call, next };
      return next(peeks ? call.with({ peek: true }) : call).then((reply) =>
        reply.error === undefined ? reply : afterFailure(work, reply),
      );
    },
    status,
  };
}

async function afterFailure(work: Repeating, reply: Reply): Promise<Reply> {
  const { host, policy, budget, call } = work;
  const decision = policy.decide(host, call, reply, 1, budget);
  if ('stopped' in decision) return reply;
  const goOn = await load(host);
  return goOn === undefined ? reply : goOn(work, reply, decision.waitMs);
}

/** At the first failure. Where it cannot be loaded, calls fail as they would without repeats. */
async function load(host: Host): Promise<typeof repeat | undefined> {
  try {
    return (await import('./repeat.ts')).repeat;
  } catch (thrown) {
    host.report(thrown, '`retry`');
    return undefined;
  }
}

const ready: Readiness = Object.freeze({ ok: true });

function spentReadiness({ maxAttemptsPerCall }: RetryPolicy): Readiness {
  return { ok: false, reason: `maxAttemptsPerCall of ${maxAttemptsPerCall} is reached` };
}

/** For routes that come here without having asked. */
function spentRefusal({ maxAttemptsPerCall }: RetryPolicy, call: Call): ReturnType<typeof refusal> {
  return refusal(
    new ManagedLLMError({
      code: 'attempt-limit',
      callId: call.id,
      message:
        `\`retry\`: the call has made ${call.run.attempts.length} attempts, ` +
        `\`maxAttemptsPerCall\` allows ${maxAttemptsPerCall}. Raise it, or give the route fewer targets.`,
      details: { attempts: call.run.attempts.length, maxAttemptsPerCall },
    }),
    'refused',
    { retryable: false },
  );
}
