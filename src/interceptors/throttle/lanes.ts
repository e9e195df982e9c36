import type { Clock } from '../../core/clock.ts';
import type { CallSettings } from '../../core/settings.ts';
import { targetName, type Target } from '../../core/target.ts';
import { callerKey } from './caller-key.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import { Lane } from './lane.ts';
import { Limiter } from './limiter.ts';
import { bucketLimits, type ThrottleLimits } from './limits.ts';
import { ModelTokens } from './model-tokens.ts';
import type { LimitsByName } from './options.ts';
import { Queue } from './queue.ts';

/** Lanes kept; beyond that those that nobody uses are let go of, the longest unused first. Their buckets stay. */
const keptLanes = 2_000;

/** What the table has to know of its `ManagedLLM`. */
export interface LanesHost {
  readonly clock: Clock;
  poolOf(provider: string): string | undefined;
  /** Whose key a provider is asked with, where callers have keys of their own. */
  credential(provider: string, settings: CallSettings): string | undefined;
}

interface Site {
  /** Of everybody, or of all who share a key. */
  readonly queue: Queue;
  readonly limiters: Map<string, Limiter>;
  readonly lanes: Map<string, Lane>;
}

/** Finds the limits that an attempt is under. */
export class Lanes {
  readonly #limits: ReadonlyMap<string, ThrottleLimits>;
  readonly #adaptive: boolean;
  readonly #maxWaitMs: number;
  readonly #host: LanesHost;
  readonly #gate: Gatekeeper;
  /** By provider and model, where neither the caller nor its key matters. */
  readonly #common = new Map<string, Map<string, Lane>>();
  /** By provider, and by key where each caller has its own. */
  readonly #sites = new Map<string, Site>();
  readonly #tokens = new Map<string, ModelTokens>();
  #size = 0;

  constructor(
    limits: LimitsByName,
    { adaptive, maxWaitMs }: { readonly adaptive: boolean; readonly maxWaitMs: number },
    host: LanesHost,
    gate: Gatekeeper,
  ) {
    this.#limits = new Map(Object.entries(limits));
    this.#adaptive = adaptive;
    this.#maxWaitMs = maxWaitMs;
    this.#host = host;
    this.#gate = gate;
  }

  /** `undefined` when nothing limits it. */
  find(target: Target, settings: CallSettings): Lane | undefined {
    const lane = this.#common.get(target.provider)?.get(target.model) ?? this.#search(target, settings);
    if (lane !== undefined) lane.usedAt = this.#host.clock.now();
    return lane;
  }

  #search(target: Target, settings: CallSettings): Lane | undefined {
    const { provider, model } = target;
    const ofProvider = this.#limitsOf(provider, '');
    const ofTarget = this.#limitsOf(provider, `/${model}`);
    if (!this.#adaptive && ofProvider === undefined && ofTarget === undefined) return undefined;
    const credential = this.#host.credential(provider, settings);
    const siteKey = credential === undefined ? provider : `${provider} ${credential}`;
    const site = this.#site(siteKey);
    const callers = `${callerOf(ofProvider, settings)}${callerOf(ofTarget, settings)}`;
    const laneKey = `${model}${callers}`;
    const found = site.lanes.get(laneKey);
    if (found !== undefined) return found;
    const lane = this.#make(site, siteKey, target, ofProvider, ofTarget, settings);
    site.lanes.set(laneKey, lane);
    if (++this.#size > keptLanes) this.#sweep();
    if (credential === undefined && callers === '') {
      const models = this.#common.get(provider) ?? new Map<string, Lane>();
      this.#common.set(provider, models.set(model, lane));
    }
    return lane;
  }

  /** By the provider's own name, else by that of its pool. */
  #limitsOf(provider: string, rest: string): ThrottleLimits | undefined {
    const limits = this.#limits.get(`${provider}${rest}`);
    const pool = limits === undefined ? this.#host.poolOf(provider) : undefined;
    return pool === undefined ? limits : this.#limits.get(`${pool}${rest}`);
  }

  #site(key: string): Site {
    let site = this.#sites.get(key);
    if (site === undefined) {
      const queue = new Queue(this.#gate, this.#host.clock, this.#maxWaitMs);
      site = { queue, limiters: new Map(), lanes: new Map() };
      this.#sites.set(key, site);
    }
    return site;
  }

  get all(): readonly Lane[] {
    return [...this.#sites.values()].flatMap(({ lanes }) => [...lanes.values()]);
  }

  #make(
    site: Site,
    siteKey: string,
    target: Target,
    ofProvider: ThrottleLimits | undefined,
    ofTarget: ThrottleLimits | undefined,
    settings: CallSettings,
  ): Lane {
    const name = targetName(target);
    const limiter = (key: string, limiterName: string, limits: ThrottleLimits, adaptive = false): Limiter => {
      const found = site.limiters.get(key) ?? new Limiter(`throttle/${key}`, limiterName, limits, adaptive);
      site.limiters.set(key, found);
      return found;
    };
    const limiters: Limiter[] = [];
    /** Of the model itself, for all callers: what the provider tells is about these. */
    const common: ThrottleLimits[] = [];
    if (ofProvider !== undefined && ofProvider.perModel !== true)
      limiters.push(limiter(`${siteKey}${callerOf(ofProvider, settings)}`, target.provider, ofProvider));
    for (const limits of [ofProvider?.perModel === true ? ofProvider : undefined, ofTarget]) {
      if (limits === undefined) continue;
      if (limits.per === undefined) common.push(limits);
      else limiters.push(limiter(`${siteKey}/${target.model}${callerOf(limits, settings)}`, name, limits));
    }
    let own: Limiter | undefined;
    if (this.#adaptive || common.length > 0) {
      own = limiter(`${siteKey}/${target.model}`, name, common.reduce(lowest, {}), this.#adaptive);
      limiters.push(own);
    }
    return new Lane(name, site.queue, limiters, this.#adaptive ? own : undefined, this.#tokensOf(name));
  }

  #tokensOf(name: string): ModelTokens {
    const found = this.#tokens.get(name) ?? new ModelTokens();
    // The last used stands last.
    this.#tokens.delete(name);
    this.#tokens.set(name, found);
    if (this.#tokens.size > keptLanes) this.#tokens.delete(this.#tokens.keys().next().value ?? '');
    return found;
  }

  /** Lets go of idle lanes until half are left, then of what only they used. */
  #sweep(): void {
    this.#common.clear();
    const idle = [...this.#sites.values()]
      .flatMap(({ lanes }) => [...lanes].map(([key, lane]) => ({ lanes, key, lane })))
      .filter(({ lane }) => lane.isIdle)
      .toSorted((a, b) => a.lane.usedAt - b.lane.usedAt);
    for (const { lanes, key } of idle.slice(0, Math.max(0, this.#size - keptLanes / 2))) {
      lanes.delete(key);
      this.#size--;
    }
    for (const [siteKey, { lanes, limiters }] of this.#sites) {
      const used = new Set([...lanes.values()].flatMap((lane) => lane.limiters));
      for (const [key, limiter] of limiters) if (!used.has(limiter)) limiters.delete(key);
      if (lanes.size === 0) this.#sites.delete(siteKey);
    }
  }

  get size(): number {
    return this.#size;
  }
}

function callerOf(limits: ThrottleLimits | undefined, settings: CallSettings): string {
  return limits?.per === undefined ? '' : ` ${callerKey(settings, limits.per)}`;
}

/** Each limit at the lower of the two. */
function lowest(a: ThrottleLimits, b: ThrottleLimits): ThrottleLimits {
  const names = [...bucketLimits, 'concurrency'] as const;
  const lower = names.map((name) => [name, Math.min(a[name] ?? Infinity, b[name] ?? Infinity)] as const);
  return Object.fromEntries(lower.filter(([, limit]) => limit !== Infinity));
}
