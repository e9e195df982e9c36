import type { PassedLimit } from './passed-limit.ts';

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
  /** Seldom more than two: an array is cheaper than a set. */
  #listeners: (() => void)[] | undefined;
  cause: CancelCause | undefined;
  /** What the caller's signal was aborted with; a refusal to go on rejects with it. */
  reason: unknown;
  /** Which limit was passed, for the causes `deadline` and `timeout`. */
  passed: PassedLimit | undefined;

  /** @param controller one that exists already and that nobody else listens to after the end of what it stops */
  constructor(controller?: AbortController) {
    this.#controller = controller;
  }

  get controller(): AbortController {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.cause !== undefined) this.#controller.abort(this.reason);
    }
    return this.#controller;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get aborted(): boolean {
    return this.cause !== undefined;
  }

  abort(cause: CancelCause, reason: unknown = stopped, passed?: PassedLimit): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    this.reason = reason;
    this.passed = passed;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener();
    this.#controller?.abort(reason);
  }

  /** Cheaper than an event listener, and runs before those. */
  onAbort(listener: () => void): void {
    if (this.cause !== undefined) listener();
    else if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  offAbort(listener: () => void): void {
    const listeners = this.#listeners;
    if (listeners === undefined) return;
    const at = listeners.indexOf(listener);
    if (at < 0) return;
    if (listeners.length === 1) this.#listeners = undefined;
    else listeners.splice(at, 1);
  }
}
