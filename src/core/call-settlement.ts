import type { CallError } from './call-error.ts';
import type { CallRun, Facts } from './run.ts';
import { costOfAll, type Billed, type Origin, type Outcome, type Settlement } from './settlement.ts';
import type { Target } from './target.ts';
import type { Loss } from './translation.ts';
import type { Usage } from './usage.ts';

/** What is known of an answer beside how its call ended. */
export type AnswerFacts = Partial<
  Pick<
    Settlement,
    'target' | 'status' | 'usage' | 'stopReason' | 'servedModel' | 'firstEventAt' | 'losses' | 'receivedBytes'
  >
>;

/** The settlement of a whole call, as the sum of what its run holds. */
export class CallSettlement implements Settlement {
  readonly #told: AnswerFacts | (() => AnswerFacts | undefined) | undefined;
  readonly #run: CallRun;
  readonly outcome: Outcome;
  readonly origin: Origin;
  readonly error: CallError | undefined;
  readonly settledAt: number;

  /** @param told a function, where more may be known by the time that somebody asks */
  constructor(
    run: CallRun,
    end: { outcome: Outcome; origin: Origin; error: CallError | undefined; settledAt: number },
    told?: AnswerFacts | (() => AnswerFacts | undefined),
  ) {
    this.#run = run;
    this.#told = told;
    this.outcome = end.outcome;
    this.origin = end.origin;
    this.error = end.error;
    this.settledAt = end.settledAt;
  }

  get #base(): AnswerFacts | undefined {
    return typeof this.#told === 'function' ? this.#told() : this.#told;
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
