import type { Attempt } from './core/attempt.ts';
import type { Call } from './core/call.ts';
import { buildChain, inStageOrder } from './core/chain.ts';
import type { Classify } from './core/classifier.ts';
import { realClock, type Clock } from './core/clock.ts';
import type { Engine } from './core/engine.ts';
import type { Estimates } from './core/estimates.ts';
import { Hooks, type HookListener, type HookName } from './core/hooks.ts';
import type { Interceptor, Next, Readiness } from './core/interceptor.ts';
import { OpenStreams } from './core/open-streams.ts';
import type { Pricing } from './core/pricing.ts';
import type { Provider } from './core/provider.ts';
import { attemptReceipt } from './core/receipt.ts';
import { makeReplies } from './core/replies.ts';
import { reportingTo, type ReportFault } from './core/reporting.ts';
import type { Replies } from './core/reply.ts';
import type { Route } from './core/route.ts';
import { RouteTable } from './core/route-table.ts';
import { RuleHost } from './core/rule-host.ts';
import type { CallRun } from './core/run.ts';
import type { Settlement } from './core/settlement.ts';
import type { State } from './core/state.ts';
import type { Target } from './core/target.ts';
import { TimeLimits } from './core/time-limits.ts';
import { translationBetween } from './dialects/codecs.ts';
import { ManagedLLMError } from './errors/managed-llm-error.ts';
import { LearningEstimates } from './estimates/learning-estimates.ts';
import { ceilings } from './interceptors/budget/ceilings.ts';
import { sdkRetry } from './interceptors/retry/sdk-default.ts';
import type { ManagedLLMOptions } from './options.ts';
import { parseModels, statedModel, statedTargets } from './pricing/models-option.ts';
import { ModelWatch } from './pricing/model-watch.ts';
import { OnDemandPricing } from './pricing/on-demand-pricing.ts';
import type { ProviderInput } from './providers/declaration.ts';
import { ProviderRegistry } from './providers/registry.ts';
import { pooled } from './routes/pooled.ts';
import { memoryState } from './state/memory/memory-state.ts';

/** What the options of one `ManagedLLM` come to: its providers, its interceptors in their order, and what they share. */
export class ManagedEngine implements Engine {
  readonly clock: Clock;
  readonly random: () => number;
  readonly hooks: Hooks;
  readonly openStreams: OpenStreams;
  readonly timeLimits: TimeLimits;
  readonly translation = translationBetween;
  readonly registry: ProviderRegistry;
  readonly state: State;
  readonly drains: boolean;
  readonly pricing: Pricing;
  readonly estimates: Estimates;
  readonly classify: Classify | undefined;
  readonly models: ModelWatch;
  readonly interceptors: readonly Interceptor[];
  readonly routes: RouteTable;
  readonly ruleHost: RuleHost;
  /** Those that routes ask whether they are ready. */
  readonly #asked: readonly Interceptor[];
  /** Handed on by itself, as a function. */
  readonly report: ReportFault;
  readonly #shared = new Map<symbol, object>();
  #replies: Replies | undefined;

  constructor(
    options: ManagedLLMOptions<
      Readonly<Record<string, ProviderInput>>,
      Readonly<Record<string, string | Route>>
    >,
  ) {
    const { unreadStreamMs = 600_000 } = options;
    this.clock = options.clock ?? realClock;
    this.random = options.random ?? Math.random;
    this.report = reportingTo(options.onError);
    this.classify = options.classify;
    this.registry = new ProviderRegistry(options.providers);
    this.state = options.state ?? memoryState({ clock: this.clock });
    this.drains = options.stoppedStreams === 'drain';
    const { registry } = this;
    const { models = {}, prices } = options;
    parseModels(models, registry.names);
    this.pricing = new OnDemandPricing(models, this.report, registry, prices);
    this.estimates = new LearningEstimates({
      tokenizer: options.tokenizer,
      modelOf: (target) => statedModel(models, target, registry.poolOf(target.provider)),
      report: this.report,
    });
    this.hooks = new Hooks(this.report);
    this.openStreams = new OpenStreams(this.clock, unreadStreamMs === false ? Infinity : unreadStreamMs);
    this.timeLimits = new TimeLimits(this.clock);
    this.models = new ModelWatch({
      models,
      clock: this.clock,
      providers: registry,
      report: this.report,
      routed: () => this.routes.targets,
    });
    this.ruleHost = new RuleHost(this.clock, this.pricing, this.random);
    this.routes = new RouteTable({
      routes: options.routes ?? {},
      providerNames: registry.names,
      host: this.ruleHost,
      isProvider: (name) => registry.provider(name) !== undefined,
      isPool: (name) => registry.membersOf(name) !== undefined,
      slashIds: (name, settings) => registry.slashIds(name, settings),
      ready: (target, call) => this.ready(target, call),
      hasClient: ({ provider }, { settings }) => registry.serves(provider, settings),
      members: ({ provider, model }) => {
        const members = registry.membersOf(provider);
        return members && pooled(members, model);
      },
      stated: statedTargets(models),
      pinOf: (target) => this.pinOf(target),
      refuse: (call, error) => this.replies.refuse(call, error),
    });
    const listed = inStageOrder(options.interceptors ?? []);
    const own = [ceilings(options.ceilings ?? {})];
    if (!listed.some(({ stage }) => stage === 'retry')) own.push(sdkRetry());
    this.interceptors = inStageOrder([...listed, ...own]);
    this.#asked = this.interceptors.filter(({ ready }) => ready !== undefined);
  }

  chain(): Next {
    return buildChain(this, this.interceptors, this.routes);
  }

  get replies(): Replies {
    return (this.#replies ??= makeReplies(this));
  }

  /** What several interceptors have in common, by their own key. */
  shared<T extends object>(key: symbol, make: () => T): T {
    const known = this.#shared.get(key);
    // Whoever knows the key knows what it made.
    if (known !== undefined) return known as T;
    const made = make();
    this.#shared.set(key, made);
    return made;
  }

  /** Who listens to receipts wants to know what calls cost. */
  on<K extends HookName>(name: K, listener: HookListener<K>): () => void {
    if (name === 'call:end' || name === 'attempt:end') void this.pricing.load();
    return this.hooks.on(name, listener);
  }

  pinOf(target: Target): string | undefined {
    return this.models.pinOf(target);
  }

  /** Resolves when no interceptor has anything left to do in the background. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all(
      this.interceptors.map(async (interceptor) => {
        try {
          await interceptor.idle?.();
        } catch (thrown) {
          this.report(thrown, `\`idle\` of \`${interceptor.name}\``);
        }
      }),
    );
    await this.models.idle();
  }

  provider(name: string): Provider | undefined {
    return this.registry.provider(name);
  }

  ready(target: Target, call: Call): Readiness {
    try {
      const provider = this.provider(target.provider)?.serving(call.settings);
      if (provider?.dialectFor(call.dialect) === undefined)
        return { ok: false, reason: `cannot serve ${call.dialect.id}` };
    } catch (thrown) {
      return { ok: false, reason: thrown instanceof Error ? thrown.message : String(thrown) };
    }
    let most = isReady;
    for (const interceptor of this.#asked) {
      if (interceptor.on !== undefined && !interceptor.on.includes(call.operation)) continue;
      try {
        const readiness = interceptor.ready?.(target, call);
        if (readiness === undefined) continue;
        if (!readiness.ok) return readiness;
        if ((readiness.headroom ?? 1) < (most.headroom ?? 1)) most = readiness;
      } catch (thrown) {
        this.report(thrown, `\`ready\` of \`${interceptor.name}\``);
      }
    }
    return most;
  }

  attemptEnded(run: CallRun, attempt: Attempt, settlement: Settlement): void {
    this.models.attemptEnded(attempt.target, attempt.pin, settlement, run.settings);
    if (!this.hooks.has('attempt:end')) return;
    const tell = (): void =>
      this.hooks.emit('attempt:end', {
        callId: run.id,
        ...attemptReceipt(attempt.id, attempt.target, settlement),
      });
    if (this.pricing.loaded || settlement.billed.length === 0) tell();
    else void this.pricing.load().then(tell);
  }

  misuse(interceptor: Interceptor, what: string, callId: string): void {
    const message = `Interceptor \`${interceptor.name}\` ${what}.`;
    this.report(
      new ManagedLLMError({ code: 'interceptor-fault', callId, message }),
      `interceptor \`${interceptor.name}\``,
    );
  }

  readonly reportListener = (thrown: unknown): void => this.report(thrown, 'a settlement listener');
}

/** Whoever says nothing else. */
const isReady: Extract<Readiness, { readonly ok: true }> = Object.freeze({ ok: true });
