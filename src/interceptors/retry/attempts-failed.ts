import type { Call } from '../../core/call.ts';
import type { CallError } from '../../core/call-error.ts';
import { describeAttempt } from '../../core/describe-attempt.ts';
import type { Reply } from '../../core/reply.ts';
import { targetName, type Target } from '../../core/target.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';
import type { StopReason } from './policy.ts';

/**
 * The last failed reply of a target, with all its failed attempts behind it. What the application's SDK raises stays
 * the provider's own; a failure of ours keeps its code. An abort is nobody's failure and stays as it is.
 *
 * @param refused what kept a repeat from being sent
 */
export function attemptsFailed(call: Call, reply: Reply, stopped: StopReason, refused?: CallError): Reply {
  const { error } = reply;
  const { target } = call;
  if (error === undefined || error.kind === 'aborted' || target === undefined) return reply;
  const failures = call.run.attempts.filter((attempt) => isSame(attempt.target, target)).map(describeAttempt);
  const told = failures.map(({ kind, status }) => [kind ?? 'open', status].filter(Boolean).join(' '));
  const name = targetName(target);
  const why = refused === undefined ? becauseOf[stopped] : `the next was refused: ${refused.message}`;
  const managed = new ManagedLLMError({
    code: error.managed?.code ?? 'all-attempts-failed',
    callId: call.id,
    status: error.managed?.status,
    message: `${failures.length} attempt${failures.length === 1 ? '' : 's'} at \`${name}\` failed (${told.join(', ')}); ${why}`,
    retryable: error.retryable,
    retryAfterMs: error.retryAfterMs,
    details: {
      ...error.managed?.details,
      target: name,
      status: error.status,
      kind: error.kind,
      code: error.code,
      failures,
      stopped: refused?.code ?? stopped,
    },
    cause: error.managed ?? error.cause,
  });
  return reply.with({ error: { ...error, managed } });
}

function isSame(one: Target, other: Target): boolean {
  return one.provider === other.provider && one.model === other.model;
}

const becauseOf: Readonly<Record<StopReason, string>> = {
  'not-retryable': 'the last failure is not one that a repeat could mend.',
  'not-replayable': 'the request cannot be sent again.',
  'other-target': 'the route has another target.',
  'max-attempts': 'more are not allowed. Raise `maxAttempts` of `retry()` or the call’s `maxRetries`.',
  'max-attempts-per-call':
    'the call may make no more over all its targets. Raise `maxAttemptsPerCall` of `retry()`.',
  declined: '`shouldRetry` declined another.',
  deadline: 'the wait for another would have passed the call’s deadline. Raise `deadlineMs`.',
  'long-wait':
    'the provider asked for a wait of more than a minute, which only a deadline can allow. Give the call a `deadlineMs`.',
  budget: 'the target has had its share of repeats. See `retryBudget` of `retry()`.',
};
