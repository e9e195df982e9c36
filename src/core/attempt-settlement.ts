import type { Attempt } from './attempt.ts';
import type { CallError } from './call-error.ts';
import { estimatedUsage, type ExpectedUsage } from './expected-usage.ts';
import { frozen } from './frozen.ts';
import { mayBeBilled } from './may-be-billed.ts';
import type { Content } from './reply.ts';
import type { Facts } from './run.ts';
import { costOfAll, type Billed, type Origin, type Outcome, type Settlement } from './settlement.ts';
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
  receivedBytes = 0;
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
    return (this.#usage ??= { value: frozen(this.#findUsage()) }).value;
  }

  /**
   * Puts an estimate in the place of a usage that was not told, where the attempt may be billed for it. Before anybody reads it.
   *
   * @param receivedBytes asked only where it is needed
   */
  estimate(expected: ExpectedUsage, receivedBytes: () => number): void {
    const told = this.usage;
    if (told !== undefined && this.outcome === 'finished') return;
    this.receivedBytes = receivedBytes();
    const isTold = told?.outputTokens !== undefined && this.#hasStopped;
    if (isTold || !this.#mayBeBilled) return;
    // A stream that has not begun has generated nothing that could be paid for; of a plain answer nobody knows.
    const begunAt = this.#attempt.isStream ? this.firstEventAt : this.startedAt;
    const generatingMs = begunAt === undefined ? 0 : this.settledAt - begunAt;
    this.#usage = {
      value: frozen(estimatedUsage(told, expected, { receivedBytes: this.receivedBytes, generatingMs })),
    };
  }

  /** Some providers tell with every chunk what has come so far: where a stream breaks off, that is not what it comes to. */
  get #hasStopped(): boolean {
    return (
      this.#read(
        (trail) => trail.hasStopped,
        () => true,
      ) === true
    );
  }

  get #mayBeBilled(): boolean {
    const { outcome, error, status } = this;
    const { isStream } = this.#attempt;
    const hasBegun = (): boolean =>
      this.#read(
        (trail) => trail.hasBegun,
        () => false,
      ) === true;
    return mayBeBilled({ outcome, error, status, isStream, hasBegun });
  }

  get billed(): readonly Billed[] {
    if (!this.#mayBeBilled) return [];
    const { target, outcome, usage } = this;
    return [{ target, outcome, usage, costNanoUsd: usage && this.#attempt.costOf(usage) }];
  }

  get costNanoUsd(): number | undefined {
    return costOfAll(this.billed);
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
