import type { Call } from '../../core/call.ts';
import type { CallError } from '../../core/call-error.ts';
import { outcomeOf } from '../../core/endings.ts';
import type { Next } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import type { Run } from '../../core/run.ts';
import type { Settlement } from '../../core/settlement.ts';
import type { Target } from '../../core/target.ts';
import { keptAlso, type Asker } from './asker.ts';
import type { SharedStream } from './shared-stream.ts';

/** How a flight has come out for those who share it. */
export interface Landed {
  readonly reply: Reply;
  /** Of a streamed answer. */
  readonly stream: SharedStream | undefined;
  /** What it truly was, once that is known. */
  told(): Settlement | undefined;
}

/** What a call has set for its own requests, and others for theirs: how long one may take, and how often it is repeated. */
type Patience = Pick<Call, 'attemptTimeoutMs' | 'retries'>;

/**
 * One request for all calls that ask the same at the same time. It belongs to the call that began it, which pays for it, and
 * goes on as long as one of them wants it.
 */
export class Flight {
  readonly landed: Promise<Landed>;
  /** Who has begun it. */
  readonly asker: Asker;
  readonly #controller = new AbortController();
  readonly #run: Run;
  readonly #patience: Patience;
  readonly #release: () => void;
  #kept: Asker | undefined;
  #stream: SharedStream | undefined;
  #members = 0;
  #hasEnded = false;
  #isOpen = true;
  #onClosed: (() => void) | undefined;

  /** @param share makes of the reply what others can share */
  constructor(
    call: Call,
    next: Next,
    asker: Asker,
    share: (flight: Flight, reply: Reply) => SharedStream | undefined,
  ) {
    this.asker = asker;
    this.#run = call.run;
    this.#patience = { attemptTimeoutMs: call.attemptTimeoutMs, retries: call.retries };
    this.#release = this.#run.hold();
    this.landed = next(call.with({ signal: this.#controller.signal })).then((reply) => {
      const stream = share(this, reply);
      this.#stream = stream;
      // A plain answer is all there.
      if (stream === undefined) this.end();
      // Nobody has waited for it.
      else if (this.#members === 0) stream.cancel();
      let settlement: Settlement | undefined;
      reply.onSettled((settled) => (settlement = settled));
      return { reply, stream, told: () => settlement };
    });
    // Whoever waits for it is told; that it ends is seen to here.
    this.landed.catch(() => this.end());
  }

  /** What has been asked last. */
  get target(): Target | undefined {
    return this.#run.attempts.at(-1)?.target;
  }

  /** As what its answer is kept, as those agree who share it and keep answers; `undefined`: none of them does. */
  get kept(): Asker | undefined {
    return this.#kept;
  }

  /** Whether others may still join it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * One more call wants it, until it leaves. Returns how it leaves, once.
   *
   * @param sharer the call, if it is one that keeps answers
   */
  join(sharer: Asker | undefined): () => void {
    if (sharer !== undefined) this.#kept = keptAlso(this.asker, this.#kept, sharer);
    this.#members++;
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      if (--this.#members > 0 || this.#hasEnded) return;
      if (this.#stream === undefined) this.#controller.abort();
      else this.#stream.cancel();
      this.end();
    };
  }

  /**
   * Whether what it failed of is the failure of another call, too, that has waited for it. What is refused or has run out of
   * time is so for the one who asked; nor is one the worse for a request that was to take less time than its own, or to be
   * repeated less often. Who has waited as long as it would for a request of its own has no more time either.
   */
  failsFor(call: Patience, error: CallError, waitedMs: number): boolean {
    if (error.kind === 'refused' || error.kind === 'aborted') return false;
    const { attemptTimeoutMs, retries } = this.#patience;
    if (call.attemptTimeoutMs !== attemptTimeoutMs) return false;
    if (call.retries.max !== retries.max || call.retries.explicit !== retries.explicit) return false;
    // What ended with the whole call, such as its deadline, cannot be repeated.
    return outcomeOf(error) !== 'timed-out' || (error.retryable && waitedMs >= attemptTimeoutMs);
  }

  /** @param told once, when no more may join it */
  onClosed(told: () => void): void {
    this.#onClosed = told;
    if (!this.#isOpen) told();
  }

  /** No more may join it; those who have go on. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#onClosed?.();
  }

  /** Nothing more will come of it: the call that began it may end. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.close();
    this.#release();
  }
}
