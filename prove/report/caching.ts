import type { CacheFact, PromptCacheFact, Receipt } from 'managed-llm';
import { between, type Random } from '../availability/random.ts';

/** Of a model, nano-USD a token: of input, and of input from the provider's cache. */
export type InputPrices = (
  receipt: Receipt,
) => readonly [input: number, cached: number, ...others: number[]] | undefined;

/** Of a hundred calls so many are of each kind; of the rest, nobody asked a cache. */
const shares: readonly (readonly [share: number, fact: Pick<CacheFact, 'status' | 'kind' | 'reason'>])[] = [
  [0.17, { status: 'hit', kind: 'exact' }],
  [0.03, { status: 'stale', kind: 'exact' }],
  [0.04, { status: 'hit', kind: 'semantic' }],
  [0.03, { status: 'coalesced', kind: 'exact' }],
  [0.06, { status: 'bypass', kind: 'exact', reason: 'off' }],
  [0.5, { status: 'miss', kind: 'exact' }],
];

/** The same call with caches in its way: it may have been answered by what was kept, or by a prompt that was read before. */
export function withCaches(random: Random, receipt: Receipt, prices: InputPrices): Receipt {
  if (receipt.outcome !== 'finished') return receipt;
  if (receipt.operation === 'embed') return withKnownInputs(random, receipt);
  let left = random();
  const [, fact] = shares.find(([share]) => (left -= share) <= 0) ?? [];
  switch (fact?.status) {
    case 'hit':
    case 'stale':
      return kept(receipt, { ...fact, ...savedBy(random, receipt), savedMs: receipt.durationMs }, 'cache');
    case 'coalesced':
      return kept(receipt, { ...fact, ...savedBy(random, receipt) }, 'coalesced');
    default:
      return withPromptCache(random, receipt, prices, fact);
  }
}

function kept(receipt: Receipt, cache: CacheFact, origin: 'cache' | 'coalesced'): Receipt {
  const durationMs = origin === 'cache' ? 2 : receipt.durationMs;
  return { ...receipt, origin, attempts: [], costUsd: 0, costNanoUsd: 0, durationMs, facts: { cache } };
}

/** Of some, nobody knows what they had cost. */
function savedBy(random: Random, { costNanoUsd }: Receipt): Pick<CacheFact, 'savedNanoUsd'> {
  return costNanoUsd === undefined || random() < 0.01 ? {} : { savedNanoUsd: costNanoUsd };
}

/** A batch of inputs, of which some are known, or all. */
function withKnownInputs(random: Random, receipt: Receipt): Receipt {
  const inputs = Math.ceil(100 * random());
  const known = Math.min(inputs, Math.floor(inputs * between(random, 0, 1.2)));
  const coalesced = Math.min(inputs - known, Math.floor(3 * random()));
  const items = { known, asked: inputs - known - coalesced, coalesced };
  const savedNanoUsd = 20 * 250 * known;
  if (items.asked > 0) {
    const status = known > 0 ? 'partial' : 'miss';
    return { ...receipt, facts: { cache: { status, kind: 'items', items, savedNanoUsd } } };
  }
  const fact = { kind: 'items', items, savedNanoUsd } as const;
  return coalesced > 0
    ? kept(receipt, { ...fact, status: 'coalesced' }, 'coalesced')
    : kept(receipt, { ...fact, status: 'hit', savedMs: 90 }, 'cache');
}

function withPromptCache(
  random: Random,
  receipt: Receipt,
  prices: InputPrices,
  cache: CacheFact | undefined,
): Receipt {
  const attemptId = receipt.attempts.at(-1)?.attemptId;
  if (attemptId === undefined) return receipt;
  const [input = 0, cached = 0] = prices(receipt) ?? [];
  const readTokens = receipt.usage?.cachedInputTokens ?? 0;
  const writtenTokens = random() < 0.3 ? Math.floor(500 * random()) : 0;
  // Writing costs a quarter more than plain input.
  const savedNanoUsd = readTokens * (input - cached) - Math.round((writtenTokens * input) / 4);
  const use = { readTokens, writtenTokens, ...(random() < 0.01 ? {} : { savedNanoUsd }) };
  const promptCache: PromptCacheFact = { ...use, attempts: [{ attemptId, ...use }] };
  return { ...receipt, facts: { ...(cache === undefined ? {} : { cache }), promptCache } };
}
