import type { Attempt } from './attempt.ts';
import type { CallError } from './call-error.ts';
import type { Content } from './reply.ts';
import type { Facts } from './run.ts';
import type { Billed, Origin, Outcome, Settlement } from './settlement.ts';
import type { StreamTrail } from './stream-trail.ts';
import type { Target } from './target.ts';
import type { Loss } from './translation.ts';
import type { Usage } from './usage.ts';

const none: readonly Settlement[] = [];

/** An attempt's settlement; what must be dug out of bodies and streams is computed when first read. */
export class AttemptSettlement implements Settlement {
  readonly outcome: Outcome;
  readonly error: CallError | undefined;
  readonly status: number | undefined;
  readonly firstEventAt: number | undefined;
  readonly settledAt: number;
  readonly #attempt: Attempt;
  readonly #content: Content | undefined;
  readonly #trail: StreamTrail | undefined;
  #usage: { readonly value: Usage | undefined } | undefined;

  constructor(
    attempt: Attempt,
    outcome: Outcome,
    error: CallError | undefined,
    content: Content | undefined,
    status: number | undefined,
    firstEventAt: number | undefined,
    settledAt: number,
    trail: StreamTrail | undefined,
  ) {
    this.#attempt = attempt;
    this.outcome = outcome;
    this.error = error;
    this.#content = content;
    this.status = status;
    this.firstEventAt = firstEventAt;
    this.settledAt = settledAt;
    this.#trail = trail;
  }

  get origin(): Origin {
    return 'provider';
  }

  get target(): Target {
    return this.#attempt.target;
  }

  get startedAt(): number {
    return this.#attempt.startedAt;
  }

  get facts(): Readonly<Partial<Facts>> {
    return this.#attempt.facts;
  }

  get losses(): readonly Loss[] {
    return this.#attempt.losses;
  }

  get attempts(): readonly Settlement[] {
    return none;
  }

  get usage(): Usage | undefined {
    return (this.#usage ??= { value: this.#findUsage() }).value;
  }

  get billed(): readonly Billed[] {
    if (this.status === undefined || this.status >= 400) return [];
    return [{ target: this.target, outcome: this.outcome, usage: this.usage }];
  }

  get stopReason(): string | undefined {
    const { reply } = this.#attempt.dialect;
    return this.#read(
      (trail) => trail.stopReason(),
      (content) => reply.stopReason(content.json),
    );
  }

  get servedModel(): string | undefined {
    const { reply } = this.#attempt.dialect;
    return this.#read(
      (trail) => trail.model((json) => reply.model(json)),
      (content) => reply.model(content.json),
    );
  }

  #findUsage(): Usage | undefined {
    const { reply } = this.#attempt.dialect;
    return this.#read(
      (trail) => trail.usage(),
      (content) => reply.usageOfText(content.text),
    );
  }

  /** A body that cannot be read, or that a lens stumbles over, says nothing: the books are closed all the same. */
  #read<T>(
    ofStream: (trail: StreamTrail) => T | undefined,
    ofBody: (content: Content) => T | undefined,
  ): T | undefined {
    try {
      if (this.#trail !== undefined) return ofStream(this.#trail);
      return this.#content === undefined || this.error !== undefined ? undefined : ofBody(this.#content);
    } catch {
      return undefined;
    }
  }
}
