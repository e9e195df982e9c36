import type { CanaryPlace } from './canary-fact.ts';
import type { CanaryGuardStatus, CanaryStep } from './canary-status.ts';
import type { PromptFact } from './prompt-fact.ts';
import type { Exposure } from './experiment-fact.ts';
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
  'call:feedback': CallFeedback;
  'budget:alert': BudgetAlert;
  'canary:change': CanaryChange;
}

export type HookName = keyof HookPayloads;

/** Every hook there is. */
export const hookNames = [
  'call:start',
  'attempt:start',
  'stream:first-event',
  'attempt:end',
  'call:end',
  'call:feedback',
  'budget:alert',
  'canary:change',
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
  /** As the application rendered it: what interceptors put in its place, the receipt tells. */
  readonly prompt: PromptFact | undefined;
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

/** What became known of an answer after its call had settled: by `llm.feedback`, and by `llm.object` of its schema. */
export interface CallFeedback {
  readonly callId: string;
  /** Those that the call was in, where its receipt is at hand. `undefined`: only its id is. */
  readonly experiments: readonly Exposure[] | undefined;
  /** The canaries that divided it, known where `experiments` are. */
  readonly canaries: readonly CanaryPlace[] | undefined;
  /** How good it was; what that means is the application's to say. */
  readonly score: number | undefined;
  readonly label: string | undefined;
  /** Whether it fitted the schema of `llm.object`. */
  readonly schemaValid: boolean | undefined;
}

/** A budget has passed one of its `alertAt` shares: told once for each share, subject and window, in all processes together. */
export interface BudgetAlert {
  /** The budget's name. */
  readonly budget: string;
  /** For whom it counts: the value of what it is `per`, e.g. the user; `undefined` where it counts for everybody. */
  readonly subject: string | undefined;
  /** The share that was passed, of 1. */
  readonly share: number;
  readonly usedUsd: number;
  readonly usedTokens: number;
  /** Raises included. `undefined` where there is none. */
  readonly limitUsd: number | undefined;
  readonly limitTokens: number | undefined;
  /** When the window ends, in epoch milliseconds; `undefined` where it does not. */
  readonly resetAt: number | undefined;
  /** The call whose settlement passed it. */
  readonly callId: string;
}

/**
 * A canary has taken a step: told once, in all processes together, by the one that took it. Where the state took the step and
 * could not say so, it is told by nobody; `status()` has it.
 */
export interface CanaryChange extends CanaryStep {
  readonly canary: string;
  /** What was known of each guard by then. Empty where somebody had it promoted or aborted. */
  readonly guards: readonly CanaryGuardStatus[];
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
