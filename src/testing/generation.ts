import type { Clock } from '../core/clock.ts';
import type { ScriptedReply } from './script.ts';

/** An answer that takes shape by the clock, whether anybody reads it or not. */
export class Generation {
  readonly #clock: Clock;
  readonly #beginsAt: number;
  readonly #lastsMs: number;
  readonly #goesOnMs: number;

  /** @param lastsMs until all of it is there */
  constructor(clock: Clock, beginsAt: number, lastsMs: number, goesOnMs = 0) {
    this.#clock = clock;
    this.#beginsAt = beginsAt;
    this.#lastsMs = lastsMs;
    this.#goesOnMs = goesOnMs;
  }

  /** Until this share of it is there; below 0: it has been for so long. Milliseconds. */
  untilMs(share: number): number {
    return this.#beginsAt + share * this.#lastsMs - this.#clock.now();
  }

  /** The share of it that is there, at most 1. */
  get share(): number {
    return this.#shareAfter(0);
  }

  /** The share of it that will be there when the provider stops, which notices now that its client has gone. */
  get shareWhenStopped(): number {
    return this.#shareAfter(this.#goesOnMs);
  }

  #shareAfter(ms: number): number {
    const generatingMs = this.#clock.now() + ms - this.#beginsAt;
    return this.#lastsMs === 0 ? 1 : Math.min(1, Math.max(0, generatingMs / this.#lastsMs));
  }
}

/**
 * How an answer takes shape that was asked for now: by its rate, or, if it is a plain one, in the time until it is sent.
 * `undefined` for a stream without a rate, which is made as it is read.
 */
export function generationOf(
  { tokensPerSecond, goesOnMs, latencyMs = 0 }: ScriptedReply,
  outputTokens: number,
  isStream: boolean,
  clock: Clock,
): Generation | undefined {
  const now = clock.now();
  if (tokensPerSecond !== undefined)
    return new Generation(clock, now + latencyMs, (outputTokens / tokensPerSecond) * 1000, goesOnMs);
  return isStream || latencyMs === 0 ? undefined : new Generation(clock, now, latencyMs);
}
