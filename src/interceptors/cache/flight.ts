import type { Call } from '../../core/call.ts';
import type { Next } from '../../core/interceptor.ts';
import type { Reply, ToldAnswer } from '../../core/reply.ts';
import type { SharedStream } from './shared-stream.ts';

/** How a flight has come out for those who share it. */
export interface Landed {
  readonly reply: Reply;
  /** Of a streamed answer. */
  readonly stream: SharedStream | undefined;
  /** What receipts tell of it, once that is known. */
  told(): ToldAnswer | undefined;
}

/**
 * One request for all calls that ask the same at the same time. It belongs to the call that began it, which pays for it, and
 * goes on as long as one of them wants it.
 */
export class Flight {
  readonly landed: Promise<Landed>;
  /** Whether its answer is kept: one of those who share it wants that. */
  keeps = false;
  readonly #controller = new AbortController();
  readonly #release: () => void;
  #stream: SharedStream | undefined;
  #members = 0;
  #hasEnded = false;

  /** @param share makes of the reply what others can share */
  constructor(call: Call, next: Next, share: (flight: Flight, reply: Reply) => SharedStream | undefined) {
    this.#release = call.run.hold();
    this.landed = next(call.with({ signal: this.#controller.signal })).then((reply) => {
      const stream = share(this, reply);
      this.#stream = stream;
      // A plain answer is all there.
      if (stream === undefined) this.end();
      // Nobody has waited for it.
      else if (this.#members === 0) stream.cancel();
      let settlement: ToldAnswer | undefined;
      reply.onSettled((settled) => (settlement = settled));
      return { reply, stream, told: () => settlement };
    });
    // Whoever waits for it is told; that it ends is seen to here.
    this.landed.catch(() => this.end());
  }

  /** One more call wants it, until it leaves. Returns how it leaves, once. */
  join(): () => void {
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

  /** Nothing more will come of it: the call that began it may end. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#release();
  }
}

/** What is refused, is refused to the one who asked: the next one asks for itself. */
export function isTheirsAlone({ error }: Reply): boolean {
  return error?.kind === 'refused' || error?.kind === 'aborted';
}

/** Whoever gives up leaves. */
export function orAborted<T>(pending: Promise<T>, signal: AbortSignal, leave: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      leave();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
