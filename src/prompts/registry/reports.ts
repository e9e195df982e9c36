import type { Clock } from '../../core/clock.ts';
import type { ReportFault } from '../../core/reporting.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

const tellEveryMs = 60_000;
/** Different ones that are told within that time: more of them help nobody. */
const mostTold = 1_000;

/**
 * What a registry reports: the same at most once a minute, because it is found again each time that a source is read, and
 * whichever prompt it is read for.
 */
export class Reports {
  readonly #clock: Clock;
  readonly #report: ReportFault;
  readonly #toldAt = new Map<string, number>();

  constructor(clock: Clock, report: ReportFault) {
    this.#clock = clock;
    this.#report = report;
  }

  tell(thrown: unknown, context: string): void {
    const now = this.#clock.now();
    // In the order in which they were told.
    for (const [told, at] of this.#toldAt) {
      if (now - at < tellEveryMs) break;
      this.#toldAt.delete(told);
    }
    const key = keyOf(thrown, context);
    if (this.#toldAt.has(key) || this.#toldAt.size >= mostTold) return;
    this.#toldAt.set(key, now);
    this.#report(thrown, context);
  }
}

function keyOf(thrown: unknown, context: string): string {
  if (ManagedLLMError.isInstance(thrown)) return `${thrown.code}\n${thrown.message}`;
  return `${context}\n${thrown instanceof Error ? thrown.message : typeof thrown}`;
}
