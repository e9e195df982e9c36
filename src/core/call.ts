import type { AttemptLimits } from './attempt-limits.ts';
import type { CallError } from './call-error.ts';
import type { ExpectedUsage } from './expected-usage.ts';
import type { Dialect, Operation } from './dialect.ts';
import type { Interceptor } from './interceptor.ts';
import type { OnUnsupported } from './provider.ts';
import type { CallRun, Run } from './run.ts';
import { joinedFinish, type Finish } from './finish.ts';
import type { CallSettings } from './settings.ts';
import type { Target } from './target.ts';
import type { Endpoint, Entry } from './entry.ts';

/** How the application's SDK would repeat a failed request. */
export interface RetryWish {
  /** Repeats after the first try. */
  readonly max: number;
  /** Whether the call said so itself, rather than its client. */
  readonly explicit: boolean;
  /** A provider's wait above this is ignored in favour of the SDK's own back-off. Milliseconds. */
  readonly longestWaitMs: number;
  /** Whether a provider's wait of 0 is ignored likewise. Default `false`. */
  readonly ignoresZeroWait?: boolean;
}

/** What a route does about failures, for those who would otherwise try again in its place. */
export interface Onward {
  /** Whether another choice is ready now. */
  hasReady(call: Call): boolean;
  movesOn(call: Call, error: CallError): boolean;
}

/** What {@link Call.with} can change. */
export interface CallChanges {
  readonly body?: unknown;
  readonly model?: string;
  readonly headers?: ReadonlyMap<string, string>;
  readonly settings?: CallSettings;
  readonly signal?: AbortSignal;
  readonly target?: Target;
  readonly attempt?: number;
  readonly attemptTimeoutMs?: number;
  readonly limits?: AttemptLimits;
  readonly expected?: ExpectedUsage;
  readonly peek?: boolean;
  readonly onUnsupported?: OnUnsupported | undefined;
  /** Comes after those that are set already. */
  readonly finish?: Finish;
}

/** What routes change beside that. */
interface RoutedChanges extends CallChanges {
  readonly onward: Onward | undefined;
}

/** What the seams make a call of. */
export interface CallInit {
  readonly operation: Operation;
  readonly dialect: Dialect;
  readonly provider: string;
  readonly model: string;
  readonly stream: boolean;
  readonly body: unknown;
  readonly callerHeaders: () => ReadonlyMap<string, string>;
  readonly callerSignal: AbortSignal | undefined;
  readonly attemptTimeoutMs: number;
  readonly retries: RetryWish;
  readonly entry: Entry | undefined;
  /** Interceptors on whose behalf it is made: they do not see it. */
  readonly askers?: readonly Interceptor[];
}

/**
 * One thing the application asked for. Immutable: `with` makes a changed copy, and what is shared by all copies hangs
 * off `run`.
 */
export class Call {
  /** The call on whose behalf an interceptor asked for this one. */
  readonly parentId: string | undefined;
  readonly operation: Operation;
  /** The caller's wire format, in every layer. */
  readonly dialect: Dialect;
  /** The client the call came in through. */
  readonly provider: string;
  /** As asked for: may be a route. */
  readonly model: string;
  /** Set once a route has picked; every attempt interceptor has it. */
  readonly target: Target | undefined;
  /** Which try at this target it is, from 1; 0 before a target is picked. */
  readonly attempt: number;
  readonly stream: boolean;
  /** The SDK's own object. Not to be mutated: pass a copy to `with`. */
  readonly body: unknown;
  /** `false`: the SDK's own bytes are sent. */
  readonly bodyChanged: boolean;
  readonly headersChanged: boolean;
  readonly settings: CallSettings;
  /** The application's own signal, if it gave one. */
  readonly callerSignal: AbortSignal | undefined;
  /** Limit for one attempt, from sending to the reply (to the headers of a stream). Waiting in queues does not count. */
  readonly attemptTimeoutMs: number;
  /** Further limits for one attempt. */
  readonly limits: AttemptLimits | undefined;
  /** What its next attempt is expected to use; where nobody says, what ends before its usage is told is unknown. */
  readonly expected: ExpectedUsage | undefined;
  readonly retries: RetryWish;
  /**
   * Whether a stream is held back until its first content, because another attempt is still possible. Set by routes
   * and retries.
   */
  readonly peek: boolean;
  /** What to do about what the target's dialect has no place for: the call's own word, else its route's. */
  readonly onUnsupported: OnUnsupported | undefined;
  /** What is changed of the request last, in the words of its target. */
  readonly finish: Finish | undefined;
  readonly run: Run;
  readonly #init: CallInit;
  readonly #callRun: CallRun;
  /** Another signal than the run's own, if an interceptor set one. */
  #signal: AbortSignal | undefined;
  /** Of the route that it takes. */
  #onward: Onward | undefined;
  #headers: ReadonlyMap<string, string> | undefined;
  #fingerprint: string | false | undefined;

  /** @internal Calls are made by the seams; interceptors use {@link Call.with}. */
  constructor(init: CallInit, run: CallRun, from?: Call, change?: CallChanges | RoutedChanges) {
    this.parentId = run.parentId;
    this.operation = init.operation;
    this.dialect = init.dialect;
    this.provider = init.provider;
    this.stream = init.stream;
    this.callerSignal = init.callerSignal;
    this.retries = init.retries;
    this.run = run;
    this.#callRun = run;
    this.#init = init;
    if (from === undefined || change === undefined) {
      this.model = init.model;
      this.target = undefined;
      this.attempt = 0;
      this.body = init.body;
      this.bodyChanged = false;
      this.headersChanged = false;
      this.settings = run.settings;
      this.attemptTimeoutMs = init.attemptTimeoutMs;
      this.limits = undefined;
      this.expected = undefined;
      this.peek = false;
      this.onUnsupported = run.settings.onUnsupported;
      this.finish = undefined;
    } else {
      this.model = change.model ?? from.model;
      this.target = change.target ?? from.target;
      this.attempt = change.attempt ?? from.attempt;
      this.body = 'body' in change ? change.body : from.body;
      this.bodyChanged = from.bodyChanged || this.body !== from.body;
      this.headersChanged = from.headersChanged || change.headers !== undefined;
      this.settings = change.settings ?? from.settings;
      this.#signal = change.signal ?? from.#signal;
      this.attemptTimeoutMs = change.attemptTimeoutMs ?? from.attemptTimeoutMs;
      this.limits = change.limits ?? from.limits;
      this.expected = change.expected ?? from.expected;
      this.peek = change.peek ?? from.peek;
      this.#onward = 'onward' in change ? change.onward : from.#onward;
      this.onUnsupported = from.onUnsupported ?? change.onUnsupported;
      this.finish = joinedFinish(from.finish, change.finish);
      this.#headers = change.headers ?? from.#headers;
      if (this.body === from.body) this.#fingerprint = from.#fingerprint;
    }
    Object.freeze(this);
  }

  /** `<process>-<number>`; attempts are `<id>.1`, `<id>.2`. */
  get id(): string {
    return this.run.id;
  }

  /** Epoch milliseconds; `Infinity` when there is none. One for retries, fallbacks and queues together. */
  get deadlineAt(): number {
    return this.#callRun.deadlineAt;
  }

  /** Aborts when the call is to stop, for whatever reason. */
  get signal(): AbortSignal {
    return this.#signal ?? this.#callRun.cancellation.signal;
  }

  /** The caller's own headers, lower-case; never credentials. */
  get headers(): ReadonlyMap<string, string> {
    return (this.#headers ??= this.#init.callerHeaders());
  }

  /** A changed copy. The id and what hangs off `run` stay. */
  with(changes: CallChanges): Call {
    return new Call(this.#init, this.#callRun, this, changes);
  }

  /** The dialect's canonical text of the body; `undefined` when the answer must never be reused. Computed once per body. */
  fingerprint(): string | undefined {
    this.#fingerprint ??= this.dialect.request.fingerprint(this.body) ?? false;
    return this.#fingerprint === false ? undefined : this.#fingerprint;
  }

  /** Whether it can be sent more than once: not when its body is a stream. */
  get replayable(): boolean {
    return this.#init.entry?.replayable ?? true;
  }

  /** What its request asks for, where the application made one; `undefined` for the neutral API and nested calls. */
  get endpoint(): Endpoint | undefined {
    return this.#init.entry?.endpoint;
  }

  /**
   * Whether the route has another target that is ready now: then nobody waits for its turn, and a full queue is answered
   * by a refusal. What follows a failure, {@link Call.movesOn} says. `false` without a route.
   */
  get alternatives(): boolean {
    return this.replayable && (this.#onward?.hasReady(this) ?? false);
  }

  /**
   * Whether the route answers this failure by asking another target, as things are now: then nobody need repeat it. For
   * the reply of the attempt that has just failed; `false` without a route.
   */
  movesOn(error: CallError): boolean {
    return this.#onward?.movesOn(this, error) ?? false;
  }

  /** @internal A copy that goes to a target, with what its route does if that fails. */
  static routed(call: Call, changes: RoutedChanges): Call {
    return new Call(call.#init, call.#callRun, call, changes);
  }

  /** @internal Interceptors on whose behalf it is made, the latest last. */
  static askersOf(call: Call): readonly Interceptor[] | undefined {
    return call.#init.askers;
  }

  /** @internal The signal an interceptor put in place of the run's own. */
  static ownSignalOf(call: Call): AbortSignal | undefined {
    return call.#signal;
  }

  /** @internal Whether the call is to stop; makes no signal to find out. */
  static isStopped(call: Call): boolean {
    return call.#signal === undefined ? call.#callRun.cancellation.aborted : call.#signal.aborted;
  }

  /** @internal The engine's side of a call. */
  static runOf(call: Call): CallRun {
    return call.#callRun;
  }

  /** @internal The request as the SDK built it, if it was built for this target's provider. */
  static entryFor(call: Call, { provider }: Target): Entry | undefined {
    const { entry } = call.#init;
    return (entry?.provider ?? call.provider) === provider ? entry : undefined;
  }

  /** @internal The request as the SDK built it. */
  static entryOf(call: Call): Entry | undefined {
    return call.#init.entry;
  }
}
