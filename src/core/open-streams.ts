import type { Clock, Timer } from './clock.ts';

/** A stream that somebody should be reading. */
export interface Unread {
  readonly lastReadAt: number;
  abandon(): void;
}

/**
 * The net under streams that are handed over and then forgotten: one timer for all of them cancels those that nobody
 * has read from for `limitMs`.
 */
export class OpenStreams {
  readonly #open = new Set<Unread>();
  readonly #clock: Clock;
  readonly #limitMs: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  add(stream: Unread): void {
    if (this.#limitMs === Infinity) return;
    this.#open.add(stream);
    if (this.#timer === undefined) this.#sweepAfter(this.#limitMs);
  }

  delete(stream: Unread): void {
    this.#open.delete(stream);
  }

  #sweep(): void {
    const now = this.#clock.now();
    let oldest = now;
    // Whatever opens meanwhile is visited too, and needs no timer of its own.
    for (const stream of this.#open) {
      if (now - stream.lastReadAt >= this.#limitMs) stream.abandon();
      else oldest = Math.min(oldest, stream.lastReadAt);
    }
    this.#timer = undefined;
    if (this.#open.size > 0) this.#sweepAfter(oldest + this.#limitMs - now);
  }

  #sweepAfter(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#sweep(), ms);
  }
}
