import pRetry from 'p-retry';
import { wait } from '../../core/clock.ts';
import type { Call } from '../../core/call.ts';
import type { Host, Next } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import { attemptsFailed } from './attempts-failed.ts';
import type { Decision, RetryPolicy } from './policy.ts';
import type { RetryBudget } from './retry-budget.ts';

/** What the loop works with. */
export interface Repeating {
  readonly host: Host;
  readonly policy: RetryPolicy;
  readonly budget: RetryBudget;
  readonly call: Call;
  readonly next: Next;
}

/** A failed reply inside `p-retry`, which tells failures by what is thrown. It never leaves this file. */
class FailedAttempt extends Error {
  readonly reply: Reply;
  readonly decision: Decision;

  constructor(reply: Reply, decision: Decision) {
    super('An attempt failed.');
    this.reply = reply;
    this.decision = decision;
  }
}

/**
 * Goes on after a first reply that failed and is to be repeated after `waitMs`. `p-retry` turns the wheel; its own delay
 * is 0, which sets no timer, because it knows no `retry-after`.
 *
 * Rejects with the signal's reason when the call is stopped while it waits.
 */
export async function repeat(work: Repeating, first: Reply, waitMs: number): Promise<Reply> {
  const { host, policy, budget, call, next } = work;
  /** The last failure that a provider answered, kept for when a repeat is refused before it is sent. */
  let answered: Reply | undefined;
  const attempt = async (number: number): Promise<Reply> => {
    if (number === 1) throw new FailedAttempt(first, { waitMs });
    const peek = call.peek || policy.leavesAnother(call, number);
    const reply = await next(call.with({ attempt: call.attempt + number - 1, peek }));
    if (reply.error === undefined) return reply;
    throw new FailedAttempt(reply, policy.decide(host, call, reply, number, budget));
  };
  try {
    return await pRetry(attempt, {
      retries: policy.limit(call) - 1,
      minTimeout: 0,
      onFailedAttempt: async ({ error }) => {
        if (!(error instanceof FailedAttempt) || 'stopped' in error.decision) return;
        if (error.reply.error?.kind !== 'refused') answered = error.reply;
        // A stream still holds its connection and its place in queues; a whole answer holds nothing.
        if (error.reply.events !== undefined) error.reply.discard();
        if (error.decision.waitMs > 0) await wait(host.clock, error.decision.waitMs, call.signal);
      },
      shouldRetry: ({ error }) => error instanceof FailedAttempt && 'waitMs' in error.decision,
    });
  } catch (thrown) {
    if (!(thrown instanceof FailedAttempt) || !('stopped' in thrown.decision)) throw thrown;
    const { reply, decision } = thrown;
    if (reply.error?.kind !== 'refused' || answered === undefined || answered.events !== undefined)
      return attemptsFailed(call, reply, decision.stopped);
    // What the application waits for is the provider's answer: that its repeat was refused comes behind it.
    reply.discard();
    return attemptsFailed(call, answered, decision.stopped, reply.error);
  }
}
