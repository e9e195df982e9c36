import { targetName, type Target } from '../../core/target.ts';
import type { CircuitChange, CircuitState } from './health-change.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { Verdict } from './verdict.ts';

/** The numbers of a circuit; see `BreakerOptions`. */
export interface CircuitLimits {
  readonly failureRatio: number;
  readonly windowMs: number;
  readonly minCalls: number;
  /** `Infinity`: no call is slow. */
  readonly slowCallMs: number;
  readonly slowCallRatio: number;
  readonly cooldownMs: number;
  readonly maxCooldownMs: number;
}

/** What a circuit does not have itself. */
export interface CircuitWorld {
  /** Uniform in [0, 1). */
  random(): number;
  changed(change: Omit<CircuitChange, 'shadow'>): void;
}

/**
 * Lets a call through (`pass`), lets it through alone to see whether the target is well again (`probe`), or not. The
 * permit is handed back with what came of it: one that was given before the circuit last changed decides nothing.
 */
export type Permit = { readonly kind: 'pass' | 'probe'; readonly turn: number };

type WindowCounts = Pick<SlidingWindow, 'calls' | 'failureRatio' | 'slowRatio'>;

/** A wait that a header asks for cannot close a target for longer than this. */
const longestAskedMs = 3_600_000;

/** A probe that is not heard of for longer is taken for lost: plain answers of large models take a minute. */
const longestProbeMs = 60_000;

/** The circuit of one target. Time is handed in; nothing runs by itself. */
export class Circuit {
  readonly target: Target;
  /** Of the target: `provider/model`. */
  readonly name: string;
  readonly #limits: CircuitLimits;
  readonly #world: CircuitWorld;
  readonly #window: SlidingWindow;
  #state: CircuitState = 'closed';
  #openSince: number | undefined;
  /** Open: when a probe may go. Half-open: when the probe is waited for no longer. */
  #until = 0;
  /** Since when `#until` is waited for. */
  #waitsSince = 0;
  #cooldownMs: number;
  /** Counted up with every change: what began before says nothing about now. */
  #turn = 0;
  #pass: Permit = { kind: 'pass', turn: 0 };
  #opens = 0;

  constructor(target: Target, limits: CircuitLimits, world: CircuitWorld) {
    this.target = target;
    this.name = targetName(target);
    this.#limits = limits;
    this.#world = world;
    this.#window = new SlidingWindow(limits.windowMs);
    this.#cooldownMs = limits.cooldownMs;
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Milliseconds until a probe may go: 0 when one may, `undefined` while one is out. */
  waitMs(now: number): number | undefined {
    if (this.#state === 'closed' || this.#isOver(now)) return 0;
    return this.#state === 'open' ? this.#until - now : undefined;
  }

  /** `undefined`: not now. */
  enter(now: number): Permit | undefined {
    if (this.#state === 'closed') return this.#pass;
    if (!this.#isOver(now)) return undefined;
    const permit: Permit = { kind: 'probe', turn: ++this.#turn };
    this.#waitUntil(now + Math.max(this.#limits.maxCooldownMs, longestProbeMs), now);
    if (this.#state === 'open') this.#become('half-open', now);
    return permit;
  }

  /** What came of a permit; no verdict from a probe leaves its place to the next. */
  leave(permit: Permit, verdict: Verdict | undefined, now: number): void {
    if (permit.turn !== this.#turn) return;
    if (permit.kind === 'pass') {
      if (verdict !== undefined) this.#count(verdict, now);
    } else if (verdict === undefined) this.#waitUntil(now, now);
    else if (verdict.failed || verdict.slow) {
      this.#cooldownMs = Math.min(this.#cooldownMs * 2, this.#limits.maxCooldownMs);
      this.#open(this.#cooldownMs * (1 - this.#world.random() * 0.25), verdict, now);
    } else this.#close(now);
  }

  /** The permit for what goes on after a probe was decided. */
  get pass(): Permit {
    return this.#pass;
  }

  get opens(): number {
    return this.#opens;
  }

  /** As it is now: an open circuit whose cooldown is over waits for a probe. */
  stateAt(now: number): CircuitState {
    return this.#state === 'open' && this.#isOver(now) ? 'half-open' : this.#state;
  }

  /** When it last opened after having been closed. */
  get openSince(): number | undefined {
    return this.#openSince;
  }

  /** When a probe may go; `undefined` while closed, or while one is out. */
  get nextProbeAt(): number | undefined {
    return this.#state === 'open' ? this.#until : undefined;
  }

  windowAt(now: number): WindowCounts {
    this.#window.advance(now);
    const { calls, failureRatio, slowRatio } = this.#window;
    return { calls, failureRatio, slowRatio };
  }

  #waitUntil(until: number, now: number): void {
    this.#until = until;
    this.#waitsSince = now;
  }

  /** A clock that was set back must not keep a target closed for as long as that: the wait begins anew. */
  #isOver(now: number): boolean {
    if (now < this.#waitsSince) this.#waitUntil(this.#until - this.#waitsSince + now, now);
    return now >= this.#until;
  }

  #count(verdict: Verdict, now: number): void {
    const { minCalls, failureRatio, slowCallMs, slowCallRatio } = this.#limits;
    const window = this.#window;
    window.count(now, verdict.failed, verdict.slow);
    if (window.failures === 0 && window.slow === 0) return;
    if (window.calls < minCalls) return;
    const tooSlow = slowCallMs !== Infinity && window.slowRatio >= slowCallRatio;
    if (window.failureRatio >= failureRatio || tooSlow) this.#open(this.#limits.cooldownMs, verdict, now);
  }

  #open(cooldownMs: number, { retryAfterMs = 0 }: Verdict, now: number): void {
    const { calls, failureRatio, slowRatio } = this.#window;
    this.#window.clear();
    this.#waitUntil(now + Math.max(cooldownMs, Math.min(retryAfterMs, longestAskedMs)), now);
    this.#openSince ??= now;
    this.#opens++;
    this.#turn++;
    this.#become('open', now, { calls, failureRatio, slowRatio });
  }

  #close(now: number): void {
    this.#cooldownMs = this.#limits.cooldownMs;
    this.#openSince = undefined;
    this.#turn++;
    this.#pass = { kind: 'pass', turn: this.#turn };
    this.#become('closed', now);
  }

  /** Last of all, since whoever is told may look at the circuit. */
  #become(to: CircuitState, at: number, seen: WindowCounts = nothingSeen): void {
    const from = this.#state;
    this.#state = to;
    const { name: target, nextProbeAt } = this;
    this.#world.changed({ kind: 'circuit', target, from, to, at, ...seen, nextProbeAt });
  }
}

const nothingSeen: WindowCounts = { calls: 0, failureRatio: 0, slowRatio: 0 };
