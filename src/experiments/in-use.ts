import type { Clock } from '../core/clock.ts';
import { isOlder } from '../core/is-older.ts';
import type { Keyed, Listing } from './listing.ts';

const againMs = 86_400_000;
const afterFailureMs = 60_000;

/** Lists something as long as it is in use, in the background: once a day. Never throws. */
export class InUse<E extends Keyed> {
  readonly #clock: Clock;
  readonly #listing: Listing<E>;
  readonly #entry: E;
  readonly #lost: (thrown: unknown) => void;
  #notedAt = -Infinity;
  #againMs = 0;
  #listed: Promise<void> = Promise.resolve();

  /** @param lost told when it could not be listed; after a minute it is tried again */
  constructor(clock: Clock, listing: Listing<E>, entry: E, lost: (thrown: unknown) => void) {
    this.#clock = clock;
    this.#listing = listing;
    this.#entry = entry;
    this.#lost = lost;
  }

  /** It is in use now. */
  note(): void {
    const now = this.#clock.now();
    if (!isOlder(this.#notedAt, now, this.#againMs)) return;
    this.#notedAt = now;
    this.#againMs = againMs;
    this.#listed = this.#listing.add(this.#entry, now).catch((thrown: unknown) => {
      this.#againMs = afterFailureMs;
      this.#lost(thrown);
    });
  }

  /** It is listed no longer, whoever says so: the next note lists it. */
  forget(): void {
    this.#againMs = 0;
  }

  /** Resolves when it is listed, or is not. */
  idle(): Promise<void> {
    return this.#listed;
  }
}
