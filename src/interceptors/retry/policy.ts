import type { Call } from '../../core/call.ts';
import type { Host } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import type { RetryOptions } from './options.ts';
import type { RetryBudget } from './retry-budget.ts';

/** What becomes of a failure: another attempt after a wait, or none, for this reason. */
export type Decision = { readonly waitMs: number } | { readonly stopped: StopReason };

/** Why a failure was not repeated. */
export type StopReason =
  | 'not-retryable'
  | 'not-replayable'
  | 'other-target'
  | 'max-attempts'
  | 'max-attempts-per-call'
  | 'declined'
  | 'deadline'
  | 'long-wait'
  | 'budget';

/** What a provider is granted where no deadline says how long an answer is worth waiting for: the OpenAI SDK's own bound. */
const longestBlindWaitMs = 60_000;

/** The rules of one `retry()`: what is repeated, how often, and after which wait. */
export class RetryPolicy {
  readonly maxAttemptsPerCall: number;
  readonly #maxAttempts: number;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #shouldRetry: RetryOptions['shouldRetry'];

  constructor(options: RetryOptions) {
    this.maxAttemptsPerCall = options.maxAttemptsPerCall ?? 6;
    this.#maxAttempts = options.maxAttempts ?? 3;
    this.#baseDelayMs = options.baseDelayMs ?? 500;
    this.#maxDelayMs = options.maxDelayMs ?? 8_000;
    this.#shouldRetry = options.shouldRetry;
  }

  /** Attempts at one target, the first included. What a call says itself may lower it; a client's default does not. */
  limit({ retries }: Call): number {
    return retries.explicit ? Math.min(this.#maxAttempts, retries.max + 1) : this.#maxAttempts;
  }

  /** Whether the call has made all the attempts it may. */
  spent(call: Call): boolean {
    return call.run.attempts.length >= this.maxAttemptsPerCall;
  }

  /** Whether another attempt at the target could follow the one that is about to be made. */
  leavesAnother(call: Call, number: number): boolean {
    return (
      number < this.limit(call) && call.replayable && call.run.attempts.length + 1 < this.maxAttemptsPerCall
    );
  }

  /** What becomes of the reply of the attempt with this number, from 1. A repeat is taken from the budget. */
  decide(host: Host, call: Call, { error }: Reply, number: number, budget: RetryBudget): Decision {
    if (error?.retryable !== true) return { stopped: 'not-retryable' };
    if (!call.replayable) return { stopped: 'not-replayable' };
    if (call.movesOn(error)) return { stopped: 'other-target' };
    if (number >= this.limit(call)) return { stopped: 'max-attempts' };
    if (this.spent(call)) return { stopped: 'max-attempts-per-call' };
    const waitMs = this.#waitMs(host, error.retryAfterMs, number);
    const now = host.clock.now();
    if (now + waitMs >= call.deadlineAt) return { stopped: 'deadline' };
    if (waitMs > longestBlindWaitMs && call.deadlineAt === Infinity) return { stopped: 'long-wait' };
    if (this.#isDeclined(host, call, error)) return { stopped: 'declined' };
    return budget.take(now) ? { waitMs } : { stopped: 'budget' };
  }

  /** The provider's own wait; else anything up to a limit that doubles, so that callers spread out. */
  #waitMs({ random }: Host, askedMs: number | undefined, number: number): number {
    if (askedMs !== undefined && askedMs >= 0) return askedMs;
    return random() * Math.min(this.#baseDelayMs * 2 ** (number - 1), this.#maxDelayMs);
  }

  #isDeclined(host: Host, call: Call, error: NonNullable<Reply['error']>): boolean {
    if (this.#shouldRetry === undefined) return false;
    try {
      return !this.#shouldRetry(error, call);
    } catch (thrown) {
      host.report(thrown, '`shouldRetry` of `retry`');
      return true;
    }
  }
}
