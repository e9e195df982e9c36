import type { Account, Amounts } from '../../core/accounts.ts';
import type { Clock } from '../../core/clock.ts';

interface Seen {
  readonly used: Amounts;
  /** The beginning of the store that it was seen in. */
  readonly epoch: string;
  readonly at: number;
}

/** Accounts that are remembered, those seen last. */
const remembered = 10_000;

/** What this process last saw used of each account, so that a store that lost it can be told. */
export class SeenUse {
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  see(id: string, used: Amounts, epoch: string): void {
    this.#seen.delete(id);
    this.#seen.set(id, { used, epoch, at: this.#clock.now() });
    if (this.#seen.size <= remembered) return;
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest);
      break;
    }
  }

  forget(id: string): void {
    this.#seen.delete(id);
  }

  /** For scripts: nano-USD, tokens and the beginning; empty where nothing is known that still counts. */
  tell(id: string, { window }: Account): string {
    const seen = this.#seen.get(id);
    if (seen === undefined) return '';
    if (window.kind === 'rolling' && seen.at + window.lengthMs <= this.#clock.now()) return '';
    const { used, epoch } = seen;
    return `${used.nanoUsd} ${used.tokens} ${epoch}`;
  }
}
