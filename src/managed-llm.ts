import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attempt } from './core/attempt.ts';
import { attachAll, buildChain, inStageOrder } from './core/chain.ts';
import { realClock, type Clock } from './core/clock.ts';
import type { Engine } from './core/engine.ts';
import { Gate, type CallWatcher } from './core/gate.ts';
import { ticketOf } from './core/governed-response.ts';
import { hookNames, Hooks, type HookListener, type HookName } from './core/hooks.ts';
import { Call } from './core/call.ts';
import type { Host, Interceptor, NestedRequest, Readiness } from './core/interceptor.ts';
import { OpenStreams } from './core/open-streams.ts';
import { TimeLimits } from './core/time-limits.ts';
import { parseOptions } from './core/parse-options.ts';
import { attemptReceipt, type Receipt } from './core/receipt.ts';
import { makeReplies } from './core/replies.ts';
import type { Replies, Reply } from './core/reply.ts';
import { RouteTable } from './core/route.ts';
import type { CallRun } from './core/run.ts';
import { mergeSettings, noSettings, parseSettings, type CallSettings } from './core/settings.ts';
import type { Settlement } from './core/settlement.ts';
import type { Target } from './core/target.ts';
import { translationBetween } from './dialects/codecs.ts';
import { dialectsById } from './dialects/index.ts';
import { ManagedLLMError } from './errors/managed-llm-error.ts';
import { sdkRetry } from './interceptors/retry/sdk-default.ts';
import { managedLLMOptionsSchema, type ManagedLLMOptions } from './options.ts';
import type { CallContext } from './providers/bound-settings.ts';
import type { ClientOf, ForeignDeclaration, ProviderClient, ProviderInput } from './providers/declaration.ts';
import type { GovernedFetch } from './providers/fetch/governed-fetch.ts';
import { ProviderRegistry } from './providers/registry.ts';

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
}

/** The face that `ManagedLLM` and what `with` returns have in common. */
export interface Governed<P extends Providers> {
  /** The SDK clients, governed: same classes, same types, same errors. `model` may be a route or `provider/model`. */
  readonly clients: Clients<P>;
  /** The same, with settings that hold for every call made through it, also after leaving the scope. */
  with(settings: CallSettings): Governed<P>;
  /** Runs `fn` with settings that hold for every call inside, however deep. */
  run<T>(settings: CallSettings, fn: () => T): T;
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
 * await llm.clients.openai.chat.completions.create({ model: 'gpt-5-mini', messages });
 * ```
 * @throws `invalid-options` with the path of what is wrong.
 */
export class ManagedLLM<const P extends Providers> implements Governed<P>, AsyncDisposable {
  readonly clients: Clients<P>;
  readonly #scopes = new AsyncLocalStorage<Scope>();
  readonly #registry: ProviderRegistry;
  readonly #gate: Gate;
  readonly #hooks: Hooks;
  readonly #clock: Clock;
  readonly #interceptors: readonly Interceptor[];
  readonly #onError: (error: ManagedLLMError, context: string) => void;
  #closing: Promise<void> | undefined;

  constructor(options: ManagedLLMOptions<P>) {
    parseOptions(managedLLMOptionsSchema, options, '');
    this.#clock = options.clock ?? realClock;
    this.#onError = options.onError ?? warn;
    this.#registry = new ProviderRegistry(options.providers);
    this.#hooks = new Hooks((thrown, context) => this.#report(thrown, context));
    const routes = new RouteTable(
      options.routes ?? {},
      (name) => this.#registry.provider(name) !== undefined,
      this.#registry.names,
      (name, settings) => this.#registry.slashIds(name, settings),
    );
    const engine = this.#engine(options);
    const listed = inStageOrder(options.interceptors ?? []);
    this.#interceptors = listed.some(({ stage }) => stage === 'retry')
      ? listed
      : inStageOrder([...listed, sdkRetry()]);
    this.#gate = new Gate(
      engine,
      buildChain(engine, this.#interceptors, routes),
      idPrefix(),
      options.waitUntil,
    );
    attachAll(this.#interceptors, (interceptor) => this.#host(engine, interceptor));
    this.clients = this.#clientsWith(noSettings);
  }

  with(settings: CallSettings): Governed<P> {
    return this.#bound(parseSettings(settings, 'with'));
  }

  run<T>(settings: CallSettings, fn: () => T): T {
    return this.#runWith(parseSettings(settings, 'run'), [], fn);
  }

  /** Runs `fn` and gathers the receipts of every call made inside, however deep. */
  track<T>(fn: () => T | Promise<T>): Tracked<T> {
    const begun: Promise<Receipt>[] = [];
    const watcher: CallWatcher = { began: (settled) => void begun.push(settled) };
    const result = this.#runWith(noSettings, [watcher], async () => await fn());
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    return { result, settled: settled.then(async () => ({ receipts: await Promise.all(begun) })) };
  }

  fetch(name: Extract<keyof P, string>): GovernedFetch {
    return this.#registry.fetch(name, this.#gate, () => this.#context(noSettings));
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

  /** Listens to what happens to calls. Returns how to stop. A listener that throws hurts no call. */
  on<K extends HookName>(name: K, listener: HookListener<K>): () => void {
    if (!hookNames.includes(name)) {
      throw new ManagedLLMError({
        code: 'invalid-options',
        message: `There is no hook \`${name}\`. Hooks: ${hookNames.join(', ')}.`,
      });
    }
    return this.#hooks.on(name, listener);
  }

  /** Resolves when every call has settled. */
  idle(): Promise<void> {
    return this.#gate.idle();
  }

  /**
   * Takes no new calls (they are refused as `closed`), waits for those under way, and disposes the interceptors. What
   * is still open after `timeoutMs` is ended: streams end with an error, never cleanly.
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
    const timer = this.#clock.setTimeout(() => this.#gate.abortOpen(), timeoutMs);
    await this.#gate.idle();
    this.#clock.clearTimeout(timer);
    for (const interceptor of this.#interceptors) {
      try {
        await interceptor.dispose?.();
      } catch (thrown) {
        this.#report(thrown, `disposing \`${interceptor.name}\``);
      }
    }
  }

  #bound(settings: CallSettings): Governed<P> {
    return {
      clients: this.#clientsWith(settings),
      with: (inner) => this.#bound(mergeSettings(settings, parseSettings(inner, 'with'))),
      run: (inner, fn) => this.#runWith(mergeSettings(settings, parseSettings(inner, 'run')), [], fn),
      fetch: (name) => this.#registry.fetch(name, this.#gate, () => this.#context(settings)),
    };
  }

  #clientsWith(settings: CallSettings): Clients<P> {
    return this.#registry.clients(this.#gate, () => this.#context(settings)) as Clients<P>;
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

  #engine(options: ManagedLLMOptions<P>): Engine {
    const clock = this.#clock;
    const { unreadStreamMs = 600_000 } = options;
    let replies: Replies | undefined;
    const engine: Engine = {
      clock,
      random: options.random ?? Math.random,
      hooks: this.#hooks,
      openStreams: new OpenStreams(clock, unreadStreamMs === false ? Infinity : unreadStreamMs),
      timeLimits: new TimeLimits(clock),
      get replies() {
        return (replies ??= makeReplies(engine));
      },
      provider: (name) => this.#registry.provider(name),
      translation: translationBetween,
      ready: (target, call) => this.#ready(target, call),
      report: (thrown, context) => this.#report(thrown, context),
      reportListener: (thrown) => this.#report(thrown, 'a settlement listener'),
      attemptEnded: (run, attempt, settlement) => this.#attemptEnded(run, attempt, settlement),
      misuse: (interceptor, what, callId) =>
        this.#report(
          new ManagedLLMError({
            code: 'interceptor-fault',
            callId,
            message: `Interceptor \`${interceptor.name}\` ${what}.`,
          }),
          `interceptor \`${interceptor.name}\``,
        ),
    };
    return engine;
  }

  #host(engine: Engine, interceptor: Interceptor): Host {
    return {
      clock: engine.clock,
      random: engine.random,
      replies: engine.replies,
      dialects: dialectsById,
      call: (parent, request) => this.#nested(parent, request, interceptor),
      report: engine.report,
    };
  }

  async #nested(parent: Call, { dialect, model, body }: NestedRequest, asker: Interceptor): Promise<Reply> {
    const { reply } = await this.#gate.submit({
      operation: dialect.operation,
      dialect,
      provider: '',
      model,
      stream: dialect.request.isStream(body),
      body,
      callerHeaders: () => new Map(),
      callerSignal: parent.signal,
      attemptTimeoutMs: nestedTimeoutMs,
      retries: { max: 2, explicit: false, longestWaitMs: 60_000 },
      entry: undefined,
      settings: parent.settings,
      watchers: (this.#scopes.getStore() ?? noScope).watchers,
      parent,
      askers: [...(Call.askersOf(parent) ?? []), asker],
    });
    return reply;
  }

  #ready(target: Target, call: Call): Readiness {
    try {
      const provider = this.#registry.provider(target.provider)?.serving(call.settings);
      if (provider?.dialectFor(call.dialect) === undefined)
        return { ok: false, reason: `cannot serve ${call.dialect.id}` };
    } catch (thrown) {
      return { ok: false, reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
    for (const interceptor of this.#interceptors) {
      if (interceptor.on !== undefined && !interceptor.on.includes(call.operation)) continue;
      try {
        const readiness = interceptor.ready?.(target, call);
        if (readiness?.ok === false) return readiness;
      } catch (thrown) {
        this.#report(thrown, `\`ready\` of \`${interceptor.name}\``);
      }
    }
    return { ok: true };
  }

  #attemptEnded(run: CallRun, attempt: Attempt, settlement: Settlement): void {
    if (!this.#hooks.has('attempt:end')) return;
    this.#hooks.emit('attempt:end', {
      callId: run.id,
      ...attemptReceipt(attempt.id, attempt.target, settlement),
    });
  }

  #report(thrown: unknown, context: string): void {
    const error = ManagedLLMError.isInstance(thrown)
      ? thrown
      : new ManagedLLMError({
          code: 'interceptor-fault',
          message: `A fault in ${context} was caught.`,
          cause: thrown,
        });
    const failed = (cause: unknown): void =>
      warn(new ManagedLLMError({ code: 'interceptor-fault', message: '`onError` threw.', cause }));
    try {
      // A function that promises is assignable to one that returns nothing.
      const pending: unknown = this.#onError(error, context);
      if (pending instanceof Promise) pending.catch(failed);
    } catch (cause) {
      failed(cause);
    }
  }
}

/** Tells the calls of this object from those of others, also of other processes. */
function idPrefix(): string {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
}

/** What both SDKs allow one request by default. */
const nestedTimeoutMs = 600_000;

function warn(error: ManagedLLMError): void {
  process.emitWarning(error.message, { type: 'ManagedLLMWarning', code: error.code });
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
