import type { SnapshotRow, Sourced } from './rows.ts';

const openaiTypes: Sourced = {
  source: 'openai 7.57.0, the types ChatModel and AllModels',
  asOf: '2026-11-23',
};
const anthropicTypes: Sourced = { source: '@anthropic-ai/sdk 1.12.0, the type Model', asOf: '2026-11-23' };
/** Its rules name the dated ids of the same model. */
const catalogue: Sourced = { source: '@pydantic/genai-prices 0.1.8, data of `openai`', asOf: '2026-09-23' };
const sol61: Sourced = {
  source: 'https://developers.openai.com/api/docs/models/gpt-6.1-sol',
  asOf: '2026-10-01',
};

function openai(model: string, ...ids: readonly string[]): SnapshotRow {
  return { provider: 'openai', model, ids, ...openaiTypes };
}

function anthropic(model: string, ...ids: readonly string[]): SnapshotRow {
  return { provider: 'anthropic', model, ids, ...anthropicTypes };
}

/** The snapshots that an alias can be pinned to. Which one it stands for today, its provider may change. */
export const snapshots: readonly SnapshotRow[] = [
  { provider: 'openai', model: 'gpt-6.1-sol', ids: ['gpt-6.1-sol-2026-09-29'], ...sol61 },
  openai('gpt-5.5', 'gpt-5.5-2026-04-23'),
  openai('gpt-5.5-pro', 'gpt-5.5-pro-2026-04-23'),
  { provider: 'openai', model: 'gpt-5.4', ids: ['gpt-5.4-2026-03-05'], ...catalogue },
  { provider: 'openai', model: 'gpt-5.4-pro', ids: ['gpt-5.4-pro-2026-03-05'], ...catalogue },
  openai('gpt-5.4-mini', 'gpt-5.4-mini-2026-03-17'),
  openai('gpt-5.4-nano', 'gpt-5.4-nano-2026-03-17'),
  openai('gpt-5.2', 'gpt-5.2-2025-12-11'),
  openai('gpt-5.2-pro', 'gpt-5.2-pro-2025-12-11'),
  openai('gpt-5.1', 'gpt-5.1-2025-11-13'),
  openai('gpt-5', 'gpt-5-2025-08-07'),
  openai('gpt-5-mini', 'gpt-5-mini-2025-08-07'),
  openai('gpt-5-nano', 'gpt-5-nano-2025-08-07'),
  openai('gpt-5-pro', 'gpt-5-pro-2025-10-06'),
  openai('gpt-4.1', 'gpt-4.1-2025-04-14'),
  openai('gpt-4.1-mini', 'gpt-4.1-mini-2025-04-14'),
  openai('gpt-4.1-nano', 'gpt-4.1-nano-2025-04-14'),
  openai('gpt-4o', 'gpt-4o-2024-08-06', 'gpt-4o-2024-11-20'),
  openai('gpt-4o-mini', 'gpt-4o-mini-2024-07-18'),
  openai('o1', 'o1-2024-12-17'),
  openai('o1-pro', 'o1-pro-2025-03-19'),
  openai('o3', 'o3-2025-04-16'),
  openai('o3-pro', 'o3-pro-2025-06-10'),
  openai('o3-mini', 'o3-mini-2025-01-31'),
  openai('o4-mini', 'o4-mini-2025-04-16'),
  anthropic('claude-haiku-4-5', 'claude-haiku-4-5-20251001'),
  anthropic('claude-opus-4-5', 'claude-opus-4-5-20251101'),
  anthropic('claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'),
];
