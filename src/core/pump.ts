import type { CallError } from './call-error.ts';
import type { Dialect, StreamLens } from './dialect.ts';
import { endsEvent, holdsEvent, mayHideEvent, NullUsageTrimmer, withoutNullUsage } from './event-bytes.ts';
import type { ByteSource, EventStream, ReadResult, StreamTransform } from './event-stream.ts';
import { MappedText, type TextMapper } from './mapped-text.ts';
import { Outlet } from './outlet.ts';
import { SseDecoder } from './sse.ts';
import { StreamEvent } from './stream-event.ts';
import type { StreamEnd, StreamKeeper } from './stream-keeper.ts';
import { StreamStages } from './stream-stages.ts';
import { StreamTrail } from './stream-trail.ts';

export interface PumpOptions {
  readonly dialect: Dialect;
  readonly mayEndWithoutTerminal: boolean;
  /** Keep from the reader what is there only because we asked for usage: an event, and a `null` in all others. */
  readonly hideUsage: boolean;
  readonly now: () => number;
  /** A stream that its reader stops is read on to its end, unseen, for what that tells. Default `false`. */
  readonly drains?: boolean;
}

const blankLine = Buffer.from('\n\n');

/** What the peek found before anything was handed on. */
export type Peeked =
  | { readonly found: 'content' }
  | { readonly found: 'end' }
  | { readonly found: 'error'; readonly error: CallError };

/** Held-back events are not allowed to grow without bound: beyond this the stream is committed to. */
const peekLimitBytes = 65_536;

/** The one pump of a stream. */
export class Pump implements EventStream {
  started = false;
  #lastReadAt: number;
  readonly #source: ByteSource;
  readonly #lens: StreamLens;
  readonly #options: PumpOptions;
  readonly #keeper: StreamKeeper;
  readonly #stages: StreamStages;
  /** Head and tail of what came: outlives the pump, for the books. */
  readonly trail: StreamTrail;
  readonly #outlet: Outlet;
  #decoder: SseDecoder | undefined;
  readonly #trimmer: NullUsageTrimmer | undefined;
  #held: StreamEvent[] | undefined;
  /** A peek waits for the source. */
  #isPeeking = false;
  #sawEvent = false;
  #sourceEnded = false;
  /** Set once: nothing more will come from the source. */
  #end: StreamEnd | undefined;
  /** Its reader has stopped; what still comes is for the books alone. */
  #isDraining = false;
  #letGo: (() => void) | undefined;
  #reading: Promise<ReadResult> | undefined;
  /** The last chunk went out as it came, so the reader may be inside an event. */
  #wentRaw = false;

  constructor(source: ByteSource, options: PumpOptions, keeper: StreamKeeper) {
    this.#source = source;
    this.#options = options;
    this.#lens = options.dialect.stream;
    this.#outlet = new Outlet(this.#lens);
    this.trail = new StreamTrail(this.#lens);
    this.#keeper = keeper;
    this.#stages = new StreamStages(this.#lens, options.hideUsage, (thrown) =>
      keeper.report(thrown, 'a stream observer'),
    );
    this.#trimmer = options.hideUsage ? new NullUsageTrimmer() : undefined;
    this.#lastReadAt = options.now();
  }

  observe(on: (event: StreamEvent) => void): void {
    this.#refuseLate();
    this.#stages.observe(on);
  }

  transform(stage: StreamTransform): void {
    this.#refuseLate();
    this.#stages.transform(stage);
  }

  mapText(make: TextMapper): void {
    this.transform(new MappedText(this.#lens, make));
  }

  async first(): Promise<StreamEvent | undefined> {
    while (this.#held === undefined || this.#held.length === 0) if (!(await this.#hold())) break;
    return this.#held?.[0];
  }

  /** Reads on, holding everything back, until the answer itself begins, an error comes, or the stream ends. */
  async peek(): Promise<Peeked> {
    let looked = 0;
    let bytes = 0;
    for (;;) {
      for (; this.#held !== undefined && looked < this.#held.length; looked++) {
        const event = this.#held[looked];
        if (event === undefined) continue;
        const error = this.#lens.error(event);
        if (error !== undefined) return { found: 'error', error: this.#keeper.told(error) };
        if (this.#lens.isContent(event)) return { found: 'content' };
        bytes += event.bytes.length;
      }
      if (bytes > peekLimitBytes) return { found: 'content' };
      if (!(await this.#hold())) return { found: 'end' };
    }
  }

  read(): Promise<ReadResult> {
    this.#lastReadAt = this.#options.now();
    this.started = true;
    if (this.#reading !== undefined) return this.#serialized();
    if (this.#isDraining) return this.#outlet.afterEnd();
    const held = this.#held;
    if (held !== undefined) {
      this.#held = undefined;
      this.#process(held);
    }
    if (this.#sourceEnded && this.#end === undefined) this.#finish();
    const ready = this.#outlet.next();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#end !== undefined) return this.#outlet.afterEnd();
    this.#reading = this.#source.read().then(this.#onRead, this.#onError);
    return this.#options.drains === true ? this.#unlessDrained(this.#reading) : this.#reading;
  }

  get mayEndWithoutTerminal(): boolean {
    return this.#options.mayEndWithoutTerminal;
  }

  get withheld(): StreamEvent | undefined {
    return this.#stages.withheld;
  }

  /** When somebody last read: now, while a reader, or a peek, waits for a provider that thinks. */
  get lastReadAt(): number {
    return this.waitingSince === undefined ? this.#lastReadAt : this.#options.now();
  }

  /** Since when the source has kept a reader, or a peek, waiting; `undefined` while nobody waits. */
  get waitingSince(): number | undefined {
    if (this.#isDraining) return undefined;
    return this.#reading !== undefined || this.#isPeeking ? this.#lastReadAt : undefined;
  }

  /** Whether a reader has got all there is, and no error awaits it. */
  get over(): boolean {
    const isOver = this.#end !== undefined || this.#isDraining;
    return isOver && this.#outlet.isEmpty;
  }

  /** Its reader has stopped. */
  cancel(reason?: unknown): void {
    if (this.#end !== undefined || this.#isDraining) return;
    if (this.#options.drains === true && !this.#sourceEnded && this.#howSoFar() === undefined) {
      this.#isDraining = true;
      this.#outlet.clear();
      this.#keeper.draining?.();
      this.#letGo?.();
      void this.#drain();
    } else this.#stop(reason);
  }

  /** Whoever waits for a chunk when the reader stops waits no longer, though the chunk still comes. */
  #unlessDrained(reading: Promise<ReadResult>): Promise<ReadResult> {
    return new Promise((resolve, reject) => {
      this.#letGo = () => void this.#outlet.afterEnd().then(resolve, reject);
      reading.then(resolve, reject);
    });
  }

  #stop(reason: unknown): void {
    this.#settle(this.#howSoFar() ?? { how: 'stopped', error: undefined });
    this.#outlet.clear();
    this.#stopSource(reason);
  }

  /** Ends the stream from our side with a failure that the reader must notice. */
  fail(error: CallError): void {
    if (this.#end !== undefined) return;
    if (this.#isDraining) return this.#stop(error.cause);
    const soFar = this.#howSoFar();
    // Nothing follows an end, nor an error that the reader has been told.
    if (soFar === undefined) this.#failWith(error);
    else this.#settle(soFar);
    this.#stopSource(error.cause);
  }

  /** Ends the stream because the caller gave up: a reader gets the reason, as from a native body. */
  abort(reason: unknown): void {
    if (this.#end !== undefined) return;
    if (!this.#isDraining) this.#outlet.rejectAtEnd(reason);
    this.#stop(reason);
  }

  /** The same, but for what is read on. */
  leave(reason: unknown): void {
    if (this.#end !== undefined || this.#isDraining) return;
    this.#outlet.rejectAtEnd(reason);
    this.cancel(reason);
  }

  /** What is wrong with a stream whose source has ended, if anything. */
  failureAtEnd(): CallError | undefined {
    const end = this.#end ?? this.#howSoFar();
    if (end !== undefined) return end.error;
    return this.#options.mayEndWithoutTerminal ? undefined : this.#keeper.failure('cut', undefined);
  }

  readonly #onRead = (result: ReadResult): ReadResult | Promise<ReadResult> => {
    this.#reading = undefined;
    this.#lastReadAt = this.#options.now();
    if (this.#end !== undefined || this.#isDraining) return this.#late(result);
    if (result.done) {
      this.#sourceEnded = true;
      this.#finish();
      return this.#outlet.afterEnd();
    }
    const chunk = result.value;
    this.#note(chunk);
    const isOnItsOwn = this.#stages.isEmpty && this.#decoder?.pending !== true;
    const trimmed = isOnItsOwn ? this.#trimmer?.trimmed(chunk) : undefined;
    if (trimmed !== undefined) {
      this.#wentRaw = true;
      return this.#outlet.hand(trimmed);
    }
    this.#wentRaw = isOnItsOwn && this.#passes(chunk);
    if (this.#wentRaw) {
      const value = this.#options.hideUsage ? withoutNullUsage(chunk) : chunk;
      if (value !== chunk) return this.#outlet.hand(value);
      this.#outlet.noteHanded(chunk);
      return result;
    }
    const startsInside = this.#decoder?.pending === true;
    const events = this.#decode(chunk);
    const isWhole = !startsInside && this.#decoder?.pending === false;
    this.#process(events, isWhole ? chunk : undefined);
    return this.#outlet.next() ?? this.read();
  };

  readonly #onError = (thrown: unknown): Promise<ReadResult> => {
    this.#reading = undefined;
    if (this.#isDraining) this.#sourceEnded = true;
    else if (this.#end === undefined) {
      this.#outlet.rejectAtEnd(thrown);
      this.#settle(
        this.#howSoFar() ?? {
          how: 'failed',
          error: this.#withPartial(this.#keeper.failure('connection', thrown)),
        },
      );
    }
    return this.#outlet.afterEnd();
  };

  /** What was on its way when the reader stopped: it gets none of it. */
  #late(result: ReadResult): Promise<ReadResult> {
    if (result.done) this.#sourceEnded = true;
    else this.#note(result.value);
    return this.#outlet.afterEnd();
  }

  /** Reads what is left, as long as nobody stops it. */
  async #drain(): Promise<void> {
    try {
      await this.#reading?.catch(() => {});
      while (!this.#sourceEnded) {
        const result = await this.#source.read();
        if (result.done) break;
        this.#note(result.value);
      }
    } catch {
      // It tells no more: what is known by now has to do.
    }
    this.#sourceEnded = true;
    this.#settle({ how: 'stopped', error: undefined });
  }

  /** UTF-8 bytes of all generated text that has reached the reader, or would have next. For the end. */
  receivedBytes(): number {
    return this.#outlet.receivedBytes();
  }

  #serialized(): Promise<ReadResult> {
    const turn = (): Promise<ReadResult> => this.read();
    return (this.#reading ?? Promise.resolve()).then(turn, turn);
  }

  /** Whether a chunk can go out as it came, unseen. */
  #passes(chunk: Uint8Array): boolean {
    if (!this.#options.hideUsage) return true;
    return endsEvent(chunk) && !mayHideEvent(chunk);
  }

  #decode(chunk: Uint8Array): StreamEvent[] {
    return (this.#decoder ??= new SseDecoder()).push(chunk);
  }

  #note(chunk: Uint8Array): void {
    this.trail.push(chunk);
    if (!this.#sawEvent && holdsEvent(chunk)) {
      this.#sawEvent = true;
      this.#keeper.firstBytes();
    }
  }

  /** Reads one chunk into the held-back events; false at the end of the source. */
  async #hold(): Promise<boolean> {
    if (this.started) throw new TypeError('A stream can be peeked only before it is read.');
    if (this.#end !== undefined || this.#sourceEnded) return false;
    this.#held ??= [];
    let result: ReadResult;
    try {
      this.#lastReadAt = this.#options.now();
      this.#isPeeking = true;
      result = await this.#source.read();
      this.#lastReadAt = this.#options.now();
    } catch (thrown) {
      this.#sourceEnded = true;
      this.#outlet.rejectAtEnd(thrown);
      this.#settle({ how: 'failed', error: this.#keeper.failure('connection', thrown) });
      return false;
    } finally {
      this.#isPeeking = false;
    }
    if (result.done) {
      this.#sourceEnded = true;
      return false;
    }
    this.#note(result.value);
    this.#held.push(...this.#decode(result.value));
    return true;
  }

  /**
   * Runs events through the stages, and lets out what comes of them.
   *
   * @param chunk where it is exactly these events: what goes out if they are unchanged
   */
  #process(events: readonly StreamEvent[], chunk?: Uint8Array): void {
    try {
      this.#stages.push(events);
    } catch (thrown) {
      this.#break(thrown);
      return;
    }
    this.#outlet.add(this.#stages.take(events, chunk));
  }

  /** A stage threw: what it had emitted goes out, then the failure, also when the provider has sent all there is. */
  #break(thrown: unknown): void {
    this.#outlet.add(this.#stages.take());
    this.#failWith(this.#keeper.failure('bug', thrown));
    this.#stopSource(thrown);
  }

  /** The source has no more: flush what is held, check that the end is a real one, settle. */
  #finish(): void {
    const rest = this.#decoder?.end();
    const end = this.#howSoFar();
    const isCut =
      end === undefined && (!this.#options.mayEndWithoutTerminal || (rest !== undefined && isHalf(rest)));
    // Half an event means nothing, and would swallow whatever follows it.
    if (rest !== undefined && !isCut && !isHalf(rest)) this.#process([this.#closed(rest)]);
    if (this.#end !== undefined) return;
    try {
      this.#stages.end();
    } catch (thrown) {
      this.#break(thrown);
      return;
    }
    this.#outlet.add(this.#stages.take());
    if (isCut) this.#failWith(this.#keeper.failure('cut', undefined));
    else this.#settle(end ?? { how: 'finished', error: undefined });
  }

  /** The last event with the blank line it lacks, where a stage may yet send something after it. */
  #closed(rest: StreamEvent): StreamEvent {
    if (!this.#stages.mayAdd) return rest;
    return new StreamEvent(Buffer.concat([rest.bytes, blankLine]));
  }

  #failWith(failure: CallError): void {
    const error = this.#withPartial(failure);
    this.#tell(error);
    this.#settle({ how: 'failed', error });
  }

  /** What still waits reaches the reader too. */
  #withPartial(error: CallError): CallError {
    return this.started ? this.#keeper.withPartial(error, this.#outlet.text()) : error;
  }

  /** Makes a reader notice a failure: by an event in its dialect, or by a rejection where that would fall into half an event. */
  #tell(error: CallError): void {
    if (this.#wentRaw && !this.trail.endsEvent) this.#outlet.rejectAtEnd(error.managed ?? error.cause);
    else this.#outlet.add(this.#options.dialect.errors.event(error).bytes);
  }

  /** What the bytes so far say: the regular end, an error in band, or neither. */
  #howSoFar(): StreamEnd | undefined {
    const tail = this.trail.tail();
    if (this.#lens.isTerminal(tail)) return { how: 'finished', error: undefined };
    const error = this.trail
      .lastEvents()
      .map((event) => this.#lens.error(event))
      .find((found) => found !== undefined);
    return error === undefined
      ? undefined
      : { how: 'failed', error: this.#withPartial(this.#keeper.told(error)) };
  }

  #settle(end: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#keeper.ended(end);
  }

  #stopSource(reason: unknown): void {
    if (this.#sourceEnded) return;
    this.#sourceEnded = true;
    try {
      const cancelled = this.#source.cancel(reason);
      if (cancelled instanceof Promise) cancelled.catch(() => {});
    } catch {
      // The source is gone either way.
    }
  }

  #refuseLate(): void {
    if (this.started) throw new TypeError('Stages are added before a stream is read, not after.');
  }
}

/** Whether an event that lacks its closing line lacks more than that. */
function isHalf(rest: StreamEvent): boolean {
  return rest.data !== '[DONE]' && rest.json === undefined;
}
