import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { refusal } from './call-error.ts';
import { Call, type CallInit } from './call.ts';
import { stopped } from './cancellation.ts';
import type { Engine } from './engine.ts';
import { stopFailure } from './endings.ts';
import type { Next } from './interceptor.ts';
import { receiptOf, type Asked, type Receipt } from './receipt.ts';
import type { CoreReply } from './reply.ts';
import { CallRun, type RunEnd } from './run.ts';
import type { CallSettings } from './settings.ts';

/** Told about the calls that begin inside a scope. */
export interface CallWatcher {
  began(settled: Promise<Receipt>): void;
}

/** A call as a seam hands it in. */
export interface Submission extends CallInit {
  readonly settings: CallSettings;
  readonly watchers: readonly CallWatcher[];
  readonly parentId?: string;
  /** The SDK's own signal; aborts when the caller gives up, when a reader breaks off. */
  readonly signal?: AbortSignal | undefined;
}

/** What a seam gets back. */
export interface Submitted {
  readonly reply: CoreReply;
  readonly ticket: Ticket;
}

/** The way from a handed-over response to its receipt. */
export class Ticket {
  readonly asked: Asked;
  #receipt: Receipt | undefined;
  #waiting: ((receipt: Receipt) => void)[] | undefined;
  readonly #run: CallRun;
  #end: RunEnd | undefined;

  constructor(asked: Asked, run: CallRun) {
    this.asked = asked;
    this.#run = run;
  }

  /** The receipt, made when first asked for. */
  get receipt(): Promise<Receipt> {
    return new Promise((resolve) => {
      if (this.#end !== undefined) resolve(this.made());
      else (this.#waiting ??= []).push(resolve);
    });
  }

  /** @internal */
  closed(end: RunEnd): void {
    this.#end = end;
    for (const resolve of this.#waiting ?? []) resolve(this.made());
  }

  /** @internal Only once closed. */
  made(): Receipt {
    if (this.#end === undefined) throw new TypeError('The call has not settled yet.');
    return (this.#receipt ??= receiptOf(this.asked, this.#run, this.#end.settlement));
  }
}

/** Where calls enter: counts them, starts their runs, and sees them to their end. */
export class Gate {
  readonly #engine: Engine;
  readonly #chain: Next;
  readonly #open = new Map<CallRun, Ticket>();
  readonly #idle: (() => void)[] = [];
  readonly #waitUntil: ((settled: Promise<unknown>) => void) | undefined;
  readonly #idPrefix: string;
  #count = 0;
  #closed = false;

  constructor(
    engine: Engine,
    chain: Next,
    idPrefix: string,
    waitUntil?: (settled: Promise<unknown>) => void,
  ) {
    this.#engine = engine;
    this.#chain = chain;
    this.#idPrefix = idPrefix;
    this.#waitUntil = waitUntil;
  }

  /** Takes a call through the chain. Never rejects. */
  submit(submission: Submission): Promise<Submitted> {
    const { clock } = this.#engine;
    const startedAt = clock.now();
    const { settings } = submission;
    const run = new CallRun(
      `${this.#idPrefix}-${++this.#count}`,
      submission.parentId,
      startedAt,
      settings,
      this.#onClosed,
    );
    const deadlineAt = settings.deadlineMs === undefined ? Infinity : startedAt + settings.deadlineMs;
    const call = new Call(submission, run, deadlineAt);
    const ticket = new Ticket(
      {
        operation: call.operation,
        dialect: call.dialect,
        provider: call.provider,
        model: call.model,
        stream: call.stream,
        settings,
        callerSignal: call.callerSignal,
      },
      run,
    );
    this.#open.set(run, ticket);
    this.#announce(call, ticket, submission.watchers);
    if (submission.signal !== undefined) followSignal(run, submission.signal, submission.callerSignal);
    if (deadlineAt !== Infinity) this.#limit(run, settings.deadlineMs ?? 0);
    // What a call under way asks for itself still belongs to it.
    if (this.#closed && submission.parentId === undefined)
      return Promise.resolve({ reply: this.#refuse(call, closedError(call)), ticket });
    return this.#passed(call, run, ticket);
  }

  /** Resolves when no call is open. */
  idle(): Promise<void> {
    return this.#open.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Takes no more calls. */
  close(): void {
    this.#closed = true;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Ends what is still open. */
  abortOpen(): void {
    for (const run of this.#open.keys()) run.end('close');
  }

  #announce(call: Call, ticket: Ticket, watchers: readonly CallWatcher[]): void {
    const { hooks } = this.#engine;
    if (hooks.has('call:start')) {
      hooks.emit('call:start', {
        callId: call.id,
        parentId: Call.runOf(call).parentId,
        operation: call.operation,
        dialect: call.dialect.id,
        provider: call.provider,
        model: call.model,
        stream: call.stream,
        settings: call.settings,
        startedAt: Call.runOf(call).startedAt,
      });
    }
    if (watchers.length === 0 && this.#waitUntil === undefined) return;
    const settled = ticket.receipt;
    for (const watcher of watchers) watcher.began(settled);
    try {
      this.#waitUntil?.(settled);
    } catch (thrown) {
      this.#engine.report(thrown, '`waitUntil`');
    }
  }

  /** The chain's reply, or as soon as the call is stopped a failure in its place, also when a link ignores the signal. */
  #passed(call: Call, run: CallRun, ticket: Ticket): Promise<Submitted> {
    return new Promise((resolve) => {
      let waiting = true;
      const stop = (): void => {
        if (!waiting) return;
        waiting = false;
        const error = stopFailure(call.id, run.cancellation.cause ?? 'discard', call.attemptTimeoutMs);
        resolve({ reply: this.#refuse(call, error), ticket });
      };
      const deliver = (reply: CoreReply): void => {
        run.cancellation.offAbort(stop);
        if (!waiting) return reply.discard();
        waiting = false;
        handOver(reply, run);
        resolve({ reply, ticket });
      };
      run.cancellation.onAbort(stop);
      void this.#chain(call).then((reply) => deliver(reply as CoreReply));
    });
  }

  #refuse(call: Call, error: Parameters<Engine['replies']['refuse']>[1]): CoreReply {
    const reply = this.#engine.replies.refuse(call, error) as CoreReply;
    reply.onSettled((settlement) => Call.runOf(call).handedOver(settlement));
    return reply;
  }

  #limit(run: CallRun, deadlineMs: number): void {
    const timer = this.#engine.clock.setTimeout(() => run.cancellation.abort('deadline'), deadlineMs);
    this.#timers.set(run, timer);
  }

  readonly #timers = new WeakMap<CallRun, object>();

  readonly #onClosed = (end: RunEnd): void => {
    const { hooks, clock } = this.#engine;
    const timer = this.#timers.get(end.run);
    if (timer !== undefined) clock.clearTimeout(timer);
    end.run.unfollow?.();
    const ticket = this.#open.get(end.run);
    this.#open.delete(end.run);
    for (const attempt of end.leftOpen) {
      this.#engine.report(
        new ManagedLLMError({
          code: 'interceptor-fault',
          callId: end.run.id,
          message: `The reply of attempt ${attempt.id} was neither returned nor discarded; it was discarded when the call ended.`,
        }),
        'an interceptor',
      );
    }
    ticket?.closed(end);
    if (ticket !== undefined && hooks.has('call:end')) hooks.emit('call:end', ticket.made());
    if (this.#open.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  };
}

/**
 * At module scope, so that the listener keeps the run and nothing else: through the call an open stream would hold the
 * SDK's signal, through that signal the SDK's reader, and through the reader the response whose loss is to end it.
 */
function handOver(reply: CoreReply, run: CallRun): void {
  reply.onSettled((settlement) => run.handedOver(settlement));
}

/** The call stops when the SDK's signal does. Ours never refers back to it. */
function followSignal(run: CallRun, signal: AbortSignal, callerSignal: AbortSignal | undefined): void {
  const stop = (): void => {
    if (callerSignal?.aborted === true) run.cancellation.abort('caller', callerSignal.reason);
    else run.cancellation.abort('reader', stopped);
  };
  if (signal.aborted) stop();
  else {
    signal.addEventListener('abort', stop, { once: true });
    // A signal of the application's own may outlive the call, and so does one composed with it (`AbortSignal.any`), as
    // long as anybody listens; any other that an SDK hands us is made for the call.
    if (callerSignal !== undefined) run.unfollow = () => signal.removeEventListener('abort', stop);
  }
}

function closedError(call: Call): ReturnType<typeof refusal> {
  return refusal(
    new ManagedLLMError({
      code: 'closed',
      callId: call.id,
      message: 'This ManagedLLM is closed and takes no new calls.',
    }),
  );
}
