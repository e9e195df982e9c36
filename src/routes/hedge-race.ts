import type { Call } from '../core/call.ts';
import { stopped } from '../core/cancellation.ts';
import type { Timer } from '../core/clock.ts';
import type { Reply } from '../core/reply.ts';
import type { Choice, RouteTurn } from '../core/route.ts';

/** What a race goes by. */
export interface RaceTerms {
  /** Until the second may start; `undefined`: only when the first has failed. */
  readonly delayMs: number | undefined;
  /** Asked when the second would start beside the first. */
  mayHedge(): boolean;
  /** How long a choice took to answer, or had taken when another one did. */
  answered(choice: Choice, ms: number): void;
}

interface Runner {
  readonly choice: Choice;
  readonly controller: AbortController;
  readonly startedAt: number;
}

/** One call to one choice, and perhaps to another one beside it. */
export class HedgeRace {
  readonly #call: Call;
  readonly #turn: RouteTurn;
  readonly #terms: RaceTerms;
  readonly #running = new Set<Runner>();
  /** Not asked yet. */
  #second: Choice | undefined;
  #timer: Timer | undefined;
  #outcome: PromiseWithResolvers<Reply> | undefined;
  /** Keeps the call open for those that lost. */
  #release: (() => void) | undefined;
  readonly #unfollow: (() => void)[] = [];

  constructor(call: Call, turn: RouteTurn, terms: RaceTerms) {
    this.#call = call;
    this.#turn = turn;
    this.#terms = terms;
    this.#second = turn.choices.find((choice) => choice !== turn.first);
  }

  run(): Promise<Reply> {
    const outcome = Promise.withResolvers<Reply>();
    this.#outcome = outcome;
    this.#start(this.#turn.first);
    const { delayMs } = this.#terms;
    if (delayMs !== undefined && this.#call.replayable)
      this.#timer = this.#turn.clock.setTimeout(() => this.#hedge(), delayMs);
    return outcome.promise;
  }

  #start(choice: Choice): void {
    const controller = new AbortController();
    const runner: Runner = { choice, controller, startedAt: this.#turn.clock.now() };
    this.#unfollow.push(follow(this.#call.signal, controller));
    this.#running.add(runner);
    const others = this.#second === undefined || this.#second === choice ? [] : [this.#second];
    this.#turn.ask(choice, { others, signal: controller.signal, peek: true }).then(
      (reply) => this.#arrived(runner, reply),
      (thrown: unknown) => this.#broke(runner, thrown),
    );
  }

  /** The first has not answered in time. */
  #hedge(): void {
    const second = this.#second;
    if (second === undefined || this.#call.signal.aborted) return;
    if (second.ready(this.#call).ok && this.#terms.mayHedge()) this.#startSecond(second);
  }

  #startSecond(second: Choice): void {
    this.#second = undefined;
    this.#stopTimer();
    this.#start(second);
  }

  #arrived(runner: Runner, reply: Reply): void {
    this.#running.delete(runner);
    if (this.#outcome === undefined) {
      reply.discard();
      this.#leave();
      return;
    }
    if (reply.error === undefined) return this.#win(runner, reply);
    // The other one may still answer.
    if (this.#running.size > 0) return reply.discard();
    const second = this.#second;
    if (second !== undefined && this.#turn.movesOn(reply.error) && second.ready(this.#call).ok) {
      reply.discard();
      return this.#startSecond(second);
    }
    this.#end(({ resolve }) => resolve(reply));
  }

  #win(winner: Runner, reply: Reply): void {
    const now = this.#turn.clock.now();
    for (const runner of [winner, ...this.#running])
      this.#terms.answered(runner.choice, now - runner.startedAt);
    // As long as a stream is read, it ends with its call.
    whenSettled(reply, this.#unfollow.splice(0));
    this.#end(({ resolve }) => resolve(reply));
  }

  /** A rule or the engine broke. */
  #broke(runner: Runner, thrown: unknown): void {
    this.#running.delete(runner);
    if (this.#outcome === undefined) this.#leave();
    else this.#end(({ reject }) => reject(thrown));
  }

  #end(tell: (outcome: PromiseWithResolvers<Reply>) => void): void {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    this.#stopTimer();
    if (this.#running.size > 0) this.#release = this.#call.run.hold();
    for (const { controller } of this.#running) controller.abort(stopped);
    if (outcome !== undefined) tell(outcome);
    this.#leave();
  }

  /** When the last one has ended, so may the call. */
  #leave(): void {
    if (this.#running.size > 0) return;
    callAll(this.#unfollow);
    this.#release?.();
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#turn.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Aborts the one when the other is. At module scope, so that what an open stream listens to keeps these two and nothing
 * else.
 */
function follow(signal: AbortSignal, controller: AbortController): () => void {
  const stop = (): void => controller.abort(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => signal.removeEventListener('abort', stop);
}

function whenSettled(reply: Reply, unfollow: readonly (() => void)[]): void {
  reply.onSettled(() => callAll(unfollow));
}

function callAll(functions: readonly (() => void)[]): void {
  for (const each of functions) each();
}
