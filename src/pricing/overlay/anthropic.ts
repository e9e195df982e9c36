import type {
  AliasRow,
  LifetimesRow,
  LimitsRow,
  ModelRow,
  RegionRow,
  Sourced,
  TierRow,
  ToolRow,
} from './rows.ts';
import type { Rates } from '../models-option.ts';

const provider = 'anthropic';

/** Every cache write costs the input rate times 1.25, for an hour times 2. */
function rates(inputUsdPerMTok: number, cachedInputUsdPerMTok: number, outputUsdPerMTok: number): Rates {
  return {
    inputUsdPerMTok,
    cachedInputUsdPerMTok,
    cacheWriteUsdPerMTok: inputUsdPerMTok * 1.25,
    cacheWriteUsdPerMTokByTtl: { ephemeral_1h_input_tokens: inputUsdPerMTok * 2 },
    outputUsdPerMTok,
  };
}

const pricingPage: Sourced = {
  source: 'https://platform.claude.com/docs/en/about-claude/pricing',
  asOf: '2026-09-28',
};
const haiku55: Sourced = {
  source: 'https://platform.claude.com/docs/en/models/haiku-5-5/overview',
  asOf: '2026-10-07',
};
const fable52: Sourced = {
  source:
    'https://docs.laozhang.ai/en/announcements/claude-fable-5-2-2026-11.md and https://github.com/archid21/rightsize/releases/tag/v0.10.2, after the pricing page',
  asOf: '2026-11-10',
};

export const models: readonly ModelRow[] = [
  {
    provider,
    ids: ['claude-fable-5-2'],
    price: rates(8, 0.2, 40),
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    ...fable52,
  },
  {
    provider,
    ids: ['claude-haiku-5-5'],
    price: { ...rates(0.1, 0.01, 0.5), above: [{ inputTokens: 100_000, ...rates(0.5, 0.05, 2.5) }] },
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    ...haiku55,
  },
  {
    provider,
    ids: ['claude-sonnet-5-5'],
    price: [
      { from: '2026-09-28', ...rates(2, 0.2, 10) },
      { from: '2026-10-07', ...rates(2, 0.1, 10) },
    ],
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    source: `${pricingPage.source}; since October https://www.anthropic.com/claude-haiku-5-5`,
    asOf: '2026-10-07',
  },
  { provider, ids: ['claude-mythos-5-1'], price: rates(10, 0.25, 50), ...pricingPage },
  { provider, ids: ['claude-mythos-5'], price: rates(10, 1, 50), ...pricingPage },
];

const sdkTypes: Sourced = { source: '@anthropic-ai/sdk 1.12.0, the type Model', asOf: '2026-11-23' };
const aiSdk: Sourced = { source: '@ai-sdk/anthropic 4.0.105, its model catalog', asOf: '2026-11-23' };
const sdkChangelog: Sourced = { source: '@anthropic-ai/sdk 1.12.0, its changelog', asOf: '2026-11-23' };

/** Snapshots that the catalogue knows by how their ids begin. */
export const aliases: readonly AliasRow[] = [
  { provider, model: 'claude-haiku-4-5', ids: ['claude-haiku-4-5-20251001'], ...sdkTypes },
  { provider, model: 'claude-opus-4-5', ids: ['claude-opus-4-5-20251101'], ...sdkTypes },
  { provider, model: 'claude-sonnet-4-5', ids: ['claude-sonnet-4-5-20250929'], ...sdkTypes },
  { provider, model: 'claude-opus-4-1', ids: ['claude-opus-4-1-20250805'], ...aiSdk },
  { provider, model: 'claude-sonnet-4-0', ids: ['claude-sonnet-4-20250514'], ...aiSdk },
  { provider, model: 'claude-3-haiku', ids: ['claude-3-haiku-20240307'], ...aiSdk },
  { provider, model: 'claude-3-5-sonnet', ids: ['claude-3-5-sonnet-20240620'], ...sdkChangelog },
  {
    provider,
    model: 'claude-3-5-haiku-latest',
    ids: ['claude-3-5-haiku-20241022'],
    source: '@langchain/anthropic 1.5.11, its changelog',
    asOf: '2026-11-23',
  },
];

/** The models of the pricing page's table for batches. */
const batched = [
  'claude-fable-5-1',
  'claude-mythos-5-1',
  'claude-fable-5',
  'claude-mythos-5',
  'claude-opus-5-5',
  'claude-opus-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-opus-4-5',
  'claude-opus-4-1',
  'claude-opus-4-0',
  'claude-sonnet-5-5',
  'claude-sonnet-5',
  'claude-sonnet-4-6',
  'claude-sonnet-4-5',
  'claude-sonnet-4-0',
  'claude-haiku-4-5',
  'claude-3-5-haiku-latest',
];

/** The Priority Tier is paid for ahead, by contract: what is served at it has no price that is published. */
export const tiers: readonly TierRow[] = [
  { provider, ids: batched, tiers: ['batch'], factor: 0.5, unasked: false, ...pricingPage },
  { provider, ids: ['claude-haiku-5-5'], tiers: ['batch'], factor: 0.5, unasked: false, ...haiku55 },
  {
    provider,
    ids: ['claude-opus-5-5', 'claude-opus-5', 'claude-opus-4-8'],
    // `speed: 'fast'`, which stands here among the tiers.
    tiers: ['fast'],
    factor: 2,
    unasked: false,
    ...pricingPage,
  },
];

/** A workspace can be set to it. */
export const regions: readonly RegionRow[] = [
  {
    provider,
    ids: [
      'claude-fable-5-2',
      'claude-fable-5-1',
      'claude-mythos-5-1',
      'claude-fable-5',
      'claude-mythos-5',
      'claude-opus-5-5',
      'claude-opus-5',
      'claude-opus-4-8',
      'claude-opus-4-7',
      'claude-opus-4-6',
      'claude-sonnet-5-5',
      'claude-sonnet-5',
      'claude-sonnet-4-6',
      'claude-haiku-5-5',
    ],
    region: 'us',
    factor: 1.1,
    ...pricingPage,
  },
];

export const tools: readonly ToolRow[] = [
  {
    provider,
    tool: 'web_search_requests',
    usd: 0.01,
    source: 'https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool',
    asOf: '2026-09-28',
  },
  {
    provider,
    tool: 'web_fetch_requests',
    usd: 0,
    source: 'https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool',
    asOf: '2026-09-28',
  },
];

export const lifetimes: readonly LifetimesRow[] = [
  { provider, names: ['ephemeral_5m_input_tokens'], factor: 1, ...pricingPage },
];

function limitsOf(
  ids: readonly string[],
  contextTokens: number | undefined,
  maxOutputTokens: number,
  from: Sourced,
): LimitsRow {
  return {
    provider,
    ids,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    maxOutputTokens,
    ...from,
  };
}

export const limits: readonly LimitsRow[] = [
  limitsOf(
    [
      'claude-fable-5-1',
      'claude-fable-5',
      'claude-opus-5-5',
      'claude-opus-5',
      'claude-sonnet-5',
      'claude-opus-4-8',
      'claude-opus-4-7',
    ],
    1_000_000,
    128_000,
    haiku55,
  ),
  limitsOf(['claude-haiku-4-5'], 200_000, 64_000, haiku55),
  limitsOf(['claude-opus-4-6', 'claude-sonnet-4-6'], undefined, 128_000, aiSdk),
  limitsOf(['claude-sonnet-4-5', 'claude-opus-4-5', 'claude-sonnet-4-0'], undefined, 64_000, aiSdk),
  limitsOf(['claude-opus-4-1', 'claude-opus-4-0'], undefined, 32_000, aiSdk),
];
