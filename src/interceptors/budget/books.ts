import type { Amounts } from '../../core/accounts.ts';
import type { AttemptView } from '../../core/run.ts';
import type { SpendBasis, SpendFact } from '../../core/spend-fact.ts';
import type { Usage } from '../../core/usage.ts';
import type { Bid, Party } from './bid.ts';
import { chargeOf, chargeOfUsage, noAmounts, wholeCharge, worse, type Charge } from './charge.ts';

/** What attempts that were sent for one reservation have come to. */
export interface Booked {
  /** Mostly one; more where an interceptor of a later stage has asked again; none where nothing was sent. */
  readonly attempts: readonly AttemptView[];
  readonly charges: ReadonlyMap<Party, Amounts>;
}

/** Adds up what a reservation has paid for, and tells it in the receipt. */
export function booked(bid: Bid): Booked {
  const attempts = bid.attempts;
  const charges = new Map<Party, Amounts>();
  let basis: SpendBasis = 'reported';
  let most = 0;
  for (const party of [...bid.ceilings, ...bid.accounts]) {
    let { nanoUsd, tokens } = noAmounts;
    for (const attempt of attempts) {
      const charge = chargedTo(party, bid, attempt);
      nanoUsd += charge.amounts.nanoUsd;
      tokens += charge.amounts.tokens;
      basis = worse(basis, charge.basis);
    }
    most = Math.max(most, nanoUsd);
    charges.set(party, { nanoUsd, tokens });
  }
  note(bid, most, basis, attempts.length > 0);
  return { attempts, charges };
}

/** What usage that was told later comes to; without it, all that was set aside. */
export function chargesOfUsage(bid: Bid, usage: Usage | undefined): ReadonlyMap<Party, Amounts> {
  return new Map(
    [...bid.ceilings, ...bid.accounts].map((party) => {
      const reserved = bid.asks(party);
      const charge = usage && chargeOfUsage(party.terms, bid.operation, reserved, usage);
      return [party, (charge ?? wholeCharge(party.terms, reserved)).amounts];
    }),
  );
}

/** One that is still open when the reply has ended is stopped now: all that was set aside counts for it. */
function chargedTo(party: Party, bid: Bid, { settlement }: AttemptView): Charge {
  const reserved = bid.asks(party);
  return settlement === undefined
    ? wholeCharge(party.terms, reserved)
    : chargeOf(party.terms, bid, reserved, settlement);
}

/** Behind what attempts of the call before it have noted. */
function note(bid: Bid, chargedNanoUsd: number, basis: SpendBasis, isSent: boolean): void {
  const { run, asked, limit, namesLimit, waitedMs } = bid;
  const before: Partial<SpendFact> = run.facts.spend ?? {};
  const names = [
    ...bid.accounts.map(({ cover }) => cover.rule.name),
    ...bid.ceilings.map(({ ceiling }) => ceiling.path),
  ];
  const reserved = Math.max(...[...bid.ceilings, ...bid.accounts].map((party) => bid.asks(party).nanoUsd));
  const isLowered = limit !== undefined && asked !== undefined && limit < asked;
  run.note('spend', {
    budgets: [...new Set([...(before.budgets ?? []), ...names])],
    reservedNanoUsd: (before.reservedNanoUsd ?? 0) + reserved,
    chargedNanoUsd: (before.chargedNanoUsd ?? 0) + chargedNanoUsd,
    basis: isSent ? worse(before.basis ?? 'reported', basis) : (before.basis ?? 'reported'),
    ...optional('outputLimit', namesLimit ? asked : before.outputLimit),
    ...optional('loweredTo', isLowered ? limit : before.loweredTo),
    ...optional('waitedMs', waitedMs > 0 ? waitedMs + (before.waitedMs ?? 0) : before.waitedMs),
  });
}

function optional<K extends keyof SpendFact>(key: K, value: SpendFact[K] | undefined): Partial<SpendFact> {
  return value === undefined ? {} : { [key]: value };
}
