import type { Clock, Timer } from '../../core/clock.ts';
import { isPromise } from '../../core/is-promise.ts';
import type { Waiter, WaitingRoom } from './waiting-room.ts';

/** What came of asking for money. */
export type Outcome<R> = Decided<R> | Short<R>;

export type Decided<R> =
  | { readonly kind: 'granted' }
  | {
      readonly kind: 'refused';
      readonly refusal: R;
      /** Whatever others give back. */
      readonly isFinal: boolean;
    };

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
  /** Something was given back while it asked. */
  #isAskedAgain = false;
  #isOver = false;

  constructor(terms: WaitingTerms<R>) {
    this.#terms = terms;
    this.keys = terms.keys;
    this.decided = this.#outcome.promise;
    this.#since = terms.clock.now();
    this.#maxWaitMs = terms.maxWaitMs;
    const { signal, room, keys } = terms;
    if (signal.aborted) {
      this.#outcome.reject(signal.reason);
      return;
    }
    const isFirst = !room.isWanted(keys);
    signal.addEventListener('abort', this.#abort, { once: true });
    room.enter(this);
    this.#arm();
    // What was given back between asking and now, nobody tells again.
    if (isFirst) room.wake(keys);
  }

  get waitedMs(): number {
    return this.#terms.clock.now() - this.#since;
  }

  turn(): void {
    if (this.#isOver) return;
    if (this.#isAsking) {
      this.#isAskedAgain = true;
      return;
    }
    this.#isAsking = true;
    try {
      const outcome = this.#terms.ask();
      if (isPromise(outcome)) outcome.then(this.#heard, this.#failed);
      else this.#heard(outcome);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  readonly #heard = (outcome: Outcome<R>): void => {
    this.#isAsking = false;
    const isAskedAgain = this.#isAskedAgain;
    this.#isAskedAgain = false;
    if (this.#isOver) {
      if (outcome.kind === 'granted') this.#terms.undo();
      return;
    }
    if (outcome.kind !== 'short') return this.#end(() => this.#outcome.resolve(outcome));
    this.#maxWaitMs = outcome.maxWaitMs;
    const { waitedMs } = this;
    if (waitedMs >= this.#maxWaitMs) {
      const refusal = outcome.refuse('waited', waitedMs);
      return this.#end(() => this.#outcome.resolve({ kind: 'refused', refusal, isFinal: false }));
    }
    this.#arm();
    if (isAskedAgain) this.#terms.room.wake(this.keys);
  };

  readonly #failed = (thrown: unknown): void => this.#end(() => this.#outcome.reject(thrown));

  #arm(): void {
    const { clock } = this.#terms;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    const ms = Math.max(0, this.#maxWaitMs - this.waitedMs);
    this.#timer = clock.setTimeout(() => this.turn(), ms, true);
  }

  readonly #abort = (): void => {
    const { reason } = this.#terms.signal;
    this.#end(() => this.#outcome.reject(reason));
  };

  #end(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { clock, signal, room } = this.#terms;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    signal.removeEventListener('abort', this.#abort);
    room.leave(this);
    tell();
  }
}
