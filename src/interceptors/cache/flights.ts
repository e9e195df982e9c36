import type { Call } from '../../core/call.ts';
import type { Host } from '../../core/interceptor.ts';
import { orAborted } from '../../core/or-aborted.ts';
import { targetName } from '../../core/target.ts';
import type { Flight, Landed } from './flight.ts';
import type { Asker } from './asker.ts';
import type { Shelf } from './shelf.ts';

/** A flight that a call waits for. */
export interface Boarded<T> {
  /** Rejects when the call that waits is to stop. */
  readonly landed: Promise<T>;
  /** The call waits for it no more. */
  leave(): void;
}

/** A flight, and what can be joined of it. */
interface Joinable<T> {
  readonly of: T;
  readonly flight: Flight;
}

/**
 * Requests under way, by names under which others may join them. What began before answers were put out of date is joined by
 * nobody who comes after: where that was done here, the epoch tells; what others have done who share the store, their marks.
 */
export class Flights<T> {
  readonly #host: Pick<Host, 'clock'>;
  readonly #shelf: Shelf;
  readonly #byName = new Map<string, Joinable<T>>();
  /** When the latest mark was made that was known as each began. */
  readonly #markedAt = new WeakMap<Flight, number>();
  #latestMark = -Infinity;

  constructor(host: Pick<Host, 'clock'>, shelf: Shelf) {
    this.#host = host;
    this.#shelf = shelf;
  }

  find(name: string): T | undefined {
    const found = this.#byName.get(this.#inEpoch(name));
    return found?.flight.isOpen === true ? found.of : undefined;
  }

  /** Until it is closed. Names that others have are left to them. */
  add(of: T, flight: Flight, names: readonly string[]): void {
    const joinable = { of, flight };
    this.#markedAt.set(flight, this.#latestMark);
    const own = names.filter((name) => this.find(name) === undefined).map((name) => this.#inEpoch(name));
    for (const name of own) this.#byName.set(name, joinable);
    flight.onClosed(() => {
      for (const name of own) if (this.#byName.get(name) === joinable) this.#byName.delete(name);
    });
  }

  /** Waits for what the call itself has begun. */
  board(call: Call, flight: Flight, sharer: Asker | undefined): Boarded<Landed> {
    const leave = flight.join(sharer);
    return { landed: orAborted(flight.landed, call.signal, leave), leave };
  }

  /** Waits for what another call has begun; `undefined` where nothing came of it for this one, which then looks again. */
  share(call: Call, flight: Flight, sharer: Asker | undefined): Boarded<Landed | undefined> {
    const leave = flight.join(sharer);
    return { landed: this.#share(call, flight, leave), leave };
  }

  async #share(call: Call, flight: Flight, leave: () => void): Promise<Landed | undefined> {
    const since = this.#host.clock.now();
    const isLate = await orAborted(this.#isOutOfDate(flight, call), call.signal, leave);
    const landed = isLate ? undefined : await orAborted(flight.landed, call.signal, leave);
    if (landed === undefined || landed.stream?.isWhole === false) flight.close();
    else {
      const { error } = landed.reply;
      const waitedMs = this.#host.clock.now() - since;
      if (error === undefined || flight.failsFor(call, error, waitedMs)) return landed;
    }
    leave();
    return undefined;
  }

  /** Asked as it is joined: a mark that is made later finds a call that began before it. */
  async #isOutOfDate(flight: Flight, { model, settings: { tenant, tags } }: Call): Promise<boolean> {
    const { asker, kept = asker, target } = flight;
    const mark = await this.#shelf.latestMark([
      { ...kept, target: target && targetName(target) },
      { model, target: undefined, tenant, tags },
    ]);
    if (mark === undefined || mark < asker.startedAt) return false;
    if (Number.isFinite(mark)) this.#latestMark = Math.max(this.#latestMark, mark);
    // Whoever began it knew of that mark: clocks that disagree keep nobody from sharing.
    return mark > (this.#markedAt.get(flight) ?? -Infinity);
  }

  #inEpoch(name: string): string {
    return `${this.#shelf.epoch} ${name}`;
  }
}
