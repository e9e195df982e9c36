import type { Call } from '../../core/call.ts';
import type { Next } from '../../core/interceptor.ts';
import type { Reply } from '../../core/reply.ts';
import type { Run } from '../../core/run.ts';
import type { Settlement } from '../../core/settlement.ts';
import type { Target } from '../../core/target.ts';
import type { SharedStream } from './shared-stream.ts';

/** How a flight has come out for those who share it. */
export interface Landed {
  readonly reply: Reply;
  /** Of a streamed answer. */
  readonly stream: SharedStream | undefined;
  /** What it truly was, once that is known. */
  told(): Settlement | undefined;
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
  readonly #run: Run;
  readonly #release: () => void;
  #stream: SharedStream | undefined;
  #members = 0;
  #hasEnded = false;

  /** @param share makes of the reply what others can share */
  constructor(call: Call, next: Next, share: (flight: Flight, reply: Reply) => SharedStream | undefined) {
    this.#run = call.run;
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
