import type { CallError, FailureKind, FailureTraits } from './call-error.ts';
import type { Facts } from './run.ts';
import type { CallRun } from './run.ts';
import type { CallSettings } from './settings.ts';
import type { Dialect } from './dialect.ts';
import { toUsd } from './nano-usd.ts';
import type { Origin, Outcome, Settlement } from './settlement.ts';
import type { Target } from './target.ts';
import type { Loss } from './translation.ts';
import type { Usage } from './usage.ts';

/** The public record of a settled call. Plain data: safe to log and to store; holds no prompt and no completion. */
export interface Receipt {
  readonly callId: string;
  readonly parentId: string | undefined;
  /** Who asked: user, team, tenant, roles, tags. */
  readonly caller: Omit<CallSettings, 'cache' | 'deadlineMs' | 'onUnsupported'>;
  readonly operation: string;
  readonly dialect: string;
  /** The client the call came in through. */
  readonly provider: string;
  /** The model as asked for; may be a route. */
  readonly model: string;
  readonly stream: boolean;
  readonly outcome: Outcome;
  readonly origin: Origin;
  /** What served it. */
  readonly target: Target | undefined;
  /** The model the provider says it ran. */
  readonly servedModel: string | undefined;
  readonly status: number | undefined;
  readonly error: ReceiptError | undefined;
  /** What the caller got. `undefined`: the provider did not say. */
  readonly usage: Usage | undefined;
  /**
   * What it cost, all attempts together, in USD. `undefined`: a price or a usage is not known. As sure as the usage of
   * each attempt: see `usage.provenance`.
   */
  readonly costUsd: number | undefined;
  /** The same in whole billionths of a USD, exactly. */
  readonly costNanoUsd: number | undefined;
  readonly stopReason: string | undefined;
  /** What the dialect of the target that served it had no place for, item by item. Empty without translation. */
  readonly losses: readonly Loss[];
  readonly attempts: readonly ReceiptAttempt[];
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Milliseconds until the first bytes of a stream. */
  readonly firstEventMs: number | undefined;
  /** Milliseconds until the reply had ended. */
  readonly durationMs: number;
  /** What interceptors noted. */
  readonly facts: Readonly<Partial<Facts>>;
}

export interface ReceiptAttempt {
  readonly attemptId: string;
  readonly target: Target;
  readonly outcome: Outcome;
  readonly status: number | undefined;
  readonly error: ReceiptError | undefined;
  readonly usage: Usage | undefined;
  readonly costUsd: number | undefined;
  readonly costNanoUsd: number | undefined;
  readonly losses: readonly Loss[];
  readonly startedAt: number;
  readonly firstEventMs: number | undefined;
  readonly durationMs: number;
}

/** How it failed: what everybody who acted on the failure was told. */
export interface ReceiptError extends FailureTraits {
  readonly kind: FailureKind;
  readonly code: string | undefined;
  readonly message: string;
  /** The wait that the provider asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** What a receipt says about the call as it was asked. Small, because a response that is kept keeps it. */
export interface Asked {
  readonly operation: string;
  readonly dialect: Dialect;
  readonly provider: string;
  readonly model: string;
  readonly stream: boolean;
  readonly settings: CallSettings;
  readonly callerSignal: AbortSignal | undefined;
}

export function receiptOf(call: Asked, run: CallRun, settlement: Settlement): Receipt {
  const { cache: _cache, deadlineMs: _deadlineMs, onUnsupported: _onUnsupported, ...caller } = call.settings;
  return {
    callId: run.id,
    parentId: run.parentId,
    caller,
    operation: call.operation,
    dialect: call.dialect.id,
    provider: call.provider,
    model: call.model,
    stream: call.stream,
    outcome: settlement.outcome,
    origin: settlement.origin,
    target: settlement.target,
    servedModel: settlement.servedModel,
    status: settlement.status,
    error: receiptError(settlement.error),
    usage: settlement.usage,
    ...costOf(settlement),
    stopReason: settlement.stopReason,
    losses: settlement.losses,
    attempts: run.attempts.map((attempt) => attemptReceipt(attempt.id, attempt.target, attempt.settlement)),
    startedAt: run.startedAt,
    firstEventMs: settlement.firstEventAt === undefined ? undefined : settlement.firstEventAt - run.startedAt,
    durationMs: settlement.settledAt - run.startedAt,
    facts: { ...run.facts },
  };
}

export function attemptReceipt(
  attemptId: string,
  target: Target,
  settlement: Settlement | undefined,
): ReceiptAttempt {
  return {
    attemptId,
    target,
    outcome: settlement?.outcome ?? 'discarded',
    status: settlement?.status,
    error: receiptError(settlement?.error),
    usage: settlement?.usage,
    ...costOf(settlement),
    losses: settlement?.losses ?? [],
    startedAt: settlement?.startedAt ?? 0,
    firstEventMs:
      settlement?.firstEventAt === undefined ? undefined : settlement.firstEventAt - settlement.startedAt,
    durationMs: settlement === undefined ? 0 : settlement.settledAt - settlement.startedAt,
  };
}

function costOf(settlement: Settlement | undefined): Pick<Receipt, 'costUsd' | 'costNanoUsd'> {
  const costNanoUsd = settlement?.costNanoUsd;
  return { costUsd: costNanoUsd === undefined ? undefined : toUsd(costNanoUsd), costNanoUsd };
}

function receiptError(error: CallError | undefined): ReceiptError | undefined {
  if (error === undefined) return undefined;
  const { kind, code, message, retryable, fallbackable, countsForBreaker, retryAfterMs } = error;
  return { kind, code, message, retryable, fallbackable, countsForBreaker, retryAfterMs };
}
