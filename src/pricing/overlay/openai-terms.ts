import type { LifetimesRow, LimitsRow, TierRow, ToolRow } from './rows.ts';

const provider = 'openai';

const pricingPage = { source: 'https://developers.openai.com/api/docs/pricing', asOf: '2026-09-03' };

/** The models of the pricing page's tables for Batch and Flex whose every column is half of the standard one. */
const halvedModels = [
  'gpt-6-astra',
  'gpt-5.6-sol',
  'gpt-5.6-terra',
  'gpt-5.6-luna',
  'gpt-5.5',
  'gpt-5.4',
  'gpt-5.4-mini',
  'gpt-5.4-nano',
  'gpt-5.4-pro',
  'gpt-5.2',
  'gpt-5.1',
  'gpt-5',
  'gpt-5-mini',
  'gpt-5-nano',
];

function halved(
  ids: readonly string[],
  tiers: readonly string[],
  from: Pick<TierRow, 'source' | 'asOf'>,
): TierRow {
  return { provider, ids, tiers, factor: 0.5, unasked: false, ...from };
}

/** Requests name it either way; answers say `priority`. A project can be set to it. */
function fast(
  ids: readonly string[],
  factor: number,
  from: Pick<TierRow, 'source' | 'asOf'> = pricingPage,
): TierRow {
  return { provider, ids, tiers: ['priority', 'fast'], factor, unasked: true, ...from };
}

const sol62 = { source: 'https://developers.openai.com/api/docs/models/gpt-6.2-sol', asOf: '2026-11-30' };
const sol61 = { source: 'https://developers.openai.com/api/docs/models/gpt-6.1-sol', asOf: '2026-10-01' };
const terra61 = { source: 'https://docs.litellm.ai/blog/gpt-6-1-terra', asOf: '2026-10-26' };
const sol6 = { source: pricingPage.source, asOf: '2026-09-22' };

export const tiers: readonly TierRow[] = [
  halved(halvedModels, ['flex', 'batch'], pricingPage),
  halved(['o3', 'o4-mini'], ['flex'], pricingPage),
  halved(['gpt-5.2-pro', 'gpt-5-pro', 'o1-pro', 'o3-pro'], ['batch'], pricingPage),
  halved(['gpt-6-sol'], ['flex', 'batch'], sol6),
  halved(['gpt-6-luna'], ['batch'], sol6),
  halved(['gpt-6.1-sol'], ['flex', 'batch'], sol61),
  halved(['gpt-6.1-terra'], ['flex', 'batch'], terra61),
  halved(['gpt-6.2-sol'], ['batch'], sol62),
  fast(['gpt-6.2-sol'], 2, sol62),
  fast(['gpt-6.1-terra'], 2, terra61),
  fast(['gpt-6.1-sol'], 2, sol61),
  fast(['gpt-6-sol'], 2, sol6),
  fast(
    [
      'gpt-6-astra',
      'gpt-5.6-sol',
      'gpt-5.6-terra',
      'gpt-5.6-luna',
      'gpt-5.4-mini',
      'gpt-5.3-codex',
      'gpt-5.2',
      'gpt-5.1',
      'gpt-5',
      'gpt-4.1-nano',
    ],
    2,
  ),
  // Not for long prompts.
  { ...fast(['gpt-5.5'], 2.5), upToInputTokens: 271_999 },
  { ...fast(['gpt-5.4'], 2), upToInputTokens: 271_999 },
  fast(['gpt-5-mini'], 1.8),
  fast(['gpt-4.1', 'gpt-4.1-mini', 'gpt-4o-2024-05-13', 'o3'], 1.75),
  fast(['gpt-4o'], 1.7),
  // 0.25 for 0.15, 0.125 for 0.075, 1 for 0.6.
  fast(['gpt-4o-mini'], 5 / 3),
  // 2 for 1.1, 0.5 for 0.275, 8 for 4.4.
  fast(['o4-mini'], 20 / 11),
];

export const lifetimes: readonly LifetimesRow[] = [
  // What the pricing page calls cache writes.
  { provider, names: ['ttl_30m_tokens'], factor: 1, ...sol62 },
  { provider, ids: ['gpt-6.2-sol'], names: ['ttl_12h_tokens'], factor: 2, ...sol62 },
  {
    provider,
    ids: ['gpt-6.1-terra'],
    names: ['ttl_12h_tokens'],
    factor: 2,
    source: 'https://apidog.com/blog/gpt-6-1-terra-pricing/, after the model page',
    asOf: '2026-10-26',
  },
];

export const tools: readonly ToolRow[] = [
  { provider, tool: 'web_search_requests', usd: 0.01, ...pricingPage },
  { provider, tool: 'file_search_requests', usd: 0.0025, ...pricingPage },
];

function limitsOf(
  ids: readonly string[],
  contextTokens: number,
  maxOutputTokens: number,
  asOf: string,
): LimitsRow {
  const [first = ''] = ids;
  const source = `https://developers.openai.com/api/docs/models/${first}`;
  return { provider, ids, contextTokens, maxOutputTokens, source, asOf };
}

export const limits: readonly LimitsRow[] = [
  limitsOf(
    [
      'gpt-6-astra',
      'gpt-6-sol',
      'gpt-6-luna',
      'gpt-5.6-sol',
      'gpt-5.6-terra',
      'gpt-5.6-luna',
      'gpt-5.5',
      'gpt-5.4',
    ],
    1_050_000,
    128_000,
    '2026-09-29',
  ),
  limitsOf(
    ['gpt-5', 'gpt-5-mini', 'gpt-5-nano', 'gpt-5.2', 'gpt-5.3-codex', 'gpt-5.4-mini', 'gpt-5.4-nano'],
    400_000,
    128_000,
    '2026-03-05',
  ),
  limitsOf(['gpt-4.1-mini', 'gpt-4.1', 'gpt-4.1-nano'], 1_047_576, 32_768, '2026-08-21'),
  limitsOf(['o3', 'o4-mini'], 200_000, 100_000, '2026-03-05'),
  limitsOf(['gpt-4o', 'gpt-4o-mini'], 128_000, 16_384, '2026-03-05'),
];
