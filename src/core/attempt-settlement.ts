import type { Attempt } from './attempt.ts';
import type { CallError } from './call-error.ts';
import type { Dialect } from './dialect.ts';
import type { Content } from './reply.ts';
import type { Facts } from './run.ts';
import type { Billed, Origin, Outcome, Settlement } from './settlement.ts';
import type { StreamTrail } from './stream-trail.ts';
import type { Target } from './target.ts';
import type { Usage } from './usage.ts';

/** What was known when the attempt ended. */
export interface AttemptEndFacts {
  readonly status: number | undefined;
  readonly firstEventAt: number | undefined;
  readonly settledAt: number;
  readonly trail: StreamTrail | undefined;
  readonly facts: Readonly<Partial<Facts>>;
}

/** An attempt's settlement; what must be dug out of bodies and streams is computed when first read. */
export class AttemptSettlement implements Settlement {
  readonly origin: Origin = 'provider';
  readonly outcome: Outcome;
  readonly error: CallError | undefined;
  readonly target: Target;
  readonly status: number | undefined;
  readonly attempts: readonly Settlement[] = [];
  readonly startedAt: number;
  readonly firstEventAt: number | undefined;
  readonly settledAt: number;
  readonly facts: Readonly<Partial<Facts>>;
  readonly #dialect: Dialect;
  readonly #content: Content | undefined;
  readonly #trail: StreamTrail | undefined;
  #usage: { readonly value: Usage | undefined } | undefined;

  constructor(
    attempt: Attempt,
    outcome: Outcome,
    error: CallError | undefined,
    content: Content | undefined,
    end: AttemptEndFacts,
  ) {
    this.outcome = outcome;
    this.error = error;
    this.target = attempt.target;
    this.status = end.status;
    this.startedAt = attempt.startedAt;
    this.firstEventAt = end.firstEventAt;
    this.settledAt = end.settledAt;
    this.facts = end.facts;
    this.#dialect = attempt.dialect;
    this.#content = content;
    this.#trail = end.trail;
  }

  get usage(): Usage | undefined {
    return (this.#usage ??= { value: this.#findUsage() }).value;
  }

  get billed(): readonly Billed[] {
    if (this.status === undefined || this.status >= 400) return [];
    return [{ target: this.target, outcome: this.outcome, usage: this.usage }];
  }

  get stopReason(): string | undefined {
    if (this.#trail !== undefined) return this.#trail.stopReason();
    return this.#fromBody((json) => this.#dialect.reply.stopReason(json));
  }

  get servedModel(): string | undefined {
    if (this.#trail !== undefined) return this.#trail.model((json) => this.#dialect.reply.model(json));
    return this.#fromBody((json) => this.#dialect.reply.model(json));
  }

  #findUsage(): Usage | undefined {
    if (this.#trail !== undefined) return this.#trail.usage();
    return this.#content === undefined ? undefined : this.#dialect.reply.usageOfText(this.#content.text);
  }

  #fromBody<T>(read: (json: unknown) => T | undefined): T | undefined {
    if (this.#content === undefined || this.error !== undefined) return undefined;
    try {
      return read(this.#content.json);
    } catch {
      return undefined;
    }
  }
}
