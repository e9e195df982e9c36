import type { RetirementRow, Sourced } from './rows.ts';

/** Their comments say of each deprecated id when it is shut down: those of chat models, and those of every other kind. */
const openaiTypes: Sourced = { source: 'openai 7.57.0, its types of models', asOf: '2026-11-23' };
const openaiSpeech: Sourced = {
  source: 'openai 7.57.0, the comment of `audio.speech.create`',
  asOf: '2026-11-23',
};
const openaiVideos: Sourced = { source: 'openai 7.57.0, the comment of `videos`', asOf: '2026-11-23' };
const openaiPage: Sourced = {
  source: 'https://developers.openai.com/api/docs/deprecations',
  asOf: '2026-11-30',
};
const anthropicTypes: Sourced = {
  source: '@anthropic-ai/sdk 1.12.0, its list of deprecated models',
  asOf: '2026-11-23',
};

function openai(
  retiresAt: string,
  ids: readonly string[],
  from: Sourced = openaiTypes,
  successor?: string,
): RetirementRow {
  return { provider: 'openai', ids, retiresAt, ...(successor === undefined ? {} : { successor }), ...from };
}

/**
 * Ends of models at the platforms that their providers run. Clouds that resell them (Azure, Bedrock, Vertex AI) have days of
 * their own, which are not here. A fine-tuned model of OpenAI ends with the model it was made from.
 */
export const retirements: readonly RetirementRow[] = [
  openai('2026-12-11', ['gpt-5', 'gpt-5-2025-08-07'], openaiPage, 'gpt-6.1-sol'),
  openai('2026-12-11', ['gpt-5-mini', 'gpt-5-mini-2025-08-07'], openaiPage, 'gpt-6.1-terra'),
  openai('2026-12-11', ['gpt-5-nano', 'gpt-5-nano-2025-08-07']),
  openai('2026-12-11', ['gpt-5-pro', 'gpt-5-pro-2025-10-06', 'o3-pro', 'o3-pro-2025-06-10']),
  openai('2026-12-11', ['o3', 'o3-2025-04-16']),
  openai('2027-01-06', ['tts-1', 'tts-1-hd', 'gpt-4o-mini-tts', 'gpt-4o-mini-tts-2025-12-15']),
  openai('2027-01-06', ['gpt-4o-mini-tts-2025-03-20'], openaiSpeech),
  openai('2027-01-14', [
    'gpt-4.1',
    'gpt-4.1-2025-04-14',
    'gpt-4.1-mini',
    'gpt-4.1-mini-2025-04-14',
    'gpt-4o',
    'gpt-4o-2024-08-06',
    'gpt-4o-2024-11-20',
    'gpt-4o-mini',
    'gpt-4o-mini-2024-07-18',
  ]),
  openai('2027-01-20', [
    'gpt-audio-mini',
    'gpt-audio-mini-2025-12-15',
    'gpt-realtime',
    'gpt-realtime-2025-08-28',
    'gpt-realtime-mini',
    'gpt-realtime-mini-2025-12-15',
  ]),
  openai('2027-02-26', [
    'whisper-1',
    'gpt-4o-transcribe',
    'gpt-4o-transcribe-diarize',
    'gpt-4o-mini-transcribe',
    'gpt-4o-mini-transcribe-2025-12-15',
  ]),
  openai('2027-04-01', ['gpt-5.4-nano', 'gpt-5.4-nano-2026-03-17', 'gpt-5.1', 'gpt-5.1-2025-11-13']),
  openai('2026-10-23', [
    'gpt-4.1-nano',
    'gpt-4.1-nano-2025-04-14',
    'o4-mini',
    'o4-mini-2025-04-16',
    'o3-mini',
    'o3-mini-2025-01-31',
    'o1',
    'o1-2024-12-17',
    'o1-pro',
    'o1-pro-2025-03-19',
    'gpt-4o-2024-05-13',
    'gpt-4-turbo',
    'gpt-4-turbo-2024-04-09',
    'gpt-4-1106-preview',
    'gpt-4',
    'gpt-4-0613',
    'gpt-3.5-turbo',
    'gpt-3.5-turbo-0125',
    'gpt-image-1',
  ]),
  openai('2026-09-28', ['gpt-3.5-turbo-1106']),
  openai(
    '2026-09-24',
    ['sora-2', 'sora-2-2025-10-06', 'sora-2-2025-12-08', 'sora-2-pro', 'sora-2-pro-2025-10-06'],
    openaiVideos,
  ),
  openai('2026-08-10', ['gpt-5.3-chat-latest', 'gpt-5.2-chat-latest']),
  openai('2026-07-23', [
    'o3-deep-research',
    'o3-deep-research-2025-06-26',
    'o4-mini-deep-research',
    'o4-mini-deep-research-2025-06-26',
    'computer-use-preview',
    'computer-use-preview-2025-03-11',
    'gpt-5-codex',
    'gpt-5.1-codex-max',
    'gpt-5.1-codex',
    'gpt-5.1-chat-latest',
    'gpt-5-chat-latest',
    'gpt-4o-search-preview',
    'gpt-4o-search-preview-2025-03-11',
    'gpt-4o-mini-search-preview',
    'gpt-4o-mini-search-preview-2025-03-11',
  ]),
  openai('2026-05-12', ['dall-e-2', 'dall-e-3']),
  openai('2026-05-07', [
    'gpt-4o-audio-preview',
    'gpt-4o-audio-preview-2024-12-17',
    'gpt-4o-audio-preview-2025-06-03',
    'gpt-4o-mini-audio-preview',
    'gpt-4o-mini-audio-preview-2024-12-17',
  ]),
  openai('2026-03-26', ['gpt-4-0125-preview', 'gpt-4-turbo-preview', 'gpt-4-0314']),
  openai('2026-02-17', ['chatgpt-4o-latest']),
  openai('2026-02-12', ['codex-mini-latest']),
  openai('2025-10-27', ['o1-mini', 'o1-mini-2024-09-12']),
  openai('2025-10-10', ['gpt-4o-audio-preview-2024-10-01']),
  openai('2025-07-28', ['o1-preview', 'o1-preview-2024-09-12']),
  openai('2025-06-06', ['gpt-4-32k', 'gpt-4-32k-0314', 'gpt-4-32k-0613']),
  openai('2024-12-06', ['gpt-4-vision-preview']),
  openai('2024-09-13', [
    'gpt-3.5-turbo-16k',
    'gpt-3.5-turbo-16k-0613',
    'gpt-3.5-turbo-0301',
    'gpt-3.5-turbo-0613',
  ]),
  {
    provider: 'anthropic',
    ids: ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
    retiresAt: '2026-11-30',
    ...anthropicTypes,
  },
  {
    provider: 'anthropic',
    ids: ['claude-opus-4-5', 'claude-opus-4-5-20251101'],
    retiresAt: '2027-01-22',
    successor: 'claude-opus-5-5',
    source:
      'https://github.com/samarthputhraya/Modelpin/releases/tag/v0.5.7, after the page of model deprecations',
    asOf: '2026-11-26',
  },
  {
    provider: 'anthropic',
    ids: ['claude-opus-4-1', 'claude-opus-4-1-20250805'],
    retiresAt: '2026-08-05',
    source: 'https://github.com/multidotdev/cli/releases/tag/v0.0.135',
    asOf: '2026-09-24',
  },
  {
    provider: 'anthropic',
    ids: ['claude-sonnet-4-0', 'claude-sonnet-4-20250514'],
    retiresAt: '2026-06-15',
    successor: 'claude-sonnet-4-6',
    source:
      'https://github.com/ottto-ai/ai-provider-watch, after https://platform.claude.com/docs/en/release-notes/overview',
    asOf: '2026-06-17',
  },
  {
    provider: 'anthropic',
    ids: ['claude-opus-4-0', 'claude-opus-4-20250514'],
    retiresAt: '2026-06-15',
    successor: 'claude-opus-4-8',
    source:
      'https://github.com/ottto-ai/ai-provider-watch, after https://platform.claude.com/docs/en/release-notes/overview',
    asOf: '2026-06-17',
  },
];
