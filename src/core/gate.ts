import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { refusal } from './call-error.ts';
import { Call, type CallInit } from './call.ts';
import type { Ceiling } from './ceiling.ts';
import { stopped } from './cancellation.ts';
import type { Engine } from './engine.ts';
import { stopFailure } from './endings.ts';
import type { CallFeedback } from './hooks.ts';
import type { Next } from './interceptor.ts';
import type { Pricing } from './pricing.ts';
import { notePrompt } from './prompt-mark.ts';
import { receiptOf, type Asked, type Receipt } from './receipt.ts';
import type { CoreReply } from './reply.ts';
import { CallRun, type RunEnd } from './run.ts';
import type { Settlement } from './settlement.ts';
import { ceilingsOf, type CallSettings } from './settings.ts';

/** Told about the calls that begin inside a scope. */
export interface CallWatcher {
  began(settled: Promise<Receipt>): void;
}

/** A call as a seam hands it in. */
export interface Submission extends CallInit {
  readonly settings: CallSettings;
  readonly watchers: readonly CallWatcher[];
  /** The call it is made for: what ends that, by its deadline too, ends this. */
  readonly parent?: Call;
  /** The SDK's own, for replies that are read later: aborts when their reader breaks off, and stops the reader. */
  readonly reader?: AbortController | undefined;
  /** The receipt is asked for in any case: what it is made of is loaded while the call is under way. */
  readonly wantsReceipt?: boolean;
}

/** What a seam gets back. */
export interface Submitted {
  /** The call as it was asked. Not to be kept for as long as a stream is open: it leads to the SDK's reader. */
  readonly call: Call;
  readonly reply: CoreReply;
  readonly ticket: Ticket;
}

/** The way from a handed-over response to its receipt. */
export class Ticket {
  readonly asked: Asked;
  #receipt: Receipt | undefined;
  #waiting: ((receipt: Receipt) => void)[] | undefined;
  readonly #run: CallRun;
  readonly #pricing: Pricing;
  #settlement: Settlement | undefined;

  constructor(asked: Asked, run: CallRun, pricing: Pricing) {
    this.asked = asked;
    this.#run = run;
    this.#pricing = pricing;
  }

  /** The receipt, made when first asked for. */
  get receipt(): Promise<Receipt> {
    return new Promise((resolve) => {
      if (this.#settlement === undefined) {
        (this.#waiting ??= []).push(resolve);
        if (!this.#pricing.loaded) void this.#pricing.load();
      } else if (this.#receipt !== undefined || this.#pricing.loaded) resolve(this.made());
      else void this.#pricing.load().then(() => resolve(this.made()));
    });
  }

  /** @internal Whether somebody waits for the receipt. */
  get awaited(): boolean {
    return this.#waiting !== undefined;
  }

  /** @internal */
  closed(settlement: Settlement): void {
    this.#settlement = settlement;
    for (const resolve of this.#waiting ?? []) resolve(this.made());
    this.#waiting = undefined;
  }

  /** @internal Only once closed. */
  made(): Receipt {
    if (this.#settlement === undefined) throw new TypeError('The call has not settled yet.');
    return (this.#receipt ??= receiptOf(this.asked, this.#run, this.#settlement));
  }
}

/** Where calls enter: counts them, starts their runs, and sees them to their end. */
export class Gate {
  readonly #engine: Engine;
  readonly #chain: Next;
  readonly #open = new Map<CallRun, Ticket>();
  /** How to end what makes calls one after another. */
  readonly #works = new Set<() => void>();
  readonly #idle: (() => void)[] = [];
  readonly #waitUntil: ((settled: Promise<unknown>) => void) | undefined;
  readonly #idPrefix: string;
  #count = 0;
  /** Ended calls that are told of once prices are there. Who ends after them is told of after them. */
  #waitingForPrices = 0;
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
      this.#idPrefix,
      ++this.#count,
      submission.parent?.id,
      startedAt,
      settings,
      ceilingsFor(submission),
      this.#engine.timeLimits,
      this.#onClosed,
    );
    const call = new Call(submission, run);
    notePrompt(call);
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
      this.#engine.pricing,
    );
    this.#open.set(run, ticket);
    if (submission.wantsReceipt === true && !this.#engine.pricing.loaded) void this.#engine.pricing.load();
    this.#announce(call, ticket, submission.watchers);
    const { callerSignal, parent, reader } = submission;
    if (callerSignal !== undefined)
      followCaller(run, callerSignal, parent && Call.runOf(parent), reader && new WeakRef(reader));
    if (reader !== undefined) followReader(run, reader.signal);
    const { deadlineMs } = settings;
    if (deadlineMs !== undefined)
      run.endBy({ at: startedAt + deadlineMs, limitMs: deadlineMs, limit: 'deadlineMs' });
    const deadline = parent && Call.runOf(parent).deadline;
    if (deadline !== undefined) run.endBy(deadline);
    // What a call under way asks for itself still belongs to it.
    if (this.#closed && submission.parent === undefined)
      return Promise.resolve({ call, reply: this.#refuse(call, closedError(call)), ticket });
    if (run.cancellation.aborted)
      return Promise.resolve({
        call,
        reply: this.#refuse(call, stopFailure(call.id, run.cancellation)),
        ticket,
      });
    return this.#passed(call, run, ticket);
  }

  /**
   * Counts as an open call until the returned function is called: for what makes calls one after another.
   *
   * @param end called when `close` waits no longer
   */
  work(end: () => void): () => void {
    this.#works.add(end);
    return () => {
      this.#works.delete(end);
      this.#tellIfIdle();
    };
  }

  /** Tells what became known of an answer. */
  feedback(feedback: CallFeedback): void {
    this.#engine.hooks.emit('call:feedback', feedback);
  }

  /** Resolves when no call is open. */
  idle(): Promise<void> {
    return this.#isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#open.size === 0 && this.#works.size === 0;
  }

  #tellIfIdle(): void {
    if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve();
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
    for (const end of this.#works) end();
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
        prompt: call.run.facts.prompt,
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
      let unwound: (() => void) | undefined;
      const stop = (): void => {
        if (!waiting) return;
        waiting = false;
        const error = stopFailure(call.id, run.cancellation);
        const reply = this.#engine.replies.refuse(call, error) as CoreReply;
        unwound = () => handOver(reply, run);
        // What its links still note, such as what it has cost, belongs to the call. One that ignores the signal is not waited for.
        setImmediate(unwound);
        resolve({ call, reply, ticket });
      };
      const deliver = (reply: CoreReply): void => {
        run.cancellation.offAbort(stop);
        if (!waiting) {
          reply.discard();
          return unwound?.();
        }
        waiting = false;
        handOver(reply, run);
        resolve({ call, reply, ticket });
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

  readonly #onClosed = (end: RunEnd): void => {
    end.run.unfollow?.();
    for (const listener of end.listeners) this.#callBack(listener);
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
    const { pricing, hooks } = this.#engine;
    const isAsked =
      this.#open.get(end.run)?.awaited === true || hooks.has('call:end') || hooks.has('attempt:end');
    // Asked last: what was billed is found in the answer's text.
    const waits = (): boolean => this.#waitingForPrices > 0 || end.settlement.billed.length > 0;
    // Prices are loaded when somebody first wants to know; a receipt without what was billed would be wrong for good.
    if (pricing.loaded || !isAsked || !waits()) return this.#tell(end);
    this.#waitingForPrices += 1;
    void pricing.load().then(() => {
      this.#waitingForPrices -= 1;
      this.#tell(end);
    });
  };

  #callBack(listener: () => void): void {
    try {
      listener();
    } catch (thrown) {
      this.#engine.report(thrown, 'a listener of the end of a call');
    }
  }

  #tell({ run, settlement }: RunEnd): void {
    const { hooks } = this.#engine;
    const ticket = this.#open.get(run);
    this.#open.delete(run);
    ticket?.closed(settlement);
    if (ticket !== undefined && hooks.has('call:end')) hooks.emit('call:end', ticket.made());
    this.#tellIfIdle();
  }
}

/**
 * At module scope, so that the listener keeps the run and nothing else: through the call an open stream would hold the
 * SDK's signal, through that signal the SDK's reader, and through the reader the response whose loss is to end it.
 */
function handOver(reply: CoreReply, run: CallRun): void {
  reply.onSettled((settlement) => run.handedOver(settlement));
}

/** What an interceptor asks for itself is paid by whoever it is asked for, whatever settings it gives. */
function ceilingsFor({ settings, parent }: Submission): readonly Ceiling[] {
  const own = ceilingsOf(settings);
  const outer = parent === undefined ? own : Call.runOf(parent).ceilings;
  return outer === own || outer.length === 0 ? own : [...new Set([...outer, ...own])];
}

/** The call stops when the application's signal does. That may outlive the call, so it is let go of in time. */
function followCaller(
  run: CallRun,
  signal: AbortSignal,
  parent: CallRun | undefined,
  reader: WeakRef<AbortController> | undefined,
): void {
  const stop = (): void => {
    const { cause, passed } = parent?.cancellation ?? {};
    run.cancellation.abort(cause ?? 'caller', signal.reason, passed);
    reader?.deref()?.abort();
  };
  if (signal.aborted) stop();
  else {
    signal.addEventListener('abort', stop, { once: true });
    run.unfollow = () => signal.removeEventListener('abort', stop);
  }
}

/** The call stops when its reader breaks off. Ours never refers back to the SDK's signal, which is made for the call. */
function followReader(run: CallRun, signal: AbortSignal): void {
  const stop = (): void => run.cancellation.abort('reader', stopped);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
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
