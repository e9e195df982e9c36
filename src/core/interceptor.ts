import type { Call } from './call.ts';
import type { Clock } from './clock.ts';
import type { HookListener, HookName, HookPayloads } from './hooks.ts';
import type { Estimates } from './estimates.ts';
import type { Pricing } from './pricing.ts';
import type { Dialect, DialectId, Operation } from './dialect.ts';
import type { Reply, Replies } from './reply.ts';
import type { CallSettings } from './settings.ts';
import type { State } from './state.ts';
import type { Target } from './target.ts';

/**
 * Where an interceptor stands, outermost first. The first five wrap the whole call and run once; then the route picks
 * targets; the other five wrap each attempt at a target and run as often as there are attempts.
 */
export const stages = [
  'observe',
  'admit',
  'shape',
  'guard',
  'reuse',
  'retry',
  'health',
  'spend',
  'pace',
  'send',
] as const;

/** See {@link stages}. */
export type Stage = (typeof stages)[number];

const firstAttemptStage = stages.indexOf('retry');

/** Whether interceptors of this stage wrap single attempts rather than the whole call. */
export function isAttemptStage(stage: Stage): boolean {
  return stages.indexOf(stage) >= firstAttemptStage;
}

/**
 * A link of the chain. Built-in ones are written against this contract alone; yours is their equal.
 *
 * - Return what `next(call)` gave you, or `discard()` it and return another reply of your own (`host.replies`).
 * - `call` is frozen: pass `next` a changed copy, `call.with({ … })`. `next` may run not at all, once or many times.
 * - `next` never rejects: a failure is a value, `reply.error`. Throwing here is allowed; it fails this call alone, as
 *   `interceptor-fault`.
 * - Streams: register what you want with `reply.events` before you return; never read it to the end yourself.
 *
 * @example
 * ```ts
 * const houseRules: Interceptor = {
 *   name: 'house-rules',
 *   stage: 'shape',
 *   intercept: (call, next) =>
 *     next(call.with({ body: call.dialect.request.withInstruction(call.body, 'Answer briefly.') })),
 * };
 * ```
 */
export interface Interceptor {
  /** Unique within a `ManagedLLM`; shown in messages and traces. */
  readonly name: string;
  /** Where it stands in the chain; `retry` and later run once an attempt, those before once a call. */
  readonly stage: Stage;
  /** Serve only these operations. Calls of others pass by at no cost. Default: all. */
  readonly on?: readonly Operation[];
  /** May be given to several `ManagedLLM`s. Default `false`: giving the same value twice is a construction error. */
  readonly shareable?: boolean;
  /** Called once, when the `ManagedLLM` is made. */
  attach?(host: Host): void;
  /** Asked by routes before they try a target, synchronously. Default: ready. */
  ready?(target: Target, call: Call): Readiness;
  /** Gets the call and the rest of the chain, and gives a reply; see above. */
  intercept(call: Call, next: Next): Promise<Reply>;
  /**
   * Resolves when nothing is left to do in the background for calls that have settled, or when that cannot be done for now.
   * Waited for by `llm.idle()`, and by what `waitUntil` is given. Default: nothing is done in the background.
   */
  idle?(): Promise<void>;
  /** Called by `llm.close()`, after the last call has settled. What is left to do in the background is done here, or never. */
  dispose?(): Promise<void> | void;
}

/** Whether an attempt at a target would be let through now. */
export type Readiness =
  | {
      readonly ok: true;
      /** Share of the tightest limit that is still free, 0 to 1. Default 1. */
      readonly headroom?: number;
    }
  | {
      readonly ok: false;
      /** For people: `queue is full`, `circuit is open`. */
      readonly reason: string;
      /** When it may be ready again, from now. */
      readonly forMs?: number;
      /** An attempt would wait for its turn rather than be refused. Default `false`. */
      readonly queues?: boolean;
    };

/** The rest of the chain. Never rejects: whatever throws inside arrives as a reply with `error`. */
export type Next = (call: Call) => Promise<Reply>;

/** What an interceptor gets from the `ManagedLLM` it is attached to. */
export interface Host {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly replies: Replies;
  readonly dialects: Readonly<Record<DialectId, Dialect>>;
  /** Where facts live that several calls share, or several processes. */
  readonly state: State;
  /** What targets cost. */
  readonly pricing: Pricing;
  /** What requests come to in tokens, before they are sent. */
  readonly estimates: Estimates;
  /** Names of the providers, members of pools among them, for options that are given by provider or target. */
  readonly providers: readonly string[];
  /**
   * The pool that a provider is a member of: `openai` for `openai#2`. What is said for a pool by its name holds for each
   * of its members by itself; targets of attempts name members, never pools.
   */
  poolOf(provider: string): string | undefined;
  /** Whether a text names a route or `provider/model`: whether a call or a refusal's `moveTo` can go there. */
  knows(model: string): boolean;
  /** The route or `provider/model` that may have been meant by a text that is neither; `undefined`: none is near. */
  nearestTo(model: string): string | undefined;
  /**
   * All that decides where a call goes, as text: its target, or the rules of its route. `undefined` where that cannot be
   * said: where a function of a route decides that has no `version`, and for a model that means nothing.
   */
  definitionOf(call: Call): string | undefined;
  /** All targets that a call may come to by its model or its route, each once. */
  leadsTo(call: Call): readonly Target[];
  /** All targets that routes name, each once. */
  routed(): readonly Target[];
  /** Something that several interceptors of one `ManagedLLM` have in common: made by the first that asks for this key. */
  shared<T extends object>(key: symbol, make: () => T): T;
  /**
   * Listens as `llm.on` does: `call:end` brings every call's receipt, that of `llm.receipt`, of calls too that were refused
   * before they reached the interceptor. Returns how to stop. A throw is reported and hurts no call.
   */
  on<K extends HookName>(name: K, listener: HookListener<K>): () => void;
  /** Tells those who listen: `llm.on(name, …)`. */
  emit<K extends HookName>(name: K, payload: HookPayloads[K]): void;
  /** The base URL that a provider's requests go to; `undefined` where it has none, or has several. */
  originOf(provider: string): string | undefined;
  /** Whose key a provider is asked with, where each caller has one; `undefined` where all share one. */
  credential(provider: string, settings: CallSettings): string | undefined;
  /**
   * Asks for something on behalf of a call: a call of its own with the same settings and deadline, and `parentId` set. It
   * passes the whole chain but for the interceptor that asks.
   */
  call(parent: Call, request: NestedRequest): Promise<Reply>;
  /** Reports a fault that must not hurt the call, through `onError`. */
  report(thrown: unknown, context: string): void;
}

/** A request made by an interceptor itself, in a dialect's native JSON. */
export interface NestedRequest {
  readonly dialect: Dialect;
  /** A route or `provider/model`. */
  readonly model: string;
  readonly body: unknown;
  /**
   * Whether it is the parent's own request once more, as it has come here: with the parent's headers, and only through what
   * stands further in, and who observes. Default `false`.
   */
  readonly again?: boolean;
}
