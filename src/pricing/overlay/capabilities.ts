import type { Capability } from '../../core/capabilities.ts';
import type { AbilityRow, Sourced } from './rows.ts';

const openaiCatalog: Sourced = { source: '@ai-sdk/openai 4.0.118, its model catalog', asOf: '2026-11-23' };
const openaiProfiles: Sourced = { source: '@langchain/openai 1.6.0, its model profiles', asOf: '2026-11-30' };
const anthropicCatalog: Sourced = {
  source: '@ai-sdk/anthropic 4.0.105, its model catalog',
  asOf: '2026-11-23',
};
/** "All active models support PDF processing." */
const anthropicPdf: Sourced = {
  source: 'https://platform.claude.com/docs/en/build-with-claude/pdf-support',
  asOf: '2026-11-30',
};
const sol62: Sourced = {
  source: 'https://developers.openai.com/api/docs/models/gpt-6.2-sol',
  asOf: '2026-11-30',
};

function openai(
  ids: readonly string[],
  has: readonly Capability[],
  lacks: readonly Capability[],
  from: Sourced,
): AbilityRow {
  return { provider: 'openai', ids, has, lacks, ...from };
}

function anthropic(
  ids: readonly string[],
  has: readonly Capability[],
  lacks: readonly Capability[],
  from: Sourced,
): AbilityRow {
  return { provider: 'anthropic', ids, has, lacks, ...from };
}

const reasoning = [
  'gpt-5.6-sol',
  'gpt-5.6-terra',
  'gpt-5.6-luna',
  'gpt-5.5',
  'gpt-5.4',
  'gpt-5.4-pro',
  'gpt-5.4-mini',
  'gpt-5.4-nano',
  'gpt-5.2',
  'gpt-5.2-pro',
  'gpt-5.1',
  'gpt-5',
  'gpt-5-pro',
  'gpt-5-mini',
  'gpt-5-nano',
];
const newest = ['gpt-6-astra', 'gpt-6.1-sol', 'gpt-6.1-terra', 'gpt-6-sol', 'gpt-6-luna'];
const direct = ['gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano', 'gpt-4o', 'gpt-4o-mini'];

const claude = [
  'claude-fable-5-2',
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-fable-5-1',
  'claude-fable-5',
  'claude-opus-5',
  'claude-sonnet-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-opus-4-5',
  'claude-haiku-4-5',
  'claude-sonnet-4-5',
  'claude-opus-4-1',
];
const claude4 = ['claude-opus-4-0', 'claude-sonnet-4-0'];

/** What models can do. Documents are PDF files; whether prompts are cached is told by the price of what was. */
export const abilities: readonly AbilityRow[] = [
  openai(
    [...newest, ...reasoning],
    ['vision', 'tools', 'json-schema', 'streaming', 'reasoning'],
    ['audio'],
    openaiCatalog,
  ),
  openai(direct, ['vision', 'tools', 'json-schema', 'streaming'], ['audio', 'reasoning'], openaiCatalog),
  openai(['gpt-6-astra', ...reasoning, ...direct], ['files'], [], openaiProfiles),
  openai(
    ['gpt-5.5-pro', 'gpt-5.3-codex', 'o1', 'o1-pro', 'o3', 'o3-pro', 'o4-mini'],
    ['vision', 'files', 'tools', 'json-schema', 'reasoning'],
    ['audio'],
    openaiProfiles,
  ),
  openai(['o3-mini'], ['tools', 'json-schema', 'reasoning'], ['vision', 'audio'], openaiProfiles),
  openai(['gpt-6.2-sol'], ['vision', 'reasoning'], ['audio'], sol62),
  openai(['gpt-4-turbo'], ['vision', 'tools'], ['audio', 'reasoning'], openaiProfiles),
  openai(['gpt-4'], ['tools'], ['vision', 'audio', 'reasoning'], openaiProfiles),
  anthropic(
    claude,
    ['vision', 'tools', 'json-schema', 'streaming', 'reasoning'],
    ['audio'],
    anthropicCatalog,
  ),
  anthropic(
    claude4,
    ['vision', 'tools', 'streaming', 'reasoning'],
    ['audio', 'json-schema'],
    anthropicCatalog,
  ),
  anthropic(claude, ['files'], [], anthropicPdf),
];
