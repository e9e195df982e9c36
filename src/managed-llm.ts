import { AsyncLocalStorage } from 'node:async_hooks';
import { attachAll } from './core/chain.ts';
import { Gate, type CallWatcher } from './core/gate.ts';
import { ticketOf } from './core/governed-response.ts';
import { hookNames, type HookListener, type HookName } from './core/hooks.ts';
import { toUsd } from './core/nano-usd.ts';
import { invalidOption, parseOptions } from './core/parse-options.ts';
import type { Receipt } from './core/receipt.ts';
import { costOfAll } from './core/settlement.ts';
import { mergeSettings, noSettings, parseSettings, type CallSettings } from './core/settings.ts';
import { ManagedEngine } from './engine.ts';
import { ManagedLLMError } from './errors/managed-llm-error.ts';
import { hostFor } from './host.ts';
import type { ChatStream } from './neutral/chat-stream.ts';
import type { Embeddings } from './neutral/embed.ts';
import { NeutralFace, type Asked, type NeutralApi } from './neutral/face.ts';
import type { ObjectReply } from './neutral/object.ts';
import type { ChatReply } from './neutral/reply.ts';
import type {
  AnyPrompt,
  CallOptions,
  ChatRequest,
  EmbedRequest,
  ObjectRequest,
  OutputIn,
  Prompted,
  PromptedObject,
  StreamRequest,
} from './neutral/request.ts';
import type { InferOutput, StandardSchemaV1 } from './core/standard-schema.ts';
import type { Explanation } from './core/explanation.ts';
import type { CallEstimate, EstimateRequest } from './estimate.ts';
import type { ExplainRequest } from './explain.ts';
import type { Feedback, FeedbackOf } from './feedback.ts';
import { managedLLMOptionsSchema, type ManagedLLMOptions, type ModelOf, type RoutesOf } from './options.ts';
import type { CallContext } from './providers/bound-settings.ts';
import type { ClientOf, ForeignDeclaration, ProviderClient, ProviderInput } from './providers/declaration.ts';
import type { GovernedFetch } from './providers/fetch/governed-fetch.ts';
import { enterState, leaveState } from './state/users.ts';

/** Providers by name. */
export type Providers = Readonly<Record<string, ProviderInput>>;

/** Governed clients by name: the classes that were given. `foreign()` labels have none. */
export type Clients<P> = {
  readonly [K in keyof P as P[K] extends ForeignDeclaration ? never : K]: ClientOf<P[K]>;
};

/** What a scope's calls came to. */
export interface Tracked<T> {
  /** What the function returned. */
  readonly result: Promise<T>;
  /** Resolves when the function has returned and every call made inside has settled. Never rejects. */
  readonly settled: Promise<TrackedSettlement>;
}

export interface TrackedSettlement {
  /** In the order the calls began. */
  readonly receipts: readonly Receipt[];
  /** What they cost together, in USD; `undefined` where the cost of one of them is not known. */
  readonly costUsd: number | undefined;
  /** The same in whole billionths of a USD, exactly. */
  readonly costNanoUsd: number | undefined;
}

/** The face that `ManagedLLM` and what `with` returns have in common. */
export interface Governed<
  P extends Providers,
  R extends RoutesOf<P, Extract<keyof R, string>> = RoutesOf<P>,
> extends NeutralApi<ModelOf<P, R>> {
  /** The SDK clients, governed: same classes, same types, same errors. `model` may be a route or `provider/model`. */
  readonly clients: Clients<P>;
  /** The same, with settings that hold for every call made through it, also after leaving the scope. */
  with(settings: CallSettings): Governed<P, R>;
  /** Runs `fn` with settings that hold for every call inside, however deep. */
  run<T>(settings: CallSettings, fn: () => T): T;
  /**
   * Where a call would go now, and why: each choice of its route in order, whether it is ready, and what it would be asked
   * in. Sends nothing, and changes nothing for the calls that follow.
   *
   * @throws `unknown-target` where the call itself would be refused so.
   */
  explain(
    request: ExplainRequest<ModelOf<P, R>, Extract<keyof P, string>>,
    settings?: CallSettings,
  ): Promise<Explanation>;
  /**
   * What a call would use and cost, before it is made: tokens and money as expected, and what they cannot exceed, at the
   * target that would be asked first, and at each of its route. A call that is retried, hedged or moved on pays for several
   * attempts. Sends nothing.
   *
   * @throws `unknown-target` where the call itself would be refused so.
   */
  estimate(
    request: EstimateRequest<ModelOf<P, R>, Extract<keyof P, string>>,
    settings?: CallSettings,
  ): Promise<CallEstimate>;
  /** The chain as a plain `fetch`, for other SDKs. `name` is a provider or a `foreign()` label. */
  fetch(name: Extract<keyof P, string>): GovernedFetch;
}

interface Scope {
  readonly settings: CallSettings;
  readonly watchers: readonly CallWatcher[];
}

const noScope: Scope = { settings: noSettings, watchers: [] };

/**
 * Governs the LLM calls of this process: swap the clients you import for `llm.clients`, keep every line that uses them,
 * and each call passes the interceptors you listed.
 *
 * @example
 * ```ts
 * const llm = new ManagedLLM({
 *   providers: { openai: new OpenAI(), anthropic: new Anthropic() },
 *   interceptors: [consoleTelemetry()],
 * });
 * await llm.clients.openai.chat.completions.create({ model: 'gpt-6-luna', messages });
 * ```
 * @throws `invalid-options` with the path of what is wrong.
 */
export class ManagedLLM<
  const P extends Providers,
  const R extends RoutesOf<P, Extract<keyof R, string>> = RoutesOf<P>,
>
  implements Governed<P, R>, AsyncDisposable
{
  readonly clients: Clients<P>;
  readonly #scopes = new AsyncLocalStorage<Scope>();
  readonly #engine: ManagedEngine;
  readonly #gate: Gate;
  readonly #neutral: NeutralFace;
  #closing: Promise<void> | undefined;

  constructor(options: ManagedLLMOptions<P, R>) {
    parseOptions(managedLLMOptionsSchema, options, '');
    this.#engine = new ManagedEngine(options);
    const engine = this.#engine;
    this.#gate = new Gate(engine, engine.chain(), idPrefix(), untilIdle(options.waitUntil, engine));
    const watchers = (): readonly CallWatcher[] => this.#context(noSettings).watchers;
    attachAll(engine.interceptors, (interceptor) => hostFor(interceptor, engine, this.#gate, watchers));
    this.clients = this.#clientsWith(noSettings);
    this.#neutral = this.#neutralWith(noSettings);
    enterState(engine.state);
  }

  with(settings: CallSettings): Governed<P, R> {
    return this.#bound(parseSettings(settings, 'with'));
  }

  run<T>(settings: CallSettings, fn: () => T): T {
    return this.#runWith(settingsOfRun(settings, fn), [], fn);
  }

  /** Runs `fn` and gathers the receipts of every call made inside, however deep. */
  track<T>(fn: () => T | Promise<T>): Tracked<T> {
    if (typeof fn !== 'function') throw invalidOption('track', 'takes a function');
    const begun: Promise<Receipt>[] = [];
    const watcher: CallWatcher = { began: (settled) => void begun.push(settled) };
    const result = this.#runWith(noSettings, [watcher], async () => await fn());
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    return { result, settled: settled.then(async () => trackedSettlement(await Promise.all(begun))) };
  }

  fetch(name: Extract<keyof P, string>): GovernedFetch {
    return this.#engine.registry.fetch(name, this.#gate, () => this.#context(noSettings));
  }

  explain(
    request: ExplainRequest<ModelOf<P, R>, Extract<keyof P, string>>,
    settings: CallSettings = {},
  ): Promise<Explanation> {
    return this.#explain(noSettings, request, settings);
  }

  estimate(
    request: EstimateRequest<ModelOf<P, R>, Extract<keyof P, string>>,
    settings: CallSettings = {},
  ): Promise<CallEstimate> {
    return this.#estimate(noSettings, request, settings);
  }

  chat(request: ChatRequest<ModelOf<P, R>>, options?: CallOptions): Promise<ChatReply>;
  chat<Q extends AnyPrompt>(
    request: Prompted<Q, ModelOf<P, R>, ChatRequest>,
    options?: CallOptions,
  ): Promise<ChatReply>;
  chat(request: Asked<ChatRequest>, options?: CallOptions): Promise<ChatReply> {
    return this.#neutral.chat(request, options);
  }

  stream(request: StreamRequest<ModelOf<P, R>>, options?: CallOptions): ChatStream;
  stream<Q extends AnyPrompt>(
    request: Prompted<Q, ModelOf<P, R>, StreamRequest>,
    options?: CallOptions,
  ): ChatStream;
  stream(request: Asked<StreamRequest>, options?: CallOptions): ChatStream {
    return this.#neutral.stream(request, options);
  }

  embed(request: EmbedRequest<ModelOf<P, R>>, options?: CallOptions): Promise<Embeddings> {
    return this.#neutral.embed(request, options);
  }

  object<S extends StandardSchemaV1>(
    request: ObjectRequest<S, ModelOf<P, R>>,
    options?: CallOptions,
  ): Promise<ObjectReply<InferOutput<S>>>;
  object<Q extends AnyPrompt>(
    request: PromptedObject<Q, ModelOf<P, R>>,
    options?: CallOptions,
  ): Promise<ObjectReply<OutputIn<Q>>>;
  object(request: Asked<ObjectRequest>, options?: CallOptions): Promise<ObjectReply<never>> {
    return this.#neutral.object(request, options);
  }

  /**
   * The receipt of a response that `.withResponse()` or `.asResponse()` gave, once its call has settled: for a stream,
   * when it has been read or cancelled.
   *
   * @throws TypeError for a response that did not pass this package.
   */
  receipt(response: Response): Promise<Receipt> {
    const ticket = ticketOf(response);
    if (ticket !== undefined) return ticket.receipt;
    throw new TypeError('`receipt` takes a response of a governed client, as `.withResponse()` returns it.');
  }

  /**
   * Tells how good an answer was: those who listen to `call:feedback`, and the experiments and canaries that its call was in. Resolves
   * when these have counted it, or cannot for now. Of one call, the first score and the first label count. An id that nobody
   * knows, or not any more, counts nowhere, and is no error: ids of calls that were in no experiment are not kept.
   *
   * @param call its id, in whichever process it was made, as long as its experiments remember it (`feedbackDays`); or its
   * receipt, as long as you like
   * @throws `invalid-options` where neither a score nor a label is given, or one that is none
   * @example
   * ```ts
   * const { receipt } = await llm.chat({ model: 'smart', messages });
   * await llm.feedback(receipt.callId, { score: 1 });
   * ```
   */
  async feedback(call: FeedbackOf, feedback: Feedback): Promise<void> {
    const { tellFeedback } = await import('./feedback.ts');
    await tellFeedback(this.#engine, call, feedback);
  }

  /** Listens to what happens to calls. Returns how to stop. A listener that throws hurts no call. */
  on<K extends HookName>(name: K, listener: HookListener<K>): () => void {
    if (!hookNames.includes(name)) {
      throw new ManagedLLMError({
        code: 'invalid-options',
        message: `There is no hook \`${name}\`. Hooks: ${hookNames.join(', ')}.`,
      });
    }
    return this.#engine.on(name, listener);
  }

  /** Resolves when every call has settled and interceptors have done what they do in the background for those. */
  async idle(): Promise<void> {
    await this.#gate.idle();
    await this.#engine.idle();
  }

  /**
   * Takes no new calls (they are refused as `closed`), waits for those under way, and disposes of the interceptors and,
   * if no other `ManagedLLM` uses it, of the state; a client that the state was given may be closed then. What is still open after `timeoutMs` is ended: streams end with an error, never cleanly.
   *
   * @param options.timeoutMs default 25,000: a container gets 30 s between SIGTERM and SIGKILL by default
   */
  close({ timeoutMs = 25_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    return (this.#closing ??= this.#close(timeoutMs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#gate.close();
    const { clock, interceptors, report, state } = this.#engine;
    const timer = clock.setTimeout(() => this.#gate.abortOpen(), timeoutMs);
    await this.#gate.idle();
    clock.clearTimeout(timer);
    for (const interceptor of interceptors) {
      try {
        await interceptor.dispose?.();
      } catch (thrown) {
        report(thrown, `disposing \`${interceptor.name}\``);
      }
    }
    try {
      await leaveState(state);
    } catch (thrown) {
      report(thrown, `disposing of the ${state.name} state`);
    }
  }

  #bound(settings: CallSettings): Governed<P, R> {
    const neutral = this.#neutralWith(settings);
    return {
      clients: this.#clientsWith(settings),
      with: (inner) => this.#bound(mergeSettings(settings, parseSettings(inner, 'with'))),
      run: (inner, fn) => this.#runWith(mergeSettings(settings, settingsOfRun(inner, fn)), [], fn),
      fetch: (name) => this.#engine.registry.fetch(name, this.#gate, () => this.#context(settings)),
      explain: (request, own = {}) => this.#explain(settings, request, own),
      estimate: (request, own = {}) => this.#estimate(settings, request, own),
      chat: (request: Asked<ChatRequest>, options?: CallOptions) => neutral.chat(request, options),
      stream: (request: Asked<StreamRequest>, options?: CallOptions) => neutral.stream(request, options),
      embed: (request, options) => neutral.embed(request, options),
      object: (request: Asked<ObjectRequest>, options?: CallOptions) => neutral.object(request, options),
    };
  }

  /** Who asks is decided now, not when what is missing has been loaded. */
  async #explain(bound: CallSettings, request: ExplainRequest, own: CallSettings): Promise<Explanation> {
    const settings = mergeSettings(this.#context(bound).settings, parseSettings(own, 'explain'));
    const { explain } = await import('./explain.ts');
    return explain(this.#engine, request, settings);
  }

  async #estimate(bound: CallSettings, request: EstimateRequest, own: CallSettings): Promise<CallEstimate> {
    const settings = mergeSettings(this.#context(bound).settings, parseSettings(own, 'estimate'));
    const { estimate } = await import('./estimate.ts');
    return estimate(this.#engine, request, settings);
  }

  #neutralWith(settings: CallSettings): NeutralFace {
    return new NeutralFace(this.#gate, this.#engine.clock, () => this.#context(settings));
  }

  #clientsWith(settings: CallSettings): Clients<P> {
    return this.#engine.registry.clients(this.#gate, () => this.#context(settings)) as Clients<P>;
  }

  #runWith<T>(settings: CallSettings, watchers: readonly CallWatcher[], fn: () => T): T {
    const outer = this.#scopes.getStore() ?? noScope;
    const scope: Scope = {
      settings: mergeSettings(outer.settings, settings),
      watchers: watchers.length === 0 ? outer.watchers : [...outer.watchers, ...watchers],
    };
    return this.#scopes.run(scope, fn);
  }

  #context(bound: CallSettings): CallContext {
    const scope = this.#scopes.getStore() ?? noScope;
    return bound === noSettings ? scope : { ...scope, settings: mergeSettings(scope.settings, bound) };
  }
}

function settingsOfRun(settings: CallSettings, fn: unknown): CallSettings {
  if (typeof fn !== 'function') throw invalidOption('run', 'takes settings and then a function');
  return parseSettings(settings, 'run');
}

function trackedSettlement(receipts: readonly Receipt[]): TrackedSettlement {
  const costNanoUsd = costOfAll(receipts);
  return { receipts, costNanoUsd, costUsd: costNanoUsd === undefined ? undefined : toUsd(costNanoUsd) };
}

/** What interceptors do in the background for a call belongs to what a platform has to wait for. */
function untilIdle(
  waitUntil: ((settled: Promise<unknown>) => void) | undefined,
  engine: ManagedEngine,
): typeof waitUntil {
  if (waitUntil === undefined) return undefined;
  return (settled) => waitUntil(settled.then((receipt) => engine.idle().then(() => receipt)));
}

/** Tells the calls of this object from those of others, also of other processes. */
function idPrefix(): string {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
}

/** Options of {@link manage}: those of `ManagedLLM` without `providers`. */
export type ManageOptions<C extends ProviderClient> = Omit<
  ManagedLLMOptions<{ readonly client: C }>,
  'providers'
>;

/**
 * The one-liner: one client, governed, typed as it was.
 *
 * @example
 * ```ts
 * const openai = manage(new OpenAI(), { interceptors: [consoleTelemetry()] });
 * ```
 */
export function manage<C extends ProviderClient>(client: C, options: ManageOptions<C> = {}): C {
  const llm = new ManagedLLM<{ readonly client: C }>({ ...options, providers: { client } });
  return (llm.clients as unknown as { readonly client: C }).client;
}
