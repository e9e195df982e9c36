import type { Clock } from '../../core/clock.ts';
import type { ReportFault } from '../../core/reporting.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

const tellEveryMs = 60_000;
/** Messages that are remembered as told. */
const mostTold = 1_000;

/** What a registry reports: the same at most once a minute, because it is found again each time that a source is read. */
export class Reports {
  readonly #clock: Clock;
  readonly #report: ReportFault;
  readonly #toldAt = new Map<string, number>();

  constructor(clock: Clock, report: ReportFault) {
    this.#clock = clock;
    this.#report = report;
  }

  tell(thrown: unknown, context: string): void {
    const what = ManagedLLMError.isInstance(thrown) ? thrown.message : String(thrown);
    const key = `${context}\n${what}`;
    const now = this.#clock.now();
    const toldAt = this.#toldAt.get(key);
    if (toldAt !== undefined && now - toldAt < tellEveryMs) return;
    this.#toldAt.delete(key);
    this.#toldAt.set(key, now);
    const [oldest = ''] = this.#toldAt.keys();
    if (this.#toldAt.size > mostTold) this.#toldAt.delete(oldest);
    this.#report(thrown, context);
  }
}
