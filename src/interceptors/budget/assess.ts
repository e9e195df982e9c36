import type { Call } from '../../core/call.ts';
import type { Operation } from '../../core/dialect.ts';
import type { RequestMeasure } from '../../core/estimates.ts';
import type { Host } from '../../core/interceptor.ts';
import type { PricedModel } from '../../core/pricing.ts';
import { noteShadow } from '../../core/run.ts';
import { targetName, type Target } from '../../core/target.ts';
import { Bid, type AccountParty, type CeilingParty } from './bid.ts';
import type { Coverage } from './coverage.ts';
import { measured } from './measured.ts';
import { backgroundName } from './paid-requests.ts';
import { Quote, type Terms } from './quote.ts';
import { nothing, ratesOf, type Rates } from './rates.ts';
import { byBudget, unboundedCost, unknownPrice, type LimitedBy } from './refusals.ts';
import type { Cover, Rule } from './rule.ts';
import type { SetAside } from './set-aside.ts';

/** A request that is not small still has so much room for its answer. */
const lowestLimit = 256;

/**
 * What the attempt asks of those who count it. Prices must be loaded.
 *
 * @throws `unknown-price`, `unbounded-cost`
 */
export function assess(
  host: Host,
  call: Call,
  { target, name, covers }: Coverage,
  ofCeilings: SetAside,
): Bid {
  const model = host.pricing.model(target, host.clock.now(), call.settings);
  const measure = call.operation === 'passthrough' ? undefined : measured(call);
  const estimate = measure && host.estimates.estimate(target, measure, model.contextTokens);
  const quote = new Quote({ operation: call.operation, measure, estimate });
  const request: Request = {
    call,
    target,
    name: measure?.background === true ? backgroundName : name,
    quote,
    model,
    measure,
  };
  const ceilings: CeilingParty[] = call.run.ceilings.map((ceiling) => ({
    ceiling,
    terms: termsOf(request, ofCeilings, { who: ceiling.path, isCeiling: true }, true),
    maxWaitMs: ofCeilings.maxWaitMs,
    lowers: call.operation === 'chat',
  }));
  const accounts = covers.map((cover) => accountOf(request, cover));
  const { asked, namesLimit } = outputLimitOf(request, ceilings, accounts, ofCeilings);
  return new Bid({
    run: call.run,
    target,
    operation: call.operation,
    what: call.operation === 'passthrough' ? name : call.operation,
    quote,
    measure,
    topTokensPerSecond: model.topTokensPerSecond,
    ceilings,
    // One that only warns puts no limit into a request: without one, nothing is the most that it can cost.
    accounts: accounts.map((party) =>
      asked === undefined && isLoose(party, call.operation) ? expected(party) : party,
    ),
    asked,
    namesLimit,
    least: Math.min(asked ?? 0, Math.max(lowestLimit, leastValid(measure))),
  });
}

/** What is known of a request while it is assessed. */
interface Request {
  readonly call: Call;
  readonly target: Target;
  readonly name: string;
  readonly quote: Quote;
  readonly model: PricedModel;
  readonly measure: RequestMeasure | undefined;
}

function accountOf(request: Request, cover: Cover): AccountParty {
  const { rule, limits } = cover;
  const { call, target } = request;
  const terms = rule.enforces
    ? termsOf(request, rule, byBudget(cover), rule.isStrict, limits.nanoUsd !== undefined)
    : warningTerms(request, rule, limits.nanoUsd !== undefined);
  const canMove = call.run.facts.movedTo === undefined && call.operation !== 'passthrough' && call.replayable;
  const moveTo = canMove && rule.downgrade !== targetName(target) ? rule.downgrade : undefined;
  return {
    cover,
    terms,
    moveTo,
    maxWaitMs: rule.maxWaitMs,
    lowers:
      call.operation === 'chat' && terms.strict && terms.fixedNanoUsd === undefined && moveTo === undefined,
  };
}

/** How an attempt is counted by who refuses what cannot be counted. */
function termsOf(
  { call, target, name, quote, model }: Request,
  setAside: SetAside,
  by: LimitedBy,
  strict: boolean,
  limitsUsd = true,
): Terms {
  const fixedNanoUsd = setAside.fixedNanoUsd.get(name);
  if (call.operation === 'passthrough') {
    if (fixedNanoUsd === undefined && strict)
      throw unboundedCost(call.id, targetName(target), by, name, {
        because: 'it is billed by rules of its own',
      });
    return { strict, rates: nothing, fixedNanoUsd: fixedNanoUsd ?? 0 };
  }
  const rates = limitsUsd ? ratesOf(model, setAside.onUnknownPrice) : ratesOf(model, 'zero');
  if (rates === undefined) throw unknownPrice(call.id, targetName(target), by);
  const unbounded = strict ? quote.unbounded(limitsUsd ? rates : nothing, targetName(target)) : undefined;
  if (unbounded === undefined) return { strict, rates, fixedNanoUsd: undefined };
  if (fixedNanoUsd === undefined) throw unboundedCost(call.id, targetName(target), by, name, unbounded);
  return { strict, rates, fixedNanoUsd };
}

/** The same for one that refuses nothing: what it cannot count is noted, and counted as well as can be. */
function warningTerms({ call, target, name, quote, model }: Request, rule: Rule, limitsUsd: boolean): Terms {
  const fixedNanoUsd = rule.fixedNanoUsd.get(name);
  if (call.operation === 'passthrough')
    return { strict: false, rates: nothing, fixedNanoUsd: fixedNanoUsd ?? 0 };
  const rates: Rates | undefined = ratesOf(model, limitsUsd ? rule.onUnknownPrice : 'zero');
  if (rates === undefined) noteShadow(call.run, { interceptor: rule.name, decision: 'unknown-price' });
  const isBounded = quote.unbounded(rates ?? nothing, targetName(target)) === undefined;
  return {
    strict: rule.isStrict && isBounded,
    rates: rates ?? nothing,
    fixedNanoUsd: isBounded ? undefined : fixedNanoUsd,
  };
}

function isLoose({ cover, terms }: AccountParty, operation: Operation): boolean {
  return !cover.rule.enforces && terms.strict && operation === 'chat';
}

function expected(party: AccountParty): AccountParty {
  return { ...party, lowers: false, terms: { ...party.terms, strict: false } };
}

/** The request's own output limit, else the lowest that those who are strict put into it. */
function outputLimitOf(
  { call, measure, model }: Request,
  ceilings: readonly CeilingParty[],
  accounts: readonly AccountParty[],
  ofCeilings: SetAside,
): { readonly asked: number | undefined; readonly namesLimit: boolean } {
  if (call.operation !== 'chat') return { asked: undefined, namesLimit: false };
  const own = measure?.maxOutputTokens;
  if (own !== undefined) return { asked: own, namesLimit: false };
  let lowest = Infinity;
  for (const { terms } of ceilings)
    if (terms.fixedNanoUsd === undefined) lowest = Math.min(lowest, ofCeilings.outputLimit);
  for (const { cover, terms } of accounts)
    if (terms.strict && terms.fixedNanoUsd === undefined && cover.rule.enforces)
      lowest = Math.min(lowest, cover.rule.outputLimit);
  if (lowest === Infinity) return { asked: undefined, namesLimit: false };
  const most = Math.max(leastValid(measure), lowest);
  return { asked: Math.min(most, model.maxOutputTokens ?? Infinity), namesLimit: true };
}

/** The lowest output limit with which the request is valid. */
function leastValid(measure: RequestMeasure | undefined): number {
  const { leastOutputTokens = 0 } = measure ?? {};
  return leastOutputTokens === 0 ? 1 : leastOutputTokens + 1;
}
