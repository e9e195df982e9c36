import type { Clock, Timer } from '../../core/clock.ts';
import { isPromise } from '../../core/is-promise.ts';
import type { Waiter, WaitingRoom } from './waiting-room.ts';

/** What came of asking for money. */
export type Outcome<R> = Decided<R> | Short<R>;

export type Decided<R> = { readonly kind: 'granted' } | { readonly kind: 'refused'; readonly refusal: R };

/** Only what others have set aside stands in the way. */
export interface Short<R> {
  readonly kind: 'short';
  /** Of those that stand in the way. */
  readonly maxWaitMs: number;
  /** Says so, when it waits no longer. */
  refuse(because: 'waited' | 'queue-full', waitedMs: number): R;
}

/** How somebody waits. */
export interface WaitingTerms<R> {
  readonly room: WaitingRoom;
  readonly clock: Clock;
  /** Ends the waiting: it then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly keys: readonly unknown[];
  /** As long as it is not known what stands in the way. */
  readonly maxWaitMs: number;
  ask(): Outcome<R> | Promise<Outcome<R>>;
  /** Gives back what was granted too late. */
  undo(): void;
}

/**
 * Waits for what others give back until it is granted, or refused, or has waited as long as it may: then it asks a last
 * time, whoever else waits.
 */
export class Waiting<R> implements Waiter {
  readonly keys: readonly unknown[];
  readonly decided: Promise<Decided<R>>;
  readonly #terms: WaitingTerms<R>;
  readonly #since: number;
  readonly #outcome = Promise.withResolvers<Decided<R>>();
  #maxWaitMs: number;
  #timer: Timer | undefined;
  #isAsking = false;
  #isOver = false;

  constructor(terms: WaitingTerms<R>) {
    this.#terms = terms;
    this.keys = terms.keys;
    this.decided = this.#outcome.promise;
    this.#since = terms.clock.now();
    this.#maxWaitMs = terms.maxWaitMs;
    const { signal, room } = terms;
    if (signal.aborted) {
      this.#end(() => this.#outcome.reject(signal.reason));
      return;
    }
    signal.addEventListener('abort', this.#abort, { once: true });
    room.enter(this);
    this.#arm();
    // What was given back between asking and now, nobody tells again.
    room.wake();
  }

  get waitedMs(): number {
    return this.#terms.clock.now() - this.#since;
  }

  turn(): boolean | Promise<boolean> {
    if (this.#isOver) return true;
    if (this.#isAsking) return false;
    this.#isAsking = true;
    try {
      const outcome = this.#terms.ask();
      if (!isPromise(outcome)) return this.#heard(outcome);
      return outcome.then(
        (answer) => this.#heard(answer),
        (thrown: unknown) => this.#end(() => this.#outcome.reject(thrown)),
      );
    } catch (thrown) {
      return this.#end(() => this.#outcome.reject(thrown));
    }
  }

  #heard(outcome: Outcome<R>): boolean {
    this.#isAsking = false;
    if (this.#isOver) {
      if (outcome.kind === 'granted') this.#terms.undo();
      return true;
    }
    if (outcome.kind !== 'short') return this.#end(() => this.#outcome.resolve(outcome));
    this.#maxWaitMs = outcome.maxWaitMs;
    const { waitedMs } = this;
    if (waitedMs >= this.#maxWaitMs) {
      const refusal = outcome.refuse('waited', waitedMs);
      return this.#end(() => this.#outcome.resolve({ kind: 'refused', refusal }));
    }
    this.#arm();
    return false;
  }

  #arm(): void {
    const { clock } = this.#terms;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    const ms = Math.max(0, this.#maxWaitMs - this.waitedMs);
    this.#timer = clock.setTimeout(() => void this.turn(), ms, true);
  }

  readonly #abort = (): void => {
    const { reason } = this.#terms.signal;
    this.#end(() => this.#outcome.reject(reason));
  };

  /** Returns that it waits no longer. */
  #end(tell: () => void): true {
    if (this.#isOver) return true;
    this.#isOver = true;
    const { clock, signal, room } = this.#terms;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    signal.removeEventListener('abort', this.#abort);
    room.leave(this);
    tell();
    return true;
  }
}
