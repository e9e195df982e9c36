import type { Overlay } from './overlay-rows.ts';

/** What the catalogue lacks. Every row says where it is from; `npm run prices:check` says which have had their day. */
export const overlay: Overlay = {
  models: [
    {
      provider: 'openai',
      ids: ['gpt-6.1-sol'],
      price: {
        inputUsdPerMTok: 2,
        cachedInputUsdPerMTok: 0.1,
        cacheWriteUsdPerMTok: 2.5,
        outputUsdPerMTok: 10,
        above: [
          {
            inputTokens: 272_000,
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
  ],
  aliases: [],
  limits: [],
  tiers: [],
  regions: [],
  tools: [],
  lifetimes: [
    {
      provider: 'anthropic',
      names: ['ephemeral_5m_input_tokens'],
      source: 'https://platform.claude.com/docs/en/about-claude/pricing',
      asOf: '2026-10-07',
    },
  ],
  withheld: [],
  hosts: [],
};
