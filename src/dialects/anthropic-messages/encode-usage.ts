import type { Usage } from '../../core/usage.ts';
import type { Loss } from '../neutral/loss.ts';
import type { JsonRecord } from '../record.ts';

const ttls = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'];
const serverTools = ['web_search_requests', 'web_fetch_requests'];
const tiers: Readonly<Record<string, string>> = {
  standard: 'standard',
  default: 'standard',
  priority: 'priority',
  batch: 'batch',
  fast: 'standard',
};

/**
 * SDK type `Usage`, November 2026, with all its members: `input_tokens` excludes what was read from and written to the
 * cache. Zero stands where a number is needed and none is known.
 */
export function encodeUsage(usage: Usage | undefined): JsonRecord {
  const read = usage?.cachedInputTokens;
  const written = usage?.cacheWriteTokens;
  return {
    cache_creation: counts(ttls, usage?.cacheWriteTokensByTtl),
    cache_creation_input_tokens: written ?? null,
    cache_read_input_tokens: read ?? null,
    inference_geo: usage?.inferenceGeo ?? null,
    input_tokens: Math.max(0, (usage?.inputTokens ?? 0) - (read ?? 0) - (written ?? 0)),
    output_tokens: usage?.outputTokens ?? 0,
    output_tokens_details:
      usage?.reasoningTokens === undefined ? null : { thinking_tokens: usage.reasoningTokens },
    server_tool_use: counts(serverTools, usage?.serverToolRequests),
    service_tier: tiers[usage?.serviceTier ?? ''] ?? null,
    speed: usage?.serviceTier === 'fast' ? 'fast' : null,
  };
}

/** What {@link encodeUsage} has no place for. Counts of zero are no loss. */
export function lostUsage(usage: Usage | undefined): readonly Loss[] {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) {
    return [{ path: 'usage', reason: 'Zero stands for the counts that are not known.' }];
  }
  const tier = usage.serviceTier;
  return [
    ...lostCounts('usage', usage.audioInputTokens, 'audioInputTokens'),
    ...lostCounts('usage', usage.audioOutputTokens, 'audioOutputTokens'),
    ...lostCounts('usage', usage.imageInputTokens, 'imageInputTokens'),
    ...lostCounts('usage', usage.imageOutputTokens, 'imageOutputTokens'),
    ...lostMembers('usage.cacheWriteTokensByTtl', ttls, usage.cacheWriteTokensByTtl),
    ...lostMembers('usage.serverToolRequests', serverTools, usage.serverToolRequests),
    ...(tier === undefined || Object.hasOwn(tiers, tier) ? [] : [lost('usage.serviceTier')]),
  ];
}

/** All the names, with zero for what is not told; `null` when none of them is. */
function counts(
  names: readonly string[],
  told: Readonly<Record<string, number>> | undefined,
): JsonRecord | null {
  if (told === undefined || !names.some((name) => Object.hasOwn(told, name))) return null;
  return Object.fromEntries(names.map((name) => [name, told[name] ?? 0]));
}

function lostMembers(
  path: string,
  known: readonly string[],
  told: Readonly<Record<string, number>> | undefined,
): readonly Loss[] {
  return Object.entries(told ?? {})
    .filter(([name]) => !known.includes(name))
    .flatMap(([name, count]) => lostCounts(path, count, name));
}

function lostCounts(path: string, count: number | undefined, name: string): readonly Loss[] {
  return count === undefined || count === 0 ? [] : [lost(`${path}.${name}`)];
}

function lost(path: string): Loss {
  return { path, reason: 'The usage has no place for it; it was left out.' };
}
