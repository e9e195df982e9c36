import type { Receipt, ReceiptAttempt } from './receipt.ts';
import type { CallSettings } from './settings.ts';
import type { Target } from './target.ts';

/** Everything an application can listen to with `llm.on`. */
export interface HookPayloads {
  'call:start': CallStart;
  'attempt:start': AttemptStart;
  'stream:first-event': StreamFirstEvent;
  'attempt:end': AttemptEnd;
  'call:end': Receipt;
}

export type HookName = keyof HookPayloads;

/** Every hook there is. */
export const hookNames = [
  'call:start',
  'attempt:start',
  'stream:first-event',
  'attempt:end',
  'call:end',
] as const satisfies readonly HookName[];
export type HookListener<K extends HookName> = (payload: HookPayloads[K]) => void;

export interface CallStart {
  readonly callId: string;
  readonly parentId: string | undefined;
  readonly operation: string;
  readonly dialect: string;
  readonly provider: string;
  readonly model: string;
  readonly stream: boolean;
  readonly settings: CallSettings;
  readonly startedAt: number;
}

export interface AttemptStart {
  readonly callId: string;
  readonly attemptId: string;
  readonly target: Target;
  readonly startedAt: number;
}

export interface StreamFirstEvent {
  readonly callId: string;
  readonly attemptId: string;
  readonly target: Target;
  /** Milliseconds from sending the attempt to its first bytes. */
  readonly afterMs: number;
}

export interface AttemptEnd extends ReceiptAttempt {
  readonly callId: string;
}

/** Listeners by name. A listener that throws is reported and hurts nothing; a name without listeners costs nothing. */
export class Hooks {
  readonly #listeners = new Map<HookName, Set<HookListener<HookName>>>();
  readonly #report: (thrown: unknown, context: string) => void;

  constructor(report: (thrown: unknown, context: string) => void) {
    this.#report = report;
  }

  on<K extends HookName>(name: K, listener: HookListener<K>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    const own = (payload: HookPayloads[K]) => listener(payload);
    listeners.add(own as HookListener<HookName>);
    return () => {
      listeners.delete(own as HookListener<HookName>);
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    };
  }

  /** Whether anyone listens: what would be told need not be built otherwise. */
  has(name: HookName): boolean {
    return this.#listeners.size > 0 && this.#listeners.has(name);
  }

  emit<K extends HookName>(name: K, payload: HookPayloads[K]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        const pending: unknown = (listener as HookListener<K>)(payload);
        if (pending instanceof Promise)
          pending.catch((thrown: unknown) => this.#report(thrown, `a listener of ${name}`));
      } catch (thrown) {
        this.#report(thrown, `a listener of ${name}`);
      }
    }
  }
}
