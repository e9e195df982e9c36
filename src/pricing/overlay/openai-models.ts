import type { AliasRow, ModelRow, WithheldRow } from './rows.ts';

const provider = 'openai';
const pricingPage = 'https://developers.openai.com/api/docs/pricing';

/** Cached input and cache writes cost twice as much above 272,000 tokens, output half as much again. */
const longPrompt = 272_000;

export const models: readonly ModelRow[] = [
  {
    provider,
    ids: ['gpt-6.2-sol'],
    price: {
      inputUsdPerMTok: 2,
      cachedInputUsdPerMTok: 0.1,
      cacheWriteUsdPerMTok: 2.5,
      outputUsdPerMTok: 10,
      above: [
        {
          inputTokens: longPrompt,
          inputUsdPerMTok: 4,
          cachedInputUsdPerMTok: 0.2,
          cacheWriteUsdPerMTok: 5,
          outputUsdPerMTok: 15,
        },
      ],
    },
    contextTokens: 1_050_000,
    maxOutputTokens: 128_000,
    source: 'https://developers.openai.com/api/docs/models/gpt-6.2-sol',
    asOf: '2026-11-30',
  },
  {
    provider,
    ids: ['gpt-6.1-sol', 'gpt-6.1-sol-2026-09-29'],
    price: {
      inputUsdPerMTok: 2,
      cachedInputUsdPerMTok: 0.1,
      cacheWriteUsdPerMTok: 2.5,
      outputUsdPerMTok: 10,
      above: [
        {
          inputTokens: longPrompt,
          inputUsdPerMTok: 4,
          cachedInputUsdPerMTok: 0.2,
          cacheWriteUsdPerMTok: 5,
          outputUsdPerMTok: 15,
        },
      ],
    },
    contextTokens: 1_050_000,
    maxOutputTokens: 128_000,
    source: 'https://developers.openai.com/api/docs/models/gpt-6.1-sol',
    asOf: '2026-10-01',
  },
  {
    provider,
    ids: ['gpt-6.1-terra'],
    price: {
      inputUsdPerMTok: 1,
      cachedInputUsdPerMTok: 0.05,
      cacheWriteUsdPerMTok: 1.25,
      outputUsdPerMTok: 5,
      above: [
        {
          inputTokens: longPrompt,
          inputUsdPerMTok: 2,
          cachedInputUsdPerMTok: 0.1,
          cacheWriteUsdPerMTok: 2.5,
          outputUsdPerMTok: 7.5,
        },
      ],
    },
    contextTokens: 1_050_000,
    maxOutputTokens: 128_000,
    source: 'https://apidog.com/blog/gpt-6-1-terra-pricing/, after the model page and the pricing page',
    asOf: '2026-10-26',
  },
  {
    provider,
    ids: ['gpt-5.6-cyber'],
    price: {
      inputUsdPerMTok: 12.5,
      cachedInputUsdPerMTok: 1.25,
      cacheWriteUsdPerMTok: 15.625,
      outputUsdPerMTok: 75,
    },
    source: pricingPage,
    asOf: '2026-09-03',
  },
  {
    provider,
    ids: ['gpt-rosalind-research'],
    // Not billed before.
    price: [{ from: '2026-10-05', inputUsdPerMTok: 5, cachedInputUsdPerMTok: 0.5, outputUsdPerMTok: 25 }],
    source: pricingPage,
    asOf: '2026-09-03',
  },
  {
    provider,
    ids: ['davinci-002'],
    price: { inputUsdPerMTok: 2, outputUsdPerMTok: 2 },
    source: pricingPage,
    asOf: '2026-09-03',
  },
  {
    provider,
    ids: ['babbage-002'],
    price: { inputUsdPerMTok: 0.4, outputUsdPerMTok: 0.4 },
    source: pricingPage,
    asOf: '2026-09-03',
  },
];

const sdkTypes = { source: 'openai 7.57.0, the types ChatModel and AllModels', asOf: '2026-11-23' };

/** Snapshots that the catalogue knows by how their ids begin. */
export const aliases: readonly AliasRow[] = [
  { provider, model: 'gpt-5-nano', ids: ['gpt-5-nano-2025-08-07'], ...sdkTypes },
  {
    provider,
    model: 'gpt-4o-audio-preview',
    ids: [
      'gpt-4o-audio-preview-2024-10-01',
      'gpt-4o-audio-preview-2024-12-17',
      'gpt-4o-audio-preview-2025-06-03',
    ],
    ...sdkTypes,
  },
  {
    provider,
    model: 'gpt-4o-mini-audio-preview',
    ids: ['gpt-4o-mini-audio-preview-2024-12-17'],
    ...sdkTypes,
  },
  {
    provider,
    model: 'computer-use',
    ids: ['computer-use-preview', 'computer-use-preview-2025-03-11'],
    ...sdkTypes,
  },
];

export const withheld: readonly WithheldRow[] = [
  {
    provider,
    ids: [
      'gpt-4o-search-preview',
      'gpt-4o-search-preview-2025-03-11',
      'gpt-4o-mini-search-preview',
      'gpt-4o-mini-search-preview-2025-03-11',
      'gpt-5-search-api',
    ],
    why: 'each of its searches is billed, and its usage does not count them',
    source: pricingPage,
    asOf: '2026-09-03',
  },
];
