import { AttemptWatch, type AttemptLimits, type Watched } from './attempt-limits.ts';
import { AttemptSettlement } from './attempt-settlement.ts';
import type { AttemptTranslation } from './attempt-translation.ts';
import type { CallError } from './call-error.ts';
import { reclassified } from './classifier.ts';
import type { Call } from './call.ts';
import { Cancellation, stopped, type CancelCause } from './cancellation.ts';
import type { Timer } from './clock.ts';
import { tellingConnection } from './connect-phase.ts';
import type { Dialect } from './dialect.ts';
import type { Engine } from './engine.ts';
import {
  outcomeOf,
  outcomeOfCause,
  stopFailure,
  streamFailure,
  unreadError,
  withPartial,
} from './endings.ts';
import type { PassedLimit } from './passed-limit.ts';
import { governedSend } from './governed-send.ts';
import type { ExpectedUsage } from './expected-usage.ts';
import type { Pump } from './pump.ts';
import type { StreamEnd, StreamKeeper } from './stream-keeper.ts';
import type { Prepared } from './prepare.ts';
import type { Content } from './reply.ts';
import type { AttemptView, CallRun, Facts } from './run.ts';
import { Settling, type Outcome, type Settlement } from './settlement.ts';
import type { StreamTrail } from './stream-trail.ts';
import { targetName, type Target } from './target.ts';
import type { Limited } from './time-limits.ts';
import type { Loss } from './translation.ts';
import type { Usage } from './usage.ts';

const noLosses: readonly Loss[] = [];

/** How long a stream that its reader has stopped is read on at most. */
const drainAtMostMs = 60_000;

/** Stands for the cancellation of an attempt that has ended. */
const spent = new Cancellation();
spent.abort('discard');

/** One request to one target, from sending to settlement. Keeps the books of its stream. */
export class Attempt implements AttemptView, StreamKeeper, Limited, Watched {
  readonly target: Target;
  readonly startedAt: number;
  readonly settling: Settling;
  /** Let go of when the attempt has settled: what is kept for the receipt stays small. */
  cancellation: Cancellation;
  /** What the target speaks. */
  readonly dialect: Dialect;
  /** The snapshot that was asked for in place of the target's model. */
  readonly pin: string | undefined;
  readonly #engine: Engine;
  readonly #run: CallRun;
  readonly #number: number;
  readonly #translation: AttemptTranslation | undefined;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #limitMs: number;
  /** Of the limit of its answer among all limits. */
  place = -1;
  readonly isStream: boolean;
  readonly expected: ExpectedUsage | undefined;
  /** Of its further limits, where it has any. */
  #watch: AttemptWatch | undefined;
  #firstEventAt: number | undefined;
  #status: number | undefined;
  #hasEnded = false;
  /** What the target failed with, once that is known. */
  #failure: CallError | undefined;
  /** Who stopped its stream, which is read on for the books. */
  #stoppedBy: CancelCause | undefined;
  #drainLimit: Timer | undefined;
  /** Of a stream. */
  #headers: Headers | undefined;
  #pump: Pump | undefined;
  /** Of what the target sent. */
  #trail: StreamTrail | undefined;

  constructor(engine: Engine, run: CallRun, call: Call, target: Target, prepared: Prepared) {
    this.target = target;
    this.#translation = prepared.translation;
    this.dialect = prepared.translation?.dialect ?? call.dialect;
    this.pin = prepared.pin;
    this.cancellation = new Cancellation(prepared.controller);
    this.#callerSignal = call.callerSignal;
    this.#limitMs = call.attemptTimeoutMs;
    this.isStream = call.stream;
    this.expected = call.expected;
    this.startedAt = engine.clock.now();
    this.settling = new Settling(engine.reportListener);
    this.#engine = engine;
    this.#run = run;
    this.#number = run.add(this);
    if (engine.hooks.has('attempt:start')) {
      engine.hooks.emit('attempt:start', {
        callId: run.id,
        attemptId: this.id,
        target,
        startedAt: this.startedAt,
      });
    }
  }

  get id(): string {
    return `${this.#run.id}.${this.#number}`;
  }

  /** Whole nano-USD; `undefined` where its price is not known. */
  costOf(usage: Usage): number | undefined {
    return this.#engine.pricing.model(this.target, this.startedAt, this.#run.settings).cost(usage);
  }

  /** What had no place in the dialect of the target, or in the caller's on the way back. */
  get losses(): readonly Loss[] {
    return this.#translation?.losses ?? noLosses;
  }

  get facts(): Readonly<Partial<Facts>> {
    return this.#run.facts;
  }

  get settlement(): Settlement | undefined {
    return this.settling.settlement;
  }

  /** The stream this attempt delivers; cancelling the attempt ends it. */
  streams(pump: Pump, trail: StreamTrail, { status, headers }: Response): void {
    this.#pump = pump;
    this.#trail = trail;
    this.#status = status;
    this.#headers = headers;
    this.#engine.openStreams.add(this);
    this.cancellation.onAbort(() => this.#stopPump(pump));
  }

  /** A plain reply has arrived whole. */
  arrived(status: number, content: Content | undefined, error: CallError | undefined): void {
    this.#status = status;
    this.#settle(error === undefined ? 'finished' : 'failed', error, content);
  }

  /** No answer came. */
  failed(error: CallError): void {
    const outcome = this.cancellation.cause === 'discard' ? 'discarded' : outcomeOf(error);
    this.#settle(outcome, error, undefined);
  }

  /** Its time begins to count, and it is sent. */
  begin<T>(limits: AttemptLimits | undefined, send: () => T): T {
    const { timeLimits, clock } = this.#engine;
    timeLimits.start(this);
    if (limits === undefined) return governedSend(send);
    this.#watch = new AttemptWatch(limits, timeLimits, clock, this, { stream: this.isStream });
    return this.#watch.limitsConnecting
      ? tellingConnection(this.#watch, () => governedSend(send))
      : governedSend(send);
  }

  /** The answer has come, or has begun to: the limit for that counts no more. */
  answered(): void {
    this.#engine.timeLimits.stop(this);
  }

  /** When it should have been answered. */
  get limitAt(): number {
    return this.startedAt + this.#limitMs;
  }

  expire(now: number): void {
    this.expired({ limit: 'answer', limitMs: this.#limitMs, elapsedMs: now - this.startedAt });
  }

  expired(passed: PassedLimit): void {
    this.cancellation.abort('timeout', stopped, passed);
  }

  /** Its call, its reader or an interceptor wants it no more. */
  stop(cause: CancelCause, reason: unknown = stopped, passed?: PassedLimit): void {
    const isReaders = cause === 'caller' || cause === 'reader';
    if (isReaders && this.#engine.drains && this.#pump !== undefined) {
      this.#stoppedBy ??= cause;
      this.#pump.leave(reason);
    } else this.cancellation.abort(cause, reason, passed);
  }

  draining(): void {
    const { clock } = this.#engine;
    this.#drainLimit ??= clock.setTimeout(() => this.cancellation.abort('reader'), drainAtMostMs);
  }

  get waitingSince(): number | undefined {
    return this.#pump?.waitingSince;
  }

  /** Set where limits want to know of every chunk, also of one that becomes nothing in the caller's dialect. */
  get heard(): ((chunk: Uint8Array) => void) | undefined {
    const watch = this.#watch;
    return watch && ((chunk) => watch.heard(chunk));
  }

  /** Nothing of the attempt can be stopped any more. */
  release(): void {
    this.cancellation = spent;
    this.#pump = undefined;
    this.#trail = undefined;
    this.#headers = undefined;
  }

  discard(): void {
    this.end('discard');
  }

  /** Stops what is still open, for this cause. */
  end(cause: CancelCause, passed?: PassedLimit): void {
    if (this.settlement !== undefined) return;
    this.cancellation.abort(cause, stopped, passed);
    if (cause === 'discard') this.#settle('discarded', undefined, undefined);
    else this.failed(this.stopError());
  }

  get lastReadAt(): number {
    return this.#pump?.lastReadAt ?? Infinity;
  }

  /** Nobody reads the stream any more. */
  abandon(): void {
    if (this.settlement === undefined) this.stop('reader', unreadError(this.#run.id));
  }

  firstBytes(): void {
    this.#firstEventAt = this.#engine.clock.now();
    this.#watch?.begun();
    if (this.#engine.hooks.has('stream:first-event')) {
      this.#engine.hooks.emit('stream:first-event', {
        callId: this.#run.id,
        attemptId: this.id,
        target: this.target,
        afterMs: this.#firstEventAt - this.startedAt,
      });
    }
  }

  ended(end: StreamEnd): void {
    const { cancellation } = this;
    this.#engine.openStreams.delete(this);
    if (end.how === 'finished') {
      this.#settle('finished', undefined, undefined);
      return;
    }
    if (end.how === 'failed')
      this.#settle(end.error === undefined ? 'failed' : outcomeOf(end.error), end.error, undefined);
    else {
      const cause =
        this.#stoppedBy ?? cancellation.cause ?? (this.#callerSignal?.aborted === true ? 'caller' : 'reader');
      this.#settle(outcomeOfCause(cause), undefined, undefined);
    }
    // A body made of another (Bedrock's frames) hears of its reader's end too late, or never: the request ends itself.
    cancellation.abort('discard');
  }

  failure(kind: 'cut' | 'bug' | 'connection', cause: unknown): CallError {
    if (kind === 'connection' && this.cancellation.aborted) return this.stopError();
    const error = streamFailure(this.#run.id, targetName(this.target), kind, cause);
    return kind === 'bug' ? error : this.classified(error);
  }

  withPartial(error: CallError, text: string | undefined): CallError {
    return withPartial(this.#run.id, targetName(this.target), error, { text, usage: this.#usageSoFar() });
  }

  #usageSoFar(): Usage | undefined {
    try {
      return this.#trail?.usage();
    } catch {
      return undefined;
    }
  }

  told(error: CallError): CallError {
    // Rather the target's own words than what the caller's dialect has made of them.
    return this.classified(this.#translation?.streamFailure ?? error);
  }

  /**
   * What the target failed with, as everybody is to know it. Asked more than once, it stays with its first answer.
   *
   * @param headers of the response, where the attempt is not a stream
   */
  classified(error: CallError, headers: Headers | undefined = this.#headers): CallError {
    return (this.#failure ??= this.#classified(error, headers));
  }

  #classified(given: CallError, headers: Headers | undefined): CallError {
    // What another dialect finds wrong may be the translation's doing.
    const isTranslated = given.kind === 'invalid-request' && this.#translation !== undefined;
    const error = isTranslated ? { ...given, fallbackable: true } : given;
    const { classify, report } = this.#engine;
    if (classify === undefined) return error;
    return reclassified(
      classify,
      error,
      { target: this.target, dialect: this.dialect.id, headers },
      (thrown, context) => report(thrown, context),
    );
  }

  report(thrown: unknown, context: string): void {
    this.#engine.report(thrown, context);
  }

  /** The failure that stopping for this cause amounts to. */
  stopError(): CallError {
    const known = this.settlement?.error;
    if (known !== undefined) return known;
    const { cause } = this.cancellation;
    const error = stopFailure(this.#run.id, this.cancellation);
    return cause === 'timeout' ? this.classified(error) : error;
  }

  #stopPump(pump: Pump): void {
    const cause = this.cancellation.cause;
    if (cause === 'deadline' || cause === 'close' || cause === 'timeout') pump.fail(this.stopError());
    else pump.abort(this.cancellation.reason);
  }

  #settle(outcome: Outcome, error: CallError | undefined, content: Content | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.answered();
    this.#watch?.end();
    if (this.#drainLimit !== undefined) this.#engine.clock.clearTimeout(this.#drainLimit);
    const settlement = new AttemptSettlement(
      this,
      outcome,
      error,
      content,
      this.#status,
      this.#firstEventAt,
      this.#engine.clock.now(),
      this.#trail,
    );
    if (this.expected !== undefined)
      settlement.estimate(this.expected, () => this.#pump?.receivedBytes() ?? contentBytes(content));
    // Told first, because the settlement may end the call: an attempt never ends after its call.
    this.#engine.attemptEnded(this.#run, this, settlement);
    this.settling.settle(settlement);
    if (content !== undefined || outcome !== 'finished' || this.#pump !== undefined) this.release();
  }
}

/** About as much of a plain reply is text. */
function contentBytes(content: Content | undefined): number {
  return content === undefined ? 0 : Buffer.byteLength(content.text);
}
