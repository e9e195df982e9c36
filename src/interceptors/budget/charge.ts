import type { Amounts } from '../../core/accounts.ts';
import type { Operation } from '../../core/dialect.ts';
import type { Settlement } from '../../core/settlement.ts';
import type { SpendBasis } from '../../core/spend-fact.ts';
import type { Usage } from '../../core/usage.ts';
import type { Quote, Terms } from './quote.ts';

/** What is counted as spent. */
export interface Charge {
  readonly amounts: Amounts;
  readonly basis: SpendBasis;
}

/** What an attempt was let go with. */
export interface Granted {
  readonly operation: Operation;
  readonly quote: Quote;
  /** Most tokens of one answer. */
  readonly limit: number | undefined;
  /** The fastest that one answer of its model grows. */
  readonly topTokensPerSecond: number;
}

export const noAmounts: Amounts = Object.freeze({ nanoUsd: 0, tokens: 0 });
const free: Charge = Object.freeze({ amounts: noAmounts, basis: 'reported' });

/** A request to stop takes so long to arrive, while the provider goes on. */
const cancelMs = 2_000;

/** From the surest to the least sure. */
const bases = ['reported', 'fixed', 'estimated', 'bound'] as const satisfies readonly SpendBasis[];

/** The one that is less sure. */
export function worse(one: SpendBasis, other: SpendBasis): SpendBasis {
  return bases.indexOf(one) >= bases.indexOf(other) ? one : other;
}

/**
 * What an attempt is counted at when it has ended. What its provider does not bill costs nothing; what was reported costs
 * that; what was not is counted at its bound where that was set aside, else as it is estimated.
 *
 * @param reserved what was set aside for it under these terms
 */
export function chargeOf(terms: Terms, granted: Granted, reserved: Amounts, settlement: Settlement): Charge {
  const [billed] = settlement.billed;
  if (billed === undefined) return free;
  const { usage } = billed;
  const reported = usage && chargeOfUsage(terms, granted.operation, reserved, usage);
  if (reported !== undefined) return reported;
  if (terms.fixedNanoUsd !== undefined) return wholeCharge(terms, reserved);
  if (terms.strict) return { amounts: atMost(terms, granted, reserved, settlement), basis: 'bound' };
  if (usage === undefined) return { amounts: reserved, basis: 'estimated' };
  const nanoUsd = terms.rates.cost(usage) ?? reserved.nanoUsd;
  return { amounts: { nanoUsd, tokens: tokensOf(usage) }, basis: 'estimated' };
}

/** By usage that was reported whole; `undefined` for any other. */
export function chargeOfUsage(
  terms: Terms,
  operation: Operation,
  reserved: Amounts,
  usage: Usage,
): Charge | undefined {
  if (!isWhole(usage, operation)) return undefined;
  const nanoUsd = terms.rates.cost(usage);
  const tokens = tokensOf(usage);
  if (nanoUsd !== undefined) return { amounts: { nanoUsd, tokens }, basis: 'reported' };
  // Something in it has no rate: what was set aside is as good a guess as there is, and under a bound, a safe one.
  return { amounts: { nanoUsd: reserved.nanoUsd, tokens }, basis: unsure(terms) };
}

/** For an attempt of which nothing is known but that it was sent. */
export function wholeCharge(terms: Terms, reserved: Amounts): Charge {
  return { amounts: reserved, basis: unsure(terms) };
}

function unsure({ strict, fixedNanoUsd }: Terms): SpendBasis {
  if (fixedNanoUsd !== undefined) return 'fixed';
  return strict ? 'bound' : 'estimated';
}

/** Whether a provider has told all that it bills by. Embeddings have no output. */
export function isWhole(usage: Usage, operation: Operation): boolean {
  return (
    usage.provenance === 'reported' &&
    usage.inputTokens !== undefined &&
    (usage.outputTokens !== undefined || operation === 'embed')
  );
}

function tokensOf({ inputTokens = 0, outputTokens = 0 }: Usage): number {
  return inputTokens + outputTokens;
}

/**
 * The most that an attempt can have cost whose usage was not told: all of its input, and of output what came or what can
 * have been generated until it was stopped, whichever is more.
 */
function atMost(terms: Terms, granted: Granted, reserved: Amounts, settlement: Settlement): Amounts {
  const { quote, limit = 0, topTokensPerSecond } = granted;
  const { startedAt, settledAt, receivedBytes } = settlement;
  const seconds = (Math.max(0, settledAt - startedAt) + cancelMs) / 1000;
  // Answers are written side by side; no token has less than a byte.
  const generated = Math.max(receivedBytes, Math.ceil(seconds * topTokensPerSecond) * quote.answers);
  const outputTokens = Math.min(generated, limit * quote.answers);
  const inputTokens = quote.inputBound ?? 0;
  const nanoUsd = quote.boundOf(terms.rates, inputTokens, outputTokens) ?? reserved.nanoUsd;
  return {
    nanoUsd: Math.min(nanoUsd, reserved.nanoUsd),
    tokens: Math.min(inputTokens + outputTokens, reserved.tokens),
  };
}
