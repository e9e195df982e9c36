import { wait, type Clock, type Timer } from '../../core/clock.ts';
import type { Host } from '../../core/interceptor.ts';
import type { Receipt } from '../../core/receipt.ts';
import type { ReceiptLog } from '../../core/receipt-log.ts';
import { ManagedLLMError } from '../../errors/managed-llm-error.ts';

/** What is not a whole batch by then is sent all the same. */
const batchEveryMs = 250;
const batchSize = 200;
const mostWaiting = 10_000;
/** A store that has not answered by then is taken for one that cannot be reached: appending again changes nothing. */
const answerWithinMs = 10_000;
const firstPauseMs = 500;
const longestPauseMs = 30_000;
const tellEveryMs = 60_000;
/** Failures in a row, of a store that can be reached, after which receipts are sent one by one: one of them may be at fault. */
const suspectAfter = 3;
/** What passes between the last tries, when it closes. */
const lastPausesMs = [500, 1_000, 2_000];

type Fits = (receipt: Receipt) => boolean;
type OutboxHost = Pick<Host, 'clock' | 'random' | 'report'>;

/**
 * Receipts on their way to the store: sent in batches, one at a time, kept and tried again while it cannot be reached. Never
 * throws, keeps no process alive. Of more than 10,000 that wait the oldest are dropped, which is counted and told.
 */
export class Outbox {
  readonly #log: ReceiptLog;
  readonly #host: OutboxHost;
  readonly #clock: Clock;
  readonly #afterBatch: () => Promise<void>;
  #waiting: Receipt[] = [];
  #timer: Timer | undefined;
  /** Whether the batch under way was stored. */
  #sending: Promise<boolean> | undefined;
  /** In a row. */
  #failures = 0;
  #lastFailure: unknown;
  #dropped = 0;
  #toldAt = -Infinity;
  #closing = false;
  /** What must not wait again, though it was under way. */
  readonly #forgotten = new Set<Fits>();

  /**
   * @param afterBatch what is to be done when something was stored. Never rejects
   */
  constructor(log: ReceiptLog, host: OutboxHost, afterBatch: () => Promise<void>) {
    this.#log = log;
    this.#host = host;
    this.#clock = host.clock;
    this.#afterBatch = afterBatch;
  }

  add(receipt: Receipt): void {
    this.#waiting.push(receipt);
    this.#keepToBound();
    if (this.#waiting.length >= batchSize && this.#failures === 0) void this.#send();
    else this.#sendIn(batchEveryMs);
  }

  /** Resolves when all that waits now is stored, or when a try at it has failed. */
  async idle(): Promise<void> {
    await this.#sending;
    for (let left = this.#waiting.length; left > 0; left -= batchSize) {
      if (!(await this.#send())) return;
    }
  }

  /** The last tries. What they do not bring to the store is lost, and told. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.idle();
    for (const pauseMs of lastPausesMs) {
      if (this.#waiting.length === 0) break;
      await wait(this.#clock, pauseMs);
      await this.idle();
    }
    this.#stopTimer();
    this.#dropped += this.#waiting.splice(0).length;
    if (this.#dropped > 0) this.#tell();
  }

  /** Drops what waits and fits, also of a batch that is under way and fails. Returns how many of them were not stored. */
  async forget(fits: Fits): Promise<number> {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((receipt) => !fits(receipt));
    let dropped = before - this.#waiting.length;
    const counting: Fits = (receipt) => {
      const isMeant = fits(receipt);
      if (isMeant) dropped++;
      return isMeant;
    };
    this.#forgotten.add(counting);
    try {
      await this.#sending;
    } finally {
      this.#forgotten.delete(counting);
    }
    return dropped;
  }

  #sendIn(ms: number): void {
    if (this.#timer !== undefined || this.#sending !== undefined || this.#closing) return;
    this.#timer = this.#clock.setTimeout(() => void this.#send(), ms);
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #send(): Promise<boolean> {
    return (this.#sending ??= this.#sendBatch().then((isStored) => {
      this.#sending = undefined;
      if (this.#waiting.length > 0) this.#sendIn(this.#pauseMs());
      return isStored;
    }));
  }

  async #sendBatch(): Promise<boolean> {
    this.#stopTimer();
    const batch = this.#waiting.splice(0, batchSize);
    if (batch.length > 0) await this.#store(batch);
    return this.#failures === 0;
  }

  async #store(batch: readonly Receipt[]): Promise<void> {
    const isSuspect = this.#failures >= suspectAfter && !isUnreachable(this.#lastFailure);
    const left = isSuspect ? await this.#appendEach(batch) : await this.#appendAll(batch);
    if (left.length < batch.length) {
      // The store takes what it is given, but for what is left: that is at fault itself.
      this.#dropped += left.length;
      this.#failures = 0;
      if (this.#dropped > 0) this.#tell();
      await this.#afterBatch();
      return;
    }
    this.#failures++;
    this.#waiting = [...left, ...this.#waiting].filter(
      (receipt) => ![...this.#forgotten].some((fits) => fits(receipt)),
    );
    this.#keepToBound();
    this.#tellNowAndThen();
  }

  /** Returns those that were not stored: none or all. */
  async #appendAll(batch: readonly Receipt[]): Promise<readonly Receipt[]> {
    try {
      await this.#append(batch);
      return [];
    } catch (thrown) {
      this.#lastFailure = thrown;
      return batch;
    }
  }

  async #appendEach(batch: readonly Receipt[]): Promise<readonly Receipt[]> {
    const left: Receipt[] = [];
    for (const receipt of batch) left.push(...(await this.#appendAll([receipt])));
    return left;
  }

  #append(batch: readonly Receipt[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        const message = `The store has not answered within ${answerWithinMs} ms.`;
        reject(new ManagedLLMError({ code: 'state-unreachable', message }));
      }, answerWithinMs);
      const answered = (): void => this.#clock.clearTimeout(timer);
      // A store that throws at once is one more that fails.
      void (async () => this.#log.append(batch))().then(resolve, reject).then(answered);
    });
  }

  #pauseMs(): number {
    if (this.#failures === 0) return this.#waiting.length >= batchSize ? 0 : batchEveryMs;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failures - 1));
    return pauseMs * (1 - this.#host.random() / 4);
  }

  #keepToBound(): void {
    const tooMany = this.#waiting.length - mostWaiting;
    if (tooMany <= 0) return;
    this.#waiting.splice(0, tooMany);
    this.#dropped += tooMany;
    this.#tellNowAndThen();
  }

  #tellNowAndThen(): void {
    if (this.#clock.now() - this.#toldAt >= tellEveryMs) this.#tell();
  }

  #tell(): void {
    this.#toldAt = this.#clock.now();
    const waiting = this.#waiting.length;
    const kept =
      waiting === 0 ? '' : ` ${waiting} wait in memory, ${mostWaiting} at most, and are tried again.`;
    const dropped = this.#dropped === 0 ? '' : ` ${this.#dropped} were dropped since this was last told.`;
    this.#dropped = 0;
    this.#host.report(
      new ManagedLLMError({
        code: 'state-unreachable',
        message: `\`receipts\`: not all receipts could be stored.${kept}${dropped}`,
        cause: this.#lastFailure,
      }),
      '`receipts`',
    );
  }
}

function isUnreachable(thrown: unknown): boolean {
  return ManagedLLMError.isInstance(thrown) && thrown.code === 'state-unreachable';
}
