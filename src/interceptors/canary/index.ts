import * as z from 'zod/mini';
import { attached } from '../../core/attached.ts';
import type { CanaryStatus } from '../../core/canary-status.ts';
import type { Interceptor } from '../../core/interceptor.ts';
import { parseOptions } from '../../core/parse-options.ts';
import { parseCanary, type CanaryOptions } from './options.ts';
import { Running } from './running.ts';

/** Who takes a step by hand, and why. */
export interface CanaryByHand {
  /** Stands in the history and in `canary:change`. At most 128 UTF-16 code units. */
  readonly by: string;
  /** Likewise, at most 512. Default `by hand`. */
  readonly reason?: string;
}

/** What `canary` gives: an interceptor, and its steps. Methods need the `ManagedLLM` it was given to. */
export interface Canary extends Interceptor {
  /**
   * Where it stands in all processes that share the state, what is known, and what it waits for. What waits in this process is
   * counted before.
   *
   * @throws `state-unreachable`; `state-incompatible` where the state has something else than a canary, or one of a newer version
   */
  status(): Promise<CanaryStatus>;
  /**
   * Gives everybody the canary, whatever has come of it, also after it was rolled back. Other processes follow within about a
   * second.
   *
   * @throws `state-unreachable`, and then it may be promoted or not
   */
  promote(byHand: CanaryByHand): Promise<void>;
  /** Gives everybody stable, whatever has come of it, also after it was promoted; otherwise as {@link Canary.promote}. */
  abort(byHand: CanaryByHand): Promise<void>;
}

const byHandSchema = z.strictObject({
  by: z.string().check(z.minLength(1), z.maxLength(128)),
  reason: z.optional(z.string().check(z.minLength(1), z.maxLength(512))),
});

const ends = { promote: 'promoted', abort: 'rolled-back' } as const;

/**
 * Tries a prompt, a model or parameters on a few subjects, then on more, step by step, and at last gives it to all; or takes it
 * back from all at once when it is shown to be worse than tolerated. Once per call, before policy and caches: these see what the
 * arm asks.
 *
 * - Whoever gets the canary at a step gets it at the next: a hash of the subject decides, nothing is kept of them.
 * - It is looked at with every call, by evidence that allows for that: how often chance rolls it back is bound by `alpha`, how
 *   often harm is promoted by `beta`. See `docs/canaries.md`.
 * - Where it stands and what was counted is in the state, which needs `documents` and `tallies`: all processes that share it
 *   count together and go by the same step. Each step is told once, by `canary:change`.
 * - The receipt tells the arm: `facts.canaries`. `receipts().query({ by: ['canary'] })` adds up by it.
 *
 * Fails open, to stable: as long as the state has not answered, calls are stable; if it no longer does, they go by the last step
 * that was known, and nothing is judged. What throws here is reported, and hurts no call.
 *
 * @example
 * ```ts
 * const rollout = canary({ name: 'mini', canary: { model: 'openai/gpt-5-mini' }, guard: { costUsd: 0.01 } });
 * const llm = new ManagedLLM({ providers: { openai }, interceptors: [rollout] });
 * llm.on('canary:change', ({ to, percent, reason }) => console.log(to, percent, reason));
 * // … by hand
 * await rollout.abort({ by: 'alice', reason: 'answers in French' });
 * ```
 * @throws `invalid-options` for wrong or unknown options, and at construction of the `ManagedLLM` for models that nobody knows
 *   and a state that cannot count.
 */
export function canary(options: CanaryOptions): Canary {
  const rules = parseCanary(options);
  const name = `canary ${rules.tried.definition.name}`;
  let running: Running | undefined;
  const end = async (method: keyof typeof ends, byHand: CanaryByHand): Promise<void> => {
    const { by, reason = 'by hand' } = parseOptions(byHandSchema, byHand, method);
    await attached(running, name).end(ends[method], by, reason);
  };
  return {
    name,
    stage: 'shape',
    on: ['chat'],
    attach(host) {
      running = new Running(host, rules);
    },
    intercept: (call, next) => running?.intercept(call, next) ?? next(call),
    idle: () => running?.idle() ?? Promise.resolve(),
    dispose: () => running?.dispose(),
    status: async () => attached(running, name).status(),
    promote: async (byHand) => end('promote', byHand),
    abort: async (byHand) => end('abort', byHand),
  };
}
