import type { Clock } from '../../core/clock.ts';
import type { Bucket, Ledger, Take, Taken } from '../../core/state.ts';

interface Account {
  level: number;
  at: number;
  pausedUntil: number;
  /** From when on it holds all it can. */
  fullAt: number;
}

/** Beyond this, buckets that are full again are let go of: they say nothing that a new one would not. */
const sweepAbove = 10_000;
/** Beyond this, those that are full soonest are let go of too: a new one in their place gives away the least. */
const keepAtMost = 100_000;

/** Buckets in this process. Keeps at most 100,000, beyond which those that are nearest to being full begin anew. */
export class MemoryLedger implements Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #clock: Clock;
  #sweepAt = sweepAbove;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(takes: readonly Take[]): Taken {
    const now = this.#clock.now();
    let waitMs = 0;
    let index = -1;
    const levels: number[] = [];
    for (const [at, { bucket, amount }] of takes.entries()) {
      const account = this.#account(bucket, now);
      levels.push(account.level);
      const wait = waitFor(account, bucket, amount, now);
      if (wait > waitMs) [waitMs, index] = [wait, at];
    }
    if (index >= 0) return { ok: false, index, waitMs, levels };
    for (const [at, { bucket, amount }] of takes.entries()) levels[at] = this.#move(bucket, -amount, now);
    return { ok: true, levels };
  }

  adjust(takes: readonly Take[]): void {
    const now = this.#clock.now();
    for (const { bucket, amount } of takes) this.#move(bucket, -amount, now);
  }

  learn(bucket: Bucket, { atMost, pauseMs }: { readonly atMost?: number; readonly pauseMs?: number }): void {
    const now = this.#clock.now();
    const account = this.#account(bucket, now);
    if (atMost !== undefined) account.level = Math.min(account.level, atMost);
    account.fullAt = fullAt(account, bucket, now);
    if (pauseMs !== undefined) account.pausedUntil = Math.max(account.pausedUntil, now + pauseMs);
  }

  level(bucket: Bucket): number {
    return this.#account(bucket, this.#clock.now()).level;
  }

  #move(bucket: Bucket, by: number, now: number): number {
    const account = this.#account(bucket, now);
    account.level = Math.min(bucket.capacity, account.level + by);
    account.fullAt = fullAt(account, bucket, now);
    return account.level;
  }

  /** As it stands now. */
  #account({ key, capacity, refillPerMs }: Bucket, now: number): Account {
    let account = this.#accounts.get(key);
    if (account === undefined) {
      if (this.#accounts.size >= this.#sweepAt) this.#sweep(now);
      account = { level: capacity, at: now, pausedUntil: 0, fullAt: now };
      this.#accounts.set(key, account);
      return account;
    }
    account.level = Math.min(capacity, account.level + Math.max(0, now - account.at) * refillPerMs);
    account.at = now;
    return account;
  }

  /** Lets go of what is full again; what is left doubles the mark, so that sweeping stays cheap. */
  #sweep(now: number): void {
    for (const [key, account] of this.#accounts) if (emptyUntil(account) <= now) this.#accounts.delete(key);
    const { size } = this.#accounts;
    if (size > keepAtMost / 2) {
      const soonest = [...this.#accounts].toSorted(([, a], [, b]) => emptyUntil(a) - emptyUntil(b));
      for (const [key] of soonest.slice(0, size - keepAtMost / 2)) this.#accounts.delete(key);
    }
    this.#sweepAt = Math.max(sweepAbove, this.#accounts.size * 2);
  }

  /** How many buckets are kept: those that were taken from and are not full again, and some that are. */
  get size(): number {
    return this.#accounts.size;
  }
}

/** When it says no more than a new one would. */
function emptyUntil({ fullAt, pausedUntil }: Account): number {
  return Math.max(fullAt, pausedUntil);
}

/** Milliseconds until the account lets this through, 0 if now. What is more than it holds passes when it is full. */
function waitFor(account: Account, { capacity, refillPerMs }: Bucket, amount: number, now: number): number {
  const paused = Math.max(0, account.pausedUntil - now);
  // Levels are fractions: without the margin a wait of exactly the announced length could fall short.
  const missing = Math.min(amount, capacity) - account.level;
  return Math.max(paused, missing <= 1e-9 ? 0 : Math.max(1, Math.ceil(missing / refillPerMs)));
}

function fullAt({ level }: Account, { capacity, refillPerMs }: Bucket, now: number): number {
  return now + (capacity - level) / refillPerMs;
}
