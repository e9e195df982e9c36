import type { AliasRow, HostsRow, Sourced } from './rows.ts';

/** Its rules say which regions' prefixes there are. */
const catalogue: Sourced = { source: '@pydantic/genai-prices 0.1.8, data of `aws`', asOf: '2026-09-23' };

const geographies = ['us', 'eu', 'au', 'jp'];

/** The ids of inference profiles: the price of a region's is 10 % above that of the global one. */
function bedrock(model: string): readonly AliasRow[] {
  const regional = ['anthropic.', ...geographies.map((geography) => `${geography}.anthropic.`)];
  return [
    {
      provider: 'aws',
      model: `regional.anthropic.${model}`,
      ids: regional.map((prefix) => `${prefix}${model}`),
      ...catalogue,
    },
  ];
}

export const aliases: readonly AliasRow[] = [
  'claude-haiku-4-5-20251001-v1:0',
  'claude-sonnet-4-20250514-v1:0',
  'claude-sonnet-4-5-20250929-v1:0',
  'claude-opus-4-20250514-v1:0',
  'claude-opus-4-1-20250805-v1:0',
].flatMap(bedrock);

export const hosts: readonly HostsRow[] = [
  {
    provider: 'google',
    // Regional hosts of Vertex AI charge more for some models.
    hosts: ['generativelanguage.googleapis.com', 'aiplatform.googleapis.com'],
    source: 'https://platform.claude.com/docs/en/about-claude/pricing',
    asOf: '2026-09-28',
  },
];
