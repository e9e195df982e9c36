import { randomUUID } from 'node:crypto';
import type { AccountClaim, Accounts, Amounts, Balance } from '../../core/accounts.ts';
import type { Timer } from '../../core/clock.ts';
import type { Host } from '../../core/interceptor.ts';
import { isPromise } from '../../core/is-promise.ts';
import { answered, Pending } from './pending.ts';

/** Something that a store holds for an attempt under way. */
export interface Lease {
  readonly id: string;
  /** As they were asked. */
  readonly claims: readonly AccountClaim[];
  /** Whether the store has said so: what was let through while it could not be asked is told when it has ended. */
  readonly isConfirmed: boolean;
}

/** How a lease ends. */
export interface LeaseEnd {
  readonly lease: Lease;
  /** In the order of the claims; `undefined`: nothing was sent. */
  readonly spent: readonly Amounts[] | undefined;
  /** Told what its accounts came to. */
  readonly settled: (balances: readonly Balance[]) => void;
}

/** Until a reservation that nobody renews is lost. Milliseconds. */
export const leaseMs = 60_000;
/** Three times within a lease. */
const renewEveryMs = 20_000;
/** Ends that the store could not be told are told again so often. */
const retryEveryMs = 2_000;
/** Kept at most of those: beyond it the store counts them at what was set aside, once their leases end. */
const keptEnds = 10_000;
/** Kept at most of those that end what the store may never have heard of. */
const keptReleases = 1_000;

/** Keeps what a store holds for this process: renewed while attempts live, and ended exactly once. */
export class Leases {
  readonly #accounts: Accounts;
  readonly #host: Pick<Host, 'clock' | 'report'>;
  readonly #prefix = randomUUID();
  readonly #open = new Set<Lease>();
  /** Not told yet, the oldest first. */
  readonly #untold = new Set<LeaseEnd>();
  /** Ends that the store is being told for the first time. */
  readonly #ending: Pending;
  #count = 0;
  #timer: Timer | undefined;
  #timerAt = Infinity;
  #renewAt = Infinity;
  #isTelling: Promise<void> | undefined;
  #isReported = false;

  constructor(accounts: Accounts, host: Pick<Host, 'clock' | 'report'>) {
    this.#accounts = accounts;
    this.#host = host;
    this.#ending = new Pending(host.clock);
  }

  /** Unique among all that were ever made in the store. */
  nextId(): string {
    return `${this.#prefix}-${++this.#count}`;
  }

  /** Renewed from now on. */
  keep(lease: Lease): void {
    this.#open.add(lease);
    if (this.#renewAt === Infinity) this.#renewAt = this.#host.clock.now() + renewEveryMs;
    this.#arm(this.#renewAt);
  }

  /** Renewed no longer: it is ended later, or lost. */
  leave(lease: Lease): void {
    this.#open.delete(lease);
  }

  /**
   * Ends a lease in the store. What the store cannot be told now is told later; a promise is given only where it has to be
   * asked, and never rejects.
   */
  end(end: LeaseEnd): void | Promise<void> {
    this.#open.delete(end.lease);
    let told: void | Promise<void>;
    try {
      told = this.#tell(end, true);
    } catch (thrown) {
      return this.#failed(end, thrown);
    }
    if (!isPromise(told)) return;
    return this.#ending.add(told.catch((thrown: unknown) => this.#failed(end, thrown)));
  }

  /** Resolves when the store has been told of all that has ended, or could not be. */
  idle(): Promise<void> {
    return this.#ending.idle();
  }

  /** Tells what is still to be told, once more. What the store cannot be told then is reported. */
  async dispose(): Promise<void> {
    await answered(this.#host.clock, this.#toldAll());
    if (this.#timer !== undefined) this.#host.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const size = this.#untold.size + this.#ending.size;
    if (size > 0)
      this.#host.report(
        new Error(
          `${size} ended reservations could not be told to the store: it takes them for lost, and counts them in full.`,
        ),
        'settling budgets',
      );
    this.#untold.clear();
  }

  async #toldAll(): Promise<void> {
    await this.#isTelling;
    await this.#tellAll();
  }

  #tell({ lease, spent, settled }: LeaseEnd, isFirst: boolean): void | Promise<void> {
    const { id } = lease;
    if (spent === undefined) {
      const released = this.#accounts.release(id);
      return isPromise(released) ? released.then(() => {}) : undefined;
    }
    if (!lease.isConfirmed) return this.#book(id, lease, spent, settled);
    const heard = (balances: readonly Balance[] | undefined): void | Promise<void> => {
      if (balances !== undefined) return settled(balances);
      // Told once before, it was perhaps the answer that got lost. Else the store has lost it, or somebody let it go.
      return isFirst ? this.#book(this.nextId(), lease, spent, settled) : undefined;
    };
    const balances = this.#accounts.settle(id, spent);
    return isPromise(balances) ? balances.then(heard) : heard(balances);
  }

  /** Counts what was spent without asking whether it may be. */
  async #book(
    id: string,
    lease: Lease,
    spent: readonly Amounts[],
    settled: LeaseEnd['settled'],
  ): Promise<void> {
    const claims = lease.claims.map((claim, index) => ({
      ...claim,
      amounts: spent[index] ?? claim.amounts,
      enforced: false,
    }));
    let booked = claims;
    let reserved = await this.#accounts.reserve(id, booked, leaseMs);
    if (!reserved.ok && reserved.because === 'window') {
      const { nowMs } = reserved;
      // What ended with its window says nothing about the one that it is now.
      booked = claims.filter(
        ({ account: { window } }) => window.kind === 'rolling' || (window.endMs ?? Infinity) > nowMs,
      );
      if (booked.length > 0) reserved = await this.#accounts.reserve(id, booked, leaseMs);
    }
    if (!reserved.ok) return;
    const balances = await this.#accounts.settle(
      id,
      booked.map(({ amounts }) => amounts),
    );
    if (balances !== undefined && booked === claims) settled(balances);
  }

  #failed(end: LeaseEnd, thrown: unknown): void {
    this.#reportOnce(thrown);
    if (end.spent === undefined && this.#untold.size >= keptReleases) return;
    this.#untold.add(end);
    if (this.#untold.size > keptEnds) this.#untold.delete(this.#untold.values().next().value as LeaseEnd);
    this.#arm(this.#host.clock.now() + retryEveryMs);
  }

  #reportOnce(thrown: unknown): void {
    if (!this.#isReported) this.#host.report(thrown, 'settling budgets');
    this.#isReported = true;
  }

  #arm(at: number): void {
    const { clock } = this.#host;
    if (at >= this.#timerAt) return;
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = clock.setTimeout(() => this.#tick(), Math.max(0, at - clock.now()));
  }

  #tick(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const now = this.#host.clock.now();
    if (now >= this.#renewAt) this.#renew(now);
    if (this.#untold.size > 0)
      this.#isTelling ??= this.#tellAll().finally(() => {
        this.#isTelling = undefined;
        if (this.#untold.size > 0) this.#arm(this.#host.clock.now() + retryEveryMs);
      });
    this.#arm(this.#renewAt);
  }

  /** Stops by itself where nothing is open. What the store has no reservation for is counted when it has ended. */
  #renew(now: number): void {
    this.#renewAt = this.#open.size === 0 ? Infinity : now + renewEveryMs;
    if (this.#open.size === 0) return;
    const ids = [...this.#open].map(({ id }) => id);
    try {
      const renewed = this.#accounts.renew(ids, leaseMs);
      if (isPromise(renewed))
        renewed.then(
          () => (this.#isReported = false),
          (thrown: unknown) => this.#reportOnce(thrown),
        );
    } catch (thrown) {
      this.#reportOnce(thrown);
    }
  }

  /** In order, until the store cannot be told. */
  async #tellAll(): Promise<void> {
    for (const end of this.#untold) {
      try {
        await this.#tell(end, false);
      } catch {
        return;
      }
      this.#untold.delete(end);
    }
    this.#isReported = false;
  }
}
