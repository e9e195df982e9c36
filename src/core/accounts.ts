/** What is counted of attempts that cost: whole numbers, at least 0. */
export interface Amounts {
  /** Billionths of a USD. */
  readonly nanoUsd: number;
  /** Input and output together. */
  readonly tokens: number;
}

/** The time over which an account adds up. By the store's clock, in epoch milliseconds. */
export type AccountWindow =
  | {
      readonly kind: 'fixed';
      /** First millisecond. */
      readonly startMs: number;
      /** First millisecond after it; absent: it never ends. */
      readonly endMs?: number;
    }
  | {
      readonly kind: 'rolling';
      /** The last so many milliseconds. Kept in 60 steps: what has left the window counts for up to a 60th of it longer. */
      readonly lengthMs: number;
    };

/** What is counted for one subject of one budget, over one window. */
export interface Account {
  /** The budget's name. */
  readonly budget: string;
  /** For whom it counts, as text that is unique within the budget. `''` where it counts for everybody. */
  readonly subject: string;
  readonly window: AccountWindow;
}

/** What is asked of one account for an attempt. */
export interface AccountClaim {
  readonly account: Account;
  readonly amounts: Amounts;
  /** What may be used and reserved together, raises apart. What is left out has no limit. */
  readonly limits: Partial<Amounts>;
  /** Whether the claim is refused where the limits do not suffice; `false` counts all the same. */
  readonly enforced: boolean;
}

/** An account as it stands. */
export interface Balance {
  /** Settled, and what attempts had reserved that were lost with their process. */
  readonly used: Amounts;
  /** For attempts under way. */
  readonly reserved: Amounts;
  /** On top of its limits for now. */
  readonly raised: Amounts;
}

export type Reserved =
  | {
      readonly ok: true;
      /** After it, in the order asked. */
      readonly balances: readonly Balance[];
    }
  | {
      readonly ok: false;
      readonly because: 'limit';
      /** Of the first enforced claim that is more than its account has left. */
      readonly index: number;
      readonly balances: readonly Balance[];
    }
  | {
      readonly ok: false;
      readonly because: 'window';
      /** What the store's clock reads, outside a window that was asked for. Ask again with the windows of that time. */
      readonly nowMs: number;
    };

/** A reservation whose process stopped before it was settled. Counts as used until it is released. */
export interface LostReservation {
  readonly id: string;
  readonly claims: readonly { readonly account: Account; readonly amounts: Amounts }[];
  /** Epoch milliseconds, by the store's clock. */
  readonly reservedAt: number;
  /** When its lease ended. */
  readonly lostAt: number;
}

/** An account with who it is for, for overviews. */
export interface AccountRecord {
  readonly account: Account;
  readonly balance: Balance;
  /** As last asked for. */
  readonly limits: Partial<Amounts>;
}

/**
 * Money and tokens that budgets count: reserved before an attempt is sent, settled when it has ended, over several accounts
 * at once or over none. Promises only where another process or thread has to be asked; those reject with
 * `state-unreachable` when it cannot be.
 *
 * A reservation is a lease: its process renews it while the attempt lives. One that nobody has renewed until its lease ends
 * is *lost*: its amounts count as used in the window they were reserved in (a rolling one: from when the lease ended on),
 * until it is released by hand. One that is settled or renewed after all (its process was only paused) is lost no longer.
 *
 * An account of a window that has ended is let go of some time later, at the earliest after the window's own length or a
 * day, whichever is less, and two minutes.
 */
export interface Accounts {
  /**
   * Reserves from all accounts or from none, and stores the limits for {@link Accounts.list}. The same id again changes
   * nothing and answers as the first time did: an answer that got lost may be asked for again. Of an account that is
   * claimed twice, both count.
   *
   * @param id unique among all reservations ever made in the store
   * @param leaseMs until it is lost, unless renewed
   */
  reserve(id: string, claims: readonly AccountClaim[], leaseMs: number): Reserved | Promise<Reserved>;
  /**
   * Ends a reservation: what was really spent, which may be more than was reserved, counts as used in the windows that it
   * was reserved in (a rolling one: from now on). Only the first time counts, by whomever.
   *
   * @param spent in the order of the claims
   * @returns the balances after it, in the order of the claims; `undefined` when there is no such reservation (any more)
   */
  settle(
    id: string,
    spent: readonly Amounts[],
  ): readonly Balance[] | undefined | Promise<readonly Balance[] | undefined>;
  /** Ends a reservation of which nothing was spent, also a lost one, by hand. Returns whether there was one. */
  release(id: string): boolean | Promise<boolean>;
  /** Extends leases to `leaseMs` from now. Returns the ids that there is no reservation for (any more). */
  renew(ids: readonly string[], leaseMs: number): readonly string[] | Promise<readonly string[]>;
  /** How an account stands now. For one that nothing was reserved from yet: nothing used, nothing reserved. */
  balance(account: Account): Balance | Promise<Balance>;
  /** Lost reservations, the oldest first; at most 10,000. */
  lost(budget?: string): readonly LostReservation[] | Promise<readonly LostReservation[]>;
  /**
   * Sets what is used of a fixed window back to nothing; what attempts under way have reserved stays, and so does what is
   * lost, as long as it is not released. Its alerts may be given again.
   */
  reset(account: Account): void | Promise<void>;
  /** Puts so much on top of the limits of all windows of one subject, until then by the store's clock; replaces what was there. */
  raise(budget: string, subject: string, by: Amounts, untilMs: number): void | Promise<void>;
  /**
   * Marks that an alert for a share of an account has been given. Returns whether this is the first time for the account's
   * window (of a rolling one: in the last `lengthMs`).
   */
  alertOnce(account: Account, share: number): boolean | Promise<boolean>;
  /** What the store's clock reads. Epoch milliseconds. */
  now(): number | Promise<number>;
  /** Accounts that are kept, the fullest first where they have limits; at most 10,000. */
  list(budget?: string): readonly AccountRecord[] | Promise<readonly AccountRecord[]>;
}
