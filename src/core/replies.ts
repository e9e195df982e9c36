import type { CallError } from './call-error.ts';
import { Call } from './call.ts';
import { CallSettlement } from './call-settlement.ts';
import type { Engine } from './engine.ts';
import {
  outcomeOf,
  outcomeOfCause,
  stopFailure,
  streamFailure,
  unreadError,
  withPartial,
} from './endings.ts';
import { Pump, type StreamEnd, type StreamKeeper } from './pump.ts';
import { Content, CoreReply, type Replies } from './reply.ts';
import type { CallRun } from './run.ts';
import { sharedHeaders } from './shared-headers.ts';
import { Settling, type Origin, type Outcome } from './settlement.ts';

/** Makes replies that do not come from a provider. */
export function makeReplies(engine: Engine): Replies {
  const settled = (call: Call, outcome: Outcome, origin: Origin, error: CallError | undefined): Settling => {
    const settling = new Settling(engine.reportListener);
    settling.settle(
      new CallSettlement(Call.runOf(call), { outcome, origin, error, settledAt: engine.clock.now() }),
    );
    return settling;
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
    body: (call, json, from) =>
      new CoreReply({
        run: Call.runOf(call),
        status: 200,
        headers: sharedHeaders.json,
        error: undefined,
        pump: undefined,
        content: Content.ofJson(json),
        native: { response: undefined },
        settling: settled(call, 'finished', from, undefined),
        discard: nothing,
      }),
    stream: (call, source, from) => {
      const keeper = new StreamBooks(engine, call, from);
      const pump = new Pump(
        source,
        {
          dialect: call.dialect,
          mayEndWithoutTerminal: false,
          hideUsage: false,
          now: () => engine.clock.now(),
        },
        keeper,
      );
      keeper.watch(pump);
      return new CoreReply({
        run: Call.runOf(call),
        status: 200,
        headers: sharedHeaders.stream,
        error: undefined,
        pump,
        content: undefined,
        native: { response: undefined },
        settling: keeper.settling,
        discard: () => keeper.discard(),
      });
    },
  };
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
  #pump: Pump | undefined;
  #discarding = false;

  constructor(engine: Engine, call: Call, origin: Origin) {
    this.#engine = engine;
    this.#run = Call.runOf(call);
    this.#origin = origin;
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
      new CallSettlement(run, {
        outcome,
        origin: this.#origin,
        error: end.error,
        settledAt: this.#engine.clock.now(),
      }),
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
