import type { Attempt } from './attempt.ts';
import type { Classify } from './classifier.ts';
import type { Clock } from './clock.ts';
import type { Estimates } from './estimates.ts';
import type { Hooks } from './hooks.ts';
import type { Interceptor, Readiness } from './interceptor.ts';
import type { OpenStreams } from './open-streams.ts';
import type { Pricing } from './pricing.ts';
import type { Provider } from './provider.ts';
import type { Replies } from './reply.ts';
import type { CallRun } from './run.ts';
import type { Settlement } from './settlement.ts';
import type { Target } from './target.ts';
import type { TimeLimits } from './time-limits.ts';
import type { Call } from './call.ts';
import type { DialectId } from './dialect.ts';
import type { Translation } from './translation.ts';

/** What the parts of one `ManagedLLM` share. */
export interface Engine {
  readonly clock: Clock;
  readonly random: () => number;
  readonly hooks: Hooks;
  readonly openStreams: OpenStreams;
  readonly timeLimits: TimeLimits;
  readonly replies: Replies;
  /** Streams that their readers stop are read on to their end, for what they cost. */
  readonly drains: boolean;
  readonly pricing: Pricing;
  readonly estimates: Estimates;
  /** The application's own rule for what a failed attempt is. */
  readonly classify: Classify | undefined;
  provider(name: string): Provider | undefined;
  /** Between two dialects, loaded when first asked for; `undefined` where there is none. */
  translation(caller: DialectId, target: DialectId): Promise<Translation | undefined>;
  /** The snapshot that a target is pinned to (`models`); `undefined`: its provider decides. */
  pinOf(target: Target): string | undefined;
  /** Whether every attempt interceptor is ready for the target. */
  ready(target: Target, call: Call): Readiness;
  /** A fault that must not hurt a call. */
  report(thrown: unknown, context: string): void;
  readonly reportListener: (thrown: unknown) => void;
  attemptEnded(run: CallRun, attempt: Attempt, settlement: Settlement): void;
  /** An interceptor broke the contract. */
  misuse(interceptor: Interceptor, what: string, callId: string): void;
}
