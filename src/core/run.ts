import type { Attempt } from './attempt.ts';
import type { CacheFact } from './cache-fact.ts';
import type { CanaryPlace } from './canary-fact.ts';
import type { Ceiling } from './ceiling.ts';
import { Cancellation, stopped, type CancelCause } from './cancellation.ts';
import type { Exposure } from './experiment-fact.ts';
import type { ExpectedUsage } from './expected-usage.ts';
import type { PassedLimit } from './passed-limit.ts';
import type { PromptCacheFact } from './prompt-cache-fact.ts';
import type { PromptFact } from './prompt-fact.ts';
import type { RouteFact } from './route.ts';
import type { CallSettings } from './settings.ts';
import type { Settlement } from './settlement.ts';
import type { SemanticFact } from './semantic-fact.ts';
import type { SpendFact } from './spend-fact.ts';
import type { Target } from './target.ts';
import type { Limited, TimeLimits } from './time-limits.ts';

/** What interceptors tell the layers outside them and the receipt. Each interceptor declares its own keys by merging. */
export interface Facts {
  /** The route that the call took, and why its target was picked. Absent where the target was named by the call itself. */
  route: RouteFact;
  /** What interceptors in shadow would have done, in order. */
  shadow: readonly ShadowDecision[];
  /** Milliseconds that its attempts have waited for their turn at `throttle`, all together. Absent when none had to. */
  queuedMs: number;
  /** What became of it at a cache. Absent without one. */
  cache: CacheFact;
  /** The prompt that it was rendered from. Absent where its messages were written by hand. */
  prompt: PromptFact;
  /** The experiments that it was in, in order. Absent where it was in none. */
  experiments: readonly Exposure[];
  /** The canaries that it was divided by, in order. Absent where there was none. */
  canaries: readonly CanaryPlace[];
  /** What the prompt caches of providers did for it. Absent without `promptCaching`, and where they did nothing. */
  promptCache: PromptCacheFact;
  /** What a semantic cache found for its question. Absent without one, and where nothing was compared. */
  semantic: SemanticFact;
  /** The target or route that a refusal sent it to instead (`downgrade` of a budget). Absent where none did. */
  movedTo: string;
  /** The snapshot that the model of its last attempt was pinned to, and asked for. Absent where none was pinned. */
  pin: string | undefined;
  /** What budgets and ceilings counted. Absent where none covered it. */
  spend: SpendFact;
}

/** What an interceptor that runs in shadow would have done to a call, had it been let. */
export interface ShadowDecision {
  /** Its name. */
  readonly interceptor: string;
  /** What it would have done, by the code of its error: `circuit-open`. */
  readonly decision: string;
  /** Safe to log: never a prompt, completion or key. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One attempt as seen by interceptors. */
export interface AttemptView {
  /** `<call id>.1`, `.2`, … */
  readonly id: string;
  readonly target: Target;
  /** When it was sent. Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What its call said of it: the same object for all that were sent with one copy of the call. */
  readonly expected: ExpectedUsage | undefined;
  /** `undefined` while it is open. */
  readonly settlement: Settlement | undefined;
}

/** What all copies of one call share. */
export interface Run {
  /** The call's. */
  readonly id: string;
  readonly attempts: readonly AttemptView[];
  /** Tells a fact to the outer layers and the receipt. */
  note<K extends keyof Facts>(key: K, value: Facts[K]): void;
  readonly facts: Readonly<Partial<Facts>>;
  /** What its scopes may cost together, the outermost first: those of the call on whose behalf it is made among them. */
  readonly ceilings: readonly Ceiling[];
  /**
   * Ends the whole call, queues, retries and fallbacks included, when so many milliseconds have gone by since it began.
   * Never lets it last longer than it may already.
   */
  limit(callMs: number): void;
  /**
   * Keeps the call open after its reply has ended, and those of its attempts that were given a signal of their own
   * (`call.with({ signal })`) alive also when the call itself is stopped, until the returned function is called: for
   * work that others wait for (a coalesced run whose leader has left). Settles late, never twice.
   */
  hold(): () => void;
  /**
   * Calls back once, when everything about the call has ended, its attempts too, and before its receipt is made: for who
   * has to let go of something, or to note something, also where an interceptor further in still has the call.
   */
  onEnded(listener: () => void): void;
}

/** Notes what an interceptor in shadow would have done, behind what is noted already. */
export function noteShadow(run: Run, decision: ShadowDecision): void {
  run.note('shadow', [...(run.facts.shadow ?? []), decision]);
}

/** Until when a call, and what is asked on its behalf, may last. */
export interface Deadline {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly limitMs: number;
  /** The option that says so. */
  readonly limit: 'callMs' | 'deadlineMs';
}

/** What somebody has passed who notices it now. */
export function passedDeadline({ at, limitMs, limit }: Deadline, now: number): PassedLimit {
  return { limit, limitMs, elapsedMs: now - at + limitMs };
}

/** What a run tells when everything about it has ended. */
export interface RunEnd {
  readonly run: CallRun;
  /** The settlement of the reply that was handed over. */
  readonly settlement: Settlement;
  /** Attempts that nobody had returned or discarded by then. */
  readonly leftOpen: readonly Attempt[];
  /** To be told first. */
  readonly listeners: readonly (() => void)[];
}

const noAttempts: readonly Attempt[] = [];
const noListeners: readonly (() => void)[] = [];
const noFacts: Readonly<Partial<Facts>> = Object.freeze({});

/**
 * The engine's side of {@link Run}: knows when everything about a call has ended. As long as a response is kept, so is
 * the run behind its receipt: what most calls do not need is made when first asked for.
 */
export class CallRun implements Run, Limited {
  readonly parentId: string | undefined;
  readonly startedAt: number;
  readonly settings: CallSettings;
  readonly ceilings: readonly Ceiling[];
  readonly cancellation = new Cancellation();
  /** Set when reply, attempts and holds have all ended. */
  closed = false;
  /** Stops listening to a signal that may outlive the call. */
  unfollow: (() => void) | undefined;
  deadline: Deadline | undefined;
  place = -1;
  #attempts = noAttempts;
  #facts: Partial<Facts> | undefined;
  #handedOver: Settlement | undefined;
  #holds = 0;
  #listeners: (() => void)[] | undefined;
  readonly #idPrefix: string;
  readonly #number: number;
  readonly #timeLimits: TimeLimits;
  readonly #onClosed: (end: RunEnd) => void;

  constructor(
    idPrefix: string,
    number: number,
    parentId: string | undefined,
    startedAt: number,
    settings: CallSettings,
    ceilings: readonly Ceiling[],
    timeLimits: TimeLimits,
    onClosed: (end: RunEnd) => void,
  ) {
    this.#idPrefix = idPrefix;
    this.#number = number;
    this.parentId = parentId;
    this.startedAt = startedAt;
    this.settings = settings;
    this.ceilings = ceilings;
    this.#timeLimits = timeLimits;
    this.#onClosed = onClosed;
  }

  get id(): string {
    return `${this.#idPrefix}-${this.#number}`;
  }

  /** Epoch milliseconds; `Infinity` when there is none. */
  get deadlineAt(): number {
    return this.deadline?.at ?? Infinity;
  }

  limit(callMs: number): void {
    this.endBy({ at: this.startedAt + callMs, limitMs: callMs, limit: 'callMs' });
  }

  /** The earliest deadline holds. */
  endBy(deadline: Deadline): void {
    if (this.closed || deadline.at >= this.deadlineAt) return;
    this.deadline = deadline;
    this.#timeLimits.start(this);
  }

  get limitAt(): number {
    return this.deadlineAt;
  }

  expire(now: number): void {
    const { deadline } = this;
    if (deadline !== undefined) this.cancellation.abort('deadline', stopped, passedDeadline(deadline, now));
  }

  get attempts(): readonly Attempt[] {
    return this.#attempts;
  }

  /** Returns its number, from 1. */
  add(attempt: Attempt): number {
    this.#attempts = [...this.#attempts, attempt];
    return this.#attempts.length;
  }

  get facts(): Readonly<Partial<Facts>> {
    return this.#facts ?? noFacts;
  }

  note<K extends keyof Facts>(key: K, value: Facts[K]): void {
    (this.#facts ??= {})[key] = value;
  }

  hold(): () => void {
    this.#holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds = Math.max(0, this.#holds - 1);
      this.#closeIfEnded();
    };
  }

  onEnded(listener: () => void): void {
    if (this.closed) listener();
    else if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  /** Ends everything about it now, also what is held. */
  end(cause: CancelCause): void {
    this.cancellation.abort(cause);
    this.#holds = 0;
    for (const attempt of this.#attempts) attempt.end(cause);
    this.#closeIfEnded();
  }

  /** Whether somebody else waits for what this run brings. */
  get held(): boolean {
    return this.#holds > 0;
  }

  /** The reply that was handed to the caller has ended. Discards what is still open, unless it is held. */
  handedOver(settlement: Settlement): void {
    this.#handedOver ??= settlement;
    this.#closeIfEnded();
  }

  /** Whether the reply that was handed over has ended. */
  get ended(): boolean {
    return this.#handedOver !== undefined;
  }

  #closeIfEnded(): void {
    const settlement = this.#handedOver;
    if (settlement === undefined || this.closed || this.#holds > 0) return;
    this.closed = true;
    this.#timeLimits.stop(this);
    const leftOpen = this.#attempts.some(isOpen) ? this.#attempts.filter(isOpen) : noAttempts;
    const { cause, passed, aborted } = this.cancellation;
    for (const attempt of leftOpen) attempt.end(cause ?? 'discard', passed);
    const listeners = this.#listeners ?? noListeners;
    this.#listeners = undefined;
    // What the end of the whole call cut short is nobody's fault.
    this.#onClosed({ run: this, settlement, leftOpen: aborted ? noAttempts : leftOpen, listeners });
  }
}

function isOpen(attempt: Attempt): boolean {
  return attempt.settlement === undefined;
}
