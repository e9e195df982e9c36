import type { Call } from '../../core/call.ts';
import { realClock } from '../../core/clock.ts';
import type { Host, Next, Readiness } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';
import type { Reply } from '../../core/reply.ts';
import { noteShadow } from '../../core/run.ts';
import type { SettlementListener } from '../../core/settlement.ts';
import { TargetTable } from '../../core/target-table.ts';
import type { Target } from '../../core/target.ts';
import { Circuit, type CircuitLimits, type Permit } from './circuit.ts';
import type { CircuitChange, HealthChange } from './health-change.ts';
import type { HealthStatus, TargetHealth } from './health-status.ts';
import { KillSwitch, type Kill, type KillScope } from './kill-switch.ts';
import type { BreakerOptions } from './options.ts';
import { circuitOpen, targetDisabled } from './refusals.ts';
import { verdictOf, verdictOfFailure, verdictOfStart } from './verdict.ts';

/** The circuits of all targets and the kill switch. */
export class Health {
  readonly #limits: CircuitLimits;
  readonly #shadow: boolean;
  readonly #onChange: BreakerOptions['onChange'];
  readonly #kills = new KillSwitch();
  readonly #circuits: TargetTable<Circuit>;
  #host: Host | undefined;

  constructor(limits: CircuitLimits, shadow: boolean, onChange: BreakerOptions['onChange']) {
    this.#limits = limits;
    this.#shadow = shadow;
    this.#onChange = onChange;
    const world = {
      random: () => this.#host?.random() ?? 0,
      changed: (change: Omit<CircuitChange, 'shadow'>) => this.#tell({ ...change, shadow }),
    };
    this.#circuits = new TargetTable(
      (target) => new Circuit(target, limits, world),
      (circuit) => !circuit.isClosed,
    );
  }

  attach(host: Host): void {
    this.#host = host;
  }

  ready(target: Target): Readiness {
    const kill = this.#killOf(target);
    if (kill !== undefined) return { ok: false, reason: killedReason(kill) };
    const circuit = this.#shadow ? undefined : this.#circuits.find(target);
    if (circuit === undefined || circuit.isClosed) return ready;
    const waitMs = circuit.waitMs(this.#now());
    if (waitMs === undefined) return { ok: false, reason: 'circuit is half-open, and a probe is out' };
    return waitMs === 0 ? ready : { ok: false, reason: 'circuit is open', forMs: waitMs };
  }

  intercept(call: Call, next: Next): Promise<Reply> {
    const { target } = call;
    const host = this.#host;
    if (target === undefined || host === undefined) return next(call);
    const kill = this.#killOf(target);
    if (kill !== undefined)
      return Promise.resolve(host.replies.refuse(call, targetDisabled(call, target, kill)));
    const circuit = this.#circuits.of(target);
    if (circuit.isClosed) return this.#pass(circuit, circuit.pass, call, next);
    const now = host.clock.now();
    const permit = circuit.enter(now);
    if (permit?.kind === 'probe') return this.#probe(circuit, permit, call, next);
    if (!this.#shadow)
      return Promise.resolve(host.replies.refuse(call, circuitOpen(call, circuit, circuit.waitMs(now))));
    noteShadow(call.run, {
      interceptor: 'breaker',
      decision: 'circuit-open',
      details: { target: circuit.name },
    });
    return next(call);
  }

  status(): HealthStatus {
    const now = this.#now();
    const targets = [...this.#circuits.values()].map((circuit): TargetHealth => ({
      target: circuit.name,
      state: circuit.stateAt(now),
      ...circuit.windowAt(now),
      opens: circuit.opens,
      openSince: circuit.openSince,
      nextProbeAt: circuit.nextProbeAt,
      killed: this.#killOf(circuit.target),
    }));
    return { targets, kills: this.#kills.all() };
  }

  kill(kill: Kill): void {
    this.#kills.kill(kill, this.#host?.providers);
    this.#tellKill('killed', kill);
  }

  revive(scope: KillScope): boolean {
    const kill = this.#kills.revive(scope);
    if (kill === undefined) return false;
    this.#tellKill('revived', kill);
    return true;
  }

  #pass(circuit: Circuit, permit: Permit, call: Call, next: Next): Promise<Reply> {
    return next(call).then((reply) => {
      this.#judge(circuit, permit, reply);
      return reply;
    });
  }

  /**
   * The one call that finds out. Its stream is held back until its content begins, so that everybody else need not wait
   * for its end: what comes after that counts as that of any other call.
   */
  async #probe(circuit: Circuit, permit: Permit, call: Call, next: Next): Promise<Reply> {
    const peeks = call.peek || (call.stream && !this.#shadow);
    const reply = await next(peeks ? call.with({ peek: true }) : call);
    if (!peeks || reply.events === undefined || reply.error !== undefined) {
      this.#judge(circuit, permit, reply);
      return reply;
    }
    const now = this.#now();
    circuit.leave(permit, verdictOfStart(now - sentAt(call, now) > this.#limits.slowCallMs), now);
    if (circuit.isClosed) this.#judge(circuit, circuit.pass, reply);
    return reply;
  }

  #judge(circuit: Circuit, permit: Permit, reply: Reply): void {
    const { error, events } = reply;
    // A stream that failed before it was handed on may be read, and so settle, much later.
    if (error !== undefined && events !== undefined)
      circuit.leave(permit, verdictOfFailure(error, false), this.#now());
    else reply.onSettled(judging(circuit, permit, this.#limits.slowCallMs));
  }

  #killOf(target: Target): Kill | undefined {
    return this.#kills.covering(target, this.#poolOf);
  }

  readonly #poolOf = (provider: string): string | undefined => this.#host?.poolOf(provider);

  #now(): number {
    return (this.#host?.clock ?? realClock).now();
  }

  #tellKill(kind: 'killed' | 'revived', { provider, model, reason }: Kill): void {
    this.#tell({ kind, provider, model, reason, at: this.#now() });
  }

  #tell(change: HealthChange): void {
    if (this.#onChange === undefined) return;
    const report = (thrown: unknown): void => this.#host?.report(thrown, '`onChange` of `breaker`');
    try {
      // A function that promises is assignable to one that returns nothing.
      const pending: unknown = this.#onChange(change);
      if (isPromise(pending)) pending.then(undefined, report);
    } catch (thrown) {
      report(thrown);
    }
  }
}

/** At module scope: what listens to a stream's end must not keep the call, and with it the SDK's request, alive. */
function judging(circuit: Circuit, permit: Permit, slowCallMs: number): SettlementListener {
  return (settlement) => circuit.leave(permit, verdictOf(settlement, slowCallMs), settlement.settledAt);
}

function sentAt({ run, target }: Call, otherwise: number): number {
  const latest = run.attempts.findLast(
    (attempt) => attempt.target.provider === target?.provider && attempt.target.model === target.model,
  );
  return latest?.startedAt ?? otherwise;
}

const ready: Readiness = Object.freeze({ ok: true });

function killedReason({ reason }: Kill): string {
  return `switched off by hand${reason === undefined ? '' : `: ${reason}`}`;
}
