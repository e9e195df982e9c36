import type { AttemptView } from './run.ts';
import type { FailureKind } from './call-error.ts';
import { targetName } from './target.ts';

/** One attempt in the `details.failures` of an error. Never a prompt, completion or key. */
export interface AttemptFailure {
  readonly attemptId: string;
  readonly target: string;
  readonly status: number | undefined;
  readonly kind: FailureKind | undefined;
  readonly message: string | undefined;
}

export function describeAttempt({ id, target, settlement }: AttemptView): AttemptFailure {
  return {
    attemptId: id,
    target: targetName(target),
    status: settlement?.status,
    kind: settlement?.error?.kind,
    message: settlement?.error?.message,
  };
}
