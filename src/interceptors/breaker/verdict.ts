import type { CallError } from '../../core/call-error.ts';
import type { Settlement } from '../../core/settlement.ts';

/** What an attempt says about the health of its target. */
export interface Verdict {
  readonly failed: boolean;
  readonly slow: boolean;
  /** The wait that the provider asked for when it failed. Milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

const healthy: Verdict = Object.freeze({ failed: false, slow: false });
const sluggish: Verdict = Object.freeze({ failed: false, slow: true });

/**
 * Of an attempt that has ended; `undefined` where it says nothing: its caller gave up, or it was refused before it was
 * sent. A failure that is not the target's fault is an answer like any other. One that lost a race is judged only if it
 * had been slow by then.
 */
export function verdictOf(settlement: Settlement, slowCallMs: number): Verdict | undefined {
  const { outcome, error } = settlement;
  const slow = tookMs(settlement) > slowCallMs;
  if (outcome === 'discarded') return slow ? sluggish : undefined;
  if (error !== undefined) return verdictOfFailure(error, slow);
  if (outcome === 'finished') return slow ? sluggish : healthy;
  return undefined;
}

/** Of a failure that is known before the attempt has ended. */
export function verdictOfFailure(error: CallError, slow: boolean): Verdict | undefined {
  if (error.countsForBreaker) return { failed: true, slow, retryAfterMs: error.retryAfterMs };
  if (error.kind === 'aborted' || error.kind === 'refused' || error.kind === 'bug') return undefined;
  return slow ? sluggish : healthy;
}

/** Of a stream whose content has begun. */
export function verdictOfStart(slow: boolean): Verdict {
  return slow ? sluggish : healthy;
}

function tookMs({ startedAt, firstEventAt, settledAt }: Settlement): number {
  return (firstEventAt ?? settledAt) - startedAt;
}
