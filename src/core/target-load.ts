import type { CallError } from './call-error.ts';
import type { Load } from './route.ts';
import type { Settlement } from './settlement.ts';

/** How long a slow answer is remembered: after this its weight is down to a third (1/e). */
const memoryMs = 10_000;

/**
 * What a failure that another target may not have counts as, at least: a target that fails at once would else answer
 * soonest of all, and get every call.
 */
const failureMs = 10_000;

/**
 * What a target has under way, and how fast it answers: a peak EWMA, which rises at once to a slow answer and forgets it
 * with time, so that a target that has become slow is avoided at once and tried again later.
 */
export class TargetLoad implements Load {
  inFlight = 0;
  #latencyMs = 0;
  /** When it was last told; `undefined` before the first answer. */
  #at: number | undefined;

  began(): void {
    this.inFlight++;
  }

  /** @param settlement of the attempt that ended it */
  ended(settlement: Settlement, now: number): void {
    this.inFlight--;
    // Nothing was sent.
    if (settlement.target === undefined) return;
    const { outcome, error, firstEventAt, startedAt, settledAt } = settlement;
    // The clock may have been set back.
    const elapsed = Math.max(0, (firstEventAt ?? settledAt) - startedAt);
    if (firstEventAt !== undefined || outcome === 'finished') this.#answered(elapsed, now);
    else if (error !== undefined && speaksOfTarget(error)) this.#answered(Math.max(elapsed, failureMs), now);
    // One that was given up has taken at least so long.
    else if (this.#at !== undefined && elapsed > this.#decayed(now)) this.#answered(elapsed, now);
  }

  latencyMs(now: number): number | undefined {
    return this.#at === undefined ? undefined : this.#decayed(now);
  }

  #answered(elapsed: number, now: number): void {
    if (this.#at === undefined || elapsed > this.#decayed(now)) this.#latencyMs = elapsed;
    else {
      const kept = this.#weight(now);
      this.#latencyMs = this.#latencyMs * kept + elapsed * (1 - kept);
    }
    this.#at = now;
  }

  /** Falls towards nothing while nobody asks, so that a slow target gets another chance. */
  #decayed(now: number): number {
    return this.#latencyMs * this.#weight(now);
  }

  #weight(now: number): number {
    return Math.exp(-Math.max(0, now - (this.#at ?? now)) / memoryMs);
  }
}

/** A prompt that is too long fails at the target, but says nothing about other prompts. */
function speaksOfTarget({ kind, fallbackable }: CallError): boolean {
  return fallbackable && kind !== 'context-overflow';
}
