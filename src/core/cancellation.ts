/** Why we abort: one shared reason, because making a DOMException with its stack for every abort is dear. */
export const stopped: DOMException = new DOMException('This operation was aborted', 'AbortError');

/**
 * Who ended a call or an attempt before its time: the application's signal, a reader that stopped, the call's deadline,
 * the attempt's time limit, `llm.close()`, or an interceptor that wanted the reply no more.
 */
export type CancelCause = 'caller' | 'reader' | 'deadline' | 'timeout' | 'close' | 'discard';

/**
 * The call's own abort controller. Interceptors and transports see only its signal; it follows the signals of the
 * application and the SDK but never refers back to them, so that a dropped stream can be collected.
 */
export class Cancellation {
  /** Made when first asked for: most calls need only the attempt's. */
  #controller: AbortController | undefined;
  #first: (() => void) | undefined;
  #more: Set<() => void> | undefined;
  cause: CancelCause | undefined;
  /** What the caller's signal was aborted with; a refusal to go on rejects with it. */
  reason: unknown;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cause !== undefined) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }

  get aborted(): boolean {
    return this.cause !== undefined;
  }

  abort(cause: CancelCause, reason: unknown = stopped): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    this.reason = reason;
    const first = this.#first;
    const more = this.#more;
    this.#first = undefined;
    this.#more = undefined;
    first?.();
    if (more !== undefined) for (const listener of more) listener();
    this.#controller?.abort(reason);
  }

  /** Cheaper than an event listener, and runs before those. */
  onAbort(listener: () => void): void {
    if (this.cause !== undefined) listener();
    else if (this.#first === undefined) this.#first = listener;
    else (this.#more ??= new Set()).add(listener);
  }

  offAbort(listener: () => void): void {
    if (this.#first === listener) this.#first = undefined;
    else this.#more?.delete(listener);
  }
}
