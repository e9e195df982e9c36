import type { CallError } from './call-error.ts';
import type { CallRun, Facts } from './run.ts';
import { costOfAll, type Billed, type Origin, type Outcome, type Settlement } from './settlement.ts';
import type { Target } from './target.ts';
import type { Loss } from './translation.ts';
import type { Usage } from './usage.ts';

/** The settlement of a whole call, as the sum of what its run holds. */
export class CallSettlement implements Settlement {
  readonly #base: Settlement | undefined;
  readonly #run: CallRun;
  readonly outcome: Outcome;
  readonly origin: Origin;
  readonly error: CallError | undefined;
  readonly settledAt: number;

  constructor(
    run: CallRun,
    end: { outcome: Outcome; origin: Origin; error: CallError | undefined; settledAt: number },
    base?: Settlement,
  ) {
    this.#run = run;
    this.#base = base;
    this.outcome = end.outcome;
    this.origin = end.origin;
    this.error = end.error;
    this.settledAt = end.settledAt;
  }

  get target(): Target | undefined {
    return this.#base?.target;
  }
  get status(): number | undefined {
    return this.#base?.status ?? this.error?.status;
  }
  get usage(): Usage | undefined {
    return this.#base?.usage;
  }
  get stopReason(): string | undefined {
    return this.#base?.stopReason;
  }
  get servedModel(): string | undefined {
    return this.#base?.servedModel;
  }
  get firstEventAt(): number | undefined {
    return this.#base?.firstEventAt;
  }
  get startedAt(): number {
    return this.#run.startedAt;
  }
  get attempts(): readonly Settlement[] {
    return this.#run.attempts.flatMap((attempt) => attempt.settlement ?? []);
  }
  get losses(): readonly Loss[] {
    return this.#base?.losses ?? [];
  }
  get billed(): readonly Billed[] {
    return this.attempts.flatMap((attempt) => attempt.billed);
  }
  get receivedBytes(): number {
    return this.#base?.receivedBytes ?? 0;
  }
  get costNanoUsd(): number | undefined {
    return costOfAll(this.billed);
  }
  get facts(): Readonly<Partial<Facts>> {
    return this.#run.facts;
  }
}
