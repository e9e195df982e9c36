import type { CallError } from './call-error.ts';
import { Call } from './call.ts';
import { CallSettlement, type AnswerFacts } from './call-settlement.ts';
import type { Engine } from './engine.ts';
import {
  outcomeOf,
  outcomeOfCause,
  stopFailure,
  streamFailure,
  unreadError,
  withPartial,
} from './endings.ts';
import { Pump } from './pump.ts';
import type { StreamEnd, StreamKeeper } from './stream-keeper.ts';
import type { ByteSource } from './event-stream.ts';
import { Content, CoreReply, type Replies, type Reply, type ToldAnswer } from './reply.ts';
import type { CallRun } from './run.ts';
import { sharedHeaders } from './shared-headers.ts';
import { Settling, type Origin, type Outcome } from './settlement.ts';

/** Makes replies that do not come from a provider. */
export function makeReplies(engine: Engine): Replies {
  const settled = (
    call: Call,
    outcome: Outcome,
    origin: Origin,
    error: CallError | undefined,
    told?: AnswerFacts,
  ): Settling => {
    const settling = new Settling(engine.reportListener);
    settling.settle(
      new CallSettlement(Call.runOf(call), { outcome, origin, error, settledAt: engine.clock.now() }, told),
    );
    return settling;
  };
  const plain = (call: Call, content: Content, from: Origin, told: ToldAnswer | undefined): CoreReply =>
    new CoreReply({
      run: Call.runOf(call),
      status: 200,
      headers: sharedHeaders.json,
      error: undefined,
      pump: undefined,
      content,
      native: { response: undefined },
      settling: settled(call, 'finished', from, undefined, told),
      discard: nothing,
    });
  const streamed = (
    call: Call,
    source: ByteSource,
    from: Origin,
    told: () => AnswerFacts | undefined,
    parts: Pick<CoreReply, 'status' | 'headers' | 'native'>,
    mayEndWithoutTerminal = false,
  ): CoreReply => {
    const keeper = new StreamBooks(engine, call, from, told);
    const pump = new Pump(
      source,
      {
        dialect: call.dialect,
        mayEndWithoutTerminal,
        hideUsage: false,
        now: () => engine.clock.now(),
      },
      keeper,
    );
    keeper.watch(pump);
    return new CoreReply({
      run: Call.runOf(call),
      status: parts.status,
      headers: parts.headers,
      error: undefined,
      pump,
      content: undefined,
      native: parts.native,
      settling: keeper.settling,
      discard: () => keeper.discard(),
    });
  };
  return {
    refuse: (call, error) =>
      new CoreReply({
        run: Call.runOf(call),
        status: error.status ?? 0,
        headers: refusalHeaders(error),
        error,
        pump: undefined,
        content: error.status === undefined ? undefined : Content.ofJson(call.dialect.errors.body(error)),
        native: { response: undefined },
        settling: settled(call, outcomeOf(error), 'none', error),
        discard: nothing,
      }),
    body: (call, json, from, told) => plain(call, Content.ofJson(json), from, told),
    text: (call, text, from, told) => plain(call, Content.ofText(text), from, told),
    stream: (call, source, from, told) =>
      streamed(call, source, from, told ?? (() => undefined), {
        status: 200,
        headers: sharedHeaders.stream,
        native: { response: undefined },
      }),
    through(call, reply, source) {
      const of = asCore(reply);
      const told = (): AnswerFacts | undefined => of.settling.settlement;
      return streamed(call, source, 'provider', told, of, of.events?.mayEndWithoutTerminal);
    },
    extended(call, reply, text, usage) {
      const of = asCore(reply);
      const { target, servedModel } = of.settling.settlement ?? {};
      const told = { status: of.status, target, servedModel, usage };
      const settling = settled(call, 'finished', 'provider', undefined, told);
      return of.copy({ content: Content.ofText(text), settling });
    },
    like(call, reply, from) {
      const { status, headers, error, content, settling } = asCore(reply);
      if (content === undefined && error === undefined)
        throw new TypeError('Only what was read whole can be answered twice.');
      const outcome = error === undefined ? 'finished' : outcomeOf(error);
      return new CoreReply({
        run: Call.runOf(call),
        status,
        headers,
        error,
        pump: undefined,
        // Whoever gets it may write to what is parsed.
        content: content && Content.ofText(content.text),
        native: { response: undefined },
        settling: settled(call, outcome, from, error, settling.settlement),
        discard: nothing,
      });
    },
  };
}

function asCore(reply: Reply): CoreReply {
  if (reply instanceof CoreReply) return reply;
  throw new TypeError('Something that is not a reply was to be answered again.');
}

function refusalHeaders(error: CallError): Headers {
  const headers = new Headers(sharedHeaders.json);
  headers.set('x-should-retry', 'false');
  if (error.retryAfterMs !== undefined) {
    headers.set('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
    headers.set('retry-after-ms', String(Math.ceil(error.retryAfterMs)));
  }
  return headers;
}

/** Keeps the books of a stream that no provider sends. */
class StreamBooks implements StreamKeeper {
  readonly settling: Settling;
  readonly #engine: Engine;
  /** Not the call: that leads to the SDK's reader, and an open stream must not keep its own response. */
  readonly #run: CallRun;
  readonly #origin: Origin;
  readonly #told: () => AnswerFacts | undefined;
  #pump: Pump | undefined;
  #discarding = false;

  /** @param told asked when the stream has ended */
  constructor(engine: Engine, call: Call, origin: Origin, told: () => AnswerFacts | undefined) {
    this.#engine = engine;
    this.#run = Call.runOf(call);
    this.#origin = origin;
    this.#told = told;
    this.settling = new Settling(engine.reportListener);
  }

  get lastReadAt(): number {
    return this.#pump?.lastReadAt ?? Infinity;
  }

  watch(pump: Pump): void {
    this.#pump = pump;
    this.#engine.openStreams.add(this);
    const { cancellation } = this.#run;
    cancellation.onAbort(() => {
      const { cause, reason } = cancellation;
      if (cause === 'deadline' || cause === 'close') pump.fail(stopFailure(this.#run.id, cancellation));
      else pump.abort(reason);
    });
  }

  /** Nobody reads the stream any more. */
  abandon(): void {
    this.#pump?.abort(unreadError(this.#run.id));
  }

  discard(): void {
    this.#discarding = true;
    this.#pump?.cancel();
  }

  firstBytes(): void {}

  ended(end: StreamEnd): void {
    this.#engine.openStreams.delete(this);
    const run = this.#run;
    const cause = this.#discarding ? 'discard' : (run.cancellation.cause ?? 'reader');
    const outcome =
      end.how === 'stopped'
        ? outcomeOfCause(cause)
        : end.error === undefined
          ? 'finished'
          : outcomeOf(end.error);
    this.settling.settle(
      new CallSettlement(
        run,
        { outcome, origin: this.#origin, error: end.error, settledAt: this.#engine.clock.now() },
        this.#told,
      ),
    );
  }

  told(error: CallError): CallError {
    return error;
  }

  failure(kind: 'cut' | 'bug' | 'connection', cause: unknown): CallError {
    return streamFailure(this.#run.id, this.#source, kind, cause);
  }

  withPartial(error: CallError, text: string | undefined): CallError {
    return withPartial(this.#run.id, this.#source, error, { text, usage: undefined });
  }

  get #source(): string {
    return `the ${this.#origin}`;
  }

  report(thrown: unknown, context: string): void {
    this.#engine.report(thrown, context);
  }
}

const nothing = (): void => {};
