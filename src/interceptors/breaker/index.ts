import type { Interceptor } from '../../core/interceptor.ts';
import { invalidOption, parseOptions } from '../../core/parse-options.ts';
import type { HealthStatus } from './health-status.ts';
import { Health } from './health.ts';
import type { Kill, KillScope } from './kill-switch.ts';
import { breakerOptionsSchema, type BreakerOptions } from './options.ts';

/** What `breaker` gives: an interceptor, what it knows, and a switch. */
export interface Breaker extends Interceptor {
  status(): HealthStatus;
  /**
   * Switches a provider, a model or a target off, at once and until it is revived, whatever its circuit says and also
   * in shadow. Attempts that have been let through already go on. In this process alone.
   *
   * @throws `invalid-options` when neither `provider` nor `model` is given, for a provider there is not, or for a `model` alone
   *   that begins with a provider
   */
  kill(kill: Kill): void;
  /**
   * Takes back the kill of exactly this scope; another that covers the same target stays. Circuits stay as they are.
   * `false` when there was none.
   */
  revive(scope: KillScope): boolean;
}

/**
 * Leaves a target alone that fails too often: one circuit for each `provider/model`, in this process.
 *
 * - Closed: calls pass and are counted. Failures are those that say something about the target (`countsForBreaker`: no
 *   answer, time limits, 5xx, overload, a used-up quota, streams that break, also after their first content); other
 *   answers are healthy. A caller's abort and refusals before sending count for nothing.
 * - Open, at `failureRatio` or `slowCallRatio` of at least `minCalls`: `ready` says no, so routes go elsewhere; a call
 *   that comes all the same is refused with `circuit-open` (503), which routes move on from. Nothing is sent.
 * - Half-open, after `cooldownMs`: a single call passes as a probe. Its success closes the circuit, its failure opens it
 *   for twice as long; given up by its caller it decides nothing and the next may probe. A probe that streams is held back
 *   until its first content, which is success.
 *
 * A repeat after a failure is refused too while the circuit is open. Fails open: a fault of its own stops no call. A kill
 * by hand fails closed: refused with `target-disabled` (503), whatever the circuit says.
 *
 * @example
 * ```ts
 * const health = breaker({ onChange: (change) => console.warn(change) });
 * const llm = new ManagedLLM({ providers: { openai }, interceptors: [health] });
 * health.kill({ provider: 'openai', model: 'gpt-6-luna', reason: 'answers in riddles' });
 * ```
 * @throws `invalid-options` for wrong or unknown options.
 */
export function breaker(options: BreakerOptions = {}): Breaker {
  const parsed = parseOptions(breakerOptionsSchema, options, 'breaker');
  const { cooldownMs = 10_000, slowCallMs = Infinity, shadow = false, onChange } = parsed;
  const { maxCooldownMs = Math.max(30_000, cooldownMs) } = parsed;
  if (maxCooldownMs < cooldownMs)
    throw invalidOption(
      'breaker.maxCooldownMs',
      `is ${maxCooldownMs}, less than \`cooldownMs\` (${cooldownMs})`,
    );
  if (parsed.slowCallRatio !== undefined && parsed.slowCallMs === undefined)
    throw invalidOption('breaker.slowCallRatio', 'says nothing without `slowCallMs`: give both');
  const health = new Health(
    {
      failureRatio: parsed.failureRatio ?? 0.5,
      windowMs: parsed.windowMs ?? 30_000,
      minCalls: parsed.minCalls ?? 10,
      slowCallMs,
      slowCallRatio: parsed.slowCallRatio ?? 0.5,
      cooldownMs,
      maxCooldownMs,
    },
    shadow,
    onChange,
  );
  return {
    name: 'breaker',
    stage: 'health',
    attach: (host) => health.attach(host),
    ready: (target) => health.ready(target),
    intercept: (call, next) => health.intercept(call, next),
    status: () => health.status(),
    kill: (kill) => health.kill(kill),
    revive: (scope) => health.revive(scope),
  };
}
