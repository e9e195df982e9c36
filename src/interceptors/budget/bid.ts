import type { Account, AccountClaim, Amounts } from '../../core/accounts.ts';
import type { Ceiling } from '../../core/ceiling.ts';
import type { RequestMeasure } from '../../core/estimates.ts';
import type { ExpectedUsage } from '../../core/expected-usage.ts';
import type { AttemptView, Run } from '../../core/run.ts';
import type { Target } from '../../core/target.ts';
import type { Purse } from './affordable.ts';
import { noAmounts, type Granted } from './charge.ts';
import type { Lease } from './leases.ts';
import type { Quote, Terms } from './quote.ts';
import type { Cover } from './rule.ts';

/** One of those whose money an attempt needs: a ceiling, or an account of a budget. */
export interface Party {
  readonly terms: Terms;
  readonly maxWaitMs: number;
  /** Whether it gives less room for the output rather than none. */
  readonly lowers: boolean;
}

export interface CeilingParty extends Party {
  readonly ceiling: Ceiling;
}

export interface AccountParty extends Party {
  readonly cover: Cover;
  /** Where the call goes instead of being refused. */
  readonly moveTo: string | undefined;
}

/** A purse that is somebody's. */
export interface PartyPurse extends Purse {
  readonly party: CeilingParty | AccountParty;
}

/** What a bid is made of. */
export type BidParts = Pick<
  Bid,
  | 'run'
  | 'target'
  | 'operation'
  | 'what'
  | 'quote'
  | 'measure'
  | 'topTokensPerSecond'
  | 'ceilings'
  | 'accounts'
  | 'asked'
  | 'namesLimit'
  | 'least'
>;

/**
 * An attempt that needs money, from asking for it to the end of its books. Never refers to the call, which an open stream
 * must not keep.
 */
export class Bid implements Granted {
  readonly run: Run;
  readonly target: Target;
  readonly operation: Granted['operation'];
  /** For what a ceiling has spent: `chat`, `embed`, or what the request is priced as. */
  readonly what: string;
  readonly quote: Quote;
  readonly measure: RequestMeasure | undefined;
  readonly topTokensPerSecond: number;
  readonly ceilings: readonly CeilingParty[];
  readonly accounts: readonly AccountParty[];
  /** Most tokens of one answer; `undefined` where nobody says, and nobody needs to know. */
  readonly asked: number | undefined;
  /** Where the request names no limit of its own: what is put into it is told. */
  readonly namesLimit: boolean;
  /** What the output limit is lowered to at most. */
  readonly least: number;
  /** What it was let go with. */
  limit: number | undefined;
  /** In the store, where it has accounts. */
  lease: Lease | undefined;
  /** What the attempts that it pays for are told by; absent where nothing can be expected. */
  expected: ExpectedUsage | undefined;
  /** Nothing more becomes of it: its books are closed, or its call has ended before it was sent. */
  isOver = false;
  #attemptsBefore: number | undefined;
  #holdsOfCeilings = false;
  waitedMs = 0;
  /** What was counted of it, where more is still to be told. */
  charges: ReadonlyMap<Party, Amounts> | undefined;
  #keys: readonly unknown[] | undefined;

  constructor(parts: BidParts) {
    this.run = parts.run;
    this.target = parts.target;
    this.operation = parts.operation;
    this.what = parts.what;
    this.quote = parts.quote;
    this.measure = parts.measure;
    this.topTokensPerSecond = parts.topTokensPerSecond;
    this.ceilings = parts.ceilings;
    this.accounts = parts.accounts;
    this.asked = parts.asked;
    this.namesLimit = parts.namesLimit;
    this.least = parts.least;
    this.limit = parts.asked;
  }

  /**
   * It is sent now.
   *
   * @param attemptsBefore that its call has made so far
   */
  sends(attemptsBefore: number, tokensPerSecond: number): void {
    const { estimate, answers } = this.quote;
    this.#attemptsBefore = attemptsBefore;
    const outputLimit = this.operation === 'embed' ? 0 : this.limit && this.limit * answers;
    this.expected =
      estimate && new ExpectedOfBid(estimate.inputTokens, outputLimit, tokensPerSecond * answers);
  }

  /** Whether it was let through. */
  get isSent(): boolean {
    return this.#attemptsBefore !== undefined;
  }

  /** Those that were sent for it; of its call there may be others under way. */
  get attempts(): readonly AttemptView[] {
    if (this.#attemptsBefore === undefined) return [];
    // What an interceptor further in says of an attempt in its place makes that nobody else's.
    return this.run.attempts
      .slice(this.#attemptsBefore)
      .filter(({ expected }) => expected === this.expected || !(expected instanceof ExpectedOfBid));
  }

  /** What a party is to set aside at an output limit. */
  asks({ terms }: Party, limit = this.limit): Amounts {
    return this.quote.amounts(terms, limit);
  }

  /** Takes what it asks for at its limit of all ceilings. They have it. */
  takeOfCeilings(): void {
    this.#holdsOfCeilings = true;
    for (const party of this.ceilings) party.ceiling.take(this.asks(party).nanoUsd);
  }

  /**
   * Ends what it holds of ceilings, if it does.
   *
   * @param charges what it has cost them; left out: nothing was sent
   */
  endCeilings(charges?: ReadonlyMap<Party, Amounts>): void {
    if (!this.#holdsOfCeilings) return;
    this.#holdsOfCeilings = false;
    for (const party of this.ceilings) {
      const reserved = this.asks(party).nanoUsd;
      if (charges === undefined) party.ceiling.giveBack(reserved);
      else party.ceiling.settle(reserved, charges.get(party)?.nanoUsd ?? 0, this.target, this.what);
    }
  }

  /** What it may have to wait for. */
  get keys(): readonly unknown[] {
    return (this.#keys ??= [
      ...this.ceilings.filter((party) => this.asks(party).nanoUsd > 0).map(({ ceiling }) => ceiling),
      ...this.accounts
        .filter((party) => isEnforced(party, this.asks(party)))
        .map(({ cover }) => keyOf(cover)),
    ]);
  }

  /** @param accountAt of a budget's subject, by the store's clock */
  claims(accountAt: (cover: Cover) => Account): readonly AccountClaim[] {
    return this.accounts.map((party) => {
      const { cover } = party;
      const amounts = this.asks(party);
      const { nanoUsd, tokens } = cover.limits;
      return {
        account: accountAt(cover),
        amounts,
        // What costs nothing is let through also where more was used than the limit.
        limits: {
          ...(nanoUsd === undefined || (amounts.nanoUsd === 0 && tokens !== undefined) ? {} : { nanoUsd }),
          ...(tokens === undefined || (amounts.tokens === 0 && nanoUsd !== undefined) ? {} : { tokens }),
        },
        enforced: isEnforced(party, amounts),
      };
    });
  }

  ceilingPurse(party: CeilingParty): PartyPurse {
    const { ceiling } = party;
    return {
      party,
      lowers: party.lowers,
      asks: (limit) => ({ nanoUsd: this.asks(party, limit).nanoUsd, tokens: 0 }),
      left: { nanoUsd: ceiling.limitNanoUsd - ceiling.usedNanoUsd, tokens: Infinity },
      reserved: { nanoUsd: ceiling.reservedNanoUsd, tokens: 0 },
    };
  }
}

/** By which attempts are told whose they are. */
class ExpectedOfBid implements ExpectedUsage {
  readonly inputTokens: number;
  readonly outputLimit: number | undefined;
  readonly tokensPerSecond: number;

  constructor(inputTokens: number, outputLimit: number | undefined, tokensPerSecond: number) {
    this.inputTokens = inputTokens;
    this.outputLimit = outputLimit;
    this.tokensPerSecond = tokensPerSecond;
  }
}

/** A budget that only warns refuses nothing, and nobody refuses what costs nothing. */
function isEnforced({ cover: { rule, limits } }: AccountParty, amounts: Amounts): boolean {
  if (!rule.enforces) return false;
  return (
    (limits.nanoUsd !== undefined && amounts.nanoUsd > 0) ||
    (limits.tokens !== undefined && amounts.tokens > 0)
  );
}

function keyOf({ rule, subject }: Cover): string {
  return `${rule.name}\n${subject.key}`;
}

/** What is left of limits. */
export function leftOf(limits: Partial<Amounts>, used: Amounts, raised: Amounts = noAmounts): Amounts {
  return {
    nanoUsd: limits.nanoUsd === undefined ? Infinity : limits.nanoUsd + raised.nanoUsd - used.nanoUsd,
    tokens: limits.tokens === undefined ? Infinity : limits.tokens + raised.tokens - used.tokens,
  };
}
