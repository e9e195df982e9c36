import type { Clock } from './clock.ts';
import { holdsEvent } from './event-bytes.ts';
import type { PassedLimit } from './passed-limit.ts';
import type { Limited, TimeLimits } from './time-limits.ts';

/** How long the parts of one attempt may take. Milliseconds, > 0; what is left out is not limited. */
export interface AttemptLimits {
  /** Until the request leaves on a connected socket. Counts only for transports that tell, as Node's own fetch does. */
  readonly connectMs?: number | undefined;
  /** Of a stream: from sending until its first event has come. Comments that keep the line open are none. */
  readonly firstEventMs?: number | undefined;
  /** Of a stream: the longest silence after its first event, counted while somebody waits to read. */
  readonly betweenEventsMs?: number | undefined;
  /** From sending until all of it has ended, streams included, however slowly they are read. */
  readonly attemptMs?: number | undefined;
}

/** What is watched of an attempt that has such limits. */
export interface Watched {
  /** Since when somebody has been waiting for the stream; `undefined` while nobody does. */
  readonly waitingSince: number | undefined;
  /** It has passed a limit. */
  expired(passed: PassedLimit): void;
}

/** Holds one attempt to its limits. Costs a note of the time a chunk at most: nothing is set or cleared there. */
export class AttemptWatch {
  readonly #limits: AttemptLimits;
  readonly #timeLimits: TimeLimits;
  readonly #clock: Clock;
  readonly #watched: Watched;
  readonly #running = new Set<Limited>();
  #connecting: Limited | undefined;
  #firstEvent: Limited | undefined;
  #heardAt = 0;
  #hasBegun = false;
  #hasEnded = false;

  constructor(
    limits: AttemptLimits,
    timeLimits: TimeLimits,
    clock: Clock,
    watched: Watched,
    call: { readonly stream: boolean },
  ) {
    this.#limits = limits;
    this.#timeLimits = timeLimits;
    this.#clock = clock;
    this.#watched = watched;
    this.#begin('attemptMs', limits.attemptMs);
    if (call.stream) this.#firstEvent = this.#begin('firstEventMs', limits.firstEventMs);
  }

  /** Whether it wants to be told of connections. */
  get limitsConnecting(): boolean {
    return this.#limits.connectMs !== undefined;
  }

  /** A request of the attempt looks for a connection. */
  connecting(): void {
    this.connected();
    this.#connecting = this.#begin('connectMs', this.#limits.connectMs);
  }

  /** It has left. */
  connected(): void {
    this.#end(this.#connecting);
    this.#connecting = undefined;
  }

  /** The provider sent something, which may become nothing on its way to the reader. */
  heard(chunk: Uint8Array): void {
    if (this.#hasBegun || holdsEvent(chunk)) this.begun();
    this.#heardAt = this.#clock.now();
  }

  /** The first event has come. */
  begun(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#end(this.#firstEvent);
    this.#limitSilence();
  }

  /** Nothing counts any more. */
  end(): void {
    this.#hasEnded = true;
    for (const limited of this.#running) this.#timeLimits.stop(limited);
    this.#running.clear();
  }

  #begin(limit: PassedLimit['limit'], limitMs: number | undefined): Limited | undefined {
    if (limitMs === undefined || this.#hasEnded) return undefined;
    const since = this.#clock.now();
    const watched = this.#watched;
    return this.#start({
      limitAt: since + limitMs,
      place: -1,
      expire: (now) => watched.expired({ limit, limitMs, elapsedMs: now - since }),
    });
  }

  #limitSilence(): void {
    const limitMs = this.#limits.betweenEventsMs;
    if (limitMs === undefined || this.#hasEnded) return;
    const silentSince = (): number => this.#silentSince;
    const watched = this.#watched;
    this.#start({
      get limitAt() {
        return silentSince() + limitMs;
      },
      place: -1,
      expire: (now) => watched.expired({ limit: 'betweenEventsMs', limitMs, elapsedMs: now - silentSince() }),
    });
  }

  /** Now, where nobody waits: a slow reader is not the provider's fault. */
  get #silentSince(): number {
    const { waitingSince } = this.#watched;
    return waitingSince === undefined ? this.#clock.now() : Math.max(waitingSince, this.#heardAt);
  }

  #start(limited: Limited): Limited {
    this.#running.add(limited);
    this.#timeLimits.start(limited);
    return limited;
  }

  #end(limited: Limited | undefined): void {
    if (limited === undefined) return;
    this.#running.delete(limited);
    this.#timeLimits.stop(limited);
  }
}
